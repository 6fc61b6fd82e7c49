package books

import (
	"iter"
	"time"

	"github.com/tieout/tieout/recon"
)

// View is one consistent state of an entity, as the store hands it out. Sequences come in ascending id; a broken
// read ends them with an error.
type View interface {
	Accounts() ([]recon.Account, error)
	Statements() ([]recon.StatementRow, error)
	Entries() iter.Seq2[recon.EntryRow, error]
	Receipts() iter.Seq2[recon.ReceiptRow, error]
	Holdings() iter.Seq2[recon.Holding, error]
	Items() iter.Seq2[recon.Item, error]
	ItemStarts() iter.Seq2[recon.ItemStart, error]
	Customers() ([]recon.Customer, error)
	Applications() iter.Seq2[recon.Application, error]
	// Decisions yields superseded decisions too.
	Decisions() iter.Seq2[recon.DecisionRow, error]
	Files() ([]recon.FileRow, error)
	Records() iter.Seq2[recon.RecordRow, error]
	Audit() iter.Seq2[recon.AuditRow, error]
	// Disputes yields open and ended ones.
	Disputes() iter.Seq2[recon.DisputeRecord, error]
	// Periods are the closes, earliest first; Frozen their journals, by transaction and close.
	Periods() ([]recon.PeriodRow, error)
	Frozen() iter.Seq2[recon.FrozenPosting, error]
	// Audited is the number of the last audit row.
	Audited() (int64, error)
	// Missing names the triggers and checks that the database should have and has not.
	Missing() ([]string, error)
}

// Cut looks back: at what is effective up to a day, both inclusive, and recorded up to an instant. Zero fields do not cut.
// Which decision was in force and what was open follow from it.
type Cut struct {
	AsOf    recon.Date
	KnownAt time.Time
}

// mark bounds what is known by ids: it stays the same however much is recorded later.
type mark struct {
	entries, items, decisions, applications int64
	closes                                  int64     // of periods, by their ordinals
	changes                                 time.Time // of items' amounts, which have no ids; zero = as late as anything else that is seen
}

// sight is what a derivation may see.
type sight struct {
	Cut
	mark *mark // nil = no bound by ids
}

// everything is the sight without bounds.
var everything = sight{}

// reaches reports whether the sight goes as far as a day.
func (s sight) reaches(effective recon.Date) bool { return s.AsOf == 0 || effective <= s.AsOf }

func (s sight) recorded(at time.Time) bool { return s.KnownAt.IsZero() || !at.After(s.KnownAt) }

// knowsEntry leaves the day out; payments recorded by hand share the ids of entries.
func (s sight) knowsEntry(id int64, recorded time.Time) bool {
	return s.recorded(recorded) && (s.mark == nil || id <= s.mark.entries)
}

// knowsItem leaves the day out too: it follows from what was done with the item.
func (s sight) knowsItem(start *recon.ItemStart) bool {
	return s.recorded(start.Recorded) && (s.mark == nil || start.Item <= s.mark.items)
}

// decision leaves the day out: what was decided about an entry holds for every day of it.
func (s sight) decision(d *recon.DecisionRow) bool {
	return s.recorded(d.At) && (s.mark == nil || d.ID <= s.mark.decisions)
}

func (s sight) application(a *recon.Application) bool {
	return s.reaches(a.Effective) && s.recorded(a.Recorded) && (s.mark == nil || a.ID <= s.mark.applications)
}

// disputed reports whether a dispute stands within the sight: it was known and had begun, and that it ended was not known yet, or it
// ended later.
func (s sight) disputed(d *recon.DisputeRecord) bool {
	ended := !d.Closed.IsZero() && s.recorded(d.Closed) && s.reaches(d.Ended)
	return s.recorded(d.Opened) && s.reaches(d.Since) && !ended
}

// knowsClose reports whether a period was closed already.
func (s sight) knowsClose(p *recon.PeriodRow) bool {
	return s.recorded(p.At) && (s.mark == nil || int64(p.Ordinal) <= s.mark.closes)
}

// now reports whether the present is seen, so that what is stored as live may be taken at its word.
func (s sight) now() bool { return s.KnownAt.IsZero() && s.mark == nil }
