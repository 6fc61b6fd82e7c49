package worker

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/matcher"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// outcome decides what becomes of a parsed file: refused whole, or each statement booked or held. It stores nothing.
func (p *Pipeline) outcome(ctx context.Context, file int64, document recon.Document, inbox Inbox) (store.Outcome, error) {
	outcome := store.Outcome{Entity: p.Entity.ID, File: file, Format: document.Format, Problems: document.Problems}
	if refused(document) {
		outcome.State, outcome.Problems = recon.FileRefused, document.AllProblems()
		return outcome, nil
	}
	drafts := make([]draft, len(document.Statements))
	for i, s := range document.Statements {
		drafts[i] = p.draft(s, document.Format, inbox)
	}
	for i := range drafts {
		decided, err := p.decide(ctx, file, drafts, i)
		if err != nil {
			return outcome, err
		}
		outcome.Statements = append(outcome.Statements, decided)
	}
	outcome.State = stateOf(outcome, document)
	return outcome, nil
}

func refused(document recon.Document) bool {
	return recon.Worst(document.AllProblems()) == recon.Reject
}

// stateOf is held where anything of the file waits for a person.
func stateOf(o store.Outcome, document recon.Document) recon.FileState {
	held := recon.Worst(document.Problems) == recon.Hold
	for _, s := range o.Statements {
		held = held || s.Held
	}
	if held {
		return recon.FileHeld
	}
	return recon.FileBooked
}

// draft is a statement on its way: whose account it is, and what makes its entries themselves.
type draft struct {
	statement recon.Statement
	account   recon.Account // zero where the account is unknown
	identified
}

func (p *Pipeline) draft(s recon.Statement, format string, inbox Inbox) draft {
	account, problem := p.accountOf(s, inbox)
	if problem != nil {
		s.Problems = append(slices.Clone(s.Problems), *problem)
		return draft{statement: s}
	}
	if len(s.Entries) > 0 && s.Entries[0].Currency == "" { // of no account, so that nobody can accept amounts without a unit
		s.Problems = append(slices.Clone(s.Problems), recon.Problem{Code: "CSV-CURRENCY", Where: "statement " + s.ID, Severity: recon.Hold,
			Message: "nothing in the file says the currency of its amounts", Try: "name the account of the inbox, or make a profile: tieout profile FILE --currency CODE"})
		return draft{statement: s}
	}
	if account.FlipReversals {
		s = flipped(s)
	}
	return draft{s, account, identify(s, account.ID, format)}
}

// decide decides one statement of a file: whether it is held, and the fate of each of its entries.
func (p *Pipeline) decide(ctx context.Context, file int64, drafts []draft, i int) (store.StatementOutcome, error) {
	d := &drafts[i]
	if d.account.ID == "" {
		return store.StatementOutcome{Statement: d.statement, Held: true}, nil
	}
	neighbours, err := p.neighbours(ctx, file, drafts, i)
	if err != nil {
		return store.StatementOutcome{}, err
	}
	fates, doubt := admit(d.statement, d.identified, neighbours)
	problems := slices.Concat(d.statement.Problems, conflicts(d.row.StatementRow, placeOf(d.statement), d.account, neighbours))
	if doubt != nil {
		problems = append(problems, doubtProblem(d.row, placeOf(d.statement), *doubt))
	}
	d.statement.Problems = problems
	for n, e := range d.statement.Entries {
		fates[n].Class, fates[n].Ledger = matcher.Classify(e, p.Entity.Accounts, p.Rules)
	}
	d.row.Held = recon.Worst(problems) == recon.Hold
	d.row.Stored = storedBy(fates)
	return store.StatementOutcome{AccountID: d.account.ID, Statement: d.statement, Content: d.row.Content, Held: d.row.Held, Fates: fates}, nil
}

// storedBy counts the contents that become entries.
func storedBy(fates []store.Fate) map[string]int {
	stored := map[string]int{}
	for _, fate := range fates {
		if fate.Kind == recon.FateNew {
			stored[fate.Fingerprint]++
		}
	}
	return stored
}

// flipped turns the sign of reversals, for a bank that sends them with the indicator of the original movement (FAULTS B27).
func flipped(s recon.Statement) recon.Statement {
	s.Entries = slices.Clone(s.Entries)
	for i := range s.Entries {
		if s.Entries[i].Reversal {
			s.Entries[i].AmountMinor = -s.Entries[i].AmountMinor
		}
	}
	s.Problems = slices.DeleteFunc(slices.Clone(s.Problems), func(p recon.Problem) bool { return p.Code == "CAMT-BALANCE" })
	s.Problems = append(s.Problems, ingest.Prove(&s)...)
	return s
}

