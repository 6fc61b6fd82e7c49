package worker

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// judged is a file that was read and decided about, and not stored yet.
type judged struct {
	from      source
	document  recon.Document
	file      int64
	drafts    []*draft           // none where the file is refused
	consumed  []int64            // stored pages that are part of a draft
	completes []store.Completion // other files that it completes
}

// judge reads a file from the archive and decides what becomes of it: refused whole, or each statement booked or held. It stores
// nothing.
func (p *Pipeline) judge(ctx context.Context, file int64, from source) (*judged, error) {
	document, drafts, err := p.read(ctx, from)
	if err != nil {
		return nil, err
	}
	j := &judged{from: from, document: document, file: file, drafts: drafts}
	if err := p.assemble(ctx, j); err != nil {
		return nil, err
	}
	return j, p.decide(ctx, j)
}

// alone does something while no other worker stores statements of the accounts of a file: how they lie to each other is decided
// by looking at what is stored.
func (p *Pipeline) alone(ctx context.Context, drafts []*draft, do func(context.Context, *Pipeline) error) error {
	if p.Hands == nil {
		return do(ctx, p)
	}
	var names []string
	for _, d := range drafts {
		if d.account.ID != "" {
			names = append(names, "account/"+d.account.ID)
		}
	}
	slices.Sort(names)
	return p.Hands.Alone(ctx, p, slices.Compact(names), do)
}

// outcome is what is stored of the file.
func (p *Pipeline) outcome(ctx context.Context, j *judged) store.Outcome {
	o := store.Outcome{Entity: p.Entity.ID, File: j.file, Format: j.document.Format, Problems: j.document.Problems}
	if refused(j.document) {
		o.State, o.Problems = recon.FileRefused, j.document.AllProblems()
		return o
	}
	o.State = recon.FileBooked
	if recon.Worst(j.document.Problems) == recon.Hold {
		o.State = recon.FileHeld
	}
	for _, d := range j.drafts {
		if d.row.Held {
			o.State = recon.FileHeld
		}
		o.Statements = append(o.Statements, d.outcome())
	}
	o.Records, o.Completes = p.records(ctx, j.drafts), j.completes
	return o
}

func refused(document recon.Document) bool {
	return recon.Worst(document.AllProblems()) == recon.Reject
}

// decide decides each statement of a file, in order: whether it is held, and the fates of its entries.
func (p *Pipeline) decide(ctx context.Context, j *judged) error {
	for i := range j.drafts {
		if err := p.decideOne(ctx, j, i); err != nil {
			return err
		}
	}
	j.forget()
	return nil
}

// forget lets go of what only deciding needed. The identities of a very large statement are given back to the system at once: the
// database is about to need as much.
func (j *judged) forget() {
	large := false
	for _, d := range j.drafts {
		large = large || len(d.booked.pieces) > 1
		d.booked, d.unbooked = prints{}, prints{}
	}
	if large {
		debug.FreeOSMemory()
	}
}

func (p *Pipeline) decideOne(ctx context.Context, j *judged, i int) error {
	d := j.drafts[i]
	d.problems, d.row.Held = d.statement.Problems, true
	switch {
	case d.account.ID == "":
		return nil
	case d.repeats:
		d.problems = slices.DeleteFunc(slices.Clone(d.problems), func(problem recon.Problem) bool { return problem.Code == codePage })
		d.admission, d.row.Held = admitAlone(d.booked, true), recon.Worst(d.problems) == recon.Hold
		return nil
	}
	neighbours, err := p.neighbours(ctx, j, i)
	if err != nil {
		return err
	}
	counting := func(n told) bool { return n.counts }
	again := func(n told) bool { return n.counts && n.Content == d.row.Content }
	if !slices.ContainsFunc(neighbours, counting) || slices.ContainsFunc(neighbours, again) {
		d.admission = admitAlone(d.booked, slices.ContainsFunc(neighbours, again))
		if !d.admission.again {
			for _, f := range conflicts(d.row, placeOf(d.statement), d.account, nil) {
				d.problems = append(d.problems[:len(d.problems):len(d.problems)], f.Problem)
			}
		}
		d.row.Held = recon.Worst(d.problems) == recon.Hold
		return nil
	}
	if err := p.listen(ctx, d, neighbours); err != nil {
		return err
	}
	own := told{Neighbour: store.Neighbour{StatementRow: d.row, Days: d.days}, contents: d.contents(span(d.row)), counts: true}
	admitted, in := admit(own, neighbours)
	d.admission = admitted
	found := conflicts(d.row, placeOf(d.statement), d.account, neighbours)
	if in != nil {
		found = append(found, doubtful{doubtProblem(own, placeOf(d.statement), *in), &in.told})
	}
	for _, f := range found {
		if f.other != nil && (f.Code == codeConflict || f.Code == codeContradiction) {
			rows, gone, err := p.difference(ctx, d, *f.other)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(d.problems, func(before recon.Problem) bool { return before.Details == rows }) { // shown already
				f.Details = rows
			}
			if gone || f.Code == codeContradiction {
				d.replaces, f.Try = true, correctByHand
			}
		}
		d.problems = append(d.problems[:len(d.problems):len(d.problems)], f.Problem)
	}
	d.row.Held = recon.Worst(d.problems) == recon.Hold
	return nil
}

