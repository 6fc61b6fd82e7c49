package books

import (
	"cmp"
	"iter"
	"maps"
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// Posting is one line of a transaction of the journal. The lines of a transaction add up to nothing in each currency.
type Posting struct {
	Transaction         string // E… of a bank entry, H… recorded by hand, A… of an application, I… of an item, O… of an account's opening
	Effective, Original recon.Date
	Account             string // of the general ledger
	AmountMinor         int64  // a debit is positive
	Currency            recon.Currency
	Customer            string
	Item                int64 // 0 for none
	ItemNumber          string
	Entry, Application  int64 // 0 for none
	Text                string
}

// Postings derives the journal within a cut, transaction by transaction: items, entries and what was done with
// their money, payments by hand, other applications, openings of bank accounts. WriteJournal sorts it by day.
//
// An entry's transaction shows where its money stands within the cut: applications of its own effective day are
// part of it, those of a later day (its period was closed) and reversals are transactions of their own day.
func Postings(v View, ledger rules.Ledger, cut Cut) iter.Seq2[Posting, error] {
	return func(yield func(Posting, error) bool) {
		err := derive(v, ledger, sight{Cut: cut}, func(transaction []posting) bool {
			for n := range transaction {
				if !yield(transaction[n].named(), nil) {
					return false
				}
			}
			return true
		})
		if err != nil {
			yield(Posting{}, err)
		}
	}
}

// place is where money stands.
type place struct {
	account  string
	customer string
	pocket   pocket
}

// journal derives transactions from a state and hands them on, until nobody wants more. What is handed on is good until the next one.
type journal struct {
	*state
	ledger  rules.Ledger
	banks   map[string]string // our account → its account in the ledger
	order   []int32           // applications of receipts by (receipt, id)
	tallies map[int64]*tally  // by statement
	lines   []posting         // room for the transaction being made
	closing *closing          // nil where no period is closed
	emit    func([]posting) bool
	stopped bool
}

func newJournal(s *state, ledger rules.Ledger, emit func([]posting) bool) *journal {
	j := &journal{state: s, ledger: ledger, banks: map[string]string{}, tallies: map[int64]*tally{}, emit: emit}
	if j.closing = s.closedJournal(emit); j.closing != nil {
		j.emit = j.closing.transaction
	}
	for _, a := range s.accounts {
		j.banks[a.ID] = cmp.Or(a.Ledger, unnamedBank+a.ID)
	}
	for n := range s.apps {
		if s.apps[n].Source.Kind == recon.SourceReceipt {
			j.order = append(j.order, int32(n))
		}
	}
	slices.SortStableFunc(j.order, func(a, b int32) int { return cmp.Compare(s.apps[a].Source.ID, s.apps[b].Source.ID) })
	return j
}

// derive reads a view and hands its transactions to emit until it returns false.
func derive(v View, ledger rules.Ledger, seen sight, emit func([]posting) bool) error {
	s, err := load(v, seen)
	if err != nil {
		return err
	}
	return newJournal(s, ledger, emit).run(v)
}

func (j *journal) run(v View) error {
	j.itemStarts()
	for e, err := range v.Entries() {
		if err != nil {
			return unread("entries", err)
		}
		if j.stopped {
			return nil
		}
		j.entry(&e)
	}
	statements, err := v.Statements()
	if err != nil {
		return unread("statements", err)
	}
	j.rest(statements)
	return nil
}

// rest posts what does not stream: payments by hand, applications of other money, openings.
func (j *journal) rest(statements []recon.StatementRow) {
	for _, id := range slices.Sorted(maps.Keys(j.hand)) {
		j.recordedByHand(j.hand[id])
	}
	for n := range j.apps {
		if a := &j.apps[n]; a.Source.Kind != recon.SourceReceipt {
			j.alone(transactionKey{phase: otherPhase, owner: a.ID, effect: a.ID}, a, place{})
		}
	}
	j.openings(statements)
	if j.closing != nil && !j.stopped {
		j.stopped = !j.closing.finish()
	}
}

// post hands on a transaction without its empty lines.
func (j *journal) post(lines []posting) {
	j.lines = lines[:0]
	if j.stopped {
		return
	}
	lines = slices.DeleteFunc(lines, func(l posting) bool { return l.AmountMinor == 0 })
	if len(lines) > 0 {
		j.stopped = !j.emit(lines)
	}
}

func (j *journal) itemStarts() {
	for n := range j.items {
		i := &j.items[n]
		for change, start := range i.starts {
			if !j.sees(i, change) {
				continue
			}
			head := posting{key: transactionKey{phase: itemPhase, owner: i.ID, effect: int64(change)}, words: [3]string{"amount of", i.Number},
				Posting: Posting{Effective: start.Effective, Original: start.Effective, Currency: i.Currency}}
			if change > 0 {
				head.words[2] = "changed"
			} else {
				head.Effective, head.Original = i.since, i.since
			}
			owed := j.itemLine(head, i, -i.reduces()*start.OpenMinor)
			j.post(append(j.lines[:0], owed, head.line(place{account: j.ledger.Opening}, -owed.AmountMinor)))
		}
	}
}

// reduces is the sign of a posting that lowers what is open: a credit of the receivables for an invoice.
func (i *item) reduces() int64 {
	if (i.Side == recon.Payable) == (i.Kind == recon.CreditNote) {
		return -1
	}
	return 1
}

// itemLine posts to the account that holds an item.
func (j *journal) itemLine(head posting, i *item, minor int64) posting {
	account := j.ledger.Receivables
	if i.Side == recon.Payable {
		account = j.ledger.Payables
	}
	l := head.line(place{account: account, customer: i.Customer, pocket: itemMoney}, minor)
	l.Item, l.ItemNumber = i.ID, i.Number
	return l
}

// line is a posting of the transaction that p heads.
func (p posting) line(at place, minor int64) posting {
	p.Account, p.Customer, p.AmountMinor, p.pocket = at.account, at.customer, minor, at.pocket
	return p
}

// entry posts a booked entry and everything that was done with its money.
func (j *journal) entry(e *recon.EntryRow) {
	if e.Class == recon.ClassPending || !j.knows(e.ID, e.Recorded) {
		return
	}
	j.tally(e.Statement).addEntry(e)
	if !j.sight.reaches(e.Effective) {
		return
	}
	head := posting{key: transactionKey{phase: entryPhase, owner: e.ID}, words: [3]string{cmp.Or(e.Counterparty.Name, e.BankReference)},
		Posting: Posting{Effective: e.Effective, Original: e.Booked, Currency: e.Currency, Entry: e.ID}}
	bank := head.line(place{account: j.bank(e.AccountID), pocket: bankMoney}, e.AmountMinor)
	if e.Class == recon.ClassReturn && len(j.returned[e.ID]) > 0 {
		j.post(j.takenBack(append(j.lines[:0], bank), head, e))
		return
	}
	j.money(head, bank, j.home(e))
}

func (j *journal) bank(accountID string) string {
	if account := j.banks[accountID]; account != "" {
		return account
	}
	return unnamedBank + accountID
}

// unnamedBank begins the ledger account of a bank account that has none of its own.
const unnamedBank = "bank:"

// money posts an amount that came in (or went out) at its home, less what applications of the same day moved on, and
// the other applications of it on their own days.
func (j *journal) money(head, in posting, home place) {
	lines := append(j.lines[:0], in)
	standing := -in.AmountMinor
	var later []int32
	for _, n := range j.applicationsOf(head.Entry) {
		a := &j.apps[n]
		if _, shown := j.returnOf(a); shown {
			continue
		}
		if a.Reverses != 0 || a.Effective != head.Effective {
			later = append(later, n)
			continue
		}
		var source int64
		lines, source = j.effect(lines, head, a)
		standing += source
	}
	j.post(append(lines, head.line(home, standing)))
	for _, n := range later {
		key := head.key
		key.effect = j.apps[n].ID
		j.alone(key, &j.apps[n], home)
	}
}

// applicationsOf returns the indices of the applications of a receipt's own money, ascending.
func (j *journal) applicationsOf(receipt int64) []int32 {
	source := func(n int32, receipt int64) int { return cmp.Compare(j.apps[n].Source.ID, receipt) }
	from, _ := slices.BinarySearchFunc(j.order, receipt, source)
	to := from
	for to < len(j.order) && j.apps[j.order[to]].Source.ID == receipt {
		to++
	}
	return j.order[from:to]
}

// home says where the part of an entry stands that nothing has moved.
func (j *journal) home(e *recon.EntryRow) place {
	switch e.Class {
	case recon.ClassReceipt:
		return j.standing(e.ID, e.Ledger, "")
	case recon.ClassReturn:
		at := j.standing(e.ID, e.Ledger, "")
		at.pocket = returnsWait
		return at
	case recon.ClassCharge:
		return place{account: cmp.Or(e.Ledger, j.ledger.Charges)}
	case recon.ClassTransfer:
		return place{account: cmp.Or(e.Ledger, j.ledger.Transfers)}
	}
	at := j.standing(e.ID, cmp.Or(e.Ledger, j.ledger.Suspense), "")
	if at.pocket == asideMoney {
		at.pocket = elsewhere
	}
	return at
}

// standing says where money of a receipt stands that no application has moved. Account is the one its rule names, ""
// for most; customer is the payer as far as it is known without a decision. Other entries may clear money in transit too: a
// refund that the bank shows.
func (j *journal) standing(receipt int64, account, customer string) place {
	d, decided := j.decisionOn(receipt)
	customer = cmp.Or(d.Customer, customer)
	if decided && d.Outcome == recon.SetAside {
		account = cmp.Or(d.Ledger, account)
	}
	switch {
	case decided && d.Outcome == recon.Cleared:
		return place{j.ledger.InTransit, customer, inTransit}
	case account != "":
		return place{account, customer, asideMoney}
	case customer != "":
		return place{j.ledger.Unapplied, customer, unapplied}
	}
	return place{j.ledger.Suspense, "", suspense}
}

// takenBack says what a return is posted against: the home of the receipt whose money it gives back; what the bank took beyond
// is its fee.
func (j *journal) takenBack(lines []posting, head posting, e *recon.EntryRow) []posting {
	rest := -e.AmountMinor
	for _, refund := range j.returned[e.ID] {
		lines = append(lines, head.line(j.standing(refund.Source.ID, "", j.hand[refund.Source.ID].Customer), refund.AmountMinor))
		rest -= refund.AmountMinor
	}
	return append(lines, head.line(place{account: j.ledger.Charges, pocket: returnFees}, rest))
}

// recordedByHand posts a payment that no bank has shown yet; the bank's entry takes it out of transit.
func (j *journal) recordedByHand(r recon.ReceiptRow) {
	head := posting{key: transactionKey{phase: handPhase, owner: r.ID}, words: [3]string{"recorded by hand:", cmp.Or(r.Method, "payment")},
		Posting: Posting{Effective: r.Effective, Original: r.Date, Currency: r.Currency, Entry: r.ID}}
	in := head.line(place{j.ledger.InTransit, r.Customer, inTransit}, r.AmountMinor)
	j.money(head, in, j.standing(r.ID, "", r.Customer))
}
