package worker

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Evaluate compares the decisions in force with a truth file and changes nothing. What of the file cannot be used comes back as
// problems; the rest is judged.
func (p *Pipeline) Evaluate(ctx context.Context, r io.Reader, name string) (*books.Evaluation, []recon.Problem, error) {
	rows, problems, err := ingest.ReadTruth(name, r, ingest.ImportOptions{Mapping: p.Columns["truth"]})
	if err != nil {
		return nil, nil, err
	}
	e := evaluating{Pipeline: p, named: map[string][]recon.TruthRow{}, problems: problems}
	for _, row := range rows {
		if e.named[row.BankReference] == nil {
			e.order = append(e.order, row.BankReference)
		}
		e.named[row.BankReference] = append(e.named[row.BankReference], row)
	}
	if err := p.Store.Snapshot(ctx, p.Entity.ID, e.read); err != nil {
		return nil, nil, fmt.Errorf("evaluate: %w", err)
	}
	if err := e.propose(ctx); err != nil {
		return nil, nil, fmt.Errorf("evaluate: %w", err)
	}
	result, stored := books.NewEvaluation(), map[string][]books.Stored{}
	for _, s := range e.stored {
		stored[s.Reference] = append(stored[s.Reference], s)
	}
	for _, reference := range e.order {
		e.judge(result, reference, stored[reference])
	}
	return result, e.problems, nil
}

// evaluating gathers what is stored about the receipts that a truth file names.
type evaluating struct {
	*Pipeline
	named    map[string][]recon.TruthRow // by bank reference
	order    []string
	stored   []books.Stored
	byEntry  map[int64]int // entry → place in stored
	items    map[int64]string
	numbers  map[string]bool
	problems []recon.Problem
}

func (e *evaluating) read(view store.View) error {
	e.byEntry, e.items, e.numbers = map[int64]int{}, map[int64]string{}, map[string]bool{}
	for entry, err := range view.Entries() {
		if err != nil {
			return err
		}
		if e.named[entry.BankReference] != nil && (entry.Class == recon.ClassReceipt || entry.Class == recon.ClassReturn) {
			e.byEntry[entry.ID] = len(e.stored)
			e.stored = append(e.stored, books.Stored{Entry: entry.ID, Reference: entry.BankReference, Currency: entry.Currency, AmountMinor: entry.AmountMinor})
		}
	}
	for item, err := range view.Items() {
		if err != nil {
			return err
		}
		e.items[item.ID] = item.Number
		e.numbers[item.Number] = true
	}
	return e.decisions(view)
}

// decisions reads the decisions in force and what they applied. What a later return took back was applied all the same.
func (e *evaluating) decisions(view store.View) error {
	made := map[int64]int64{} // decision → entry
	for d, err := range view.Decisions() {
		if err != nil {
			return err
		}
		at, judged := e.byEntry[d.Receipt]
		if !judged || d.Source != recon.SourceReceipt {
			continue
		}
		if d.Live {
			e.stored[at].Outcome, e.stored[at].Reason = d.Outcome, d.Reason
		}
		if d.Live || d.Outcome == recon.Auto {
			made[d.ID] = d.Receipt
		}
	}
	applications := map[int64]recon.Application{}
	for a, err := range view.Applications() {
		if err != nil {
			return err
		}
		applications[a.ID] = a
		if entry, known := made[a.Decision]; known && a.Decision != 0 {
			e.place(&e.stored[e.byEntry[entry]], a, applications)
		}
	}
	return nil
}

// place adds an application to what a receipt did.
func (e *evaluating) place(s *books.Stored, a recon.Application, before map[int64]recon.Application) {
	sign := int64(1)
	if a.Reverses != 0 {
		sign = -1
	}
	switch a.Kind {
	case recon.Payment, recon.Credit, recon.OnAccount, recon.Advance:
		s.Lines = append(s.Lines, books.Placed{Item: e.items[a.Item], Minor: sign * a.AmountMinor})
	}
	if a.Kind == recon.Credit {
		s.Notes = append(s.Notes, books.Placed{Item: e.items[a.Source.ID], Minor: sign * a.AmountMinor})
	}
}

// propose reads the proposals of what is queued.
func (e *evaluating) propose(ctx context.Context) error {
	for i := range e.stored {
		s := &e.stored[i]
		if s.Outcome != recon.Queued || !slices.ContainsFunc(e.named[s.Reference], func(row recon.TruthRow) bool { return len(row.Answer) > 0 }) {
			continue
		}
		detail, err := e.Store.Decision(ctx, e.Entity.ID, s.Entry)
		if err != nil {
			return err
		}
		for _, proposal := range detail.Decision.Proposals {
			var lines []books.Placed
			for _, l := range proposal.Lines {
				switch l.Kind {
				case recon.Payment, recon.Credit, recon.OnAccount, recon.Advance:
					lines = append(lines, books.Placed{Item: e.items[l.Item], Minor: l.AmountMinor})
				}
			}
			s.Proposals = append(s.Proposals, lines)
		}
	}
	return nil
}

// judge compares all receipts with one bank reference with the truth about them.
func (e *evaluating) judge(result *books.Evaluation, reference string, stored []books.Stored) {
	rows := e.named[reference]
	if len(stored) == 0 {
		e.problems = append(e.problems, ingest.ProblemTruthUnknown(rows[0].Row, reference))
		return
	}
	expected, problem := e.expected(rows, stored)
	if problem != nil {
		e.problems = append(e.problems, *problem)
		return
	}
	result.Judge(expected, stored)
}
