package review

import (
	"errors"
	"net/http"
	"time"

	"github.com/tieout/tieout/matcher"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func casesAPIRoutes() []route {
	query := []parameter{{"q", "part of payer, customer or text, an amount, or a receipt's id"}, {"reason", "a reason code"}, {"customer", "a customer's code"}, {"currency", "ISO 4217"},
		{"account", "id of our account"}, {"who", "login, me or nobody"}, {"min", "least amount"}, {"max", "largest amount"}, {"snoozed", "hide, with or only"},
		{"sort", "value, age or reason"}, {"after", "next of the page before"}, {"limit", "cases, at most 500"}}
	return []route{
		{method: "GET", path: "/api/v1/e/{entity}/cases", may: mayRead, as: api, do: (*call).apiCases, says: "The queue, a page at a time", query: query, out: casesOut{}},
		{method: "GET", path: "/api/v1/e/{entity}/cases/{receipt}", may: mayRead, as: api, do: (*call).apiCase, says: "A case with its ranked proposals", out: caseDetailOut{}},
		{method: "POST", path: "/api/v1/e/{entity}/cases/{receipt}/preview", may: mayDecide, as: api, do: (*call).apiPreview, says: "What a decision would do; nothing is done", in: resolveIn{}, out: previewOut{}},
		{method: "POST", path: "/api/v1/e/{entity}/cases/{receipt}/resolve", may: mayDecide, as: api, versioned: true, do: (*call).apiResolve, says: "Decide a case", in: resolveIn{}, out: doneOut{}},
		{method: "POST", path: "/api/v1/e/{entity}/cases/{receipt}/release", may: mayDecide, as: api, do: (*call).apiRelease, says: "Give a receipt back to the engine"},
		{method: "POST", path: "/api/v1/e/{entity}/cases/{receipt}/notes", may: mayDecide, as: api, do: (*call).apiNote, says: "Add a note", in: noteIn{}},
		{method: "PUT", path: "/api/v1/e/{entity}/cases/{receipt}/assignee", may: mayDecide, as: api, do: (*call).apiAssign, says: "Give a case to a person, or to nobody", in: assignIn{}},
		{method: "PUT", path: "/api/v1/e/{entity}/cases/{receipt}/snooze", may: mayDecide, as: api, do: (*call).apiSnooze, says: "Put a case out of sight until a day, or back into sight", in: snoozeIn{}},
	}
}

type caseOut struct {
	Receipt   int64          `json:"receipt"`
	Return    bool           `json:"return"`
	Account   string         `json:"account"`
	Booked    recon.Date     `json:"booked"`
	Amount    amount         `json:"amount" says:"still to decide"`
	Currency  recon.Currency `json:"currency"`
	Payer     string         `json:"payer"`
	Customer  string         `json:"customer"`
	Text      string         `json:"text"`
	Reason    recon.Reason   `json:"reason"`
	Why       string         `json:"why"`
	Score     int            `json:"score"`
	Proposals int            `json:"proposals"`
	Opened    time.Time      `json:"opened"`
	Assignee  string         `json:"assignee"`
	Snoozed   recon.Date     `json:"snoozed" says:"out of sight before this day; empty when in sight"`
	Pending   bool           `json:"pending" says:"a proposal about it waits for a second person"`
	Version   int64          `json:"version"`
}

type casesOut struct {
	Cases []caseOut `json:"cases"`
	Next  string    `json:"next" says:"after of the next page, empty on the last one"`
}

func viewCase(c store.Case) caseOut {
	return caseOut{Receipt: c.Receipt, Return: c.Return, Account: c.AccountID, Booked: c.Booked, Amount: amount(recon.FormatMinor(c.AmountMinor, c.Currency)), Currency: c.Currency,
		Payer: c.Payer, Customer: c.Customer, Text: c.Text, Reason: c.Reason, Why: matcher.Sentence(c.Reason), Score: c.Score, Proposals: c.Proposals, Opened: c.Opened,
		Assignee: c.Assignee, Snoozed: c.Snoozed, Pending: c.Pending, Version: c.Version}
}

func (c *call) apiCases() error {
	_, query, err := c.queueView()
	if err != nil {
		return err
	}
	if query.Limit, err = c.count("limit", 100, 1, 500); err != nil {
		return err
	}
	if query.After, err = readPosition(c.search("after")); err != nil {
		return err
	}
	cases, err := c.Store.Cases(c.r.Context(), c.company.ID, query)
	if err != nil {
		return err
	}
	out := casesOut{Cases: make([]caseOut, len(cases))}
	for i, one := range cases {
		out.Cases[i] = viewCase(one)
	}
	if len(cases) == query.Limit {
		out.Next = position(cases[len(cases)-1])
	}
	return c.json(http.StatusOK, out)
}

type lineOut struct {
	Kind       recon.Kind `json:"kind"`
	Item       string     `json:"item" says:"number, empty for kinds that reduce none"`
	CreditNote string     `json:"credit_note"`
	Amount     amount     `json:"amount"`
	Ledger     string     `json:"ledger"`
}

type offerOut struct {
	Plan       string       `json:"plan" says:"send it back to accept exactly this"`
	Reason     recon.Reason `json:"reason"`
	Why        string       `json:"why"`
	Score      int          `json:"score"`
	Customer   string       `json:"customer"`
	Difference amount       `json:"difference" says:"receipt less what its items were open for"`
	Lines      []lineOut    `json:"lines"`
}

type caseDetailOut struct {
	caseOut
	Proposed []offerOut `json:"offers"`
	Notes    []noteOut  `json:"notes"`
	Present  []string   `json:"present" says:"who has the case open"`
}

type noteOut struct {
	Text  string    `json:"text"`
	Actor string    `json:"actor"`
	At    time.Time `json:"at"`
}

// openCase is the open case in the path; one that was decided is a conflict that says by whom and when.
func (c *call) openCase() (detail store.DecisionDetail, err error) {
	receipt, err := c.number("receipt")
	if err != nil {
		return detail, err
	}
	detail, err = c.Store.Decision(c.r.Context(), c.company.ID, receipt)
	if err == nil && detail.Case == nil {
		err = fail(http.StatusConflict, "QUEUE-DECIDED", "undo it first to decide anew", "receipt %d was decided by %s at %s", receipt, detail.Actor, detail.At.UTC().Format(time.RFC3339))
	}
	return detail, err
}

func (c *call) apiCase() error {
	detail, err := c.openCase()
	if err != nil {
		return err
	}
	offers, err := c.company.Work.Offers(c.r.Context(), detail)
	if err != nil {
		return err
	}
	work, err := c.Store.CaseWork(c.r.Context(), c.company.ID, detail.Case.Receipt, c.Now())
	if err != nil {
		return err
	}
	out := caseDetailOut{caseOut: viewCase(*detail.Case), Proposed: []offerOut{}, Notes: []noteOut{}, Present: []string{}}
	for _, o := range offers.Offers {
		lines, err := c.viewLines(o.Lines, detail.Case.Currency)
		if err != nil {
			return err
		}
		out.Proposed = append(out.Proposed, offerOut{Plan: o.Plan, Reason: o.Reason, Why: matcher.Sentence(o.Reason), Score: o.Score, Customer: o.Customer,
			Difference: amount(recon.FormatMinor(o.DifferenceMinor, detail.Case.Currency)), Lines: lines})
	}
	for _, n := range work.Notes {
		out.Notes = append(out.Notes, noteOut{n.Text, n.Actor, n.At})
	}
	for _, p := range work.Present {
		out.Present = append(out.Present, p.Person)
	}
	c.etag(detail.Case.Version)
	return c.json(http.StatusOK, out)
}

func (c *call) viewLines(lines []recon.Line, currency recon.Currency) ([]lineOut, error) {
	items, err := c.itemsOf(lines)
	if err != nil {
		return nil, err
	}
	out := make([]lineOut, len(lines))
	for i, l := range lines {
		out[i] = lineOut{Kind: l.Kind, Item: items[l.Item].Number, CreditNote: items[l.CreditNote].Number, Amount: amount(recon.FormatMinor(l.AmountMinor, currency)), Ledger: l.Ledger}
	}
	return out, nil
}

type itemAmountIn struct {
	Item   string `json:"item" says:"its number"`
	Amount amount `json:"amount"`
	Ledger string `json:"ledger,omitempty" says:"of a write-off or adjustment"`
}

type resolveIn struct {
	Plan      string         `json:"plan,omitempty" says:"of the offer or preview that was seen: nothing else is done"`
	Apply     []itemAmountIn `json:"apply,omitempty" says:"what items fall by: money and credit notes together"`
	Credit    []itemAmountIn `json:"credit,omitempty" says:"credit notes to use"`
	Discount  []itemAmountIn `json:"discount,omitempty"`
	WriteOff  []itemAmountIn `json:"write_off,omitempty"`
	Adjust    []itemAmountIn `json:"adjust,omitempty"`
	Charge    []amount       `json:"charge,omitempty" says:"withheld by banks on the way"`
	OnAccount []amount       `json:"on_account,omitempty"`
	Refund    []amount       `json:"refund,omitempty"`
	Spread    []string       `json:"spread,omitempty" says:"items that the receipt fills from top to bottom"`
	SetAside  bool           `json:"set_aside,omitempty" says:"it is no receipt"`
	Ledger    string         `json:"ledger,omitempty" says:"account of what is set aside"`
	Customer  string         `json:"customer,omitempty"`
	Shortfall string         `json:"shortfall,omitempty" says:"dispute, deduction or instalment"`
	Reason    string         `json:"reason,omitempty"`
	NextDate  recon.Date     `json:"next_date,omitempty"`
}

// request turns what a program sent into what the worker is asked for. What is wrong with single lines is said line by line.
func (in resolveIn) request(one store.Case) (request recon.Request, err error) {
	var wrong []recon.Problem
	items := func(where string, list []itemAmountIn) (all []recon.ItemAmount) {
		seen := map[string]bool{}
		for i, line := range list {
			if problem := lineProblem(where, i, line.Amount, one.Currency); problem != nil {
				wrong = append(wrong, *problem)
			}
			if seen[line.Item] {
				wrong = append(wrong, recon.Problem{Code: "ITEM-TWICE", Where: place(where, i), Severity: recon.Reject, Message: "item " + line.Item + " comes twice", Try: "write one line with the whole amount"})
			}
			seen[line.Item] = true
			all = append(all, recon.ItemAmount{Number: line.Item, Amount: string(line.Amount), Ledger: line.Ledger})
		}
		return all
	}
	amounts := func(where string, list []amount) (all []string) {
		for i, a := range list {
			if problem := lineProblem(where, i, a, one.Currency); problem != nil {
				wrong = append(wrong, *problem)
			}
			all = append(all, string(a))
		}
		return all
	}
	request = recon.Request{Receipt: one.Receipt, Plan: in.Plan, Apply: items("apply", in.Apply), Credit: items("credit", in.Credit), Discount: items("discount", in.Discount),
		WriteOff: items("write_off", in.WriteOff), Adjust: items("adjust", in.Adjust), Charge: amounts("charge", in.Charge), OnAccount: amounts("on_account", in.OnAccount),
		Refund: amounts("refund", in.Refund), Spread: in.Spread, SetAside: in.SetAside, Ledger: in.Ledger, Customer: in.Customer, Shortfall: in.Shortfall, Reason: in.Reason, NextDate: in.NextDate}
	if len(wrong) > 0 {
		return request, &failure{Status: http.StatusUnprocessableEntity, Problem: wrong[0], Lines: wrong}
	}
	return request, nil
}

func place(where string, i int) string { return where + "[" + decimal(int64(i)) + "]" }

func lineProblem(where string, i int, a amount, currency recon.Currency) *recon.Problem {
	minor, err := recon.ParseMinor(string(a), currency)
	if err == nil && minor > 0 {
		return nil
	}
	return &recon.Problem{Code: "AMOUNT", Where: place(where, i), Severity: recon.Reject, Message: "the amount is not over 0 in " + string(currency), Try: `write amounts as "1234.50"`}
}

// decision reads the decision about the case in the path that a program sent.
func (c *call) decision() (request recon.Request, one store.Case, err error) {
	var in resolveIn
	if err := c.read(&in); err != nil {
		return request, one, err
	}
	detail, err := c.openCase()
	if err != nil {
		return request, one, err
	}
	request, err = in.request(*detail.Case)
	return request, *detail.Case, err
}

type previewOut struct {
	Plan     string    `json:"plan"`
	Why      string    `json:"why" says:"it needs a second person, empty where one is enough"`
	Customer string    `json:"customer"`
	Lines    []lineOut `json:"lines"`
}

func (c *call) apiPreview() error {
	request, one, err := c.decision()
	if err != nil {
		return err
	}
	preview, err := c.company.Work.Preview(c.r.Context(), c.actor(), request)
	if err != nil {
		return err
	}
	lines, err := c.viewLines(preview.Lines, one.Currency)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, previewOut{preview.Plan, preview.Why, preview.Customer, lines})
}