// neighbours are the statements that may share entries with draft i: those stored, and the other ones of its file. Held and
// later ones, and those of other days, are only links of the chain; the file's own held rows are the draft itself and stand back.
func (p *Pipeline) neighbours(ctx context.Context, j *judged, i int) (all []told, err error) {
	from, to := span(j.drafts[i].row)
	if from == 0 {
		return nil, nil
	}
	stored, err := p.Store.Neighbours(ctx, p.Entity.ID, j.drafts[i].account.ID, from, to)
	if err != nil {
		return nil, fmt.Errorf("neighbouring statements: %w", err)
	}
	for _, n := range stored {
		if n.File != j.file || !n.Held {
			all = append(all, told{Neighbour: n, counts: !n.Held})
		}
	}
	for k, other := range j.drafts {
		if k != i && other.account.ID == j.drafts[i].account.ID {
			all = append(all, told{Neighbour: store.Neighbour{StatementRow: other.row, Days: other.days}, counts: k < i && !other.row.Held && overlap(other.row, j.drafts[i].row), draft: other})
		}
	}
	return all, nil
}

// listen fills in what the neighbours of a draft say on its days.
func (p *Pipeline) listen(ctx context.Context, d *draft, neighbours []told) (err error) {
	from, to := span(d.row)
	for i := range neighbours {
		n := &neighbours[i]
		switch {
		case !n.counts:
		case n.draft != nil:
			n.contents = n.draft.contents(from, to)
		default:
			if n.contents, err = p.Store.Contents(ctx, p.Entity.ID, n.ID, from, to); err != nil {
				return fmt.Errorf("contents of statement %d: %w", n.ID, err)
			}
		}
	}
	return nil
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

// doubtful is a problem with the statement that it is about, nil for none.
type doubtful struct {
	recon.Problem
	other *told
}

// conflicts compares a new statement with its account and its stored neighbours.
func conflicts(row recon.StatementRow, where string, account recon.Account, neighbours []told) (problems []doubtful) {
	if row.Currency != "" && row.Currency != account.Currency {
		problems = append(problems, doubtful{Problem: recon.Problem{Code: "CAMT-CCY-MISMATCH", Where: where, Severity: recon.Hold,
			Message: fmt.Sprintf("statement in %s, account %s is kept in %s", row.Currency, account.ID, account.Currency), Try: "check the currency of the account in tieout.yaml"}})
	}
	if account.ProofRequired && row.Ties == recon.Unproved {
		problems = append(problems, doubtful{Problem: recon.Problem{Code: "CAMT-NO-BALANCE", Where: where, Severity: recon.Hold,
			Message: "opening or closing balance is missing and this account requires a proof", Try: "ask the bank for statements with balances, accept the file, or set proof: optional"}})
	}
	for i := range neighbours {
		if problem := conflict(row, neighbours[i], where); problem != nil {
			problems = append(problems, doubtful{*problem, &neighbours[i]})
		}
	}
	return problems
}

func conflict(row recon.StatementRow, n told, where string) *recon.Problem {
	if !n.counts || !overlap(row, n.StatementRow) || row.Content == n.Content {
		return nil
	}
	if family(row.Format) != family(n.Format) {
		return &recon.Problem{Code: "SOURCE-MIX", Where: where, Severity: recon.Hold,
			Message: fmt.Sprintf("the days from %s to %s are covered already by a %s statement (file %d)", row.FirstBooked, row.LastBooked, n.Format, n.File),
			Try:     "keep to one kind of file for an account; reject this one, or accept it if the other is wrong"}
	}
	if row.BankID != "" && row.BankID == n.BankID && row.Page == n.Page {
		return &recon.Problem{Code: codeConflict, Where: where, Severity: recon.Hold,
			Message: fmt.Sprintf("statement id came before with other content (file %d): %s", n.File, balancesDiffer(row, n.StatementRow)),
			Try:     "only rows were added: accept it with tieout files accept, and these are booked; reject it if the bank did not mean them"}
	}
	return nil
}

// doubtProblem holds a statement that a stored one leaves in doubt.
func doubtProblem(row told, where string, in doubt) recon.Problem {
	money := func(minor int64) string { return recon.FormatMinor(minor, row.Currency) }
	if in.relation == contradicting {
		return recon.Problem{Code: codeContradiction, Where: where, Severity: recon.Hold,
			Message: fmt.Sprintf("it tells the same days as %s, with the same balance and other entries%s", named(in.StatementRow), otherDays(row, in.told)),
			Try:     correctByHand}
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

// Problems of statements that say something else than one that is booked.
const (
	codeConflict      = "STATEMENT-CONFLICT"
	codeContradiction = "STATEMENT-CONTRADICTS"
)

// correctByHand is what to do with a statement that takes back or changes rows that are booked. What is booked stays: history is only
// appended to, and money may have been applied and exported since.
const correctByHand = "ask the bank which one is right. If it is the one that came before, reject this one. If it is this one: it cannot be accepted, because rows that " +
	"changed would count twice; reject it too and correct by hand each row marked ~ or -: tieout undo ENTRY gives its money back to the queue, tieout queue resolve ENTRY " +
	"--set-aside takes it out of the receipts, tieout pay records what is right"

// otherDays names the days on which two statements have other sums.
func otherDays(row, n told) string {
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

// balancesDiffer says in numbers how two statements of one id differ.
func balancesDiffer(row, n recon.StatementRow) string {
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
