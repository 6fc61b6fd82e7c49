package ingest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
)

// layout finds the one layout of the booking days. Where several parse all of them (03/04/2026) the likeliest stands until the
// running balance has had its say; see settleLayout.
func (inf *inferrer) layout(booked *columnFacts) bool {
	cells := inf.cells(booked.at)
	layouts := inf.layoutsFor(cells)
	if len(layouts) == 0 {
		return false
	}
	beside := inf.daysBeside(booked, cells)
	best := bestLayouts(layouts, slices.Concat(cells, beside))
	if len(best) == 0 {
		return false
	}
	for _, choice := range best {
		inf.layouts = append(inf.layouts, choice.layout)
	}
	inf.dayCells = cells
	shaped := 0
	for _, cell := range cells {
		if looksLikeDay(cell) {
			shaped++
		}
	}
	chosen, confidence, evidence := inf.chooseLayout(cells)
	parsed := 0
	for _, day := range daysOf(chosen, cells) {
		if day != 0 {
			parsed++
		}
	}
	if len(best) == 1 {
		confidence = Certain
		evidence = fmt.Sprintf("all %s have this layout", counted(parsed, "day"))
		if len(layouts) > 1 {
			evidence = fmt.Sprintf("of %s only this one parses all %s", counted(len(layouts), "possible layout"), counted(parsed+len(beside), "day"))
		}
		if parsed < shaped {
			confidence, evidence = Unsure, fmt.Sprintf("%d of %s have this layout, the others none", parsed, counted(shaped, "day"))
		}
	}
	inf.takeLayout(chosen)
	inf.find("dates", chosen.written, confidence, true, "%s", evidence)
	return true
}

func (inf *inferrer) takeLayout(chosen dateLayout) {
	inf.profile.Dates, inf.profile.dates = chosen.written, chosen
	inf.days = daysOf(chosen, inf.dayCells)
}

// daysBeside are days of the same shape in other columns and in the lines around the rows, such as the period of the export:
// they are written in the same layout.
func (inf *inferrer) daysBeside(booked *columnFacts, cells []string) (beside []string) {
	key := commonKey(cells)
	take := func(text string) {
		if s, ok := shapeOf(text); ok && !s.compact && s.key() == key {
			beside = append(beside, trimBlanks(text))
		}
	}
	for i := range inf.columns {
		if c := &inf.columns[i]; c != booked && most(c.days, c.filled) {
			for _, cell := range inf.cells(i) {
				take(cell)
			}
		}
	}
	lines := slices.Clone(inf.grid.before)
	for _, row := range inf.grid.after {
		lines = append(lines, row.cells...)
	}
	for _, line := range lines {
		for _, piece := range strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" ;,\t\"|:()=", r) }) {
			take(piece)
		}
	}
	return beside
}

func commonKey(cells []string) string {
	counts, best := map[string]int{}, ""
	for _, cell := range cells {
		if s, ok := shapeOf(cell); ok {
			key := s.key()
			if counts[key]++; counts[key] > counts[best] {
				best = key
			}
		}
	}
	return best
}

// chooseLayout picks one of several layouts that parse all days.
func (inf *inferrer) chooseLayout(cells []string) (dateLayout, Confidence, string) {
	choices := inf.layouts
	if len(choices) == 1 {
		return choices[0], Certain, ""
	}
	if clear := clearYear(choices, cells); clear != nil {
		return *clear, Certain, fmt.Sprintf("read as %s, all rows would be on the same day of different years", otherLayout(choices, *clear).written)
	}
	either := fmt.Sprintf("%s and %s parse all days alike", choices[0].written, choices[1].written)
	spans := make([]int, len(choices))
	for i, choice := range choices {
		spans[i] = spanOf(daysOf(choice, cells))
	}
	for i := range choices {
		if other := spans[1-min(i, 1)]; i < 2 && spans[i] > 0 && spans[i]*5 < other {
			return choices[i], Unsure, fmt.Sprintf("%s; this one gives a period of %s, the other %s", either, counted(spans[i], "day"), counted(other, "day"))
		}
	}
	if inf.dollars() {
		for _, choice := range choices {
			if strings.HasPrefix(choice.written, "M") {
				return choice, Unsure, either + "; amounts in dollars usually go with the month first"
			}
		}
	}
	return choices[0], Unsure, either
}

func otherLayout(choices []dateLayout, than dateLayout) dateLayout {
	for _, choice := range choices {
		if choice.written != than.written {
			return choice
		}
	}
	return than
}

// clearYear returns the choice whose two-digit years are few while the other reading would spread the same rows over years, each
// time on one day of the year.
func clearYear(choices []dateLayout, cells []string) *dateLayout {
	for i := range choices {
		for j := range choices {
			ours, theirs := daysOf(choices[i], cells), daysOf(choices[j], cells)
			if distinct(ours, yearOf) == 1 && distinct(theirs, yearOf) >= 3 && distinct(theirs, dayOf) == 1 {
				return &choices[i]
			}
		}
	}
	return nil
}

func yearOf(d recon.Date) int { return int(d) / 10000 }
func dayOf(d recon.Date) int  { return int(d) % 100 }

func distinct(days []recon.Date, part func(recon.Date) int) int {
	seen := map[int]bool{}
	for _, d := range days {
		if d != 0 {
			seen[part(d)] = true
		}
	}
	return len(seen)
}

// dollars reports whether the amounts are in US dollars, as far as the file shows.
func (inf *inferrer) dollars() bool {
	for i := range inf.columns {
		for _, value := range inf.columns[i].values {
			if n, ok := takeApart(value); value == "USD" || ok && (n.unit == "$" || n.unit == "USD") {
				return true
			}
		}
	}
	return inf.hint == "USD"
}

// settleLayout uses the direction that the running balance proves: a layout in which the days do not follow it is out.
func (inf *inferrer) settleLayout() {
	proof := inf.money.chain
	if len(inf.layouts) < 2 || !proof.proves() || !proof.ordered {
		return
	}
	var fitting []dateLayout
	for _, choice := range inf.layouts {
		falling, rising := true, true
		for sample := range inf.texts {
			f, r := sorted(inf.sampleDays(choice, sample))
			falling, rising = falling && f, rising && r
		}
		if proof.backwards && falling || !proof.backwards && rising {
			fitting = append(fitting, choice)
		}
	}
	if len(fitting) != 1 {
		return
	}
	inf.profile.Dates, inf.profile.dates = fitting[0].written, fitting[0]
	for i, row := range inf.rows {
		inf.days[i], _ = fitting[0].parse(trimBlanks(row.cells[inf.bookedAt()]))
	}
	for i := range inf.findings {
		if f := &inf.findings[i]; f.Key == "dates" {
			f.Value, f.Confidence = fitting[0].written, Certain
			f.Evidence = "only so do the days follow the order of rows that the running balance proves"
		}
	}
}

func (inf *inferrer) sampleDays(layout dateLayout, sample int) (days []recon.Date) {
	for _, row := range inf.rows {
		if row.sample == sample {
			day, _ := layout.parse(trimBlanks(row.cells[inf.bookedAt()]))
			days = append(days, day)
		}
	}
	return days
}

// bookedAt is the index of the booking day's column.
func (inf *inferrer) bookedAt() int { return inf.columnAt(inf.profile.Columns.Booked) }

func (inf *inferrer) columnAt(ref string) int {
	return slices.IndexFunc(inf.columns, func(c columnFacts) bool { return c.ref == ref })
}
