package worker

import (
	"context"
	"errors"
	"fmt"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Closed is a period that was closed.
type Closed struct {
	books.Frozen
	Problems []recon.Problem // warnings
}

// closeAttempts bounds how often a close begins anew because something was recorded meanwhile.
const closeAttempts = 5

// Close closes the books up to a day: nothing takes effect on it, or before, any more. What comes later is posted on the first open day.
func (p *Pipeline) Close(ctx context.Context, until recon.Date, note string) (closed Closed, err error) {
	if today := recon.DateOf(p.Now()); until >= today {
		return closed, refuse("CLOSE-DAY", "--until", fmt.Sprintf("close at most until %s", today.AddDays(-1)), "%s is not over yet", until)
	}
	periods, err := p.Store.Periods(ctx, p.Entity.ID)
	if err != nil {
		return closed, fmt.Errorf("load closed periods: %w", err)
	}
	if n := len(periods); n > 0 && periods[n-1].Until >= until {
		return closed, refuse("CLOSE-TWICE", "--until", "a closed period is never opened again; corrections are posted on the first open day",
			"%s closed the books until %s already", periods[n-1].Actor, periods[n-1].Until)
	}
	for range closeAttempts {
		if closed, err = p.tryClose(ctx, until, note); !errors.Is(err, store.ErrStale) {
			return closed, err
		}
	}
	return closed, err
}

// tryClose derives the journal and freezes it, unless something is recorded in between.
func (p *Pipeline) tryClose(ctx context.Context, until recon.Date, note string) (closed Closed, err error) {
	err = p.Store.Snapshot(ctx, p.Entity.ID, func(view store.View) error {
		if closed.Frozen, err = books.Freeze(view, p.Rules.Ledger, until); err != nil {
			return err
		}
		statements, err := view.Statements()
		closed.Problems = unstated(p.Entity.Accounts, statements, until)
		return err
	})
	if err != nil {
		return closed, fmt.Errorf("derive the journal: %w", err)
	}
	return closed, p.Store.ClosePeriod(ctx, p.act(0), store.PeriodClose{Entity: p.Entity.ID, Until: until, Audited: closed.Audited, Postings: closed.Postings,
		Digest: closed.Digest, Note: note})
}

// unstated warns of accounts whose statements do not reach to the end of the period: what is missing will be posted later.
func unstated(accounts []recon.Account, statements []recon.StatementRow, until recon.Date) (problems []recon.Problem) {
	last := map[string]recon.Date{}
	for _, s := range statements {
		if !s.Held {
			last[s.AccountID] = max(last[s.AccountID], s.To, s.LastBooked)
		}
	}
	for _, a := range accounts {
		if day := last[a.ID]; day != 0 && day < until {
			problems = append(problems, recon.Problem{Code: "CLOSE-STATEMENT", Where: "account " + a.ID, Severity: recon.Warn,
				Message: fmt.Sprintf("its statements reach to %s", day), Try: "what arrives for the days up to " + until.String() + " will be posted on the first open day"})
		}
	}
	return problems
}
