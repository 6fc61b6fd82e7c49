package worker

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// stmt is a statement in short: one entry per amount, all booked on its day.
type stmt struct {
	name             string
	opening, closing int64 // 0, 0 = no balances
	day              recon.Date
	amounts          []int64
}

func (s stmt) statement() recon.Statement {
	statement := recon.Statement{ID: s.name, Account: "A", Currency: "EUR", From: s.day, To: s.day}
	if s.opening != 0 || s.closing != 0 {
		statement.Opening = &recon.Balance{AmountMinor: s.opening, Date: s.day}
		statement.Closing = &recon.Balance{AmountMinor: s.closing, Date: s.day}
	}
	for _, amount := range s.amounts {
		statement.Entries = append(statement.Entries, recon.Entry{AmountMinor: amount, Currency: "EUR", Booked: s.day, Value: s.day, Status: recon.Booked})
	}
	return statement
}

// identified is a statement as identity sees it.
func identified(s recon.Statement) (*draft, told) {
	in := &identifier{}
	in.Begin(&s)
	for i := range s.Entries {
		in.Entry(&s.Entries[i])
	}
	in.End(&s, nil)
	d := in.drafts[0]
	d.sumUp("camt.053.001.08")
	d.identify(recon.Account{ID: "A"})
	return d, told{Neighbour: store.Neighbour{StatementRow: d.row, Days: d.days}, contents: d.contents(span(d.row)), counts: true}
}

// fates tells what becomes of each entry.
func fates(s recon.Statement, a *admission) (all []store.Fate) {
	var prints fingerprints
	a.begin()
	for i := range s.Entries {
		all = append(all, a.fate(prints.of(&s.Entries[i]), s.Entries[i].Status))
	}
	return all
}

// receiveAll admits statements one after another, unclear ones again when others came, and returns how often each amount
// is stored in the end.
func receiveAll(t *testing.T, statements []stmt) map[int64]int {
	t.Helper()
	stored := map[int64]int{}
	taken := map[string]bool{}
	var neighbours []told
	for waiting := statements; len(waiting) > 0; {
		var held []stmt
		for _, s := range waiting {
			statement := s.statement()
			d, own := identified(statement)
			admitted, doubt := admit(own, append(slices.Clone(neighbours), links(held)...))
			if doubt != nil {
				held = append(held, s)
				continue
			}
			for i, fate := range fates(statement, admitted) {
				key := fmt.Sprintf("%s#%d", fate.Fingerprint, fate.Occurrence)
				if known := taken[key]; known != (fate.Kind == recon.FateDuplicate) {
					t.Fatalf("%s entry %d: occurrence %d is %s, stored before: %v", s.name, i, fate.Occurrence, fate.Kind, known)
				}
				if fate.Kind == recon.FateNew {
					taken[key] = true
					stored[s.amounts[i]]++
				}
			}
			d.admission = admitted
			own.contents = d.contents(span(d.row))
			neighbours = append(neighbours, own)
		}
		if len(held) == len(waiting) {
			t.Logf("held for a person: %v", held)
			stored[0] = len(held)
			return stored
		}
		waiting = held
	}
	return stored
}

// links are the held statements as the chain sees them.
func links(held []stmt) (rows []told) {
	for _, s := range held {
		_, own := identified(s.statement())
		own.contents, own.counts = nil, false
		rows = append(rows, own)
	}
	return rows
}

const may5 = recon.Date(20260505)

