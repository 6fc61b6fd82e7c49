package worker

import (
	"context"
	"fmt"
	"slices"

	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Pages of one statement may come in several files and in any order. Each waits, held, for the others; whichever comes last brings
// the whole statement into the books, read from all their files.

// part is where records of a draft stand: a statement of an archived file, by its index.
type part struct {
	source
	index int
}

// codePage is the problem of a page that waits for others.
const codePage = "CAMT-PAGE"

// assemble puts the pages of a file together with those that wait in other files.
func (p *Pipeline) assemble(ctx context.Context, j *judged) error {
	for _, account := range p.Entity.Accounts {
		own := slices.DeleteFunc(slices.Clone(j.drafts), func(d *draft) bool { return d.statement.Page == nil || d.account.ID != account.ID })
		if len(own) == 0 {
			continue
		}
		pages, err := p.Store.Pages(ctx, p.Entity.ID, account.ID)
		if err != nil {
			return fmt.Errorf("pages that wait: %w", err)
		}
		own = slices.DeleteFunc(own, func(d *draft) bool {
			d.repeats = slices.ContainsFunc(pages, func(s recon.StatementRow) bool { return s.PartOf != 0 && s.Content == d.row.Content })
			return d.repeats
		})
		pages = slices.DeleteFunc(pages, func(s recon.StatementRow) bool {
			return s.PartOf != 0 || !slices.ContainsFunc(own, func(d *draft) bool { return beside(s, d) })
		})
		others, err := p.waiting(ctx, j.file, pages)
		if err != nil {
			return err
		}
		if err := p.join(ctx, j, own, others, pages); err != nil {
			return err
		}
	}
	return nil
}

// beside reports whether a stored page may belong to the same statement as a draft.
func beside(s recon.StatementRow, d *draft) bool {
	return s.Currency == d.row.Currency && (s.BankID != "" && s.BankID == d.row.BankID || s.Sequence != "" && s.Sequence == d.row.Sequence)
}

// waiting reads the pages again that wait in other files.
func (p *Pipeline) waiting(ctx context.Context, file int64, pages []recon.StatementRow) (drafts []*draft, err error) {
	var read []int64
	for _, s := range pages {
		if s.File == file || slices.Contains(read, s.File) {
			continue
		}
		read = append(read, s.File)
		detail, err := p.Store.File(ctx, p.Entity.ID, s.File)
		if err != nil {
			return nil, fmt.Errorf("file of a page: %w", err)
		}
		_, all, err := p.read(ctx, source{detail.SHA256, shown(detail.Name), p.inboxFor("")})
		if err != nil {
			return nil, err
		}
		for _, d := range all {
			if slices.ContainsFunc(pages, func(s recon.StatementRow) bool { return s.File == detail.ID && d.is(s) }) {
				drafts = append(drafts, d)
			}
		}
	}
	return drafts, nil
}

// is reports whether the draft is what was stored of it.
func (d *draft) is(s recon.StatementRow) bool {
	return d.row.Content == s.Content && d.row.AccountID == s.AccountID && d.row.Page == s.Page
}

// join replaces the file's own pages by the statements that they complete, and tells those that go on waiting for what.
func (p *Pipeline) join(ctx context.Context, j *judged, own, others []*draft, pages []recon.StatementRow) error {
	all := slices.Concat(own, others)
	statements, tallies := make([]recon.Statement, len(all)), make([]*ingest.Tally, len(all))
	for i, d := range all {
		statements[i], tallies[i] = d.statement, d.tally
	}
	whole, waiting := ingest.Assemble(statements, tallies)
	for _, w := range waiting {
		for _, i := range w.Parts {
			if i < len(own) {
				own[i].statement.Problems = w.Statement.Problems
			}
		}
	}
	for _, w := range whole {
		if !slices.ContainsFunc(w.Parts, func(i int) bool { return i < len(own) }) {
			continue // complete without this file: it is found when theirs are judged
		}
		parts := make([]*draft, len(w.Parts))
		for n, i := range w.Parts {
			parts[n] = all[i]
		}
		if err := p.bring(ctx, j, combined(w.Statement, parts), parts, pages); err != nil {
			return err
		}
	}
	return nil
}

// bring puts a statement in the place of its pages.
func (p *Pipeline) bring(ctx context.Context, j *judged, d *draft, parts []*draft, pages []recon.StatementRow) error {
	var files []int64
	for _, s := range pages {
		if slices.ContainsFunc(parts, func(part *draft) bool { return part.is(s) }) {
			d.consumes = append(d.consumes, s.ID)
			if s.File != j.file && !slices.Contains(files, s.File) {
				files = append(files, s.File)
			}
		}
	}
	at := slices.IndexFunc(j.drafts, func(d *draft) bool { return slices.Contains(parts, d) })
	j.drafts[at] = d
	j.drafts = slices.DeleteFunc(j.drafts, func(d *draft) bool { return slices.Contains(parts, d) })
	j.consumed = append(j.consumed, d.consumes...)
	for _, file := range files {
		if err := p.completed(ctx, j, file); err != nil {
			return err
		}
	}
	return nil
}

// completed notes a file of which nothing waits any more.
func (p *Pipeline) completed(ctx context.Context, j *judged, file int64) error {
	detail, err := p.Store.File(ctx, p.Entity.ID, file)
	if err != nil {
		return fmt.Errorf("file of a page: %w", err)
	}
	for _, s := range detail.Statements {
		if s.Held && s.PartOf == 0 && !slices.Contains(j.consumed, s.ID) {
			return nil
		}
	}
	left := slices.DeleteFunc(detail.Problems, func(problem recon.Problem) bool { return problem.Severity != recon.Warn })
	j.completes = append(j.completes, store.Completion{File: file, Problems: left})
	return nil
}

// combined is the draft of a statement that was put together from others.
func combined(s recon.Statement, parts []*draft) *draft {
	all := &draft{statement: s, days: map[recon.Date]int64{}, first: parts[0].first}
	row := &all.row
	for _, d := range parts {
		all.parts = append(all.parts, d.parts...)
		all.booked.pieces = append(all.booked.pieces, d.booked.pieces...)
		all.unbooked.pieces = append(all.unbooked.pieces, d.unbooked.pieces...)
		for day, sum := range d.days {
			all.days[day] += sum
		}
		row.Records += d.row.Records
		row.Pending += d.row.Pending
		row.CreditMinor += d.row.CreditMinor
		row.DebitMinor += d.row.DebitMinor
		if d.row.FirstBooked != 0 && (row.FirstBooked == 0 || d.row.FirstBooked < row.FirstBooked) {
			row.FirstBooked = d.row.FirstBooked
		}
		row.LastBooked = max(row.LastBooked, d.row.LastBooked)
	}
	all.sumUp(parts[0].row.Format)
	all.identify(parts[0].account)
	return all
}

// putCompletedAway moves the originals of files that an outcome completed.
func (p *Pipeline) putCompletedAway(ctx context.Context, run int64, completes []store.Completion) error {
	for _, c := range completes {
		got := Received{File: c.File, State: recon.FileBooked, Problems: c.Problems}
		if err := p.putHeldAway(ctx, run, &got); err != nil {
			return err
		}
	}
	return nil
}
