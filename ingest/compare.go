package ingest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
)

// Compare says where two readings of one file differ, one plain line each; none where they agree. Pages are
// assembled first, where either reading has not done so. Account numbers are masked.
func Compare(ours, second []recon.Statement) []string {
	ours, second = assembled(ours), assembled(second)
	if len(ours) != len(second) {
		return []string{fmt.Sprintf("%d statements, the second reader finds %d", len(ours), len(second))}
	}
	var lines []string
	for i := range ours {
		lines = append(lines, compareStatement(&ours[i], &second[i], fmt.Sprintf("Stmt[%d]", i+1))...)
	}
	return lines
}

// assembled are the statements with the pages that follow one another joined, in the order in which they begin.
func assembled(statements []recon.Statement) []recon.Statement {
	whole, waiting := Assemble(statements, nil)
	all := append(whole, waiting...)
	slices.SortStableFunc(all, func(a, b Assembled) int { return cmp.Compare(a.Parts[0], b.Parts[0]) })
	joined := make([]recon.Statement, len(all))
	for i := range all {
		joined[i] = all[i].Statement
	}
	return joined
}

// difference collects what differs at one place.
type difference struct {
	place string
	lines []string
}

func (d *difference) check(field, ours, second string) {
	if ours != second {
		d.lines = append(d.lines, fmt.Sprintf("%s: %s is %q, the second reader has %q", d.place, field, ours, second))
	}
}

func compareStatement(a, b *recon.Statement, place string) []string {
	d := &difference{place: place}
	d.check("id", a.ID, b.ID)
	d.check("account", mask(a.Account, b.Account), recon.MaskAccount(b.Account))
	if b.Currency != "" {
		d.check("currency", string(a.Currency), string(b.Currency))
	}
	d.check("opening balance", balanceText(a.Opening, a.Currency), balanceText(b.Opening, a.Currency))
	d.check("closing balance", balanceText(a.Closing, a.Currency), balanceText(b.Closing, a.Currency))
	if len(a.Entries) != len(b.Entries) {
		d.check("number of entries", fmt.Sprint(len(a.Entries)), fmt.Sprint(len(b.Entries)))
		return d.lines
	}
	for i := range a.Entries {
		d.place = a.Entries[i].Place
		d.entry(&a.Entries[i], &b.Entries[i])
	}
	return d.lines
}

// mask hides an account number, but never so that two different ones look the same.
func mask(account, other string) string {
	masked := recon.MaskAccount(account)
	if account != other && masked == recon.MaskAccount(other) {
		masked += " (another one)"
	}
	return masked
}

func balanceText(b *recon.Balance, ccy recon.Currency) string {
	if b == nil {
		return "none"
	}
	return recon.FormatMinor(b.AmountMinor, ccy) + " on " + b.Date.String()
}

func (d *difference) entry(a, b *recon.Entry) {
	d.check("amount", recon.Money{Minor: a.AmountMinor, Currency: a.Currency}.String(), recon.Money{Minor: b.AmountMinor, Currency: b.Currency}.String())
	d.check("booking day", a.Booked.String(), b.Booked.String())
	d.check("value day", a.Value.String(), b.Value.String())
	d.check("status", string(a.Status), string(b.Status))
	d.check("reversal", fmt.Sprint(a.Reversal), fmt.Sprint(b.Reversal))
	d.check("entry reference", plain(a.EntryReference), plain(b.EntryReference))
	if a.Whole && b.Whole {
		return // the second reader does not merge what contradicting details say
	}
	d.check("bank reference", plain(a.BankReference), plain(b.BankReference))
	d.check("end-to-end id", plain(a.EndToEndID), plain(b.EndToEndID))
	d.check("mandate", plain(a.MandateID), plain(b.MandateID))
	d.check("return reason", a.ReturnReason, b.ReturnReason)
	d.check("text", plain(a.Text), plain(b.Text))
	d.check("structured references", references(a.Structured), references(b.Structured))
	d.check("document numbers", references(a.DocumentNumbers), references(b.DocumentNumbers))
	if b.Counterparty.Name != "" {
		d.check("other side", plain(a.Counterparty.Name), plain(b.Counterparty.Name))
	}
	if b.Counterparty.Account != "" {
		d.check("other side's account", mask(a.Counterparty.Account, b.Counterparty.Account), recon.MaskAccount(b.Counterparty.Account))
	}
}

// plain makes every run of white space one blank, which is all that readers may differ in.
func plain(s string) string { return strings.Join(strings.Fields(s), " ") }

func references(list []string) string {
	sorted := slices.Clone(list)
	for i := range sorted {
		sorted[i] = plain(sorted[i])
	}
	slices.Sort(sorted)
	return strings.Join(sorted, ", ")
}
