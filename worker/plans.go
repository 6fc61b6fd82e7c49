package worker

import (
	"context"
	"fmt"
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// PlanItem edits the payment plan of an item, whole or not at all: with dry it only says what the plan would be. It fails with [Refused]
// where a line is void or paid already, an amount is not over 0, or the plan would not total the balance due.
func (p *Pipeline) PlanItem(ctx context.Context, request recon.Planning, dry bool) (recon.Planned, error) {
	item, err := p.seenItem(ctx, request.Side, request.Number, request.Version)
	if err != nil {
		return recon.Planned{}, err
	}
	if item.Kind != recon.Invoice || item.OpenMinor == 0 {
		return recon.Planned{}, refuse("PLAN-ITEM", request.Number, "plan invoices that are open", "the item is a %s with nothing to pay in parts", statusWord(item))
	}
	edit := planEdit{item: item, lines: slices.Clone(item.Instalments)}
	for _, step := range []func(recon.Planning) error{edit.void, edit.remove, edit.change, edit.add, edit.split} {
		if err := step(request); err != nil {
			return recon.Planned{}, err
		}
	}
	if err := edit.whole(); err != nil {
		return recon.Planned{}, err
	}
	slices.SortFunc(edit.lines, recon.ByDue)
	item.Instalments = edit.lines
	if dry {
		return recon.Planned{Item: item}, nil
	}
	err = p.Store.EditPlan(ctx, p.act(0), p.Entity.ID, store.PlanEdit{Item: item.ID, Version: item.Version, Lines: edit.lines})
	return recon.Planned{Item: item, Saved: true}, staleItem(err, request.Number)
}

func statusWord(item recon.Item) string {
	if item.Kind == recon.Invoice {
		return "paid invoice"
	}
	return string(item.Kind)
}

// planEdit is a plan that is being edited.
type planEdit struct {
	item  recon.Item
	lines []recon.Instalment
}

func (e *planEdit) money(minor int64) string { return recon.FormatMinor(minor, e.item.Currency) }

// line finds a line that may still change.
func (e *planEdit) line(sequence int) (*recon.Instalment, error) {
	at := slices.IndexFunc(e.lines, func(l recon.Instalment) bool { return l.Sequence == sequence })
	if at < 0 {
		return nil, refuse("PLAN-LINE", e.item.Number, "see them with: tieout plan "+e.item.Number, "there is no instalment %d", sequence)
	}
	switch line := &e.lines[at]; {
	case line.Void:
		return nil, refuse("PLAN-FIXED", e.item.Number, "add a line in its place", "instalment %d is void: it stays as it is", sequence)
	case line.PaidOn != 0:
		return nil, refuse("PLAN-FIXED", e.item.Number, "take the payment back first: tieout undo", "instalment %d was paid on %s: it stays as it is", sequence, line.PaidOn)
	default:
		return line, nil
	}
}

// void marks lines that will not be paid. A line that is paid in part keeps what is paid of it; the rest of it is void.
func (e *planEdit) void(request recon.Planning) error {
	for _, sequence := range request.Void {
		line, err := e.line(sequence)
		if err != nil {
			return err
		}
		if line.PaidMinor == 0 {
			line.Void = true
			continue
		}
		rest := *line
		rest.Sequence, rest.AmountMinor, rest.PaidMinor, rest.Void = e.next(), line.AmountMinor-line.PaidMinor, 0, true
		line.AmountMinor = line.PaidMinor
		e.lines = append(e.lines, rest)
	}
	return nil
}

// remove deletes lines of which nothing is paid.
func (e *planEdit) remove(request recon.Planning) error {
	for _, sequence := range request.Remove {
		line, err := e.line(sequence)
		if err != nil {
			return err
		}
		if line.PaidMinor > 0 {
			return refuse("PLAN-FIXED", e.item.Number, "lower it to what is paid of it", "%s of instalment %d are paid", e.money(line.PaidMinor), sequence)
		}
		e.lines = slices.DeleteFunc(e.lines, func(l recon.Instalment) bool { return l.Sequence == sequence })
	}
	if request.Clear {
		e.clear()
	}
	return nil
}

// clear removes every line that may still change; one that is paid in part keeps what is paid of it.
func (e *planEdit) clear() {
	e.lines = slices.DeleteFunc(e.lines, func(l recon.Instalment) bool { return !l.Fixed() && l.PaidMinor == 0 })
	for i := range e.lines {
		if !e.lines[i].Fixed() {
			e.lines[i].AmountMinor = e.lines[i].PaidMinor
		}
	}
}

func (e *planEdit) change(request recon.Planning) error {
	for _, wanted := range request.Change {
		line, err := e.line(wanted.Sequence)
		if err != nil {
			return err
		}
		if wanted.Amount != "" {
			if line.AmountMinor, err = e.amount(wanted.Amount); err != nil {
				return err
			}
		}
		if line.AmountMinor < line.PaidMinor {
			return refuse("PLAN-FIXED", e.item.Number, "write at least that much", "%s of instalment %d are paid", e.money(line.PaidMinor), wanted.Sequence)
		}
		line.DueDate = firstDay(wanted.DueDate, line.DueDate)
		line.Method, line.Account = firstText(wanted.Method, line.Method), firstText(wanted.Account, line.Account)
		line.CheckNumber, line.Note = firstText(wanted.Cheque, line.CheckNumber), firstText(wanted.Note, line.Note)
	}
	return nil
}

func (e *planEdit) amount(text string) (int64, error) {
	minor, err := recon.ParseMinor(text, e.item.Currency)
	switch {
	case err != nil:
		return 0, refuse("PLAN-AMOUNT", e.item.Number, "write amounts as 1234.50", "%q: %v", text, err)
	case minor <= 0:
		return 0, refuse("PLAN-AMOUNT", e.item.Number, "write an amount over 0", "%q is not over 0", text)
	}
	return minor, nil
}

func (e *planEdit) add(request recon.Planning) error {
	for _, wanted := range request.Add {
		minor, err := e.amount(wanted.Amount)
		if err != nil {
			return err
		}
		if wanted.DueDate == 0 {
			return refuse("PLAN-DATE", e.item.Number, "say when it is due: YYYY-MM-DD=AMT", "an instalment of %s has no day", e.money(minor))
		}
		e.append(wanted, wanted.DueDate, minor)
	}
	return nil
}

func (e *planEdit) append(terms recon.PlanLine, due recon.Date, minor int64) {
	e.lines = append(e.lines, recon.Instalment{Sequence: e.next(), DueDate: due, AmountMinor: minor, Method: terms.Method, Account: terms.Account,
		CheckNumber: terms.Cheque, Note: terms.Note})
}

func (e *planEdit) next() (sequence int) {
	for _, line := range e.lines {
		sequence = max(sequence, line.Sequence)
	}
	return sequence + 1
}

// split divides what remains in equal parts.
func (e *planEdit) split(request recon.Planning) error {
	if request.Parts == 0 {
		return nil
	}
	if len(request.Add)+len(request.Change)+len(request.Remove)+len(request.Void) == 0 {
		e.clear()
	}
	remaining := e.remaining()
	if remaining <= 0 {
		return refuse("PLAN-TOTAL", e.item.Number, "remove a line first, or --clear the plan", "nothing remains to be split")
	}
	parts, err := splitEqually(remaining, request.Parts, request.From, request.To, e.item.Currency)
	if err != nil {
		return err
	}
	for _, part := range parts {
		e.append(request.Terms, part.DueDate, part.AmountMinor)
	}
	return nil
}

// remaining is what the plan leaves out of the balance due, below 0 where it is more.
func (e *planEdit) remaining() int64 {
	remaining := e.item.OpenMinor
	for _, line := range e.lines {
		if !line.Void {
			remaining -= line.AmountMinor - line.PaidMinor
		}
	}
	return remaining
}

// whole refuses a plan that does not total the balance due. One without open lines is no plan any more, which is whole too.
func (e *planEdit) whole() error {
	open := slices.ContainsFunc(e.lines, func(l recon.Instalment) bool { return !l.Void && l.PaidMinor < l.AmountMinor })
	remaining := e.remaining()
	if remaining == 0 || !open && len(e.lines) == 0 {
		return nil
	}
	total := e.money(e.item.OpenMinor - remaining)
	if remaining > 0 {
		return refuse("PLAN-TOTAL", e.item.Number, fmt.Sprintf("split the rest again: tieout plan %s --split N --from DAY --to DAY, or add a line", e.item.Number),
			"the lines total %s, the balance due is %s: amount remaining %s", total, e.money(e.item.OpenMinor), e.money(remaining))
	}
	return refuse("PLAN-TOTAL", e.item.Number, "lower a line, or remove one", "the lines total %s, the balance due is %s: amount over %s", total, e.money(e.item.OpenMinor), e.money(-remaining))
}
