package ingest

import (
	"fmt"

	"github.com/tieout/tieout/recon"
)

// statements makes one statement of each group and proves it.
func (s *bankSheet) statements() []recon.Statement {
	if len(s.groups) == 0 {
		s.groups = []group{{currency: s.currency}}
	}
	around := firstGroup(s.profile.lines.account, s.around())
	list := make([]recon.Statement, len(s.groups))
	for i, g := range s.groups {
		entries, notes := s.ofGroup(i)
		st := recon.Statement{Account: s.statementAccount(g.account, around), Currency: g.currency, Entries: entries,
			Counts: recon.Counts{Entries: len(entries), StatedEntries: -1, StatedCreditMinor: -1, StatedDebitMinor: -1}}
		st.From, st.To = period(notes)
		s.prove(&st, g, notes)
		list[i] = st
	}
	// Rows that are not entries belong to no group; they are counted once, with the first statement.
	list[0].Counts.Entries += s.unread.pending + s.unread.rejected
	list[0].Counts.IgnoredPending = s.unread.pending
	list[0].Counts.Rejected = s.unread.rejected
	return list
}

func (s *bankSheet) ofGroup(i int) ([]recon.Entry, []rowNote) {
	if len(s.groups) == 1 {
		return s.entries, s.notes
	}
	var entries []recon.Entry
	var notes []rowNote
	for at, note := range s.notes {
		if int(note.group) == i {
			entries = append(entries, s.entries[at])
			notes = append(notes, note)
		}
	}
	return entries, notes
}

// statementAccount is what the file says, in the configured form where both name one account.
func (s *bankSheet) statementAccount(inRows, around string) string {
	account := inRows
	if account == "" {
		account = around
	}
	switch {
	case account == "":
		return s.account
	case s.account == "":
		return recon.NormalAccount(account)
	case sameAccount(s.account, account):
		return s.account
	}
	s.problems.add(*s.mismatchAround(account))
	return recon.NormalAccount(account)
}

func (s *bankSheet) mismatchAround(account string) *recon.Problem {
	return reject("ACCOUNT-MISMATCH", "lines around the rows", fmt.Sprintf("the file is of account %s, expected %s", maskedAccount(account), maskedAccount(s.account)),
		"put each account's file into its own folder, or name the right account")
}

func period(notes []rowNote) (from, to recon.Date) {
	for i := range notes {
		if day := notes[i].booked; i == 0 || day < from {
			from = day
		}
		to = max(to, notes[i].booked)
	}
	return from, to
}

// prove sets the balances of a statement and says what they prove. The running balance shows the balance before the
// first row and after the last; balances that the file states beside the rows must agree with it, and do its work where
// there is none.
func (s *bankSheet) prove(st *recon.Statement, g group, notes []rowNote) {
	stated := s.stated(g)
	run := runningBalance{notes: notes, backwards: s.profile.Order == "newest_first"}
	if s.unread.rejected > 0 { // with rows missing no balance can agree
		stated = statedBalances{}
		run.notes = nil
	}
	chain := run.either()
	if chain.broken != nil {
		st.Ties = recon.Broken
		st.Problems = append(st.Problems, s.balanceProblem(run, chain, st.Currency))
		return
	}
	opening, closing := chain.opening, chain.closing
	if opening == nil {
		opening = stated.opening
	}
	if closing == nil {
		closing = stated.closing
	}
	st.Opening, st.Closing = balanceOn(opening, st.From), balanceOn(closing, st.To)
	switch sum := total(notes); {
	case contradicts(chain.opening, stated.opening):
		st.Ties = recon.Broken
		st.Problems = append(st.Problems, s.statedProblem("opening", *stated.opening, *chain.opening, st.Currency))
	case contradicts(chain.closing, stated.closing):
		st.Ties = recon.Broken
		st.Problems = append(st.Problems, s.statedProblem("closing", *stated.closing, *chain.closing, st.Currency))
	case opening == nil || closing == nil || chain.checked == 0 && !(stated.opening != nil && (stated.closing != nil || chain.closing != nil)):
		st.Ties = recon.Unproved
	case *opening+sum != *closing:
		st.Ties = recon.Broken
		st.Problems = append(st.Problems, s.statedProblem("closing", *closing, *opening+sum, st.Currency))
	default:
		st.Ties = recon.Ties
	}
}

