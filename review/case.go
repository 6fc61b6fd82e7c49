package review

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func caseRoutes() []route {
	return []route{
		{method: "GET", path: "/e/{entity}/cases/{receipt}", may: mayRead, do: (*call).casePage, says: "Case"},
		{method: "POST", path: "/e/{entity}/cases/{receipt}/accept", may: mayDecide, as: form, versioned: true, do: (*call).acceptProposal, says: "Accept a proposal"},
		{method: "POST", path: "/e/{entity}/cases/{receipt}/table", may: mayDecide, as: form, idle: true, do: (*call).workTable, says: "Work on the allocation table"},
		{method: "POST", path: "/e/{entity}/cases/{receipt}/allocate", may: mayDecide, as: form, versioned: true, do: (*call).applyTable, says: "Apply the allocation table"},
		{method: "POST", path: "/e/{entity}/cases/{receipt}/set-aside", may: mayDecide, as: form, versioned: true, do: (*call).setAside, says: "Set a receipt aside"},
		{method: "POST", path: "/e/{entity}/cases/{receipt}/assign", may: mayDecide, as: form, do: (*call).assignCase, says: "Assign a case"},
		{method: "POST", path: "/e/{entity}/cases/{receipt}/snooze", may: mayDecide, as: form, do: (*call).snoozeCase, says: "Snooze a case"},
		{method: "POST", path: "/e/{entity}/cases/{receipt}/note", may: mayDecide, as: form, do: (*call).noteCase, says: "Add a note to a case"},
		{method: "POST", path: "/e/{entity}/cases/{receipt}/part", may: mayDecide, as: form, versioned: true, do: (*call).partCase, says: "Say which items a receipt does not pay"},
		{method: "POST", path: "/e/{entity}/cases/{receipt}/undo", may: mayUndo, as: form, fresh: true, do: (*call).undoCase, says: "Take back what a receipt paid"},
		{method: "POST", path: "/e/{entity}/cases/{receipt}/release", may: mayDecide, as: form, do: (*call).releaseCase, says: "Give a receipt back to the engine"},
		{method: "POST", path: "/e/{entity}/cases/{receipt}/attend", may: mayDecide, as: form, idle: true, do: (*call).attendCase, says: "Say that a case is open on somebody's screen"},
	}
}

// casePage shows a case, or what became of it.
func (c *call) casePage() error {
	receipt, err := c.number("receipt")
	if err != nil {
		return err
	}
	if err := c.attends(receipt); err != nil {
		return err
	}
	return c.showCase(receipt, shown{})
}

// shown is what a case page shows beside the case itself.
type shown struct {
	table   *allocation // as the person left it, nil for a fresh one
	failure *failure
	preview *recon.Preview
	status  int
}

func (c *call) showCase(receipt int64, with shown) error {
	data, err := c.caseOf(receipt, with)
	if err != nil {
		return err
	}
	if with.status == 0 {
		with.status = http.StatusOK
	}
	return c.pageAs(with.status, "case", data)
}

// attendLasts is how long a screen counts as open after it last said so.
const attendLasts = 90 * time.Second

// attends notes that the person has a case of the queue open, where they may decide it.
func (c *call) attends(receipt int64) error {
	if !may(c.person, c.company.ID, mayDecide) {
		return nil
	}
	open, err := c.Store.Cases(c.r.Context(), c.company.ID, store.CaseQuery{Filter: store.CaseFilter{Receipts: []int64{receipt}}})
	if err != nil || len(open) == 0 {
		return err
	}
	return c.Store.Attend(c.r.Context(), c.company.ID, receipt, c.person.Login, c.Now().Add(attendLasts))
}

// attendCase keeps a screen open and answers who else has it open.
func (c *call) attendCase() error {
	receipt, err := c.number("receipt")
	if err != nil {
		return err
	}
	if err := c.attends(receipt); err != nil {
		return err
	}
	others, err := c.othersAt(receipt)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, map[string]any{"present": append([]string{}, others...)})
}

// othersAt are the logins of others who have a case open.
func (c *call) othersAt(receipt int64) (others []string, err error) {
	work, err := c.Store.CaseWork(c.r.Context(), c.company.ID, receipt, c.Now())
	for _, p := range work.Present {
		if p.Person != c.person.Login {
			others = append(others, p.Person)
		}
	}
	return others, err
}

// acceptProposal takes a proposal exactly as it was on the page.
func (c *call) acceptProposal() error {
	return c.decide(recon.Request{Version: c.version(), Plan: c.field("plan"), Reason: c.field("reason")}, nil)
}

// setAside takes a receipt out of the queue: it is none.
func (c *call) setAside() error {
	return c.decide(recon.Request{Version: c.version(), SetAside: true, Ledger: c.field("ledger"), Reason: c.field("reason")}, nil)
}