type doneOut struct {
	Decision     int64   `json:"decision" says:"0 where it waits for a second person"`
	Proposal     int64   `json:"proposal" says:"that waits for a second person, 0 where it is done"`
	Why          string  `json:"why" says:"it needs a second person"`
	Undone       []int64 `json:"undone" says:"applications that were taken back"`
	CounterEntry []int64 `json:"counter_entries"`
}

func viewDone(d recon.Done) doneOut {
	return doneOut{Decision: d.Decision, Proposal: d.Proposal, Why: d.Why, Undone: append([]int64{}, d.Undone.Applications...), CounterEntry: append([]int64{}, d.Undone.Counters...)}
}

func (c *call) apiResolve() error {
	request, _, err := c.decision()
	if err != nil {
		return err
	}
	request.Version = c.version()
	done, err := c.resolve(request)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, viewDone(done))
}

// resolve decides a case. What is over the person's limits, so that a second one has to approve it, needs a fresh proof of who they are.
func (c *call) resolve(request recon.Request) (recon.Done, error) {
	preview, err := c.company.Work.Preview(c.r.Context(), c.actor(), request)
	if refused := (recon.Refused{}); err != nil && !errors.As(err, &refused) {
		return recon.Done{}, err
	}
	if err == nil && preview.Why != "" {
		if err := c.proved(); err != nil {
			return recon.Done{}, err
		}
	}
	return c.company.Work.Resolve(c.r.Context(), c.actor(), request)
}

