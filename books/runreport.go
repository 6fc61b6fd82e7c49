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
	Checks        []Check // the proofs of the ledger
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

// Names of what became of an entry, in the order in which they are shown.
var kindOrder = []string{wayFull, waySeveral, wayPartial, wayDiscount, wayTolerance, wayDeducted, waySurplus, wayOnAccount, wayAdvance,
	wayHeld, wayCleared, wayReturned, waySetAside, wayQueued, wayCharge, wayTransfer, wayOther}

const (
	wayFull      = "one item in full"
	waySeveral   = "several items in full"
	wayPartial   = "in part, the rest stays open"
	wayDiscount  = "with early-payment discount"
	wayTolerance = "small difference within tolerance"
	wayDeducted  = "with charges, tax or other deductions"
	waySurplus   = "items in full, surplus on account"
	wayOnAccount = "on account"
	wayAdvance   = "advance for an order"
	wayHeld      = "money held, now placed"
	wayCleared   = "the bank's side of a payment by hand"
	wayReturned  = "returned, the item reopened"
	waySetAside  = "set aside"
	wayQueued    = "queued for a person"
	wayCharge    = "bank charges"
	wayTransfer  = "transfers between own accounts"
	wayOther     = "no receipts"
)

// ways goes through the applications in their order and says of each decision of a run how it applied.
func (s *state) ways(run int64) map[int64]string {
	fell := map[int64]int64{} // item → what it fell by so far
	ways := map[int64]string{}
	for apps := s.apps; len(apps) > 0; {
		n := 1
		for n < len(apps) && apps[n].Decision == apps[0].Decision {
			n++
		}
		partial, items := false, map[int64]bool{}
		for _, a := range apps[:n] {
			if !a.Kind.Reduces() {
				continue
			}
			if a.Reverses != 0 {
				fell[a.Item] -= a.AmountMinor
			} else {
				fell[a.Item] += a.AmountMinor
			}
			items[a.Item] = true
		}
		for id := range items {
			i := s.item(id)
			partial = partial || i != nil && i.startedMinor(apps[0].Recorded) > fell[id]
		}
		if d, ok := s.decisions[apps[0].Decision]; ok && d.Run == run {
			ways[d.ID] = way(apps[:n], len(items), partial)
		}
		apps = apps[n:]
	}
	return ways
}

// way names how a decision applied: what a reader would want to look at first.
func way(apps []recon.Application, items int, partial bool) string {
	has := func(kinds ...recon.Kind) bool {
		return slices.ContainsFunc(apps, func(a recon.Application) bool { return slices.Contains(kinds, a.Kind) })
	}
	switch {
	case items == 0 && has(recon.Advance):
		return wayAdvance
	case items == 0:
		return wayOnAccount
	case partial:
		return wayPartial
	case has(recon.Discount):
		return wayDiscount
	case has(recon.WriteOff, recon.Gain):
		return wayTolerance
	case has(recon.BankCharge, recon.WithheldTax, recon.Exchange, recon.Adjustment):
		return wayDeducted
	case has(recon.OnAccount, recon.Advance):
		return waySurplus
	case items > 1:
		return waySeveral
	}
	return wayFull
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

// wayOfClass is "" for what is decided.
func wayOfClass(class recon.Class) string {
	switch class {
	case recon.ClassReceipt, recon.ClassReturn:
		return ""
	case recon.ClassCharge:
		return wayCharge
	case recon.ClassTransfer:
		return wayTransfer
	}
	return wayOther
}

func (r *runReader) wayOf(d recon.DecisionRow) string {
	switch d.Outcome {
	case recon.Auto, recon.Manual:
		return cmp.Or(r.ways[d.ID], wayFull)
	case recon.Cleared:
		return wayCleared
	case recon.Reversed:
		return wayReturned
	case recon.SetAside:
		return waySetAside
	}
	return wayQueued
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
