package review

import (
	"net/http"
	"time"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func booksAPIRoutes() []route {
	return []route{
		{method: "GET", path: "/api/v1/e/{entity}/items", may: mayRead, as: api, do: (*call).apiItems, says: "Items that a search finds, by number", out: itemsOut{},
			query: []parameter{{"q", "part of number or customer"}, {"status", "open, partial, disputed, scheduled, overdue or paid"}, {"customer", "a customer's code"}, {"limit", "items, at most 500"}}},
		{method: "GET", path: "/api/v1/e/{entity}/customers", may: mayRead, as: api, do: (*call).apiCustomers, says: "Customers with what they owe, by code", out: customersOut{},
			query: []parameter{{"q", "part of code or name"}, {"after", "code after which to go on"}, {"limit", "customers, at most 500"}}},
		{method: "GET", path: "/api/v1/e/{entity}/statements", may: mayRead, as: api, do: (*call).apiStatements, says: "Statements with their proofs", out: []statementOut{}},
		{method: "GET", path: "/api/v1/e/{entity}/runs", may: mayRead, as: api, do: (*call).apiRuns, says: "Runs, newest first", out: []runOut{}, query: []parameter{{"limit", "runs, at most 500"}}},
		{method: "GET", path: "/api/v1/e/{entity}/receipts/{receipt}/applications", may: mayRead, as: api, do: (*call).apiApplications, says: "What a receipt paid, taken back or not", out: []applicationOut{}},
		{method: "POST", path: "/api/v1/e/{entity}/payments", may: mayDecide, as: api, do: (*call).apiPay, says: "Record a payment by hand", in: paymentIn{}, out: paymentOut{}},
		{method: "POST", path: "/api/v1/e/{entity}/undo", may: mayUndo, as: api, fresh: true, do: (*call).apiUndo, says: "Take applications back, or all of a receipt", in: undoIn{}, out: doneOut{}},
		{method: "GET", path: "/api/v1/e/{entity}/approvals", may: mayRead, as: api, do: (*call).apiApprovals, says: "What was proposed and needs a second person, newest first", out: []approvalOut{},
			query: []parameter{{"state", "pending, approved, declined or withdrawn; all where it is empty"}}},
		{method: "GET", path: "/api/v1/e/{entity}/approvals/{proposal}", may: mayRead, as: api, do: (*call).apiApproval, says: "A proposal with all that it shows", out: approvalOut{}},
		{method: "POST", path: "/api/v1/e/{entity}/approvals/{proposal}/approve", may: mayApprove, as: api, fresh: true, do: (*call).apiApprove, says: "Approve exactly what was shown", in: approveIn{}, out: doneOut{}},
		{method: "POST", path: "/api/v1/e/{entity}/approvals/{proposal}/decline", may: mayApprove, as: api, do: (*call).apiDecline, says: "Decline", in: reasonIn{}},
		{method: "POST", path: "/api/v1/e/{entity}/approvals/{proposal}/withdraw", may: mayDecide, as: api, do: (*call).apiWithdraw, says: "Withdraw what you proposed", in: reasonIn{}},
	}
}

type itemOut struct {
	ID       int64          `json:"id"`
	Number   string         `json:"number"`
	Kind     recon.ItemKind `json:"kind"`
	Side     recon.Side     `json:"side"`
	Customer string         `json:"customer"`
	Issued   recon.Date     `json:"issue_date"`
	Due      recon.Date     `json:"due_date"`
	Currency recon.Currency `json:"currency"`
	Amount   amount         `json:"amount"`
	Open     amount         `json:"open"`
	Version  int64          `json:"version"`
}

type itemsOut struct {
	Items []itemOut `json:"items"`
}

func (c *call) apiItems() error {
	status, err := c.choice("status", "", string(store.ItemOpen), string(store.ItemPartial), string(store.ItemDisputed), string(store.ItemScheduled), string(store.ItemOverdue), string(store.ItemPaid))
	if err != nil {
		return err
	}
	limit, err := c.count("limit", 100, 1, 500)
	if err != nil {
		return err
	}
	items, err := c.Store.ItemPage(c.r.Context(), c.company.ID, store.ItemQuery{Order: store.ItemsByNumber, Limit: limit,
		Search: store.ItemSearch{Status: store.ItemStatus(status), Today: c.today(), Customer: c.search("customer"), Text: c.search("q")}})
	if err != nil {
		return err
	}
	out := itemsOut{Items: make([]itemOut, len(items))}
	for i, one := range items {
		out.Items[i] = itemOut{one.ID, one.Number, one.Kind, one.Side, one.Customer, one.IssueDate, one.DueDate, one.Currency,
			amount(recon.FormatMinor(one.AmountMinor, one.Currency)), amount(recon.FormatMinor(one.OpenMinor, one.Currency)), one.Version}
	}
	return c.json(http.StatusOK, out)
}

type customerOut struct {
	Code string   `json:"code"`
	Name string   `json:"name"`
	Lump string   `json:"unreferenced" says:"policy for lumps, empty for the rules' own"`
	IBAN []string `json:"ibans"`

	Balances []balanceOut `json:"balances" says:"by currency; none where nothing is open"`
}

type balanceOut struct {
	Currency recon.Currency `json:"currency"`
	Open     amount         `json:"open"`
	Overdue  amount         `json:"overdue"`
	Disputed amount         `json:"disputed"`
	Held     amount         `json:"on_account"`
}

type customersOut struct {
	Customers []customerOut `json:"customers"`
}

func (c *call) apiCustomers() error {
	limit, err := c.count("limit", 100, 1, 500)
	if err != nil {
		return err
	}
	list, err := c.Store.CustomerPage(c.r.Context(), c.company.ID, store.CustomerQuery{Text: c.search("q"), After: c.search("after"), Limit: limit, Today: c.today()})
	if err != nil {
		return err
	}
	out := customersOut{Customers: make([]customerOut, len(list))}
	for i, one := range list {
		out.Customers[i] = customerOut{Code: one.Code, Name: one.Name, Lump: string(one.Lump), IBAN: append([]string{}, one.IBANs...), Balances: []balanceOut{}}
		for _, b := range one.Balances {
			money := func(minor int64) amount { return amount(recon.FormatMinor(minor, b.Currency)) }
			out.Customers[i].Balances = append(out.Customers[i].Balances, balanceOut{b.Currency, money(b.OpenMinor), money(b.OverdueMinor), money(b.DisputedMinor), money(b.HeldMinor)})
		}
	}
	return c.json(http.StatusOK, out)
}

type statementOut struct {
	proofOut
	File    int64      `json:"file"`
	From    recon.Date `json:"from"`
	To      recon.Date `json:"to"`
	Entries int        `json:"entries" says:"stored with it"`
}

func (c *call) apiStatements() error {
	list, err := c.Store.Statements(c.r.Context(), c.company.ID)
	if err != nil {
		return err
	}
	out := make([]statementOut, len(list))
	for i, s := range list {
		out[i] = statementOut{viewProof(s), s.File, s.From, s.To, s.New}
	}
	return c.json(http.StatusOK, out)
}

type runOut struct {
	ID       int64      `json:"id"`
	Rules    string     `json:"rules"`
	Actor    string     `json:"actor"`
	Started  time.Time  `json:"started"`
	Finished *time.Time `json:"finished" says:"null while it goes on"`
	State    string     `json:"state"`
	Files    int        `json:"files"`
	Entries  int        `json:"entries"`
	Receipts int        `json:"receipts"`
	Applied  int        `json:"applied"`
	Queued   int        `json:"queued"`
	Faults   int        `json:"faults"`
}

func (c *call) apiRuns() error {
	limit, err := c.count("limit", 50, 1, 500)
	if err != nil {
		return err
	}
	runs, err := c.Store.Runs(c.r.Context(), c.company.ID, limit)
	if err != nil {
		return err
	}
	out := make([]runOut, len(runs))
	for i, r := range runs {
		out[i] = runOut{ID: r.ID, Rules: r.Rules, Actor: r.Actor, Started: r.Started, State: r.State, Files: r.Stats.Files, Entries: r.Stats.Entries, Receipts: r.Stats.Receipts,
			Applied: r.Stats.Applied, Queued: r.Stats.Queued, Faults: r.Stats.Faults}
		if !r.Finished.IsZero() {
			out[i].Finished = &r.Finished
		}
	}
	return c.json(http.StatusOK, out)
}

type applicationOut struct {
	ID        int64          `json:"id"`
	Kind      recon.Kind     `json:"kind"`
	Item      string         `json:"item"`
	Amount    amount         `json:"amount"`
	Currency  recon.Currency `json:"currency"`
	Effective recon.Date     `json:"effective"`
	Recorded  time.Time      `json:"recorded"`
	Actor     string         `json:"actor"`
	Live      bool           `json:"live"`
}

func (c *call) apiApplications() error {
	receipt, err := c.number("receipt")
	if err != nil {
		return err
	}
	if _, err := c.Store.Decision(c.r.Context(), c.company.ID, receipt); err != nil {
		return err
	}
	list, err := c.Store.ApplicationsOf(c.r.Context(), c.company.ID, receipt)
	if err != nil {
		return err
	}
	var ids []int64
	for _, a := range list {
		ids = append(ids, a.Item)
	}
	items, err := c.itemsWith(ids)
	if err != nil {
		return err
	}
	out := make([]applicationOut, len(list))
	for i, a := range list {
		out[i] = applicationOut{a.ID, a.Kind, items[a.Item].Number, amount(recon.FormatMinor(a.AmountMinor, a.Currency)), a.Currency, a.Effective, a.Recorded, a.Actor, a.Live()}
	}
	return c.json(http.StatusOK, out)
}

type paymentIn struct {
	Item    string     `json:"item"`
	Amount  amount     `json:"amount,omitempty" says:"what is open where it is missing"`
	Date    recon.Date `json:"date"`
	Account string     `json:"account,omitempty" says:"id of our account where the money will arrive"`
	Method  string     `json:"method,omitempty"`
	Cheque  string     `json:"cheque,omitempty"`
	Note    string     `json:"note,omitempty"`
}

type paymentOut struct {
	Receipt   int64           `json:"receipt"`
	Paid      amount          `json:"paid"`
	Remaining amount          `json:"remaining"`
	Currency  recon.Currency  `json:"currency"`
	Problems  []recon.Problem `json:"problems" says:"warnings"`
}

func (c *call) apiPay() error {
	var in paymentIn
	if err := c.read(&in); err != nil {
		return err
	}
	paid, err := c.company.Work.Pay(c.r.Context(), c.actor(), recon.HandPayment{Number: in.Item, Amount: string(in.Amount), Date: in.Date, Account: in.Account,
		Method: in.Method, Cheque: in.Cheque, Note: in.Note})
	if err != nil {
		return err
	}
	currency := paid.Item.Currency
	return c.json(http.StatusOK, paymentOut{paid.Receipt, amount(recon.FormatMinor(paid.PaidMinor, currency)), amount(recon.FormatMinor(paid.RestMinor, currency)), currency,
		append([]recon.Problem{}, paid.Problems...)})
}

type undoIn struct {
	Receipt      int64   `json:"receipt,omitempty" says:"all of it; or"`
	Applications []int64 `json:"applications,omitempty" says:"these alone"`
	Reason       string  `json:"reason"`
}

func (c *call) apiUndo() (err error) {
	var in undoIn
	if err := c.read(&in); err != nil {
		return err
	}
	if (in.Receipt == 0) == (len(in.Applications) == 0) {
		return badJSON("receipt", "either a receipt or applications are expected")
	}
	var done recon.Done
	if in.Receipt != 0 {
		done, err = c.company.Work.UndoReceipt(c.r.Context(), c.actor(), in.Receipt, in.Reason)
	} else {
		done, err = c.company.Work.Undo(c.r.Context(), c.actor(), in.Applications, in.Reason)
	}
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, viewDone(done))
}

