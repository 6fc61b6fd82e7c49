package worker_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Duplicates and loss: the cases A1 to A22 of the catalogue of faults, each through the whole pipeline and on every engine. A case
// drops files night by night and says what is in the books in the end.

// bank is a camt statement in short: its day, opening balance and amounts, in cents.
type bank struct {
	id      string
	account string // "" = the main one
	day     recon.Date
	opening int64
	amounts []int64
	change  func(*recon.Statement)
}

const second = "DE02120300000000202051"

func (b bank) file(t *testing.T) []byte {
	t.Helper()
	s := recon.Statement{ID: b.id, Account: b.account, Currency: "EUR", From: b.day, To: b.day, Counts: recon.Counts{StatedEntries: -1, StatedCreditMinor: -1, StatedDebitMinor: -1}}
	if s.Account == "" {
		s.Account = "DE89370400440532013000"
	}
	closing := b.opening
	for _, minor := range b.amounts {
		closing += minor
		s.Entries = append(s.Entries, recon.Entry{AmountMinor: minor, Currency: "EUR", Booked: b.day, Value: b.day, Status: recon.Booked, Text: "hello"})
	}
	s.Opening, s.Closing = &recon.Balance{AmountMinor: b.opening, Date: b.day}, &recon.Balance{AmountMinor: closing, Date: b.day}
	if b.change != nil {
		b.change(&s)
	}
	var out bytes.Buffer
	if err := fixtures.WriteCamt(&out, 8, []recon.Statement{s}, fixtures.CamtOptions{}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// export is a CSV export without balances and ids, of lines "day;amount;text".
func export(lines ...string) []byte {
	return []byte("Datum;Betrag;Text;Status\n" + strings.Join(lines, "\n") + "\n")
}

const exportProfile = `id: plain
bank: a bank without balances
country: DE
delimiter: ";"
header: [Datum, Betrag, Text, Status]
dates: dd.MM.yyyy
amounts: {decimal: ",", grouping: "."}
currency: EUR
columns: {booked: Datum, amount: Betrag, text: [Text]}
status: {column: Status, booked: [""], pending: [offen]}
`

// drop names a dropped file and what becomes of it.
type drop struct {
	data []byte
	want string // state of the file; "" = booked
}

// referenced gives entries their bank references.
func referenced(references ...string) func(*recon.Statement) {
	return func(s *recon.Statement) {
		for i, reference := range references {
			s.Entries[i].BankReference = reference
		}
	}
}

func TestDuplicatesAndLoss(t *testing.T) {
	const d1, d2 recon.Date = 20260302, 20260303
	camt := func(b bank) drop { return drop{data: b.file(t)} }
	csv := func(lines ...string) drop { return drop{data: export(lines...)} }
	held := func(d drop) drop { d.want = "held"; return d }
	refused := func(d drop) drop { d.want = "refused"; return d }
	day := func(n int, amounts ...int64) bank {
		return bank{id: fmt.Sprint("S", n), day: d1 + recon.Date(n-1), opening: 10000 * int64(n), amounts: amounts}
	}
	other := func(b bank, change func(*recon.Statement)) bank { b.change = change; return b }
	reissued := func(b bank) drop {
		return drop{data: bytes.ReplaceAll(b.file(t), []byte("<MsgId>"), []byte("<MsgId>AGAIN-"))}
	}
	cases := []struct {
		name  string
		drops []drop
		want  []int64 // amounts in the books, in order
	}{
		{"A1 overlapping exports without ids keep each row once", []drop{csv("02.03.2026;10,00;a;", "10.03.2026;20,00;b;", "15.03.2026;30,00;c;"),
			csv("10.03.2026;20,00;b;", "15.03.2026;30,00;c;", "31.03.2026;40,00;d;")}, []int64{1000, 2000, 3000, 4000}},
		{"A2 two identical rows of one day are two, and importing again adds none", []drop{csv("02.03.2026;10,00;a;", "02.03.2026;10,00;a;"),
			csv("02.03.2026;10,00;a;", "02.03.2026;10,00;a;", "02.03.2026;9,00;pending;offen")}, []int64{1000, 1000}},
		{"A3 noon holds one, evening two", []drop{csv("02.03.2026;10,00;a;"), csv("02.03.2026;10,00;a;", "02.03.2026;10,00;a;")}, []int64{1000, 1000}},
		{"A4 a row posted later with an older date is imported", []drop{csv("05.03.2026;10,00;a;"), csv("03.03.2026;20,00;late;", "05.03.2026;10,00;a;")}, []int64{1000, 2000}},
		{"A5 three equal amounts on near dates stay three", []drop{csv("02.03.2026;10,00;a;", "03.03.2026;10,00;a;", "04.03.2026;10,00;a;"),
			csv("02.03.2026;10,00;a;", "03.03.2026;10,00;a;", "04.03.2026;10,00;a;", "05.03.2026;1,00;z;")}, []int64{100, 1000, 1000, 1000}},
		{"A6 an amount equal to a part of an older one is another", []drop{csv("02.03.2026;161,95;whole;"), csv("03.03.2026;50,00;part;")}, []int64{5000, 16195}},
		{"A7 one bank id for different money keeps both", []drop{camt(other(day(1, 5000, -100), referenced("ID-1", "ID-1")))}, []int64{-100, 5000}},
		{"A8 the same id in another account is kept", []drop{camt(other(day(1, 5000), referenced("ID-1"))),
			camt(other(bank{id: "S1", account: second, day: d1, amounts: []int64{5000}}, referenced("ID-1")))}, []int64{5000, 5000}},
		{"A9 a statement id that comes again next year is imported", []drop{camt(bank{id: "1", day: 20250302, amounts: []int64{5000}}), camt(bank{id: "1", day: 20260302, opening: 5000, amounts: []int64{6000}})},
			[]int64{5000, 6000}},
		{"A10 the same statement with another message id adds none", []drop{camt(day(1, 5000, 5000, 700)), reissued(day(1, 5000, 5000, 700))}, []int64{700, 5000, 5000}},
		{"A11 pending, then booked on another day, is one receipt", []drop{csv("02.03.2026;10,00;a;offen"), csv("03.03.2026;10,00;a;")}, []int64{1000}},
		{"A12 a file with nothing new leaves the memory intact", []drop{csv("02.03.2026;10,00;a;", "03.03.2026;20,00;b;"), csv("02.03.2026;10,00;a;"),
			csv("02.03.2026;10,00;a;", "03.03.2026;20,00;b;", "04.03.2026;30,00;c;")}, []int64{1000, 2000, 3000}},
		{"A13 a file that was refused and mended is imported whole", []drop{refused(csv("02.03.2026;10,00;a;", "31.02.2026;20,00;b;")),
			csv("02.03.2026;10,00;a;", "28.02.2026;20,00;b;")}, []int64{1000, 2000}},
		{"A14 one bad row stores no row", []drop{refused(csv("02.03.2026;10,00;a;", "03.03.2026;zehn;b;", "04.03.2026;30,00;c;"))}, nil},
		{"A15 what is said to be known is not stored", []drop{camt(day(1, 5000)), reissued(day(1, 5000)), reissued(other(day(1, 5000), func(s *recon.Statement) { s.Created = "2026-03-09T00:00:00" }))}, []int64{5000}},
		{"A16 known rows count in the proof of their statement", []drop{camt(day(1, 5000)), camt(other(day(1, 5000, 700), func(s *recon.Statement) { s.ID = "later" }))}, []int64{700, 5000}},
		{"A17 many details of one entry are as many receipts", []drop{camt(other(day(1, 100, 100, 100), func(s *recon.Statement) {
			for i := range s.Entries {
				s.Entries[i].Batch = "1"
			}
		}))}, []int64{100, 100, 100}},
		{"A20 a file that failed is neither deleted nor done", []drop{refused(drop{data: []byte("<Document><oops>")})}, nil},
		{"A22 identical lines of two accounts are kept", []drop{camt(day(1, 5000)), camt(bank{id: "S1", account: second, day: d1, opening: 10000, amounts: []int64{5000}})}, []int64{5000, 5000}},
		{"the next statement with the same row adds", []drop{camt(bank{id: "1", day: d1, opening: 0, amounts: []int64{5000}}), camt(bank{id: "2", day: d1, opening: 5000, amounts: []int64{5000}})}, []int64{5000, 5000}},
		{"a statement id with other content is held", []drop{camt(day(1, 5000)), held(camt(day(1, 6000)))}, []int64{5000}},
		{"and with further rows too", []drop{camt(day(1, 5000)), held(camt(day(1, 5000, 100)))}, []int64{5000}},
		{"a day later", []drop{camt(day(1, 5000)), camt(bank{id: "S2", day: d2, opening: 15000, amounts: []int64{5000}})}, []int64{5000, 5000}},
	}
	for _, engine := range engines() {
		for _, c := range cases {
			t.Run(engine.name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				h := bankHouse(t, engine)
				for n, d := range c.drops {
					h.dropAs(n, d)
				}
				h.holds(c.want...)
				for n, d := range c.drops { // all of it again
					name := fmt.Sprintf("again-%d", n)
					h.drop(name, d.data)
				}
				h.run()
				h.sound()
				h.holds(c.want...)
			})
		}
	}
}

// bankHouse is a house with two accounts and an inbox for exports of a bank without balances.
func bankHouse(t *testing.T, engine engine) *house {
	t.Helper()
	h := openHouseOn(t, engine, []recon.Account{{ID: "main", IBAN: "DE89370400440532013000", Currency: "EUR", Ledger: "1200"}, {ID: "second", IBAN: second, Currency: "EUR", Ledger: "1210"}}, nil)
	profile, problems := ingest.LoadProfile("plain.yaml", []byte(exportProfile))
	if len(problems) > 0 {
		t.Fatalf("profile: %v", problems)
	}
	h.job.Profiles = []ingest.Profile{profile}
	h.job.Inboxes[0].Account = "main"
	return h
}

// dropAs drops the n-th file of a case, runs a night and checks what became of it.
func (h *house) dropAs(n int, d drop) {
	h.Helper()
	name := fmt.Sprintf("file-%d", n)
	h.drop(name, d.data)
	result := h.run()
	h.sound()
	want := d.want
	if want == "" {
		want = "booked"
	}
	if len(result.Received) == 0 || string(result.Received[0].State) != want {
		h.Fatalf("file %d: %+v, want %s", n, result.Received, want)
	}
	if folder := map[string]string{"booked": "done", "held": "held", "refused": "refused"}[want]; !h.lies(folder, name) {
		h.Errorf("the original of file %d is not in %s", n, folder)
	}
}

func (h *house) lies(folder, name string) bool {
	_, err := os.Stat(filepath.Join(h.inbox, folder, name))
	return err == nil
}

// holds checks the amounts in the books.
func (h *house) holds(want ...int64) {
	h.Helper()
	got := h.amounts()
	if !slices.Equal(got, want) {
		h.Errorf("in the books: %v, want %v", got, want)
	}
}

// A18, A19: what a person decided stays when the same lines come again; A21: what a dry run says is what is done.
func TestDecisionsOutliveImports(t *testing.T) {
	const d1 recon.Date = 20260302
	for _, engine := range engines() {
		t.Run(engine.name, func(t *testing.T) {
			h := bankHouse(t, engine)
			first := bank{id: "S1", day: d1, opening: 0, amounts: []int64{5000, 700}}
			t.Run("A18 a rejected file stays rejected when it comes again", func(t *testing.T) {
				h.dropAs(0, drop{data: first.file(t)})
				wrong := bank{id: "S1", day: d1, opening: 0, amounts: []int64{9900}}.file(t)
				h.dropAs(1, drop{wrong, "held"})
				h.must(h.job.Reject(h.ctx, 2, "the bank took it back"))
				h.drop("once-more", wrong)
				h.run()
				h.sound()
				if !h.lies("duplicate", "once-more") {
					t.Error("a file that was rejected is not known again")
				}
				h.holds(700, 5000)
			})
			t.Run("A19 an import never overwrites what a person decided", func(t *testing.T) {
				done, err := h.job.Resolve(h.ctx, recon.Request{Receipt: 1, SetAside: true, Ledger: "1590", Reason: "not ours"})
				h.must(err)
				again := bytes.ReplaceAll(first.file(t), []byte("<MsgId>"), []byte("<MsgId>AGAIN-"))
				h.dropAs(3, drop{data: again})
				detail, err := h.job.Store.Decision(h.ctx, storyEntity, 1)
				h.must(err)
				if detail.ID != done.Decision || detail.Decision.Outcome != recon.SetAside {
					t.Errorf("the decision of a person is %+v now", detail.Decision)
				}
			})
			t.Run("A21 a dry run says what is done", func(t *testing.T) {
				h.drop("next", bank{id: "S2", day: d1 + 1, opening: 5700, amounts: []int64{100, 200}}.file(t))
				_, _, err := h.job.Ingest(h.ctx, nil, "")
				h.must(err)
				_, plan, _, err := h.job.Plan(h.ctx)
				h.must(err)
				_, err = h.job.Match(h.ctx)
				h.must(err)
				for _, said := range plan.Decisions {
					done, err := h.job.Store.Decision(h.ctx, storyEntity, said.Source.ID)
					h.must(err)
					if done.Decision.Outcome != said.Outcome || done.Decision.Reason != said.Reason {
						t.Errorf("receipt %d: said %s %s, done %s %s", said.Source.ID, said.Outcome, said.Reason, done.Decision.Outcome, done.Decision.Reason)
					}
				}
				if len(plan.Decisions) < 2 {
					t.Errorf("only %d decisions were said", len(plan.Decisions))
				}
			})
		})
	}
}

// amounts are those of all entries, in order.
func (h *house) amounts() (minor []int64) {
	h.Helper()
	h.must(h.job.Store.Snapshot(h.ctx, storyEntity, func(v store.View) error {
		for e, err := range v.Entries() {
			if err != nil {
				return err
			}
			minor = append(minor, e.AmountMinor)
		}
		return nil
	}))
	slices.Sort(minor)
	return minor
}

// A statement that only adds rows to the one before it may be accepted; one that changes rows is not, and says what to do.
func TestAcceptingWhatComesAgain(t *testing.T) {
	for _, c := range []struct {
		name    string
		amounts []int64
		details string
		want    []int64
		advice  string
	}{
		{"rows were added", []int64{5000, 100}, "+ 2026-03-02 1.00 EUR hello", []int64{100, 5000}, ""},
		{"a row was changed", []int64{6000}, "~ 2026-03-02 50.00 EUR hello: amount 50.00 → 60.00", []int64{5000}, "correct by hand"},
		{"a row is gone", []int64{}, "- 2026-03-02 50.00 EUR hello", []int64{5000}, "correct by hand"},
	} {
		for _, engine := range engines() {
			t.Run(engine.name+"/"+c.name, func(t *testing.T) {
				h := bankHouse(t, engine)
				h.dropAs(0, drop{data: bank{id: "S1", day: 20260302, amounts: []int64{5000}}.file(t)})
				h.dropAs(1, drop{bank{id: "S1", day: 20260302, amounts: c.amounts}.file(t), "held"})
				detail, err := h.job.Store.File(h.ctx, storyEntity, 2)
				h.must(err)
				if got := detail.Problems[0]; got.Code != "STATEMENT-CONFLICT" || got.Details != c.details {
					t.Errorf("%s\n%s\nwant %s", got, got.Details, c.details)
				}
				got, err := h.job.Accept(h.ctx, 2, "", "the bank says so")
				h.must(err)
				if c.advice == "" && got.State != recon.FileBooked || c.advice != "" && (got.State != recon.FileHeld || !strings.Contains(got.Problems[0].Try, c.advice)) {
					t.Errorf("accepted: %+v", got)
				}
				h.holds(c.want...)
				h.sound()
			})
		}
	}
}