func TestIdentityIsAMultiset(t *testing.T) {
	cases := []struct {
		name       string
		statements []stmt
		want       map[int64]int
	}{
		{"two true twins in one statement are two receipts", []stmt{{"1", 0, 100, may5, []int64{50, 50}}}, map[int64]int{50: 2}},
		{"the same statement again adds nothing", []stmt{{"1", 0, 100, may5, []int64{50, 50}}, {"1", 0, 100, may5, []int64{50, 50}}}, map[int64]int{50: 2}},
		{"in another order too", []stmt{{"1", 0, 90, may5, []int64{50, 40}}, {"2", 0, 90, may5, []int64{40, 50}}}, map[int64]int{50: 1, 40: 1}},
		{"noon holds one, evening both", []stmt{{"noon", 0, 0, may5, []int64{50}}, {"evening", 0, 0, may5, []int64{50, 50}}}, map[int64]int{50: 2}},
		{"consecutive statements of one day add", []stmt{{"am", 10, 60, may5, []int64{50}}, {"pm", 60, 110, may5, []int64{50}}}, map[int64]int{50: 2}},
		{"and the whole day again is their sum", []stmt{{"am", 10, 60, may5, []int64{50}}, {"pm", 60, 110, may5, []int64{50}}, {"day", 10, 110, may5, []int64{50, 50}}}, map[int64]int{50: 2}},
		{"the whole day first, then its parts", []stmt{{"day", 10, 110, may5, []int64{50, 50}}, {"am", 10, 60, may5, []int64{50}}, {"pm", 60, 110, may5, []int64{50}}}, map[int64]int{50: 2}},
		{"three parts in a chain add", []stmt{{"a", 10, 60, may5, []int64{50}}, {"b", 60, 90, may5, []int64{30}}, {"c", 90, 140, may5, []int64{50}}}, map[int64]int{50: 2, 30: 1}},
		{"a later export brings a late row", []stmt{{"1", 0, 0, may5, []int64{50}}, {"2", 0, 0, may5, []int64{50, 70}}}, map[int64]int{50: 1, 70: 1}},
		{"without balances nothing proves that twins add", []stmt{{"1", 0, 0, may5, []int64{50}}, {"2", 0, 0, may5, []int64{50}}}, map[int64]int{50: 1}},
		{"parts with a hole between them wait for what is missing", []stmt{{"a", 10, 60, may5, []int64{50}}, {"c", 90, 140, may5, []int64{50}}}, map[int64]int{50: 1, 0: 1}},
		{"and are free when it comes", []stmt{{"a", 10, 60, may5, []int64{50}}, {"c", 90, 140, may5, []int64{50}}, {"b", 60, 90, may5, []int64{30}}}, map[int64]int{50: 2, 30: 1}},
		{"a day that ends where it began is not its own successor", []stmt{{"1", 100, 100, may5, []int64{50, -50}}, {"2", 100, 100, may5, []int64{-50, 50}}}, map[int64]int{50: 1, -50: 1}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := receiveAll(t, c.statements)
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("stored %v, want %v", got, c.want)
			}
		})
	}
}

// Random cuttings of a day into chained parts and exports of it, in random order: what is stored is what happened, however
// it arrives (I11), unless something is held for a person; then nothing was stored that did not happen. Where movements
// cancel each other out, balances come again and may fit two readings of equal entries: nothing is stored twice then either.
func TestIdentityIsFreeOfOrder(t *testing.T) {
	const seed = 20260505
	r := rand.New(rand.NewPCG(seed, 0))
	whole := 0
	for round := range 400 {
		statements, happened := randomDay(r, round%2 == 1)
		for range 5 {
			r.Shuffle(len(statements), func(i, j int) { statements[i], statements[j] = statements[j], statements[i] })
			got := receiveAll(t, statements)
			held := got[0]
			delete(got, 0)
			if held == 0 {
				whole++
				if zeroing := round%2 == 1; !zeroing && fmt.Sprint(got) != fmt.Sprint(happened) {
					t.Fatalf("seed %d round %d: stored %v, happened %v\n%v", seed, round, got, happened, statements)
				}
			}
			for amount, count := range got {
				if count > happened[amount] {
					t.Fatalf("seed %d round %d: %d stored %d times, happened %d times\n%v", seed, round, amount, count, happened[amount], statements)
				}
			}
		}
	}
	if whole < 1100 {
		t.Errorf("only %d of 2000 arrivals needed no person", whole)
	}
}