type approvalOut struct {
	ID       int64               `json:"id"`
	Kind     string              `json:"kind"`
	Receipt  int64               `json:"receipt"`
	Subject  string              `json:"subject"`
	Why      string              `json:"why"`
	Shown    string              `json:"shown" says:"what was proposed, line by line: an approval covers exactly this"`
	Plan     string              `json:"plan" says:"hash of it, which an approval repeats"`
	Reason   string              `json:"reason"`
	Proposer string              `json:"proposer"`
	Proposed time.Time           `json:"proposed"`
	State    store.ApprovalState `json:"state"`
	By       string              `json:"settled_by"`
	Answer   string              `json:"answer"`
}

func viewApproval(a store.Approval) approvalOut {
	return approvalOut{a.ID, a.Kind, a.Receipt, a.Subject, a.Why, a.Shown, a.PlanHash, a.Reason, a.Proposer, a.Proposed, a.State, a.SettledBy, a.Answer}
}

func (c *call) apiApprovals() error {
	state, err := c.choice("state", "", string(store.ApprovalPending), string(store.ApprovalApproved), string(store.ApprovalDeclined), string(store.ApprovalWithdrawn))
	if err != nil {
		return err
	}
	list, err := c.Store.Approvals(c.r.Context(), c.company.ID, store.ApprovalFilter{State: store.ApprovalState(state), Limit: 500})
	if err != nil {
		return err
	}
	out := make([]approvalOut, len(list))
	for i, a := range list {
		out[i] = viewApproval(a)
	}
	return c.json(http.StatusOK, out)
}

