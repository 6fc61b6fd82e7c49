package worker_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/worker"
)

// twoOpen is a house with two open items and a receipt of 500.00 of which nobody knows who sent it.
const twoOpen = `A receipt of nobody known.

-- customers.csv --
customer,name,iban
C100,Hansa Möbel GmbH,DE34200505501234567890
C200,Kranz KG,
-- items.csv --
number,customer,issue_date,due_date,currency,amount
R-20461,C100,2026-02-01,2026-03-03,EUR,500.00
R-20462,C100,2026-02-01,2026-03-03,EUR,300.00
-- 1-bank.txt --
account: DE89370400440532013000 EUR
opening: 0.00

B1  2026-03-02  500.00  Somebody
    text: danke
-- expect-open.csv --
number,open,status
R-20461,500.00,open
R-20462,300.00,open
-- expect-queue.txt --
B1 payer_unknown
`

// overpaid is a house where a receipt of 1000.00 paid 999.60.
const overpaid = `Overpaid by 0.40.

-- customers.csv --
customer,name,iban
C100,Hansa Möbel GmbH,DE34200505501234567890
-- items.csv --
number,customer,issue_date,due_date,currency,amount
R-20461,C100,2026-02-01,2026-03-03,EUR,999.60
-- rules.yaml --
differences:
  EUR: {max: "5.00", cap: "50.00", per: month}
-- 1-bank.txt --
account: DE89370400440532013000 EUR
opening: 0.00

B1  2026-03-02  1000.00  Hansa Möbel GmbH
    account: DE34200505501234567890
    text: R-20461
-- expect-applications.csv --
bank_reference,kind,item,applied
B1,payment,R-20461,999.60
B1,gain,,0.40
-- expect-open.csv --
number,open,status
R-20461,0.00,paid in full
-- expect-queue.txt --
`

// TestMatchingAndAmounts lives the cases D57 to D81 of the catalogue of faults that need books, people or two at once, on every engine; those that
// matching alone decides are in the package matcher. Each begins with a story, and the books are sound at its end.
func TestMatchingAndAmounts(t *testing.T) {
	cases := []struct {
		name  string
		story fixtures.Story
		live  func(h *house)
	}{
		{"D57 a wrong link is taken back and not made again", told(t, "queue-undone-stays-undone"), nothingMore},
		{"D63 a write-off has a row of its own on its account", told(t, "afas-short-by-the-maximum"), nothingMore},
		{"D65 overpaid by 0.40 is undone exactly", parsed(t, overpaid), undoneExactly},
		{"D67 a receipt that was decided is not decided again", parsed(t, twoOpen), decidedOnce},
		{"D68 more than an item is open for is refused", parsed(t, twoOpen), neverOver},
		{"D69 of two tabs the second is refused", parsed(t, twoOpen), twoTabs},
		{"D70 rapid clicks are one effect, and a colleague is told", parsed(t, twoOpen), rapidClicks},
		{"D71 one receipt that names an item twice", parsed(t, twoOpen), sameItemTwice},
		{"D73 a run leaves what a person applied in part", parsed(t, twoOpen), partStays},
		{"D75 after an undo all is as before", parsed(t, twoOpen), undoneAsBefore},
		{"D76 an item that the books took back is proposed no more", parsed(t, twoOpen), withdrawn},
		{"D77 a proposal whose item changed is dropped", parsed(t, twoOpen), amended},
		{"D78 an item that changed while a person decided", parsed(t, twoOpen), changedMeanwhile},
		{"D79 a foreign payment is settled by a person only", told(t, "currency-settled-by-a-person"), nothingMore},
		{"D80 a customer picked by hand leaves the amount", parsed(t, twoOpen), pickedCustomer},
		{"D81 a run holds its lock to the end", parsed(t, twoOpen), lockedToTheEnd},
	}
	for _, engine := range engines() {
		t.Run(engine.name, func(t *testing.T) {
			for _, c := range cases {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					h := openHouseOn(t, engine, c.story.Accounts, c.story.Rules)
					h.tell(c.story)
					h.step = "afterwards"
					c.live(h)
					h.sound()
				})
			}
		})
	}
}

