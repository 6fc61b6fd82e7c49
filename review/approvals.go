package review

import (
	"errors"
	"net/http"
	"strings"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func approvalRoutes() []route {
	return []route{
		{method: "GET", path: "/e/{entity}/approvals", may: mayRead, do: (*call).approvalsPage, says: "Approvals", nav: "Approvals"},
		{method: "GET", path: "/e/{entity}/approvals.csv", may: mayRead, do: (*call).approvalsCSV, says: "Approvals as CSV", heavy: true},
		{method: "GET", path: "/e/{entity}/approvals/{proposal}", may: mayRead, do: (*call).approvalPage, says: "Approval"},
		{method: "POST", path: "/e/{entity}/approvals/{proposal}/approve", may: mayApprove, as: form, fresh: true, do: (*call).approve, says: "Approve what somebody else proposed"},
		{method: "POST", path: "/e/{entity}/approvals/{proposal}/decline", may: mayApprove, as: form, do: (*call).declineProposal, says: "Decline what somebody else proposed"},
		{method: "POST", path: "/e/{entity}/approvals/{proposal}/withdraw", may: mayDecide, as: form, do: (*call).withdrawProposal, says: "Withdraw what one proposed"},
		{method: "GET", path: "/e/{entity}/aliases", may: mayRead, do: (*call).aliasesPage, says: "Aliases", nav: "Aliases"},
		{method: "GET", path: "/e/{entity}/aliases.csv", may: mayRead, do: (*call).aliasesCSV, says: "Aliases as CSV", heavy: true},
		{method: "POST", path: "/e/{entity}/aliases/{alias}/approve", may: mayApprove, as: form, do: (*call).approveAlias, says: "Approve an alias"},
		{method: "POST", path: "/e/{entity}/aliases/{alias}/decline", may: mayApprove, as: form, do: (*call).declineAlias, says: "Decline an alias"},
	}
}

// approvalsData is what approvals.html shows.
type approvalsData struct {
	All  bool
	Rows []store.Approval
}

func (c *call) approvalsOf() (data approvalsData, err error) {
	state, err := c.choice("state", string(store.ApprovalPending), "all")
	if err != nil {
		return data, err
	}
	filter := store.ApprovalFilter{State: store.ApprovalState(state)}
	if data.All = state == "all"; data.All {
		filter = store.ApprovalFilter{Limit: 10 * pageSize}
	}
	data.Rows, err = c.Store.Approvals(c.r.Context(), c.company.ID, filter)
	return data, err
}

func (c *call) approvalsPage() error {
	data, err := c.approvalsOf()
	if err != nil {
		return err
	}
	return c.page("approvals", data)
}

func (c *call) approvalsCSV() error {
	data, err := c.approvalsOf()
	if err != nil {
		return err
	}
	t := sheet{head: []string{"proposal", "state", "kind", "about", "amount", "currency", "why", "reason", "proposed_by", "proposed_at", "settled_by", "settled_at", "answer"}}
	for _, a := range data.Rows {
		t.add(a.ID, string(a.State), a.Kind, a.Subject, recon.Money{Minor: a.AmountMinor, Currency: a.Currency}, string(a.Currency), a.Why, a.Reason, a.Proposer, a.Proposed, a.SettledBy, a.Settled, a.Answer)
	}
	return c.csv("approvals", t)
}

// approvalData is what approval.html shows.
type approvalData struct {
	store.Approval
	Lines   []string
	Mine    bool // the reader proposed it
	Failure *failure
}

func (c *call) approvalPage() error { return c.showApproval(nil) }

func (c *call) showApproval(f *failure) error {
	id, err := c.number("proposal")
	if err != nil {
		return err
	}
	a, err := c.Store.Approval(c.r.Context(), c.company.ID, id)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if f != nil {
		status = f.Status
	}
	return c.pageAs(status, "approval", approvalData{Approval: a, Lines: strings.Split(a.Shown, "\n"), Mine: a.Proposer == c.person.Login, Failure: f})
}

// settled answers what became of a proposal: what is refused is shown on its page.
func (c *call) settled(err error, message string, values ...any) error {
	var refused recon.Refused
	if errors.As(err, &refused) {
		f := failureOf(refused)
		if f.Status == http.StatusForbidden {
			c.denied(f)
		}
		return c.showApproval(f)
	}
	if err != nil {
		return err
	}
	return c.see(c.at("approvals"), message, values...)
}

func (c *call) approve() error {
	id, err := c.number("proposal")
	if err != nil {
		return err
	}
	_, err = c.company.Work.Approve(c.r.Context(), c.actor(), id)
	return c.settled(err, "Proposal %d is approved and done.", id)
}

func (c *call) declineProposal() error {
	id, err := c.number("proposal")
	if err != nil {
		return err
	}
	return c.settled(c.company.Work.Decline(c.r.Context(), c.actor(), id, c.field("reason")), "Proposal %d is declined.", id)
}

func (c *call) withdrawProposal() error {
	id, err := c.number("proposal")
	if err != nil {
		return err
	}
	return c.settled(c.company.Work.Withdraw(c.r.Context(), c.actor(), id, c.field("reason")), "Proposal %d is withdrawn.", id)
}

// aliasesData is what aliases.html shows.
type aliasesData struct {
	All  bool
	Rows []recon.AliasRow
}

func (c *call) aliasesOf() (data aliasesData, err error) {
	state, err := c.choice("state", string(recon.AliasProposed), "all")
	if err != nil {
		return data, err
	}
	states := []recon.AliasState{recon.AliasProposed}
	if data.All = state == "all"; data.All {
		states = nil
	}
	data.Rows, err = c.Store.Aliases(c.r.Context(), c.company.ID, states...)
	return data, err
}

func (c *call) aliasesPage() error {
	data, err := c.aliasesOf()
	if err != nil {
		return err
	}
	return c.page("aliases", data)
}

func (c *call) aliasesCSV() error {
	data, err := c.aliasesOf()
	if err != nil {
		return err
	}
	t := sheet{head: []string{"alias", "kind", "value", "customer", "state", "proposed_by", "proposed_at", "decided_by", "reason"}}
	for _, a := range data.Rows {
		t.add(a.ID, string(a.Kind), a.Value, a.Customer, string(a.State), a.Proposer, a.Proposed, a.Decider, a.Reason)
	}
	return c.csv("aliases", t)
}

func (c *call) approveAlias() error {
	id, err := c.number("alias")
	if err != nil {
		return err
	}
	row, err := c.company.Work.ApproveAlias(c.r.Context(), c.actor(), id, c.field("reason"))
	if err != nil {
		return err
	}
	return c.see(c.at("aliases"), "From the next run on %s pays by it.", row.Customer)
}

func (c *call) declineAlias() error {
	id, err := c.number("alias")
	if err != nil {
		return err
	}
	row, err := c.company.Work.DeclineAlias(c.r.Context(), c.actor(), id, c.field("reason"))
	if err != nil {
		return err
	}
	return c.see(c.at("aliases"), "It is not suggested for %s again.", row.Customer)
}
