package ingest

import (
	"fmt"

	"github.com/tieout/tieout/recon"
)

// fault is what is always the same about a code: how bad it is, and what to try.
type fault struct {
	severity recon.Severity
	try      string
}

// camtFaults lists every code that the camt reader can raise on content (XML codes stand in the scanner).
var camtFaults = map[string]fault{
	"CAMT-KIND":          {recon.Reject, "put camt.053 (end-of-day statements) into this folder"},
	"CAMT-VERSION":       {recon.Reject, "ask the bank for camt.053.001.08, or tell us about the new version"},
	"CAMT-NAMESPACE":     {recon.Reject, "ask the bank for a file with the namespace of ISO 20022"},
	"CAMT-NO-STATEMENT":  {recon.Reject, "ask the bank for the statement; this file holds only a header"},
	"CAMT-FOREIGN":       {recon.Warn, "nothing to do; the element is ignored"},
	"CAMT-DUP-ELEMENT":   {recon.Reject, "the element may stand once; ask the bank for a corrected file"},
	"CAMT-AMT-CONTENT":   {recon.Reject, "an amount holds digits and nothing else; ask the bank for a corrected file"},
	"CAMT-AMT-FORMAT":    {recon.Reject, "expected digits with at most one '.', 18 digits and 5 decimals; ask the bank for a corrected file"},
	"CAMT-AMT-SIGN":      {recon.Reject, "amounts carry no sign, CdtDbtInd gives the direction; ask the bank for a corrected file"},
	"CAMT-AMT-RANGE":     {recon.Reject, "the amount is larger than any account holds; ask the bank for a corrected file"},
	"CAMT-AMT-EXPONENT":  {recon.Hold, "the amount needs more decimals than its currency has; ask the bank, and book it by hand"},
	"CAMT-CCY":           {recon.Reject, "expected an ISO 4217 code such as EUR; ask the bank for a corrected file"},
	"CAMT-CCY-MISMATCH":  {recon.Hold, "amounts of another currency do not count; check the account's currency with the bank"},
	"CAMT-INDICATOR":     {recon.Reject, "expected CRDT or DBIT; without it nobody knows the direction"},
	"CAMT-BAL-INDICATOR": {recon.Warn, "the proof of the statement tells whether that is right; tell the bank"},
	"CAMT-REVERSAL":      {recon.Reject, "expected true, false, 1 or 0; ask the bank for a corrected file"},
	"CAMT-STATUS":        {recon.Reject, "expected BOOK, PDNG, INFO or FUTR; ask the bank what the entry is"},
	"CAMT-DATE":          {recon.Reject, "expected a calendar day YYYY-MM-DD; ask the bank for a corrected file"},
	"CAMT-DATE-MISSING":  {recon.Reject, "a booked entry needs a day; ask the bank for a corrected file"},
	"CAMT-ACCOUNT":       {recon.Reject, "check the account number with the bank"},
	"CAMT-PARTY-IBAN":    {recon.Warn, "the number is not used to find the payer"},
	"CAMT-REFERENCE":     {recon.Warn, "the reference is not used by itself; look at the text of the entry"},
	"CAMT-BATCH":         {recon.Warn, "the entry stays whole and is queued; ask the bank for complete details"},
	"CAMT-BALANCE":       {recon.Hold, "ask the bank, or accept the statement with a reason"},
	"CAMT-NO-BALANCE":    {recon.Warn, "nothing proves that no entry is missing; ask the bank for OPBD and CLBD balances"},
	"CAMT-PAGE":          {recon.Hold, "put the other pages into the folder; the statement is booked when all are there"},
	"CAMT-SUMMARY":       {recon.Reject, "the bank's own totals say that entries are missing or wrong; fetch the file again"},
}

func camtProblem(code, where, format string, args ...any) recon.Problem {
	f := camtFaults[code]
	return recon.Problem{Code: code, Where: where, Severity: f.severity, Message: fmt.Sprintf(format, args...), Try: f.try}
}

// held is the problem as one that waits for a person.
func held(p recon.Problem, try string) recon.Problem {
	p.Severity, p.Try = recon.Hold, try
	return p
}

// maxSame is how many problems of one code a statement lists before it only counts them.
const maxSame = 50

// problemList collects problems and keeps a file full of the same fault from filling the screen.
type problemList struct {
	list       []recon.Problem
	count      map[string]int
	everything bool // no limit: what is collected is small
}

func (l *problemList) add(problems ...recon.Problem) {
	if l.count == nil {
		l.count = map[string]int{}
	}
	for _, p := range problems {
		if l.count[p.Code]++; l.everything || l.count[p.Code] <= maxSame {
			l.list = append(l.list, p)
		}
	}
}

// join adds the problems of what follows, with those that it only counted.
func (l *problemList) join(next *problemList) {
	listed := map[string]int{}
	for _, p := range next.list {
		listed[p.Code]++
	}
	l.add(next.list...)
	for code, n := range next.count {
		l.count[code] += n - listed[code]
	}
}

// all returns the list; where problems were left out, the last one of its code says how many.
func (l *problemList) all() []recon.Problem {
	seen := map[string]int{}
	for i := range l.list {
		p := &l.list[i]
		if seen[p.Code]++; seen[p.Code] == maxSame && l.count[p.Code] > maxSame {
			p.Message += fmt.Sprintf("; and %d more like this", l.count[p.Code]-maxSame)
		}
	}
	return l.list
}

// worstOf is the first problem of the worst severity, which says how many others there are.
func worstOf(problems []recon.Problem) []recon.Problem {
	worst := recon.Worst(problems)
	for _, p := range problems {
		if p.Severity == worst && len(problems) > 1 {
			p.Message += fmt.Sprintf("; and %d more problems of this statement", len(problems)-1)
		}
		if p.Severity == worst {
			return []recon.Problem{p}
		}
	}
	return problems
}
