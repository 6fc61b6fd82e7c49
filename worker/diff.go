package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/recon"
)

// maxDifferences bounds the rows of a difference that are shown on each side.
const maxDifferences = 20

// difference shows row by row how a statement differs from one that came before: "-" was there and is not any more, "+" is new,
// "~" was changed.
// gone says that rows of the earlier one are not told any more as they were.
func (p *Pipeline) difference(ctx context.Context, d *draft, n told) (text string, gone bool, err error) {
	own := d.contents(0, lastDay)
	var before contents
	if n.draft != nil {
		before = n.draft.contents(0, lastDay)
	} else if before, err = p.Store.Contents(ctx, p.Entity.ID, n.ID, 0, lastDay); err != nil {
		return "", false, fmt.Errorf("contents of statement %d: %w", n.ID, err)
	}
	missing, added := beyond(before, own), beyond(own, before)
	old, err := p.entriesTold(ctx, d.account.ID, n, missing)
	if err != nil {
		return "", false, err
	}
	fresh, err := p.entriesIn(ctx, d, added)
	if err != nil {
		return "", false, err
	}
	lines := paired(old, fresh)
	if more := len(missing) - maxDifferences; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more that were there", more))
	}
	if more := len(added) - maxDifferences; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more that are new", more))
	}
	return strings.Join(lines, "\n"), len(missing) > 0, nil
}

const lastDay = recon.Date(99991230)

// beyond are the contents that a tells more often than b.
func beyond(a, b contents) (prints []recon.Fingerprint) {
	for _, c := range a {
		if int(c.Count) > b.count(c.Fingerprint) {
			prints = append(prints, c.Fingerprint)
		}
	}
	return prints
}

// entriesTold are entries of a statement that came before.
func (p *Pipeline) entriesTold(ctx context.Context, account string, n told, prints []recon.Fingerprint) (entries []recon.Entry, err error) {
	if n.draft != nil {
		return p.entriesIn(ctx, n.draft, prints)
	}
	rows, err := p.Store.EntriesLike(ctx, p.Entity.ID, account, prints[:min(len(prints), maxDifferences)])
	for _, row := range rows {
		entries = append(entries, row.Entry)
	}
	return entries, err
}

// entriesIn reads entries of a draft again, the first of each fingerprint.
func (p *Pipeline) entriesIn(ctx context.Context, d *draft, prints []recon.Fingerprint) ([]recon.Entry, error) {
	f := &finder{wanted: slices.Clone(prints[:min(len(prints), maxDifferences)])}
	for _, part := range d.parts {
		f.at, f.index = -1, part.index
		if len(f.wanted) == 0 {
			break
		}
		if _, err := p.stream(ctx, part.source, f); err != nil && !errors.Is(err, errEnough) {
			return nil, fmt.Errorf("read archived file again: %w", err)
		}
	}
	return f.found, nil
}

// finder is the sink that looks for some entries of one statement.
type finder struct {
	wanted    []recon.Fingerprint
	at, index int
	prints    fingerprints
	found     []recon.Entry
}

func (f *finder) Begin(*recon.Statement) error {
	f.at++
	return nil
}

func (f *finder) Entry(e *recon.Entry) error {
	if f.at != f.index || e.Status != recon.Booked {
		return nil
	}
	if i := slices.Index(f.wanted, f.prints.of(e)); i >= 0 {
		f.wanted = slices.Delete(f.wanted, i, i+1)
		f.found = append(f.found, *e)
	}
	return nil
}

func (f *finder) End(*recon.Statement, *ingest.Tally) error {
	if f.at == f.index || len(f.wanted) == 0 {
		return errEnough
	}
	return nil
}

// paired pairs what was there with what is there now: a row that kept its bank reference, else all but one thing, was changed.
func paired(old, fresh []recon.Entry) (lines []string) {
	byDay := func(a, b recon.Entry) int { return int(a.Booked - b.Booked) }
	slices.SortStableFunc(old, byDay)
	slices.SortStableFunc(fresh, byDay)
	for _, was := range old {
		i := slices.IndexFunc(fresh, func(is recon.Entry) bool { return was.BankReference != "" && was.BankReference == is.BankReference })
		if i < 0 {
			i = slices.IndexFunc(fresh, func(is recon.Entry) bool { return len(changed(was, is)) == 1 })
		}
		if i < 0 {
			lines = append(lines, "- "+rowText(was))
			continue
		}
		lines = append(lines, "~ "+rowText(was)+": "+strings.Join(changed(was, fresh[i]), ", "))
		fresh = slices.Delete(fresh, i, i+1)
	}
	for _, is := range fresh {
		lines = append(lines, "+ "+rowText(is))
	}
	return lines
}

// changed names what differs between two rows, from what to what.
func changed(was, is recon.Entry) (what []string) {
	differ := func(name, a, b string) {
		if a != b {
			what = append(what, fmt.Sprintf("%s %s → %s", name, quoted(a), quoted(b)))
		}
	}
	differ("amount", recon.FormatMinor(was.AmountMinor, was.Currency), recon.FormatMinor(is.AmountMinor, is.Currency))
	differ("booked", was.Booked.String(), is.Booked.String())
	differ("value day", was.Value.String(), is.Value.String())
	differ("bank reference", was.BankReference, is.BankReference)
	differ("end-to-end id", was.EndToEndID, is.EndToEndID)
	differ("mandate", was.MandateID, is.MandateID)
	differ("name", was.Counterparty.Name, is.Counterparty.Name)
	differ("account", recon.MaskAccount(was.Counterparty.Account), recon.MaskAccount(is.Counterparty.Account))
	differ("text", was.Text, is.Text)
	differ("references", strings.Join(was.Structured, " "), strings.Join(is.Structured, " "))
	return what
}

func quoted(s string) string {
	if s == "" {
		return "nothing"
	}
	return shortText(s)
}

// rowText is an entry on one line.
func rowText(e recon.Entry) string {
	parts := []string{e.Booked.String(), recon.FormatMinor(e.AmountMinor, e.Currency), string(e.Currency)}
	for _, s := range []string{e.Counterparty.Name, e.BankReference, e.Text} {
		if s != "" {
			parts = append(parts, shortText(s))
		}
	}
	return strings.Join(parts, " ")
}

// shortText is a bank's text, short enough for a line and harmless on a terminal.
func shortText(s string) string {
	if runes := []rune(s); len(runes) > 60 {
		s = string(runes[:59]) + "…"
	}
	escaped := fmt.Sprintf("%q", s)
	return escaped[1 : len(escaped)-1]
}
