package books

import (
	"cmp"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/tieout/tieout/recon"
)

// ApplicationLine is one line of the applications export; the columns are a contract.
type ApplicationLine struct {
	Entry         string `csv:"entry" json:"entry"` // "" where an item was settled outside tieout
	BankReference string `csv:"bank_reference" json:"bank_reference"`
	Account       string `csv:"account" json:"account"` // the bank's number of it, in full
	Booked        string `csv:"booked" json:"booked"`
	Amount        string `csv:"amount" json:"amount"` // signed
	Currency      string `csv:"currency" json:"currency"`
	Payer         string `csv:"payer" json:"payer"` // name as the bank gave it, "" where it gave none
	Decision      string `csv:"decision" json:"decision"`
	Score         int    `csv:"score" json:"score"`
	Reason        string `csv:"reason" json:"reason"`
	Kind          string `csv:"kind" json:"kind"`
	Item          string `csv:"item" json:"item"`
	Customer      string `csv:"customer" json:"customer"`
	Applied       string `csv:"applied" json:"applied"` // positive
	Actor         string `csv:"actor" json:"actor"`
	AppliedAt     string `csv:"applied_at" json:"applied_at"` // RFC 3339, UTC
}

// WriteApplications writes the applications export as csv or json: one line per application, one with empty kind for
// an entry that has none, or waits again since some were undone. Lines come by entry and application; settlements outside tieout, which have no entry, come
// last.
//
// An application that was undone stays, with decision reversed and the reason of the reversal; in a batch it comes again when
// the reversal falls into it. A return has a line for each application it takes back. A credit note that is used has
// a line with its own number.
func WriteApplications(w io.Writer, v View, selection Selection, format string) error {
	out, err := newLineWriter[ApplicationLine](w, format)
	if err != nil {
		return err
	}
	s, err := load(v, selection.end())
	if err != nil {
		return err
	}
	x := &applications{state: s, selection: selection, ibans: map[string]string{}, out: out}
	for _, a := range s.accounts {
		x.ibans[a.ID] = cmp.Or(a.IBAN, a.ID)
	}
	x.group()
	if err := x.write(v); err != nil {
		return err
	}
	return out.Close()
}

// applications writes the export of one selection.
type applications struct {
	*state
	selection Selection
	ibans     map[string]string
	shown     []shownUnder // by entry and application
	out       *lineWriter[ApplicationLine]
}

// shownUnder is an application, by its place among those of the state, with the entry under which it is shown, 0 for none.
type shownUnder struct {
	entry int64
	place int32
}

// group puts each application under its entry: the receipt whose money or decision it belongs to. Of the reversals only
// those made by a return have lines, under the return; the refund by which it gives the money back needs none beside them, nor
// does the one that voids a payment by hand.
func (x *applications) group() {
	x.shown = make([]shownUnder, 0, len(x.apps))
	for n := range x.apps {
		a := &x.apps[n]
		d := x.decision(a.Decision)
		receipt, _ := x.receiptOf(a)
		switch {
		case a.Kind == recon.Refund && (d.Return || x.voids(a)):
			continue
		case a.Reverses != 0 && d.Return:
			receipt = d.Receipt
		case a.Reverses != 0:
			continue
		}
		x.shown = append(x.shown, shownUnder{receipt, int32(n)})
	}
	slices.SortStableFunc(x.shown, func(a, b shownUnder) int { return cmp.Compare(a.entry, b.entry) })
}

// of returns what is shown under an entry.
func (x *applications) of(entry int64) []shownUnder {
	from, _ := slices.BinarySearchFunc(x.shown, entry, func(s shownUnder, entry int64) int { return cmp.Compare(s.entry, entry) })
	to := from
	for to < len(x.shown) && x.shown[to].entry == entry {
		to++
	}
	return x.shown[from:to]
}

func (x *applications) write(v View) error {
	hand := slices.Sorted(maps.Keys(x.hand))
	byHandBefore := func(id int64) error {
		for len(hand) > 0 && hand[0] < id {
			if err := x.subject(x.handSubject(x.hand[hand[0]])); err != nil {
				return err
			}
			hand = hand[1:]
		}
		return nil
	}
	for e, err := range v.Entries() {
		if err != nil {
			return unread("entries", err)
		}
		if e.Class == recon.ClassPending {
			continue
		}
		if err := byHandBefore(e.ID); err != nil {
			return err
		}
		if err := x.subject(x.entrySubject(&e)); err != nil {
			return err
		}
	}
	if err := byHandBefore(math.MaxInt64); err != nil {
		return err
	}
	return x.outside()
}

// subject is the entry or payment under which lines are shown.
type subject struct {
	id     int64
	booked recon.Date
	class  recon.Class
	head   ApplicationLine
}

