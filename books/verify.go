package books

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// Check is the verdict on one invariant.
type Check struct {
	ID     string // I1 … I14, I25, I26, or LEDGER
	Name   string // what must hold, in a sentence
	OK     bool
	Detail string // counts, or the first things that are broken; accounts masked
}

// Verify proves what is stored: each invariant that applies, recomputed from the rows and compared with the stored sums. It
// reads every sequence of the view and changes nothing; what is broken is a Check that is not OK, never an error.
//
// Left to others: I10's archive and I5's comparison with the bank's own batch totals need the files; I11 and I15 to I24
// are properties of programs, proved by tests.
func Verify(v View, set rules.Set) ([]Check, error) {
	p, err := gather(v, set)
	if err != nil {
		return nil, err
	}
	return p.checks(v)
}

// checks judges a proof that was read.
func (p *proof) checks(v View) ([]Check, error) {
	checks := []Check{
		p.sources(), p.openAmounts(), p.currencies(), p.balances(), p.batches(), p.continuity(), p.conservation(),
		p.writeOffs(), p.reversals(), p.fates(), p.identities(), p.wholeStatements(), p.oneDecision(),
		p.bankLedger(), p.itemLedger(), p.heldLedger(), p.journalBalances(),
	}
	schema, err := appendOnly(v)
	if err != nil {
		return nil, err
	}
	chain, err := auditChain(v)
	if err != nil {
		return nil, err
	}
	periods, err := closedPeriods(v)
	if err != nil {
		return nil, err
	}
	return append(checks, periods, schema, chain), nil
}

// shownFaults is how many broken rows a check names.
const shownFaults = 3

// finding collects what is wrong with one invariant.
type finding struct {
	faults []string // the first ones
	count  int
}

func (f *finding) fault(format string, values ...any) {
	f.count++
	if len(f.faults) < shownFaults {
		f.faults = append(f.faults, fmt.Sprintf(format, values...))
	}
}

// check is the verdict; counts says what was looked at.
func (f *finding) check(id, name, counts string) Check {
	if f.count == 0 {
		return Check{ID: id, Name: name, OK: true, Detail: cmp.Or(counts, "nothing to compare")}
	}
	detail := strings.Join(f.faults, "; ")
	if more := f.count - len(f.faults); more > 0 {
		detail += fmt.Sprintf("; and %d more", more)
	}
	return Check{ID: id, Name: name, Detail: detail}
}

// plural counts things in words.
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// shown masks an account that is named by its bank's number.
func shown(account string) string {
	if name := strings.TrimPrefix(account, unnamedBank); recon.LooksLikeIBAN(recon.NormalAccount(name)) {
		return recon.MaskAccount(recon.NormalAccount(name))
	}
	return account
}

// money writes an amount for a message.
func money(minor int64, c recon.Currency) string {
	return recon.Money{Minor: minor, Currency: c}.String()
}