func parsed(t *testing.T, text string) fixtures.Story {
	t.Helper()
	story, err := fixtures.ParseStory("case", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return story
}

// told is a story of the fixtures.
func told(t *testing.T, name string) fixtures.Story {
	t.Helper()
	stories, err := fixtures.Stories()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(stories, func(s fixtures.Story) bool { return s.Name == name })
	if at < 0 {
		t.Fatalf("there is no story %s", name)
	}
	return stories[at]
}

// nothingMore is the life of a case that its story tells to the end.
func nothingMore(*house) {}

func undoneExactly(h *house) {
	done, err := h.job.UndoReceipt(h.ctx, h.receipt("B1"), "sent twice")
	h.must(err)
	if done.Proposal != 0 {
		h.Fatalf("it waits for a second person: %s", done.Why)
	}
	h.opens("R-20461,999.60,open")
	h.applied()
	h.balanced("bank:main,EUR,1000.00", "opening,EUR,-999.60", "receivables,EUR,999.60", "unapplied,EUR,-1000.00")
	_, err = h.job.UndoReceipt(h.ctx, h.receipt("B1"), "sent twice")
	if err == nil {
		h.Error("it was undone twice")
	}
}

func decidedOnce(h *house) {
	h.apply(h.job, worker.ItemAmount{Number: "R-20461", Amount: "500.00"})
	_, err := h.job.Resolve(h.ctx, h.asked("R-20462", "300.00"))
	h.conflict(err)
	h.applied("B1,payment,R-20461,500.00")
	h.opens("R-20461,0.00,paid in full", "R-20462,300.00,open")
}

func neverOver(h *house) {
	_, err := h.job.Resolve(h.ctx, h.asked("R-20462", "500.00"))
	if refused := (recon.Refused{}); !errors.As(err, &refused) {
		h.Errorf("500.00 on 300.00: %v", err)
	}
	h.applied()
	h.opens("R-20461,500.00,open", "R-20462,300.00,open")
}

func twoTabs(h *house) {
	version := h.version("B1")
	people := []string{"anna", "bert", "carl", "dora"}
	errs := make([]error, len(people))
	var all sync.WaitGroup
	for i, name := range people {
		tab := *h.job
		tab.Actor = name
		request := h.asked("R-20461", "500.00")
		if i%2 == 1 {
			request = h.asked("R-20462", "300.00")
			request.OnAccount = []string{"200.00"}
		}
		request.Version = version
		all.Go(func() { _, errs[i] = tab.Resolve(h.ctx, request) })
	}
	all.Wait()
	wins := 0
	for _, err := range errs {
		if err == nil {
			wins++
			continue
		}
		h.conflict(err)
	}
	if rows := h.appliedRows(); wins != 1 || len(rows) > 2 {
		h.Errorf("%d won, and applied is %q", wins, rows)
	}
}

func rapidClicks(h *house) {
	request := h.asked("R-20461", "500.00")
	request.Version = h.version("B1")
	var all sync.WaitGroup
	done, errs := make([]recon.Done, 5), make([]error, 5)
	for i := range done {
		all.Go(func() { done[i], errs[i] = h.job.Resolve(h.ctx, request) })
	}
	all.Wait()
	var decision int64
	for i, err := range errs {
		switch {
		case err != nil:
			h.conflict(err)
		case decision != 0 && done[i].Decision != decision:
			h.Errorf("two clicks made decisions %d and %d", decision, done[i].Decision)
		default:
			decision = done[i].Decision
		}
	}
	if decision == 0 {
		h.Errorf("no click had an effect: %v", errs)
	}
	h.applied("B1,payment,R-20461,500.00")
	colleague := *h.job
	colleague.Actor = "bert"
	_, err := colleague.Resolve(h.ctx, request)
	h.conflict(err)
	if !strings.Contains(fmt.Sprint(err), "anna") {
		h.Errorf("the colleague is not told who was faster: %v", err)
	}
}

func sameItemTwice(h *house) {
	h.apply(h.job, worker.ItemAmount{Number: "R-20461", Amount: "200.00"}, worker.ItemAmount{Number: "R-20462", Amount: "250.00"}, worker.ItemAmount{Number: "R-20461", Amount: "50.00"})
	h.opens("R-20461,250.00,partially paid", "R-20462,50.00,partially paid")
}

func partStays(h *house) {
	h.apply(h.job, worker.ItemAmount{Number: "R-20461", Amount: "200.00"}, worker.ItemAmount{Number: "R-20462", Amount: "300.00"})
	before, open := h.appliedRows(), h.open().Rows
	h.imports(fixtures.Import{Kind: fixtures.ImportCustomers, Name: "customers.csv", Data: []byte("customer,name,iban\nC100,Somebody,DE34200505501234567890\n")})
	h.run()
	h.applied(before...)
	if got := h.open().Rows; !reflect.DeepEqual(got, open) {
		h.Errorf("open is %v, it was %v", got, open)
	}
}

func undoneAsBefore(h *house) {
	open := h.open()
	h.balanced("bank:main,EUR,500.00", "opening,EUR,-800.00", "receivables,EUR,800.00", "suspense,EUR,-500.00")
	h.apply(h.job, worker.ItemAmount{Number: "R-20461", Amount: "450.00"}, worker.ItemAmount{Number: "R-20462", Amount: "50.00"})
	_, err := h.job.UndoReceipt(h.ctx, h.receipt("B1"), "wrong customer")
	h.must(err)
	if again := h.open(); !reflect.DeepEqual(again, open) {
		h.Errorf("open is %v, it was %v", again, open)
	}
	h.balanced("bank:main,EUR,500.00", "opening,EUR,-800.00", "receivables,EUR,800.00", "unapplied,EUR,-500.00") // whose money it is was said, and stays
	h.apply(h.job, worker.ItemAmount{Number: "R-20461", Amount: "500.00"})
	h.opens("R-20461,0.00,paid in full", "R-20462,300.00,open")
}

func withdrawn(h *house) {
	request := h.proposed()
	h.changes("R-20461,C100,2026-02-01,2026-03-03,EUR,500.00,0.00")
	h.run()
	h.proposesNo("R-20461")
	_, err := h.job.Resolve(h.ctx, request)
	h.conflict(err)
	_, err = h.job.Resolve(h.ctx, h.asked("R-20461", "500.00"))
	if refused := (recon.Refused{}); !errors.As(err, &refused) {
		h.Errorf("500.00 on an item that is gone: %v", err)
	}
	h.applied(",external,R-20461,500.00")
}

func amended(h *house) {
	request := h.proposed()
	h.changes("R-20461,C100,2026-02-01,2026-03-03,EUR,480.00,")
	h.run()
	h.proposesNo("R-20461")
	_, err := h.job.Resolve(h.ctx, request)
	h.conflict(err)
	h.applied()
	h.opens("R-20461,480.00,open", "R-20462,300.00,open")
}

func changedMeanwhile(h *house) {
	request := h.proposed()
	h.changes("R-20461,C100,2026-02-01,2026-03-03,EUR,700.00,")
	_, err := h.job.Resolve(h.ctx, request)
	h.conflict(err)
	h.applied()
	h.opens("R-20461,700.00,open", "R-20462,300.00,open")
}

func pickedCustomer(h *house) {
	before := h.entry("B1")
	_, err := h.job.Resolve(h.ctx, recon.Request{Receipt: h.receipt("B1"), Customer: "C200", OnAccount: []string{"500.00"}, Reason: "it is theirs"})
	h.must(err)
	if after := h.entry("B1"); after.AmountMinor != before.AmountMinor || after.AmountMinor != 50000 {
		h.Errorf("the receipt is %d, it was %d", after.AmountMinor, before.AmountMinor)
	}
	h.applied("B1,on_account,,500.00")
}

func lockedToTheEnd(h *house) {
	second := *h.job
	second.Actor = "bert"
	tried := 0
	h.job.Reached = func(string) {
		tried++
		if _, err := second.Run(h.ctx); !errors.Is(err, store.ErrLocked) {
			h.Errorf("another run within a run: %v", err)
		}
	}
	h.drop("next.csv", []byte("nothing that can be read"))
	h.run()
	if tried < 3 {
		h.Errorf("the run passed %d points only", tried)
	}
	_, err := second.Run(h.ctx)
	h.must(err)
}

// asked is a person's word that the receipt pays one item.
func (h *house) asked(item, amount string) recon.Request {
	h.Helper()
	return recon.Request{Receipt: h.receipt("B1"), Apply: []worker.ItemAmount{{Number: item, Amount: amount}}, Reason: "the payer said so"}
}

func (h *house) apply(job *worker.Pipeline, lines ...worker.ItemAmount) {
	h.Helper()
	_, err := job.Resolve(h.ctx, recon.Request{Receipt: h.receipt("B1"), Apply: lines, Reason: "the payer said so"})
	h.must(err)
}

// proposed is what a person sees who is about to take the first proposal, on R-20461.
func (h *house) proposed() recon.Request {
	h.Helper()
	request := recon.Request{Receipt: h.receipt("B1"), Version: h.version("B1"), Proposal: 1}
	preview, err := h.job.Preview(h.ctx, request)
	h.must(err)
	if len(preview.Items) != 1 || preview.Items[0].Number != "R-20461" {
		h.Fatalf("the first proposal is %+v", preview.Lines)
	}
	request.Plan, request.Seen = preview.Plan, []recon.SeenItem{{Number: preview.Items[0].Number, Version: preview.Items[0].Version}}
	return request
}

func (h *house) proposesNo(number string) {
	h.Helper()
	detail, err := h.job.Store.Decision(h.ctx, storyEntity, h.receipt("B1"))
	h.must(err)
	for _, p := range detail.Decision.Proposals {
		if text := proposalText(p, h.numbers(), "EUR"); strings.Contains(text, number) {
			h.Errorf("%s is still proposed: %s", number, text)
		}
	}
}

func (h *house) version(reference string) int64 {
	h.Helper()
	detail, err := h.job.Store.Decision(h.ctx, storyEntity, h.receipt(reference))
	h.must(err)
	if detail.Case == nil {
		h.Fatalf("%s is not in the queue", reference)
	}
	return detail.Case.Version
}

func (h *house) entry(reference string) recon.EntryRow {
	h.Helper()
	row, err := h.job.Store.Entry(h.ctx, storyEntity, h.receipt(reference))
	h.must(err)
	return row
}

// changes imports one line that changes an item.
func (h *house) changes(line string) {
	h.Helper()
	h.imports(fixtures.Import{Kind: fixtures.ImportItems, Name: "items.csv", Data: []byte("number,customer,issue_date,due_date,currency,amount,open\n" + line + "\n")})
}

// conflict wants a person to be told that somebody or something was faster.
func (h *house) conflict(err error) {
	h.Helper()
	if refused := (recon.Refused{}); !errors.As(err, &refused) || refused.Class != recon.RefusedConflict {
		h.Errorf("not refused as a conflict: %v", err)
	}
}

// appliedRows are the applications in force.
func (h *house) appliedRows() []string {
	h.Helper()
	all := h.applications()
	decision, kind := slices.Index(all.Columns, "decision"), slices.Index(all.Columns, "kind")
	all.Rows = slices.DeleteFunc(all.Rows, func(row []string) bool { return row[decision] == "reversed" || row[kind] == "" })
	return rowTexts(all, []string{"bank_reference", "kind", "item", "applied"})
}

func (h *house) applied(want ...string) {
	h.Helper()
	if got := h.appliedRows(); !slices.Equal(got, want) {
		h.Errorf("applied is %q, expected %q", got, want)
	}
}

func (h *house) opens(want ...string) {
	h.Helper()
	if got := rowTexts(h.open(), []string{"number", "open", "status"}); !slices.Equal(got, want) {
		h.Errorf("open is %q, expected %q", got, want)
	}
}

func (h *house) balanced(want ...string) {
	h.Helper()
	if got := rowTexts(h.balances(books.Cut{}), []string{"account", "currency", "balance"}); !slices.Equal(got, want) {
		h.Errorf("balances are %q, expected %q", got, want)
	}
}