// decide carries out a decision and opens the next case. What is refused is shown on the page, with the table as the person left it.
func (c *call) decide(request recon.Request, left *allocation) error {
	receipt, err := c.number("receipt")
	if err != nil {
		return err
	}
	request.Receipt = receipt
	if request.Plan == "" && !request.SetAside && left == nil {
		return badInput("plan", "the plan of a proposal, as the page wrote it")
	}
	before, err := c.Store.Cases(c.r.Context(), c.company.ID, store.CaseQuery{Filter: store.CaseFilter{Receipts: []int64{receipt}}})
	if err != nil {
		return err
	}
	done, err := c.resolve(request)
	var refused recon.Refused
	if errors.As(err, &refused) {
		f := failureOf(refused)
		return c.showCase(receipt, shown{table: left, failure: f, status: f.Status})
	}
	if err != nil {
		return err
	}
	if done.Proposal != 0 {
		return c.nextCase(before, "Receipt %d waits for a second person: %s. It is proposal %d.", receipt, done.Why, done.Proposal)
	}
	return c.nextCase(before, "Receipt %d is decided.", receipt)
}

// nextCase leads to the case that follows in the part of the queue that is looked at, else to the queue.
func (c *call) nextCase(before []store.Case, message string, values ...any) error {
	view, query, err := c.queueView()
	if err != nil {
		return err
	}
	var done string
	if len(before) > 0 {
		query.After = &before[0]
		done = fmt.Sprint(before[0].Receipt)
	}
	next, err := c.following(query)
	if err != nil {
		return err
	}
	if next == 0 {
		return c.see(c.at("queue")+view.with("done", done), message, values...)
	}
	return c.see(c.at("cases", next)+view.with("done", done), message, values...)
}

// following is the case behind a position, the first of all where none is behind it; 0 where nothing is left.
func (c *call) following(query store.CaseQuery) (int64, error) {
	query.Limit = 2
	for {
		cases, err := c.Store.Cases(c.r.Context(), c.company.ID, query)
		if err != nil {
			return 0, err
		}
		for _, one := range cases {
			if query.After == nil || one.Receipt != query.After.Receipt {
				return one.Receipt, nil
			}
		}
		if query.After == nil {
			return 0, nil
		}
		query.After = nil
	}
}

// back leads back to the case after work beside deciding it.
func (c *call) back(receipt int64, err error, message string, values ...any) error {
	if err != nil {
		return err
	}
	view, _, err := c.queueView()
	if err != nil {
		return err
	}
	return c.see(c.at("cases", receipt)+view.with(), message, values...)
}

func (c *call) assignCase() error {
	receipt, err := c.number("receipt")
	if err != nil {
		return err
	}
	person := c.field("person")
	if person == whoMe {
		person = c.person.Login
	}
	if person != "" {
		people, err := c.colleagues()
		if err != nil {
			return err
		}
		if !slices.Contains(people, person) {
			return fail(http.StatusUnprocessableEntity, "ASSIGN-PERSON", "choose one of: "+strings.Join(people, ", "), "%q decides no cases here", person)
		}
	}
	err = c.company.Work.Assign(c.r.Context(), c.actor(), receipt, person)
	if person == "" {
		return c.back(receipt, err, "Receipt %d is assigned to nobody.", receipt)
	}
	return c.back(receipt, err, "Receipt %d is assigned to %s.", receipt, person)
}

// snoozeCase puts a case out of sight and opens the next one.
func (c *call) snoozeCase() error {
	receipt, err := c.number("receipt")
	if err != nil {
		return err
	}
	until, err := c.formDay("until")
	if err != nil {
		return err
	}
	before, err := c.Store.Cases(c.r.Context(), c.company.ID, store.CaseQuery{Filter: store.CaseFilter{Receipts: []int64{receipt}}})
	if err != nil {
		return err
	}
	if err := c.company.Work.Snooze(c.r.Context(), c.actor(), receipt, until); err != nil {
		return err
	}
	if until == 0 {
		return c.back(receipt, nil, "Receipt %d is in sight again.", receipt)
	}
	return c.nextCase(before, "Receipt %d is out of sight until %s.", receipt, until)
}

func (c *call) noteCase() error {
	receipt, err := c.number("receipt")
	if err != nil {
		return err
	}
	return c.back(receipt, c.company.Work.Note(c.r.Context(), c.actor(), receipt, c.field("note")), "The note is kept.")
}

// partCase says that a receipt does not pay items; the next run decides it anew without them.
func (c *call) partCase() error {
	receipt, err := c.number("receipt")
	if err != nil {
		return err
	}
	return c.back(receipt, c.company.Work.Part(c.r.Context(), c.actor(), receipt, c.version(), c.form["item"], c.field("reason")), "It is not proposed for these items again.")
}

func (c *call) undoCase() error {
	receipt, err := c.number("receipt")
	if err != nil {
		return err
	}
	done, err := c.company.Work.UndoReceipt(c.r.Context(), c.actor(), receipt, c.field("reason"))
	if err != nil {
		return err
	}
	if done.Proposal != 0 {
		return c.back(receipt, nil, "It waits for a second person: %s. It is proposal %d.", done.Why, done.Proposal)
	}
	return c.back(receipt, nil, "What receipt %d paid is taken back.", receipt)
}

func (c *call) releaseCase() error {
	receipt, err := c.number("receipt")
	if err != nil {
		return err
	}
	return c.back(receipt, c.company.Work.Release(c.r.Context(), c.actor(), receipt), "Receipt %d is the engine's again; the next run decides it.", receipt)
}