// proposal is the proposal in the path.
func (c *call) proposal() (store.Approval, error) {
	id, err := c.number("proposal")
	if err != nil {
		return store.Approval{}, err
	}
	return c.Store.Approval(c.r.Context(), c.company.ID, id)
}

func (c *call) apiApproval() error {
	a, err := c.proposal()
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, viewApproval(a))
}

type approveIn struct {
	Plan string `json:"plan" says:"of the proposal as it was read"`
}

func (c *call) apiApprove() error {
	var in approveIn
	if err := c.read(&in); err != nil {
		return err
	}
	a, err := c.proposal()
	if err != nil {
		return err
	}
	if in.Plan != a.PlanHash {
		return fail(http.StatusConflict, "APPROVAL-PLAN", "read the proposal again, then decide", "this is not what was proposed").at("plan")
	}
	done, err := c.company.Work.Approve(c.r.Context(), c.actor(), a.ID)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, viewDone(done))
}

type reasonIn struct {
	Reason string `json:"reason"`
}

func (c *call) apiDecline() error {
	var in reasonIn
	return c.aboutProposal(&in, func(id int64) error { return c.company.Work.Decline(c.r.Context(), c.actor(), id, in.Reason) })
}

func (c *call) apiWithdraw() error {
	var in reasonIn
	return c.aboutProposal(&in, func(id int64) error { return c.company.Work.Withdraw(c.r.Context(), c.actor(), id, in.Reason) })
}

// aboutProposal reads a body and does something about the proposal in the path.
func (c *call) aboutProposal(in any, do func(id int64) error) error {
	if err := c.read(in); err != nil {
		return err
	}
	a, err := c.proposal()
	if err != nil {
		return err
	}
	return c.done(do(a.ID))
}