// randomDay cuts a day of credits into chained statements and adds exports that span several of them.
func randomDay(r *rand.Rand, zeroing bool) (all []stmt, happened map[int64]int) {
	happened = map[int64]int{}
	var parts []stmt
	balance := int64(1000)
	for i := range 1 + r.IntN(4) {
		part := stmt{name: fmt.Sprint("part", i), opening: balance, day: may5}
		for range 1 + r.IntN(3) {
			amount := int64(10 * (1 + r.IntN(3)))
			if zeroing && r.IntN(2) == 0 {
				amount = -amount
			}
			part.amounts = append(part.amounts, amount)
			happened[amount]++
			balance += amount
		}
		part.closing = balance
		parts = append(parts, part)
	}
	all = slices.Clone(parts)
	for i := range r.IntN(3) {
		from := r.IntN(len(parts))
		to := from + r.IntN(len(parts)-from)
		export := stmt{name: fmt.Sprint("export", i), opening: parts[from].opening, closing: parts[to].closing, day: may5}
		for _, part := range parts[from : to+1] {
			export.amounts = append(export.amounts, part.amounts...)
		}
		all = append(all, export)
	}
	return all, happened
}

// days is a statement of several days in short: its opening balance, and amounts by day.
type days struct {
	name    string
	opening int64
	amounts map[recon.Date][]int64
}

func (d days) statement() recon.Statement {
	s := recon.Statement{ID: d.name, Account: "A", Currency: "EUR"}
	balance := d.opening
	for _, day := range slices.Sorted(maps.Keys(d.amounts)) {
		if s.From == 0 {
			s.From = day
		}
		s.To = day
		for _, amount := range d.amounts[day] {
			balance += amount
			s.Entries = append(s.Entries, recon.Entry{AmountMinor: amount, Currency: "EUR", Booked: day, Value: day, Status: recon.Booked})
		}
	}
	s.Opening, s.Closing = &recon.Balance{AmountMinor: d.opening, Date: s.From}, &recon.Balance{AmountMinor: balance, Date: s.To}
	return s
}

func TestStatementsThatShareDays(t *testing.T) {
	const may4, may6 = may5 - 1, may5 + 1
	first := days{"1", 0, map[recon.Date][]int64{may4: {10}, may5: {20}}}
	cases := []struct {
		name   string
		second days
		fresh  int // entries that are new
		doubt  relation
	}{
		{"the next one begins with the last day of the first", days{"2", 10, map[recon.Date][]int64{may5: {20}, may6: {30}}}, 1, overlapping},
		{"the next one goes on within the last day", days{"2", 30, map[recon.Date][]int64{may5: {20}, may6: {30}}}, 2, overlapping},
		{"the last day holds more now", days{"2", 10, map[recon.Date][]int64{may5: {20, 20}, may6: {30}}}, 2, overlapping},
		{"a row was posted late on an older day", days{"2", 0, map[recon.Date][]int64{may4: {10, 15}, may5: {20}}}, 1, overlapping},
		{"the same days with another row", days{"2", 0, map[recon.Date][]int64{may4: {11}, may5: {19}}}, 0, contradicting},
		{"the same begin, and a row changed", days{"2", 0, map[recon.Date][]int64{may4: {12}, may5: {20}}}, 0, contradicting},
		{"nothing connects, and a row is alike", days{"2", 77, map[recon.Date][]int64{may5: {20}, may6: {30}}}, 0, unclear},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, stored := identified(first.statement())
			second := c.second.statement()
			_, own := identified(second)
			admitted, in := admit(own, []told{stored})
			if in != nil {
				if in.relation != c.doubt {
					t.Errorf("doubt %d, want %d", in.relation, c.doubt)
				}
				return
			}
			fresh := 0
			for _, fate := range fates(second, admitted) {
				if fate.Kind == recon.FateNew {
					fresh++
				}
			}
			if c.doubt != overlapping || fresh != c.fresh {
				t.Errorf("%d entries are new and nothing is in doubt, want %d and doubt %d", fresh, c.fresh, c.doubt)
			}
		})
	}
}
