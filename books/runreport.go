package books

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// RunFacts says which run is reported.
type RunFacts struct {
	Run     int64
	Started time.Time  // files and entries recorded from then on are the run's
	AsOf    recon.Date // day on which the ageing is measured
}

// RunReport is what one run did and what the books say after it.
type RunReport struct {
	Files         []RunFile
	Kinds         []RunKind
	Queue         []QueueLine
	Before, After AgeingReport
	Money         []MoneyTie
	Checks        []Check // the proofs that the report shows
	Proved        []Check // all of [Verify]
}

// RunFile is a file of the run with its statements.
type RunFile struct {
	File       recon.FileRow
	Statements []recon.StatementRow
}

// RunKind counts what became of entries in one way.
type RunKind struct {
	Name        string
	Currency    recon.Currency
	Count       int
	AmountMinor int64 // signed
}

// QueueLine is an entry that waits for a person.
type QueueLine struct {
	Entry       int64
	Booked      recon.Date
	Currency    recon.Currency
	AmountMinor int64 // signed, as booked
	Payer       string
	Customer    string
	Reason      recon.Reason
	Why         string
	New         bool // queued by this run
}

// MoneyTie says where all money received in a currency is: the parts add up to it.
type MoneyTie struct {
	Currency      recon.Currency
	ReceivedMinor int64 // bank entries and payments by hand, each money once
	Parts         []MoneyPart
	OffMinor      int64 // 0 where it ties out
}

// MoneyPart is one place of money.
type MoneyPart struct {
	Name  string
	Minor int64
}

// TiesOut reports whether every sum agrees.
func (r RunReport) TiesOut() bool {
	for _, c := range r.Checks {
		if !c.OK {
			return false
		}
	}
	return !slices.ContainsFunc(r.Money, func(m MoneyTie) bool { return m.OffMinor != 0 })
}

// Run reports a run. Sentence turns a reason into words for people.
func Run(v View, set rules.Set, facts RunFacts, sentence func(recon.Reason) string) (RunReport, error) {
	p, err := newProof(v, set)
	if err != nil {
		return RunReport{}, err
	}
	r := &runReader{proof: p, facts: facts, sentence: sentence, ways: p.ways(facts.Run), kinds: map[kindKey]*RunKind{},
		ages: &ageingRows{asOf: facts.AsOf, rows: map[customerKey]*AgeingRow{}}}
	p.eachEntry, p.eachLine = r.look, r.ages.held
	if err := p.read(v); err != nil {
		return RunReport{}, err
	}
	for n := range p.items {
		r.ages.item(&p.items[n])
	}
	r.report.After = r.ages.report(p.customers)
	if r.report.Before, err = ageing(v, r.before(), facts.AsOf); err != nil {
		return RunReport{}, err
	}
	return r.finish(v)
}

// runReader builds the report of a run while a proof is read.
type runReader struct {
	*proof
	facts    RunFacts
	sentence func(recon.Reason) string
	ways     map[int64]string // decision of the run → how it applied
	kinds    map[kindKey]*RunKind
	ages     *ageingRows
	report   RunReport

	firstEntry int64 // the first one that is the run's
}

type kindKey struct {
	name     string
	currency recon.Currency
}

// look counts an entry of the run and lists it where it waits.
func (r *runReader) look(e recon.EntryRow) {
	ours := !e.Recorded.Before(r.facts.Started)
	if ours && r.firstEntry == 0 {
		r.firstEntry = e.ID
	}
	d, decided := r.decisionOn(e.ID)
	name := wayOfClass(e.Class)
	if name == "" {
		name = r.wayOf(d)
	}
	if decided && d.Run == r.facts.Run || !decided && ours {
		r.count(name, e.Currency, e.AmountMinor)
	}
	if name == wayQueued {
		r.report.Queue = append(r.report.Queue, QueueLine{Entry: e.ID, Booked: e.Booked, Currency: e.Currency, AmountMinor: e.AmountMinor, Payer: e.Counterparty.Name,
			Customer: d.Customer, Reason: d.Reason, Why: r.why(d.Reason), New: !decided || d.Run == r.facts.Run})
	}
}

func (r *runReader) why(reason recon.Reason) string {
	if reason == "" {
		return "not decided yet"
	}
	return r.sentence(reason)
}

func (r *runReader) count(name string, currency recon.Currency, minor int64) {
	key := kindKey{name, currency}
	if r.kinds[key] == nil {
		r.kinds[key] = &RunKind{Name: name, Currency: currency}
	}
	r.kinds[key].Count++
	r.kinds[key].AmountMinor += minor
}

// before is what was known when the run began: nothing of its entries, decisions and applications.
func (r *runReader) before() sight {
	m := mark{entries: 1<<63 - 1, items: 1<<63 - 1, decisions: 1<<63 - 1, applications: 1<<63 - 1}
	if r.firstEntry != 0 {
		m.entries = r.firstEntry - 1
	}
	for id, d := range r.decisions {
		if d.Run == r.facts.Run && d.Run != 0 {
			m.decisions = min(m.decisions, id-1)
		}
	}
	for _, a := range r.apps {
		if a.Decision > m.decisions {
			m.applications = min(m.applications, a.ID-1)
		}
	}
	return sight{mark: &m}
}

func (r *runReader) finish(v View) (RunReport, error) {
	files, err := v.Files()
	if err != nil {
		return RunReport{}, fmt.Errorf("read files: %w", err)
	}
	r.addFiles(files)
	r.heldPlaced()
	for _, k := range r.kinds {
		r.report.Kinds = append(r.report.Kinds, *k)
	}
	slices.SortFunc(r.report.Kinds, func(a, b RunKind) int {
		return cmp.Or(cmp.Compare(slices.Index(kindOrder, a.Name), slices.Index(kindOrder, b.Name)), cmp.Compare(a.Currency, b.Currency))
	})
	slices.SortStableFunc(r.report.Queue, func(a, b QueueLine) int { return cmp.Compare(abs(b.AmountMinor), abs(a.AmountMinor)) })
	r.report.Money = r.moneyTies()
	if r.report.Proved, err = r.checks(v); err != nil {
		return RunReport{}, err
	}
	r.report.Checks = []Check{r.balances(), r.continuity(), r.bankLedger(), r.itemLedger(), r.heldLedger(), r.journalBalances()}
	return r.report, nil
}

func (r *runReader) addFiles(files []recon.FileRow) {
	for _, f := range files {
		if f.Received.Before(r.facts.Started) {
			continue
		}
		file := RunFile{File: f}
		for _, s := range r.statements {
			if s.File == f.ID {
				file.Statements = append(file.Statements, s)
			}
		}
		r.report.Files = append(r.report.Files, file)
	}
}

// heldPlaced counts decisions about money on account and advances.
func (r *runReader) heldPlaced() {
	for _, a := range r.apps {
		held := a.Source.Kind == recon.SourceOnAccount || a.Source.Kind == recon.SourceAdvance
		if d := r.decisions[a.Decision]; held && d.Run == r.facts.Run && r.live(a) && a.Kind.Moves() {
			r.count(wayHeld, a.Currency, a.AmountMinor)
		}
	}
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}
