package books

import (
	"cmp"
	"slices"
	"time"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// RunFacts says which run is reported.
type RunFacts struct {
	Run      int64
	Started  time.Time
	Finished time.Time  // what was recorded later is not the run's; zero where nothing came later
	AsOf     recon.Date // day on which the ageing is measured, and up to which it counts
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
	Later         bool    // the run is over: Money and the proofs are about the books as they stand now
}

// RunFile is a file that the run received, or of which it booked or held statements.
type RunFile struct {
	File       recon.FileRow
	Statements []recon.StatementRow // those of the run
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

// TiesOut reports whether every sum agrees.
func (r RunReport) TiesOut() bool {
	for _, c := range r.Checks {
		if !c.OK {
			return false
		}
	}
	return !slices.ContainsFunc(r.Money, func(m MoneyTie) bool { return m.OffMinor != 0 })
}

// Run reports a run: its files, entries and decisions, the queue as the run left it, and the ageing before and after it, as of
// the day asked. The proofs are about all that is in the books. Sentence turns a reason into words for people.
func Run(v View, set rules.Set, facts RunFacts, sentence func(recon.Reason) string) (RunReport, error) {
	p, err := newProof(v, set)
	if err != nil {
		return RunReport{}, err
	}
	r := &runReader{state: p.state, facts: facts, sentence: sentence, kinds: map[kindKey]*RunKind{}, ours: map[int64]bool{}}
	r.report.Later = !facts.Finished.IsZero()
	if r.report.Later {
		if r.state, err = load(v, sight{Cut: Cut{KnownAt: facts.Finished}}); err != nil {
			return RunReport{}, err
		}
	}
	r.ways = r.state.ways(facts.Run)
	if err := r.files(v); err != nil {
		return RunReport{}, err
	}
	p.eachEntry = r.look
	if err := p.read(v); err != nil {
		return RunReport{}, err
	}
	r.finish()
	r.report.Money = p.moneyTies()
	if r.report.Proved, err = p.checks(v); err != nil {
		return RunReport{}, err
	}
	r.report.Checks = []Check{p.balances(), p.continuity(), p.bankLedger(), p.itemLedger(), p.heldLedger(), p.journalBalances()}
	return r.report, r.ageing(v)
}

// runReader builds the report of a run while a proof is read.
type runReader struct {
	*state   // as it was when the run ended
	facts    RunFacts
	sentence func(recon.Reason) string
	ways     map[int64]string // decision of the run → how it applied
	kinds    map[kindKey]*RunKind
	ours     map[int64]bool // statements of the run
	report   RunReport

	firstEntry int64 // the first one that is the run's
}

type kindKey struct {
	name     string
	currency recon.Currency
}

// files lists what the run received and booked.
func (r *runReader) files(v View) error {
	files, err := v.Files()
	if err != nil {
		return unread("files", err)
	}
	statements, err := v.Statements()
	if err != nil {
		return unread("statements", err)
	}
	own := map[int64][]recon.StatementRow{}
	for _, s := range statements {
		if s.Run == r.facts.Run {
			own[s.File] = append(own[s.File], s)
			r.ours[s.ID] = !s.Held
		}
	}
	for _, f := range files {
		if f.Run == r.facts.Run || len(own[f.ID]) > 0 {
			r.report.Files = append(r.report.Files, RunFile{File: f, Statements: own[f.ID]})
		}
	}
	return nil
}

// look counts an entry of the run and lists it where it waits.
func (r *runReader) look(e recon.EntryRow) {
	if !r.sight.recorded(e.Recorded) {
		return
	}
	ours := r.ours[e.Statement]
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

// finish brings what was counted in its order.
func (r *runReader) finish() {
	r.heldPlaced()
	for _, k := range r.kinds {
		r.report.Kinds = append(r.report.Kinds, *k)
	}
	slices.SortFunc(r.report.Kinds, func(a, b RunKind) int {
		return cmp.Or(cmp.Compare(slices.Index(kindOrder, a.Name), slices.Index(kindOrder, b.Name)), cmp.Compare(a.Currency, b.Currency))
	})
	slices.SortStableFunc(r.report.Queue, func(a, b QueueLine) int { return cmp.Compare(abs(b.AmountMinor), abs(a.AmountMinor)) })
}

// ageing measures what was open when the run ended, and what without anything that the run did.
func (r *runReader) ageing(v View) (err error) {
	cut := Cut{AsOf: r.facts.AsOf, KnownAt: r.facts.Finished}
	if r.report.After, err = ageing(v, sight{Cut: cut}, r.facts.AsOf); err != nil {
		return err
	}
	r.report.Before, err = ageing(v, sight{Cut: cut, mark: r.before()}, r.facts.AsOf)
	return err
}

// before is what was known when the run began: nothing of its entries, decisions and applications.
func (r *runReader) before() *mark {
	const all = 1<<63 - 1
	m := mark{entries: all, items: all, decisions: all, applications: all, changes: r.facts.Started}
	if r.firstEntry != 0 {
		m.entries = r.firstEntry - 1
	}
	for n := range r.decisions {
		if d := &r.decisions[n]; d.Run == r.facts.Run && d.Run != 0 {
			m.decisions = d.ID - 1
			break
		}
	}
	for n := range r.apps {
		if a := &r.apps[n]; a.Decision > m.decisions {
			m.applications = a.ID - 1
			break
		}
	}
	return &m
}

// heldPlaced counts decisions about money on account and advances.
func (r *runReader) heldPlaced() {
	for n := range r.apps {
		a := &r.apps[n]
		held := a.Source.Kind == recon.SourceOnAccount || a.Source.Kind == recon.SourceAdvance
		if held && r.decision(a.Decision).Run == r.facts.Run && r.live(a) && a.Kind.Moves() {
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