// neighbours are the statements that may share entries with draft i: those stored, and the other ones of its file. Held and
// later ones are only links of the chain; the file's own held rows are the draft itself and stand back.
func (p *Pipeline) neighbours(ctx context.Context, file int64, drafts []draft, i int) (all []store.Neighbour, err error) {
	from, to := span(drafts[i].row.StatementRow)
	if from == 0 {
		return nil, nil
	}
	if all, err = p.Store.Neighbours(ctx, p.Entity.ID, drafts[i].account.ID, from, to); err != nil {
		return nil, fmt.Errorf("neighbouring statements: %w", err)
	}
	all = slices.DeleteFunc(all, func(n store.Neighbour) bool { return n.File == file && n.Held })
	for j, other := range drafts {
		if j == i || other.account.ID != drafts[i].account.ID {
			continue
		}
		if j > i || other.row.Held {
			other.row.Counts = nil
		}
		all = append(all, other.row)
	}
	return all, nil
}

// accountOf finds the configured account of a statement. There is no fallback: an unknown account is held, never
// booked to another one.
func (p *Pipeline) accountOf(s recon.Statement, inbox Inbox) (recon.Account, *recon.Problem) {
	named := s.Account
	if named == "" {
		named = p.iban(inbox.Account)
	}
	var fitting []recon.Account
	for _, a := range p.Entity.Accounts {
		if sameAccount(a, named) {
			fitting = append(fitting, a)
		}
	}
	if len(fitting) > 1 { // one number in several currencies
		fitting = slices.DeleteFunc(fitting, func(a recon.Account) bool { return a.Currency != s.Currency })
	}
	if len(fitting) == 1 {
		return fitting[0], nil
	}
	if named == "" {
		return recon.Account{}, &recon.Problem{Code: "ACCOUNT-UNKNOWN", Where: placeOf(s), Severity: recon.Hold,
			Message: "the file does not say which account it belongs to", Try: "name it: tieout ingest --account ID FILE, or account: at the inbox in tieout.yaml"}
	}
	return recon.Account{}, &recon.Problem{Code: "ACCOUNT-UNKNOWN", Where: placeOf(s), Severity: recon.Hold,
		Message: fmt.Sprintf("account %s is not configured", recon.MaskAccount(named)), Try: "add it under accounts: in tieout.yaml; the next run books the statement"}
}

// placeOf names a statement by where it stands in its file and by the bank's id.
func placeOf(s recon.Statement) string {
	return strings.TrimSpace(cmp.Or(s.Place, "statement") + " " + s.ID)
}

// sameAccount compares by IBAN or other number, also where the bank sends the national number inside our IBAN.
func sameAccount(a recon.Account, named string) bool {
	named, own := recon.NormalAccount(named), recon.NormalAccount(a.IBAN)
	switch {
	case named == "":
		return false
	case named == own || named == recon.NormalAccount(a.ID):
		return true
	}
	return recon.LooksLikeIBAN(own) && !recon.LooksLikeIBAN(named) && len(named) >= 10 && strings.HasSuffix(own, named)
}

// conflicts compares a new statement with its account and its stored neighbours.
func conflicts(row recon.StatementRow, where string, account recon.Account, neighbours []store.Neighbour) []recon.Problem {
	var problems []recon.Problem
	if row.Currency != "" && row.Currency != account.Currency {
		problems = append(problems, recon.Problem{Code: "CAMT-CCY-MISMATCH", Where: where, Severity: recon.Hold,
			Message: fmt.Sprintf("statement in %s, account %s is kept in %s", row.Currency, account.ID, account.Currency), Try: "check the currency of the account in tieout.yaml"})
	}
	if account.ProofRequired && row.Ties == recon.Unproved {
		problems = append(problems, recon.Problem{Code: "CAMT-NO-BALANCE", Where: where, Severity: recon.Hold,
			Message: "opening or closing balance is missing and this account requires a proof", Try: "ask the bank for statements with balances, accept the file, or set proof: optional"})
	}
	for _, n := range neighbours {
		if problem := conflict(row, n, where); problem != nil {
			problems = append(problems, *problem)
		}
	}
	return problems
}

