package books

import (
	"fmt"

	"github.com/tieout/tieout/recon"
)

// Selection is the part of an export that is written. The zero value is everything.
//
// Since takes what was booked or is effective on or after a day. Batch takes what was recorded in ranges of ids, each
// exclusive at its start and inclusive at its end; what was decided later does not show, so equal ranges give equal bytes. Entries
// bound those that nobody decides (charges, transfers), items their openings in the journal; payments
// recorded by hand have ids of entries.
type Selection struct {
	Since recon.Date

	Batch                                bool
	ApplicationsAfter, ApplicationsUntil int64
	DecisionsAfter, DecisionsUntil       int64
	EntriesAfter, EntriesUntil           int64
	ItemsAfter, ItemsUntil               int64
	ClosesAfter, ClosesUntil             int64
}

// start and end are what was known before a batch and at its end.
func (s Selection) start() sight {
	return sight{mark: &mark{entries: s.EntriesAfter, items: s.ItemsAfter, decisions: s.DecisionsAfter, applications: s.ApplicationsAfter, closes: s.ClosesAfter}}
}

func (s Selection) end() sight {
	if !s.Batch {
		return everything
	}
	return sight{mark: &mark{entries: s.EntriesUntil, items: s.ItemsUntil, decisions: s.DecisionsUntil, applications: s.ApplicationsUntil, closes: s.ClosesUntil}}
}

// Formats of the machine exports.
const (
	FormatCSV  = "csv"
	FormatJSON = "json"
)

// errFormat is returned for a format that nobody writes.
func errFormat(format string) error {
	return fmt.Errorf("format %q is not one of csv, json", format)
}
