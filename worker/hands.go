package worker

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/tieout/tieout/matcher"
	"github.com/tieout/tieout/recon"
)

// Hands do the units of a run beside each other: the workers that share a database. A pipeline without hands does everything itself.
type Hands interface {
	// Do has every unit of a stage of a run done once, by whoever is free, and returns their results in order. It fails where one of
	// them could not be done in several attempts.
	Do(ctx context.Context, p *Pipeline, run int64, stage string, units []Unit) ([]json.RawMessage, error)
	// Alone does something while nobody else does anything under one of these names.
	Alone(ctx context.Context, p *Pipeline, names []string, do func(context.Context, *Pipeline) error) error
}

// Unit is a part of a run that is done by one worker: a file to receive, or a shard to decide.
type Unit struct {
	File  *fileUnit  `json:"file,omitempty"`
	Shard *shardUnit `json:"shard,omitempty"`
}

// fileUnit is a file to receive. Every worker reaches the inbox under the same path.
type fileUnit struct {
	Inbox string `json:"inbox"`
	Name  string `json:"name"`
}

// shardUnit is a shard to decide.
type shardUnit struct {
	matcher.Shard
	Common []string `json:"common"`
}

// fileResult is what became of a file; nothing where somebody was still writing to it, or it was gone.
type fileResult struct {
	Received *Received `json:"received,omitempty"`
}

// doUnit does a unit of a run and returns its result.
func (p *Pipeline) doUnit(ctx context.Context, run int64, unit Unit) (any, error) {
	switch {
	case unit.File != nil:
		return p.doFile(ctx, run, *unit.File)
	case unit.Shard != nil:
		return p.decideShard(ctx, run, *unit.Shard)
	}
	return nil, errors.New("a unit of no kind: it comes from another version of tieout")
}

func (p *Pipeline) doFile(ctx context.Context, run int64, unit fileUnit) (result fileResult, err error) {
	at := slices.IndexFunc(p.Inboxes, func(in Inbox) bool { return in.Path == unit.Inbox })
	if at < 0 || unit.Name != filepath.Base(unit.Name) {
		return result, fmt.Errorf("this worker does not know the inbox %s", unit.Inbox)
	}
	got, err := p.receive(ctx, run, filepath.Join(unit.Inbox, unit.Name), p.Inboxes[at])
	if errors.Is(err, errChanging) || errors.Is(err, fs.ErrNotExist) {
		return result, nil
	}
	return fileResult{&got}, err
}

// receiveTogether receives dropped files as units of their own.
func (p *Pipeline) receiveTogether(ctx context.Context, run int64, drops []Drop) (all []Received, changing []string, err error) {
	var units []Unit
	for _, drop := range drops {
		for _, name := range drop.Names {
			units = append(units, Unit{File: &fileUnit{drop.Inbox.Path, name}})
		}
	}
	results, err := p.Hands.Do(ctx, p, run, "file", units)
	if err != nil {
		return nil, nil, err
	}
	for i, text := range results {
		var result fileResult
		if err := json.Unmarshal(text, &result); err != nil {
			return nil, nil, fmt.Errorf("what became of a file: %w", err)
		}
		if result.Received == nil {
			changing = append(changing, units[i].File.Name)
			continue
		}
		all = append(all, *result.Received)
	}
	return all, changing, nil
}

// matchTogether decides every undecided receipt in shards. What went stale meanwhile is decided anew.
func (p *Pipeline) matchTogether(ctx context.Context, run int64) (total Matched, err error) {
	for round := 1; ; round++ {
		p.reached("K8.before")
		work, err := p.work(ctx)
		if err != nil {
			return total, err
		}
		if round == 1 {
			total.Receipts = len(work.Receipts) + len(work.Returns)
		}
		total.Undone = 0
		shards, common := matcher.Split(work, p.Rules, cmp.Or(p.Shard, planChunk))
		work = recon.Work{} // the shards load what they need themselves
		for _, last := range []bool{false, true} {
			err := p.matchShards(ctx, run, fmt.Sprintf("match-%d-%t", round, last), shardUnits(shards, common, last), &total)
			if err != nil || total.Faulty() {
				return total, err
			}
		}
		if total.Undone == 0 || round == matchRounds {
			return total, nil
		}
	}
}

func shardUnits(shards []matcher.Shard, common []string, last bool) (units []Unit) {
	for _, shard := range shards {
		if shard.Last == last {
			units = append(units, Unit{Shard: &shardUnit{shard, common}})
		}
	}
	return units
}

func (p *Pipeline) matchShards(ctx context.Context, run int64, stage string, units []Unit, total *Matched) error {
	results, err := p.Hands.Do(ctx, p, run, stage, units)
	if err != nil {
		return err
	}
	for _, text := range results {
		var m Matched
		if err := json.Unmarshal(text, &m); err != nil {
			return fmt.Errorf("what became of a shard: %w", err)
		}
		total.Applied += m.Applied
		total.Queued += m.Queued
		total.Unchanged += m.Unchanged
		total.Undone += m.Undone
		total.Faults = append(total.Faults, m.Faults...)
	}
	return nil
}

// decideShard decides a shard and stores its decisions. What was decided by a worker that is gone is not decided again.
func (p *Pipeline) decideShard(ctx context.Context, run int64, unit shardUnit) (m Matched, err error) {
	work := recon.Work{Entity: p.Entity.ID}
	if work.Receipts, work.Returns, err = p.Store.UndecidedAmong(ctx, p.Entity.ID, unit.Receipts, unit.Returns); err != nil {
		return m, fmt.Errorf("load receipts: %w", err)
	}
	if work.Book, err = p.Store.LoadBook(ctx, p.Entity.ID, matcher.Keys(work.Receipts, work.Returns)); err != nil {
		return m, fmt.Errorf("load open items: %w", err)
	}
	work.Book.Common = unit.Common
	plan := matcher.Match(work, p.Rules)
	if m.Faults = matcher.Audit(work, plan, p.Rules); len(m.Faults) > 0 {
		p.alarm(m.Faults)
		return m, nil
	}
	m.Undone, err = p.save(ctx, run, plan, &m)
	return m, err
}