func conflict(row recon.StatementRow, n store.Neighbour, where string) *recon.Problem {
	if n.Counts == nil || !overlap(row, n.StatementRow) || row.Content == n.Content {
		return nil
	}
	if family(row.Format) != family(n.Format) {
		return &recon.Problem{Code: "SOURCE-MIX", Where: where, Severity: recon.Hold,
			Message: fmt.Sprintf("the days from %s to %s are covered already by a %s statement (file %d)", row.FirstBooked, row.LastBooked, n.Format, n.File),
			Try:     "keep to one kind of file for an account; reject this one, or accept it if the other is wrong"}
	}
	if row.BankID != "" && row.BankID == n.BankID && row.Page == n.Page {
		return &recon.Problem{Code: "STATEMENT-CONFLICT", Where: where, Severity: recon.Hold,
			Message: fmt.Sprintf("statement id came before with other content (file %d): %s", n.File, difference(row, n.StatementRow)),
			Try:     "ask the bank which one is right; accept or reject this one with tieout files"}
	}
	return nil
}

// doubtProblem holds a statement that a stored one leaves in doubt.
func doubtProblem(row store.Neighbour, where string, in doubt) recon.Problem {
	money := func(minor int64) string { return recon.FormatMinor(minor, row.Currency) }
	if in.relation == contradicting {
		return recon.Problem{Code: codeContradiction, Where: where, Severity: recon.Hold,
			Message: fmt.Sprintf("it tells the same days as %s, with the same balance and other entries%s", named(in.StatementRow), otherDays(row, in.Neighbour)),
			Try:     "ask the bank which one is right; booking both would count the money twice, so this one can only be rejected"}
	}
	return recon.Problem{Code: "STATEMENT-UNCLEAR", Where: where, Severity: recon.Hold,
		Message: fmt.Sprintf("entries alike stand in %s of the same days, which goes from %s to %s while this one goes from %s to %s: a statement between them seems missing",
			named(in.StatementRow), money(in.Opening.AmountMinor), money(in.Closing.AmountMinor), money(row.Opening.AmountMinor), money(row.Closing.AmountMinor)),
		Try: "drop the missing statement and this one is booked by itself; accept it if its entries are further movements, reject it if it repeats them"}
}

// named names a stored statement in a sentence.
func named(s recon.StatementRow) string {
	return strings.Join(strings.Fields(fmt.Sprintf("statement %s of file %d", s.BankID, s.File)), " ")
}

// codeContradiction is a problem that no acceptance heals.
const codeContradiction = "STATEMENT-CONTRADICTS"

// otherDays names the days on which two statements have other sums.
func otherDays(row, n store.Neighbour) string {
	begin, end := sharedDays(row.StatementRow, n.StatementRow)
	var days []string
	for _, day := range slices.Sorted(maps.Keys(row.Days)) {
		if day >= begin && day <= end && row.Days[day] != n.Days[day] {
			days = append(days, fmt.Sprintf("%s: %s there, %s here", day, recon.FormatMinor(n.Days[day], n.Currency), recon.FormatMinor(row.Days[day], row.Currency)))
		}
	}
	if len(days) == 0 {
		return " (texts or references differ)"
	}
	return " (" + strings.Join(days, "; ") + ")"
}

// difference says in numbers how two statements of one id differ.
func difference(row, n recon.StatementRow) string {
	var parts []string
	for _, b := range []struct {
		name      string
		ours, old *recon.Balance
	}{{"opening", row.Opening, n.Opening}, {"closing", row.Closing, n.Closing}} {
		switch {
		case b.ours == nil || b.old == nil:
		case b.ours.AmountMinor != b.old.AmountMinor:
			parts = append(parts, fmt.Sprintf("%s was %s, is %s", b.name, recon.FormatMinor(b.old.AmountMinor, n.Currency), recon.FormatMinor(b.ours.AmountMinor, row.Currency)))
		}
	}
	if len(parts) == 0 {
		parts = append(parts, "the entries differ")
	}
	return strings.Join(parts, "; ")
}

func family(format string) string {
	kind, _, _ := strings.Cut(format, ":")
	if strings.HasPrefix(kind, "camt") {
		return "camt"
	}
	return kind
}

// countFates completes a statement's row with what became of its records; a held one has no fates yet.
func countFates(row *recon.StatementRow, s store.StatementOutcome) {
	row.Held, row.Accepted, row.Content = s.Held, s.Accepted, s.Content
	if s.Held {
		return
	}
	for _, fate := range s.Fates {
		switch fate.Kind {
		case recon.FateNew:
			row.New++
		case recon.FateDuplicate:
			row.Duplicates++
		case recon.FatePending:
			row.Pending++
		}
	}
}
