package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/worker"
)

func (a *app) approvalCommand() *cobra.Command {
	var all bool
	list := func(cmd *cobra.Command, _ []string) error { return a.approvalList(cmd.Context(), all) }
	cmd := &cobra.Command{
		Use:   "approval",
		Short: "What one person proposed and another one has to approve",
		Long: `What exceeds the limits for one person (four_eyes in the rules), gives money back or takes back what somebody else decided is not done at once: it
becomes a proposal. Somebody else approves it, and then exactly that is done which was proposed. Where the books have changed since, it is refused and can
be proposed anew.`,
		Example: "  tieout approval\n  tieout approval show 3\n  tieout approval approve 3 --as quinn\n  tieout approval decline 4 --reason \"ask them first\" --as quinn",
		Args:    cobra.NoArgs,
		RunE:    list,
	}
	lists := &cobra.Command{Use: "list", Short: "List the proposals that wait, newest first", Example: "  tieout approval list --all --json", Args: cobra.NoArgs, RunE: list}
	for _, c := range []*cobra.Command{cmd, lists} {
		c.Flags().BoolVar(&all, "all", false, "those that were approved, declined or withdrawn too")
	}
	cmd.AddCommand(lists,
		&cobra.Command{Use: "show ID", Short: "Show line by line what was proposed", Example: "  tieout approval show 3", Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error { return a.approvalShow(cmd.Context(), args[0]) }},
		&cobra.Command{Use: "approve ID", Short: "Do what somebody else proposed", Example: "  tieout approval approve 3 --as quinn", Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error { return a.approve(cmd.Context(), args[0]) }},
		a.approvalSettle("decline", "Say no to what somebody else proposed", "declined", (*worker.Pipeline).DeclineProposal),
		a.approvalSettle("withdraw", "Take back what you proposed", "withdrawn", (*worker.Pipeline).WithdrawProposal))
	return cmd
}

// approvalView is a proposal as people and --json see it.
type approvalView struct {
	ID       int64               `json:"id"`
	Kind     string              `json:"kind"`
	Subject  string              `json:"subject"`
	Receipt  int64               `json:"receipt,omitempty"`
	Amount   string              `json:"amount"`
	Currency recon.Currency      `json:"currency"`
	Why      string              `json:"why"`
	Reason   string              `json:"reason"`
	Shown    []string            `json:"shown"`
	Plan     string              `json:"plan"`
	Proposer string              `json:"proposed_by"`
	Proposed string              `json:"proposed_at"`
	State    store.ApprovalState `json:"state"`
	Settler  string              `json:"settled_by,omitempty"`
	Settled  string              `json:"settled_at,omitempty"`
	Answer   string              `json:"answer,omitempty"`
}

func viewApproval(a store.Approval) approvalView {
	v := approvalView{ID: a.ID, Kind: a.Kind, Subject: a.Subject, Receipt: a.Receipt, Amount: recon.FormatMinor(a.AmountMinor, a.Currency), Currency: a.Currency,
		Why: a.Why, Reason: a.Reason, Shown: strings.Split(a.Shown, "\n"), Plan: a.PlanHash, Proposer: a.Proposer, Proposed: a.Proposed.UTC().Format(time.RFC3339),
		State: a.State, Settler: a.SettledBy, Answer: a.Answer}
	if !a.Settled.IsZero() {
		v.Settled = a.Settled.UTC().Format(time.RFC3339)
	}
	return v
}

func (a *app) approvalList(ctx context.Context, all bool) error {
	return a.withPipeline(ctx, func(p *worker.Pipeline) error {
		filter := store.ApprovalFilter{State: store.ApprovalPending}
		if all {
			filter.State = ""
		}
		rows, err := p.Store.Approvals(ctx, p.Entity.ID, filter)
		if err != nil {
			return err
		}
		views := make([]approvalView, len(rows))
		for i, row := range rows {
			views[i] = viewApproval(row)
		}
		return a.print(views, func(w io.Writer) error { return writeApprovals(w, views) })
	})
}

func writeApprovals(w io.Writer, views []approvalView) error {
	if len(views) == 0 {
		_, err := fmt.Fprintln(w, "Nothing waits for a second person.")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tSTATE\tWHAT\tABOUT\tAMOUNT\tPROPOSED BY\tWHY")
	for _, v := range views {
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s %s\t%s\t%s\n", v.ID, v.State, v.Kind, v.Subject, v.Amount, v.Currency, v.Proposer, v.Why)
	}
	return t.Flush()
}

func (a *app) approvalShow(ctx context.Context, text string) error {
	id, err := number(text)
	if err != nil {
		return err
	}
	return a.withPipeline(ctx, func(p *worker.Pipeline) error {
		row, err := p.Store.Approval(ctx, p.Entity.ID, id)
		if err != nil {
			return missing(err, "proposal %d", id)
		}
		view := viewApproval(row)
		return a.print(view, view.write)
	})
}

func (v approvalView) write(w io.Writer) error {
	fmt.Fprintf(w, "Proposal %d (%s %s): %s\n  by %s at %s, because %s\n", v.ID, v.Kind, v.Subject, v.State, v.Proposer, v.Proposed, v.Why)
	if v.Reason != "" {
		fmt.Fprintf(w, "  reason: %s\n", clean(v.Reason))
	}
	for _, line := range v.Shown {
		fmt.Fprintf(w, "  - %s\n", clean(line))
	}
	if v.Settler == "" {
		_, err := fmt.Fprintf(w, "Do it: tieout approval approve %d, as somebody else than %s\n", v.ID, v.Proposer)
		return err
	}
	_, err := fmt.Fprintln(w, strings.TrimSuffix(fmt.Sprintf("  %s by %s at %s: %s", v.State, v.Settler, v.Settled, clean(v.Answer)), ": "))
	return err
}

func (a *app) approve(ctx context.Context, text string) error {
	id, err := number(text)
	if err != nil {
		return err
	}
	return a.withPipeline(ctx, func(p *worker.Pipeline) error {
		done, err := p.ApproveProposal(ctx, id)
		if err != nil {
			return missing(err, "proposal %d", id)
		}
		view := map[string]any{"approved": id}
		if done.Decision != 0 {
			view["decision"] = done.Decision
		}
		if len(done.Undone.Applications) > 0 {
			view["undone"], view["counter_entries"] = done.Undone.Applications, done.Undone.Counters
		}
		return a.print(view, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "Proposal %d is approved and done.\n", id)
			return err
		})
	})
}

func (a *app) approvalSettle(verb, short, became string, settle func(*worker.Pipeline, context.Context, int64, string) error) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:     verb + " ID",
		Short:   short,
		Example: "  tieout approval " + verb + " 3 --reason \"ask them first\"",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := number(args[0])
			if err != nil {
				return err
			}
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
				if err := settle(p, cmd.Context(), id, reason); err != nil {
					return missing(err, "proposal %d", id)
				}
				return a.print(map[string]any{became: id}, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "Proposal %d is %s.\n", id, became)
					return err
				})
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, kept with the proposal")
	return cmd
}

// printProposed says that something waits for a second person.
func (a *app) printProposed(done recon.Done) error {
	return a.print(map[string]any{"proposal": done.Proposal, "why": done.Why}, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "Nothing is done yet: %s.\nIt is proposal %d and waits for a second person: tieout approval approve %d\n", done.Why, done.Proposal, done.Proposal)
		return err
	})
}
