package worker

import (
	"time"

	"github.com/tieout/tieout/recon"
)

// mostParts bounds a payment plan.
const mostParts = 120

// splitEqually divides an amount in equal parts between two days; the cents that are over go to the last one. Days that lie whole months
// apart give a part each month (or every few), on the same day of the month or its last one; others are spread evenly.
func splitEqually(minor int64, parts int, from, to recon.Date, currency recon.Currency) ([]recon.Instalment, error) {
	switch {
	case parts < 1 || parts > mostParts:
		return nil, refuse("PLAN-PARTS", "--split", "split into 1 to 120 parts", "%d parts", parts)
	case from == 0 || to == 0 || from > to || parts > 1 && from == to:
		return nil, refuse("PLAN-DATE", "--from", "write --from DAY --to DAY, the first one earlier", "the parts lie between %q and %q", from, to)
	case minor/int64(parts) == 0:
		return nil, refuse("PLAN-AMOUNT", "--split", "split into fewer parts", "%s in %d parts leaves nothing for some", recon.FormatMinor(minor, currency), parts)
	}
	days := partDays(parts, from, to)
	lines := make([]recon.Instalment, parts)
	for i := range lines {
		lines[i] = recon.Instalment{DueDate: days[i], AmountMinor: minor / int64(parts)}
	}
	lines[parts-1].AmountMinor += minor % int64(parts)
	return lines, nil
}

// partDays are the due days of equal parts. A single part is due on the last day.
func partDays(parts int, from, to recon.Date) []recon.Date {
	days := make([]recon.Date, parts)
	days[parts-1] = to
	if parts == 1 {
		return days
	}
	months := int(to/10000-from/10000)*12 + int(to/100%100-from/100%100)
	monthly := months > 0 && months%(parts-1) == 0 && onDay(from, months, from) == to
	ends := months > 0 && months%(parts-1) == 0 && monthEnd(from) && monthEnd(to)
	for i := range parts - 1 {
		switch {
		case ends:
			days[i] = onDay(from, i*months/(parts-1), 31)
		case monthly:
			days[i] = onDay(from, i*months/(parts-1), from)
		default:
			days[i] = from.AddDays(to.DaysSince(from) * i / (parts - 1))
		}
	}
	return days
}

func monthEnd(day recon.Date) bool { return day.AddDays(1)%100 == 1 }

// onDay is the day so many months later, on a day of the month like that of another one, or the month's last one.
func onDay(from recon.Date, months int, like recon.Date) recon.Date {
	first := time.Date(int(from)/10000, time.Month(int(from)/100%100+months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1)
	return recon.DateOf(first.AddDate(0, 0, min(int(like)%100, last.Day())-1))
}
