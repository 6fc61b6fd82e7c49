package books

import (
	"cmp"
	"slices"
	"time"

	"github.com/tieout/tieout/recon"
)

// item is an open item with its history within the sight.
type item struct {
	*recon.Item
	starts      []recon.ItemStart // its amount, then each change of it, seen or not
	amountMinor int64             // as far as it is seen: later changes of it are not
	openMinor   int64
	since       recon.Date // effective day from which it counts, 0 where it is not seen
	paidOn      recon.Date // effective day on which it was settled, 0 while open
	lowered     int64      // the last live decision that lowered it
}

// itemise says of each item what it amounts to. An item counts from its own day, or from that of the first effect on it if that is
// earlier: money may be booked before the day of its invoice, and would lower receivables that are not there yet.
func (s *state) itemise() {
	s.items = make([]item, len(s.rows.items))
	starts := s.starts
	for n := range s.items {
		i := &s.items[n]
		i.Item = &s.rows.items[n]
		for len(starts) > 0 && starts[0].Item < i.ID {
			starts = starts[1:]
		}
		own := 0
		for own < len(starts) && starts[own].Item == i.ID {
			own++
		}
		if i.starts, starts = starts[:own:own], starts[own:]; own > 0 && s.sight.knowsItem(&i.starts[0]) {
			i.since = i.starts[0].Effective
		}
	}
	for n := range s.apps {
		a := &s.apps[n]
		s.begin(a.Item, a.Effective)
		if a.Source.Kind == recon.SourceCreditNote {
			s.begin(a.Source.ID, a.Effective)
		}
	}
	s.count()
}

// begin lets an item count from a day on at the latest.
func (s *state) begin(id int64, effective recon.Date) {
	if i := s.item(id); i != nil && effective < i.since {
		i.since = effective
	}
}

// count adds up the starts that are seen.
func (s *state) count() {
	for n := range s.items {
		i := &s.items[n]
		if i.since == 0 || !s.sight.reaches(i.since) {
			i.since = 0
			continue
		}
		s.seen(i.starts[0].Recorded)
	}
	for n := range s.items {
		i := &s.items[n]
		for change, start := range i.starts {
			if s.sees(i, change) {
				i.amountMinor += start.OpenMinor
				i.openMinor += start.OpenMinor
			}
		}
	}
}

// sees reports whether a start of an item is within the sight. Changes of an item's amount have no ids of their own: a batch
// knows those that were recorded by the latest instant of what it sees.
func (s *state) sees(i *item, change int) bool {
	start := &i.starts[change]
	switch {
	case i.since == 0:
		return false
	case change == 0:
		return true
	}
	return s.sight.reaches(start.Effective) && s.sight.recorded(start.Recorded) && (s.sight.mark == nil || !start.Recorded.After(s.changesUntil()))
}

func (s *state) changesUntil() time.Time {
	if until := s.sight.mark.changes; !until.IsZero() {
		return until
	}
	return s.latest
}

// startedMinor is what the item's starts recorded until an instant add up to.
func (i *item) startedMinor(at time.Time) (minor int64) {
	for _, start := range i.starts {
		if !start.Recorded.After(at) {
			minor += start.OpenMinor
		}
	}
	return minor
}

// settle applies the applications to the items, in their order.
func (s *state) settle() {
	for n := range s.apps {
		a := &s.apps[n]
		if a.Kind.Reduces() {
			s.reduce(a, a.Item)
		}
		if a.Source.Kind == recon.SourceCreditNote && a.Kind.Moves() {
			s.reduce(a, a.Source.ID)
		}
	}
}

func (s *state) reduce(a *recon.Application, id int64) {
	i := s.item(id)
	if i == nil {
		return
	}
	if a.Reverses == 0 {
		i.openMinor -= a.AmountMinor
	} else {
		i.openMinor += a.AmountMinor
	}
	if s.live(a) && a.Decision != 0 {
		i.lowered = a.Decision
	}
	i.paidOn = 0
	if i.openMinor == 0 {
		i.paidOn = a.Effective
	}
}

// dispute is the dispute about an item as of the sight, nil where there is none: the last one that had begun, was known, and had not ended.
func (s *state) dispute(i *item) *recon.Dispute {
	at, _ := slices.BinarySearchFunc(s.disputes, i.ID, func(d recon.DisputeRecord, id int64) int { return cmp.Compare(d.Item, id) })
	var open *recon.Dispute
	for ; at < len(s.disputes) && s.disputes[at].Item == i.ID; at++ {
		if d := &s.disputes[at]; s.sight.disputed(d) && (d.Decision == 0 || s.decision(d.Decision).ID != 0) {
			open = &d.Dispute
		}
	}
	return open
}

// promised is the day on which the rest of an item is to come as its last payment promised, 0 where it did not.
func (s *state) promised(i *item) recon.Date {
	if p := i.Promise; p != nil && i.openMinor != 0 && p.Decision == i.lowered {
		return p.Date
	}
	return 0
}
