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
	"github.com/tieout/tieout/worker"
)

func (a *app) aliasCommand() *cobra.Command {
	var all bool
	list := func(cmd *cobra.Command, _ []string) error { return a.aliasList(cmd.Context(), all) }
	cmd := &cobra.Command{
		Use:   "alias",
		Short: "What people's decisions suggest about payers: accounts and names of customers",
		Long: `Who decides that a receipt from an account nobody knows is a customer's money suggests that the account is that customer's; of a receipt without an
account, that the name is. Nothing is learned before somebody approves it: by default somebody else than the one who decided (learning in the rules).
From then on the account proves who paid, as an imported one does; a name alone only ranks proposals. What is declined is not suggested again.`,
		Example: "  tieout alias\n  tieout alias approve 3 --as quinn\n  tieout alias decline 4 --reason \"a collecting agency\"",
		Args:    cobra.NoArgs,
		RunE:    list,
	}
	lists := &cobra.Command{Use: "list", Short: "List the suggestions that wait, newest first", Example: "  tieout alias list --all --json", Args: cobra.NoArgs, RunE: list}
	for _, c := range []*cobra.Command{cmd, lists} {
		c.Flags().BoolVar(&all, "all", false, "those that were approved or declined too")
	}
	cmd.AddCommand(lists,
		a.aliasDecide("approve", "Let an account or a name stand for its customer from the next run on", (*worker.Pipeline).ApproveAlias),
		a.aliasDecide("decline", "Never suggest it again; forget one that was approved", (*worker.Pipeline).DeclineAlias))
	return cmd
}

// aliasView is a suggested alias as people and --json see it.
type aliasView struct {
	ID       int64            `json:"id"`
	Kind     recon.AliasKind  `json:"kind"`
	Value    string           `json:"value"`
	Customer string           `json:"customer"`
	State    recon.AliasState `json:"state"`
	Second   bool             `json:"needs_second_person"`
	Proposer string           `json:"proposed_by"`
	Proposed string           `json:"proposed_at"`
	Decider  string           `json:"decided_by,omitempty"`
	Decided  string           `json:"decided_at,omitempty"`
	Reason   string           `json:"reason,omitempty"`
	Receipts []int64          `json:"receipts"`
	Others   []string         `json:"also_of"`
}

func viewAlias(r recon.AliasRow) aliasView {
	v := aliasView{ID: r.ID, Kind: r.Kind, Value: r.Value, Customer: r.Customer, State: r.State, Second: r.Second, Proposer: r.Proposer,
		Proposed: r.Proposed.UTC().Format(time.RFC3339), Decider: r.Decider, Reason: r.Reason,
		Receipts: append([]int64{}, r.Receipts...), Others: append([]string{}, r.Others...)}
	if r.Decider != "" {
		v.Decided = r.Decided.UTC().Format(time.RFC3339)
	}
	return v
}

func (a *app) aliasList(ctx context.Context, all bool) error {
	return a.withPipeline(ctx, func(p *worker.Pipeline) error {
		states := []recon.AliasState{recon.AliasProposed}
		if all {
			states = nil
		}
		rows, err := p.Store.Aliases(ctx, p.Entity.ID, states...)
		if err != nil {
			return err
		}
		views := make([]aliasView, len(rows))
		for i, r := range rows {
			views[i] = viewAlias(r)
		}
		return a.print(views, func(w io.Writer) error { return writeAliases(w, views) })
	})
}

func writeAliases(w io.Writer, views []aliasView) error {
	if len(views) == 0 {
		_, err := fmt.Fprintln(w, "Nothing is suggested.")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tSTATE\tCUSTOMER\tPAYS BY\tRECEIPTS\tPROPOSED BY\t")
	for _, v := range views {
		fmt.Fprintf(t, "%d\t%s\t%s\t%s %s\t%s\t%s\t%s\n", v.ID, v.State, v.Customer, v.Kind, clean(v.Value), numbers(v.Receipts), v.Proposer, v.note())
	}
	return t.Flush()
}

// note says what somebody who decides should know.
func (v aliasView) note() string {
	var notes []string
	if v.State == recon.AliasProposed && v.Second {
		notes = append(notes, "needs somebody else than "+v.Proposer)
	}
	if len(v.Others) > 0 {
		notes = append(notes, "also of "+strings.Join(v.Others, ", ")+": a shared one settles nothing")
	}
	if v.Decider != "" {
		notes = append(notes, strings.TrimSuffix(fmt.Sprintf("%s by %s: %s", v.State, v.Decider, clean(v.Reason)), ": "))
	}
	return strings.Join(notes, "; ")
}

func numbers(ids []int64) string {
	const shown = 5
	texts := make([]string, 0, shown+1)
	for i, id := range ids {
		if i == shown {
			texts = append(texts, fmt.Sprintf("and %d more", len(ids)-shown))
			break
		}
		texts = append(texts, fmt.Sprint(id))
	}
	return strings.Join(texts, ", ")
}

func (a *app) aliasDecide(verb, short string, decide func(*worker.Pipeline, context.Context, int64, string) (recon.AliasRow, error)) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:     verb + " ID",
		Short:   short,
		Example: "  tieout alias " + verb + " 3 --reason \"confirmed by phone\"",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := number(args[0])
			if err != nil {
				return err
			}
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
				row, err := decide(p, cmd.Context(), id, reason)
				if err != nil {
					return missing(err, "alias %d", id)
				}
				view := viewAlias(row)
				return a.print(view, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "%s %s of customer %s: %s.\n", view.Kind, clean(view.Value), view.Customer, view.State)
					return err
				})
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, kept with the decision")
	return cmd
}