func (c *call) apiRelease() error {
	receipt, err := c.number("receipt")
	if err != nil {
		return err
	}
	return c.done(c.company.Work.Release(c.r.Context(), c.actor(), receipt))
}

type noteIn struct {
	Text string `json:"text"`
}

func (c *call) apiNote() error {
	var in noteIn
	return c.aboutCase(&in, func(receipt int64) error {
		return c.company.Work.Note(c.r.Context(), c.actor(), receipt, in.Text)
	})
}

type assignIn struct {
	Person string `json:"person" says:"login, empty for nobody"`
}

func (c *call) apiAssign() error {
	var in assignIn
	return c.aboutCase(&in, func(receipt int64) error {
		return c.company.Work.Assign(c.r.Context(), c.actor(), receipt, in.Person)
	})
}

type snoozeIn struct {
	Until recon.Date `json:"until" says:"empty to bring it back into sight"`
}

func (c *call) apiSnooze() error {
	var in snoozeIn
	return c.aboutCase(&in, func(receipt int64) error {
		return c.company.Work.Snooze(c.r.Context(), c.actor(), receipt, in.Until)
	})
}

// aboutCase reads a body and does something about the case in the path.
func (c *call) aboutCase(in any, do func(receipt int64) error) error {
	if err := c.read(in); err != nil {
		return err
	}
	receipt, err := c.number("receipt")
	if err != nil {
		return err
	}
	return c.done(do(receipt))
}