func contradicts(chain, stated *int64) bool {
	return chain != nil && stated != nil && *chain != *stated
}

func total(notes []rowNote) (sum int64) {
	for i := range notes {
		sum += notes[i].amount
	}
	return sum
}

func balanceOn(minor *int64, day recon.Date) *recon.Balance {
	if minor == nil {
		return nil
	}
	return &recon.Balance{AmountMinor: *minor, Date: day}
}

// statedBalances are those that the file states beside the rows.
type statedBalances struct{ opening, closing *int64 }

func (s *bankSheet) stated(g group) statedBalances {
	around := s.around()
	balances := statedBalances{opening: g.opening}
	if balances.opening == nil {
		balances.opening = s.statedAmount(firstGroup(s.profile.lines.opening, around), g.currency)
	}
	balances.closing = s.statedAmount(firstGroup(s.profile.lines.closing, around), g.currency)
	return balances
}

func (s *bankSheet) statedAmount(text string, currency recon.Currency) *int64 {
	if text == "" {
		return nil
	}
	minor, fault := s.profile.Amounts.parse(text, currency.Exponent())
	if fault != "" {
		s.problems.add(*s.profile.Amounts.problem("lines around the rows", text, fault))
		return nil
	}
	return &minor
}

// runningBalance is the balance column beside the amounts.
type runningBalance struct {
	notes     []rowNote
	backwards bool // the newest row comes first
}

// balanceChain is what a running balance shows when it is followed from the oldest row to the newest.
type balanceChain struct {
	opening, closing *int64
	checked          int      // rows whose amount the balances around it prove
	broken           *rowNote // first row that does not follow from the one before
	expected         int64    // its balance, had it followed
}

// either follows the rows in the order that the profile states, and in the other one where only that holds: the
// reader of the bank's page may have sorted it. A chain that would hold in the stated order with all signs turned is
// none in the other order either: then the sign is in doubt.
func (r runningBalance) either() balanceChain {
	chain := r.follow(1)
	if chain.broken == nil || r.follow(-1).broken == nil {
		return chain
	}
	other := r
	other.backwards = !r.backwards
	if turned := other.follow(1); turned.broken == nil {
		return turned
	}
	return chain
}

// follow checks each balance against the one before it, amounts times sign.
func (r runningBalance) follow(sign int64) (chain balanceChain) {
	var sum int64 // of the amounts since the start
	var base int64
	known := false
	for i := range r.notes {
		if r.backwards {
			i = len(r.notes) - 1 - i
		}
		note := &r.notes[i]
		sum += sign * note.amount
		chain.closing = nil
		if !note.hasBalance {
			continue
		}
		balance := note.balance
		switch {
		case !known:
			known, base = true, balance-sum
			opening := base
			chain.opening = &opening
		case base+sum != balance:
			chain.broken, chain.expected = note, base+sum
			return chain
		default:
			chain.checked++
		}
		chain.closing = &note.balance
	}
	return chain
}

func (s *bankSheet) balanceProblem(run runningBalance, chain balanceChain, currency recon.Currency) recon.Problem {
	message := fmt.Sprintf("balance %s, expected %s: off by %s", recon.FormatMinor(chain.broken.balance, currency),
		recon.FormatMinor(chain.expected, currency), recon.FormatMinor(chain.broken.balance-chain.expected, currency))
	if run.follow(-1).broken == nil {
		message += "; agrees if money in and out are swapped"
	}
	return recon.Problem{Code: "CSV-BALANCE", Where: s.balancePlace(int(chain.broken.row)), Severity: recon.Hold, Message: message,
		Try: "a row is missing, changed or doubled at this place: export the period again, or accept the file with a reason"}
}

func (s *bankSheet) balancePlace(row int) string { return s.place(row, s.columns.balance) }

func (s *bankSheet) statedProblem(which string, stated, expected int64, currency recon.Currency) recon.Problem {
	return recon.Problem{Code: "CSV-BALANCE", Where: which + " balance", Severity: recon.Hold,
		Message: fmt.Sprintf("%s balance %s, but the rows give %s: off by %s", which, recon.FormatMinor(stated, currency),
			recon.FormatMinor(expected, currency), recon.FormatMinor(stated-expected, currency)),
		Try: "rows are missing or doubled: export the period again, or accept the file with a reason"}
}