func (x *applications) entrySubject(e *recon.EntryRow) subject {
	return subject{e.ID, e.Booked, e.Class, ApplicationLine{
		Entry: strconv.FormatInt(e.ID, 10), BankReference: e.BankReference, Account: cmp.Or(x.ibans[e.AccountID], e.AccountID),
		Booked: x.out.day(e.Booked), Amount: recon.FormatMinor(e.AmountMinor, e.Currency), Currency: string(e.Currency),
		Payer: e.Counterparty.Name,
	}}
}

func (x *applications) handSubject(r recon.ReceiptRow) subject {
	return subject{r.ID, r.Date, recon.ClassReceipt, ApplicationLine{
		Entry: strconv.FormatInt(r.ID, 10), Account: cmp.Or(x.ibans[r.AccountID], r.AccountID),
		Booked: x.out.day(r.Date), Amount: recon.FormatMinor(r.AmountMinor, r.Currency), Currency: string(r.Currency),
	}}
}

// subject writes the lines of an entry: its applications, and how it stands where that is not all.
func (x *applications) subject(s subject) error {
	shown := x.of(s.id)
	for _, under := range shown {
		a := &x.apps[under.place]
		if !x.selected(a, s.booked) {
			continue
		}
		if err := x.applied(s.head, a); err != nil {
			return err
		}
	}
	if !x.standsAlone(s, len(shown)) || !x.selectedStanding(s) {
		return nil
	}
	return x.out.Write(x.standingLine(s))
}

// standsAlone reports whether an entry has a line besides applications: it never had any, or it waits again since some
// were undone.
func (x *applications) standsAlone(s subject, applications int) bool {
	d, decided := x.decisionOn(s.id)
	return applications == 0 || decided && (d.Outcome == recon.Queued || d.Outcome == recon.SetAside)
}

// selected reports whether a line of an application belongs to the selection: it was made in it, or taken back in it.
func (x *applications) selected(a *recon.Application, booked recon.Date) bool {
	reversal, undone := x.application(x.undone[a.ID])
	if x.selection.Batch {
		return a.ID > x.selection.ApplicationsAfter || undone && reversal.ID > x.selection.ApplicationsAfter
	}
	return booked >= x.selection.Since || a.Effective >= x.selection.Since || undone && reversal.Effective >= x.selection.Since
}

func (x *applications) selectedStanding(s subject) bool {
	if !x.selection.Batch {
		return s.booked >= x.selection.Since
	}
	if d, decided := x.decisionOn(s.id); decided {
		return d.ID > x.selection.DecisionsAfter
	}
	return s.id > x.selection.EntriesAfter && s.id <= x.selection.EntriesUntil
}

// applied writes the line of an application, or of the reversal by which a return takes one back.
func (x *applications) applied(head ApplicationLine, a *recon.Application) error {
	line := head
	d := x.decision(a.Decision)
	line.Decision, line.Score, line.Reason = word(d.Outcome), d.Score, string(a.Reason)
	reversal, undone := x.application(x.undone[a.ID])
	if a.Reverses != 0 {
		reversal, undone = a, true
	}
	if undone { // by a return, which has a reason of its own, or by a person
		line.Decision, line.Reason = word(recon.Reversed), string(cmp.Or(x.decision(reversal.Decision).Reason, reversal.Reason, a.Reason))
	}
	line.Kind, line.Item, line.Customer = string(a.Kind), x.itemNumber(a.Item), cmp.Or(a.Customer, d.Customer)
	if a.Kind == recon.Credit {
		line.Item = x.itemNumber(a.Source.ID)
	}
	line.Applied, line.Actor = recon.FormatMinor(a.AmountMinor, a.Currency), cmp.Or(a.Actor, d.Actor)
	line.AppliedAt = a.Recorded.UTC().Format(time.RFC3339)
	return x.out.Write(&line)
}

// standingLine says how an entry without applications stands.
func (x *applications) standingLine(s subject) *ApplicationLine {
	line := s.head
	d, decided := x.decisionOn(s.id)
	switch {
	case decided:
		line.Decision, line.Score, line.Reason = word(d.Outcome), d.Score, string(d.Reason)
		line.Customer, line.Actor = d.Customer, d.Actor
	case s.class == recon.ClassReceipt || s.class == recon.ClassReturn:
		line.Decision = word(recon.Queued)
	default:
		line.Decision, line.Reason = word(recon.SetAside), string(s.class)
	}
	return &line
}

// word is the export's word for an outcome. The bank's side of a payment recorded by hand is set aside: its money was
// applied when it was recorded. What nobody decided was settled by hand elsewhere.
func word(outcome recon.Outcome) string {
	switch outcome {
	case recon.Cleared:
		return string(recon.SetAside)
	case "":
		return string(recon.Manual)
	}
	return string(outcome)
}

// outside writes what was settled without an entry: told by an import, or set off by hand.
func (x *applications) outside() error {
	for _, under := range x.of(0) {
		a := &x.apps[under.place]
		if !x.selected(a, a.Effective) {
			continue
		}
		head := ApplicationLine{Booked: x.out.day(a.Effective), Currency: string(a.Currency)}
		if err := x.applied(head, a); err != nil {
			return err
		}
	}
	return nil
}
