package ingest

import (
	"fmt"

	"github.com/tieout/tieout/recon"
)

// openStatement is a statement whose entries have gone by: one Stmt, or the pages so far.
type openStatement struct {
	recon.Statement
	tally Tally
	found problemList
	alone []recon.Problem // what is wrong with the page unless others follow
}

// provePage proves the page alone. One that a bank numbers by message, and that has both balances of its statement and
// agrees with them, is no page: the other messages hold other statements.
func (o *openStatement) provePage() {
	problems := o.tally.prove(&o.Statement)
	if o.Ties == recon.Ties && o.Page.OfMessage {
		o.Page, o.InterimOpening, o.InterimClosing = nil, nil, nil
		return
	}
	if o.alone = problems; !repeatsBalances(&o.Statement) {
		o.found.add(problems...)
		o.alone = nil
	}
}

// pageTally is what the entries of pages add up to, nil where all of the statement is there.
func (o *openStatement) pageTally() *Tally {
	if o.Page == nil {
		return nil
	}
	return &o.tally
}

// join adds the page that follows.
func (o *openStatement) join(page *openStatement) {
	o.found.join(&page.found)
	if p := joinPage(&o.Statement, &page.Statement); p != nil {
		o.found.add(*p)
	}
	o.tally.join(&page.tally)
	o.alone, o.Ties = nil, recon.Unproved
}

// close compares the entries with what is known of the whole statement by now, and proves it where all of it is there.
func (o *openStatement) close() {
	o.checkEntries()
	if o.Page == nil {
		o.found.add(o.tally.prove(&o.Statement)...)
		return
	}
	o.found.add(o.alone...)
	o.found.add(waitingPage(&o.Statement, missingPages([]recon.Page{*o.Page})))
}

// periodSlack is how many days a booking may lie outside its statement's period before somebody is asked.
const periodSlack = 90

// checkEntries raises entries of another currency, and the earliest and latest where they lie far outside the period.
func (o *openStatement) checkEntries() {
	for i := range o.tally.currencies {
		c := &o.tally.currencies[i]
		if c.currency == o.Currency || c.count == 0 {
			continue
		}
		p := camtProblem("CAMT-CCY-MISMATCH", c.first, "the entry is in %s, the account in %s", c.currency, o.Currency)
		if c.count > 1 {
			p.Message += fmt.Sprintf("; and %d more like this", c.count-1)
		}
		o.found.add(p)
	}
	from, to := o.From, o.To
	if from == 0 && o.Opening != nil {
		from = o.Opening.Date
	}
	if to == 0 && o.Closing != nil {
		to = o.Closing.Date
	}
	if from == 0 || to == 0 {
		return
	}
	outside := func(m markedDay) {
		p := camtProblem("CAMT-DATE", m.place, "booked on %s, the statement covers %s to %s", m.day, from, to)
		o.found.add(held(p, "check the day with the bank; accept the statement if it is right"))
	}
	if first := o.tally.earliest; first.day != 0 && first.day < from.AddDays(-periodSlack) {
		outside(first)
	}
	if last := o.tally.latest; last.day > to.AddDays(periodSlack) {
		outside(last)
	}
}
