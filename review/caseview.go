package review

import (
	"cmp"
	"errors"
	"slices"

	"github.com/tieout/tieout/matcher"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// caseData is what case.html shows.
type caseData struct {
	View      queueView
	Query     string // of the view, for the addresses of forms
	Receipt   int64
	Open      bool // it is in the queue
	Case      store.Case
	Days      int // since it waits
	Detail    store.DecisionDetail
	Entry     recon.EntryRow
	Text      []textPart
	Facts     []fact
	Why       []string // it was queued, or decided
	Automatic []string // what would have made it automatic
	Changed   bool     // the proposals are not those that were stored
	OldRules  bool     // it was decided under other rules than those in force
	Proposals []proposalView
	Payer     payerView
	Table     *allocation
	Preview   *previewView
	Failure   *failure
	Others    []otherCase
	Notes     []store.CaseNote
	Present   []string // others who have it open
	Approvals []store.Approval
	People    []string
	Applied   []appliedRow // what the receipt paid
	Undoable  bool
	Next      string // address of the next case, "" where there is none
	Done      int64  // receipt that was decided just before
	Rules     string // in force
}

// textPart is a piece of the remittance text; Item is the item that it names.
type textPart struct {
	Text string
	Item *recon.Item
}

// fact is something else that the bank said.
type fact struct{ Name, Value string }

// otherCase is a case beside this one.
type otherCase struct {
	queueRow
	Competes bool
}

// appliedRow is an application with the item it went to.
type appliedRow struct {
	recon.Application
	Number string
}

// caseOf loads all that a case page shows.
func (c *call) caseOf(receipt int64, with shown) (data caseData, err error) {
	ctx, entity := c.r.Context(), c.company.ID
	data = caseData{Receipt: receipt, Failure: with.failure, Rules: c.company.Rules.Version}
	var query store.CaseQuery
	if data.View, query, err = c.queueView(); err != nil {
		return data, err
	}
	data.Query = data.View.with()
	if data.Done, err = c.justDone(); err != nil {
		return data, err
	}
	if data.Detail, err = c.Store.Decision(ctx, entity, receipt); err != nil {
		if errors.Is(err, store.ErrNotFound) {
			return data, c.undecided(receipt, &data)
		}
		return data, err
	}
	data.Entry = data.Detail.Entry
	if data.Detail.Case != nil {
		data.Open, data.Case, data.Days = true, *data.Detail.Case, daysSince(data.Detail.Case.Opened, c.Now())
	}
	for _, part := range []func(*caseData, shown) error{c.caseDecision, c.caseWork, c.casePayer, c.caseApplied, c.caseTable} {
		if err := part(&data, with); err != nil {
			return data, err
		}
	}
	if data.Open {
		query.After = &data.Case
		next, err := c.following(query)
		if err != nil {
			return data, err
		}
		if next != 0 {
			data.Next = c.at("cases", next) + data.Query
		}
	}
	return data, nil
}

// undecided shows an entry that nobody has decided yet, or that nobody decides.
func (c *call) undecided(receipt int64, data *caseData) (err error) {
	data.Entry, err = c.Store.Entry(c.r.Context(), c.company.ID, receipt)
	if err != nil {
		return err
	}
	data.Text, data.Facts = []textPart{{Text: data.Entry.Text}}, facts(data.Entry)
	data.Why = []string{matcher.Sentence(recon.Reason(data.Entry.Class))}
	return nil
}

// justDone is the receipt that the person decided on the page before.
func (c *call) justDone() (int64, error) {
	n, err := c.count("done", 0, 1, 1<<62)
	return int64(n), err
}

// caseDecision says why the receipt waits, or how it was decided, and what may be done with it.
func (c *call) caseDecision(data *caseData, _ shown) error {
	d := data.Detail.Decision
	data.OldRules = data.Detail.Rules != "" && data.Detail.Rules != c.company.Rules.Version
	offers := recon.Offers{Decision: d}
	if data.Open {
		var err error
		if offers, err = c.company.Work.Offers(c.r.Context(), data.Detail); err != nil {
			return err
		}
	}
	items, err := c.itemsWith(append(spokenOf(d), spokenOf(offers.Decision)...))
	if err != nil {
		return err
	}
	data.Changed = offers.Changed
	known := d
	known.Proposals = nil // they are shown one by one
	data.Why = matcher.Explain(known, items.find)
	if data.Open {
		data.Automatic = matcher.Automatic(d, c.company.Rules)
	}
	if data.Proposals, err = c.proposalsOf(data, offers, items); err != nil {
		return err
	}
	data.Facts = facts(data.Entry)
	named, err := c.namedIn(data.Entry, items)
	if err != nil {
		return err
	}
	data.Text = marked(data.Entry.Text, named)
	return nil
}

// spokenOf lists the items that a decision speaks of.
func spokenOf(d recon.Decision) (ids []int64) {
	add := func(lines []recon.Line, evidence []recon.Evidence) {
		for _, l := range lines {
			ids = append(ids, l.Item, l.CreditNote)
		}
		for _, e := range evidence {
			ids = append(ids, e.Item)
		}
	}
	add(d.Lines, d.Evidence)
	for _, p := range d.Proposals {
		add(p.Lines, p.Evidence)
	}
	for _, r := range d.Rejected {
		ids = append(ids, r.Item)
	}
	for _, s := range d.Shortfalls {
		ids = append(ids, s.Item)
	}
	return ids
}

// namedIn are the items that a text may name: those that the decision speaks of, and all that share a key with the text.
func (c *call) namedIn(e recon.EntryRow, spoken itemsByID) ([]recon.Item, error) {
	keys := matcher.Keys([]recon.Receipt{{Text: e.Text, Lines: e.Lines}}, nil)
	book, err := c.Store.LoadBook(c.r.Context(), c.company.ID, recon.Keys{References: keys.References})
	if err != nil {
		return nil, err
	}
	named := book.Items
	for _, item := range spoken {
		if !slices.ContainsFunc(named, func(i recon.Item) bool { return i.ID == item.ID }) {
			named = append(named, item)
		}
	}
	slices.SortFunc(named, func(a, b recon.Item) int { return cmp.Compare(a.ID, b.ID) })
	return named, nil
}

// marked cuts a text at the places that name items.
func marked(text string, items []recon.Item) (parts []textPart) {
	at := 0
	for _, m := range matcher.Marks(text, items) {
		if m.From > at {
			parts = append(parts, textPart{Text: text[at:m.From]})
		}
		i := slices.IndexFunc(items, func(item recon.Item) bool { return item.ID == m.Item })
		parts = append(parts, textPart{Text: text[m.From:m.To], Item: &items[i]})
		at = m.To
	}
	if at < len(text) {
		parts = append(parts, textPart{Text: text[at:]})
	}
	return parts
}

// facts are what else the bank said of an entry.
func facts(e recon.EntryRow) (list []fact) {
	add := func(name, value string) {
		if value != "" && value != "NOTPROVIDED" {
			list = append(list, fact{name, value})
		}
	}
	for _, r := range e.Structured {
		add("Reference", r)
	}
	for _, n := range e.DocumentNumbers {
		add("Document", n)
	}
	add("Ultimate debtor", e.Ultimate)
	add("End-to-end id", e.EndToEndID)
	add("Mandate", e.MandateID)
	add("Bank reference", e.BankReference)
	add("Bank's note", e.Additional)
	add("Cheque", e.Cheque)
	add("Return reason", e.ReturnReason)
	if e.Original != nil {
		add("Instructed", groupedAmount(e.Original.Minor, e.Original.Currency)+" "+string(e.Original.Currency))
	}
	if e.ChargesMinor != 0 {
		add("Charges", groupedAmount(e.ChargesMinor, e.Currency)+" "+string(e.Currency))
	}
	return list
}

// caseWork adds what people did about the case, and the cases beside it.
func (c *call) caseWork(data *caseData, _ shown) error {
	work, err := c.Store.CaseWork(c.r.Context(), c.company.ID, data.Receipt, c.Now())
	if err != nil {
		return err
	}
	data.Notes, data.Approvals = work.Notes, work.Approvals
	for _, p := range work.Present {
		if p.Person != c.person.Login {
			data.Present = append(data.Present, p.Person)
		}
	}
	if data.People, err = c.colleagues(); err != nil || !data.Open {
		return err
	}
	return c.casesBeside(data)
}

// mostBeside bounds how many other cases are named.
const mostBeside = 10

// casesBeside finds cases that compete for the same items or come from the same payer.
func (c *call) casesBeside(data *caseData) error {
	ctx, entity := c.r.Context(), c.company.ID
	rivals, err := c.Store.Cases(ctx, entity, store.CaseQuery{Filter: store.CaseFilter{Receipts: append([]int64{}, data.Detail.Decision.Rivals...)}, Limit: mostBeside})
	if err != nil {
		return err
	}
	filter := store.CaseFilter{Customer: data.Case.Customer}
	if filter.Customer == "" {
		filter.Payer = data.Case.Payer
	}
	var same []store.Case
	if filter.Customer != "" || filter.Payer != "" {
		if same, err = c.Store.Cases(ctx, entity, store.CaseQuery{Filter: filter, Limit: mostBeside}); err != nil {
			return err
		}
	}
	competes := data.Detail.Decision.Reason == matcher.CompetingReceipts
	for i, one := range append(rivals, same...) {
		known := slices.ContainsFunc(data.Others, func(o otherCase) bool { return o.Receipt == one.Receipt })
		if one.Receipt != data.Receipt && !known {
			data.Others = append(data.Others, otherCase{queueRow{Case: one, Path: c.at("cases", one.Receipt) + data.Query}, competes && i < len(rivals)})
		}
	}
	return nil
}

// caseApplied adds what the receipt paid.
func (c *call) caseApplied(data *caseData, _ shown) error {
	applications, err := c.Store.ApplicationsOf(c.r.Context(), c.company.ID, data.Receipt)
	if err != nil {
		return err
	}
	if data.Applied, err = c.appliedRows(applications); err != nil {
		return err
	}
	for _, a := range applications {
		data.Undoable = data.Undoable || a.Live() && a.Kind != recon.Refund
	}
	data.Undoable = data.Undoable || data.Detail.Decision.Outcome == recon.Cleared
	return nil
}

// caseTable adds the allocation table, fresh or as the person left it.
func (c *call) caseTable(data *caseData, with shown) (err error) {
	if !data.Open || data.Case.Return || !may(c.person, c.company.ID, mayDecide) {
		return nil
	}
	if data.Table = with.table; data.Table == nil {
		spoken := itemsByID{}
		for _, p := range data.Proposals {
			for _, l := range p.Lines {
				if l.Item != nil {
					spoken[l.Item.ID] = *l.Item
				}
			}
		}
		if data.Table, err = c.openTable(data.Case, cmp.Or(data.Case.Customer, data.Payer.Code), spoken); err != nil {
			return err
		}
	}
	if with.preview != nil {
		data.Preview, err = c.viewPreview(data, *with.preview)
	}
	return err
}
