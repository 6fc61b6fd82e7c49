package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/worker"
)

func (a *app) filesCommand() *cobra.Command {
	list := func(cmd *cobra.Command, _ []string) error { return a.filesList(cmd.Context()) }
	cmd := &cobra.Command{
		Use:     "files",
		Short:   "Every bank file received and what became of it",
		Example: "  tieout files\n  tieout files show 3\n  tieout files accept 3 --reason \"bank confirmed by phone\"",
		Args:    cobra.NoArgs,
		RunE:    list,
	}
	cmd.AddCommand(
		&cobra.Command{Use: "list", Short: "List the files, newest first", Example: "  tieout files list --json", Args: cobra.NoArgs, RunE: list},
		&cobra.Command{Use: "show ID", Short: "Show a file with its problems and statements", Example: "  tieout files show 3", Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error { return a.filesShow(cmd.Context(), args[0]) }},
		a.filesDecide("accept", "Book a held file although it was held", a.filesAccept),
		a.filesDecide("reject", "Decide that a held file will never be booked", a.filesReject))
	return cmd
}

// fileView is a file as --json prints it.
type fileView struct {
	ID         int64           `json:"id"`
	Name       string          `json:"name"`
	SHA256     string          `json:"sha256"`
	Size       int64           `json:"size"`
	Received   string          `json:"received"`
	State      recon.FileState `json:"state"`
	Format     string          `json:"format"`
	Moved      string          `json:"moved"`
	Again      int             `json:"received_again"`
	Problems   []recon.Problem `json:"problems,omitempty"`
	Statements []statementView `json:"statements,omitempty"`
}

func viewFile(f recon.FileRow) fileView {
	return fileView{ID: f.ID, Name: clean(f.Name), SHA256: f.SHA256, Size: f.Size, Received: f.Received.UTC().Format(time.RFC3339), State: f.State,
		Format: f.Format, Moved: f.Moved, Again: f.Sightings}
}

func (a *app) filesList(ctx context.Context) error {
	return a.withPipeline(ctx, func(p *worker.Pipeline) error {
		files, err := p.Store.Files(ctx, p.Entity.ID, 0)
		if err != nil {
			return err
		}
		views := make([]fileView, len(files))
		for i, f := range slices.Backward(files) {
			views[len(files)-1-i] = viewFile(f)
		}
		return a.print(views, func(w io.Writer) error { return writeFiles(w, views) })
	})
}

func writeFiles(w io.Writer, views []fileView) error {
	if len(views) == 0 {
		fmt.Fprintln(w, "No files yet.")
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tRECEIVED\tNAME\tSTATE\tFORMAT\tAGAIN")
	for _, v := range views {
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%d\n", v.ID, v.Received, v.Name, v.State, v.Format, v.Again)
	}
	return t.Flush()
}

func (a *app) filesShow(ctx context.Context, text string) error {
	id, err := number(text)
	if err != nil {
		return err
	}
	return a.withPipeline(ctx, func(p *worker.Pipeline) error {
		detail, err := p.Store.File(ctx, p.Entity.ID, id)
		if err != nil {
			return missing(err, "file %d", id)
		}
		view := viewFile(detail.FileRow)
		view.Problems = detail.Problems
		for _, s := range detail.Statements {
			view.Statements = append(view.Statements, viewStatement(s))
		}
		return a.print(view, func(w io.Writer) error {
			fmt.Fprintf(w, "File %d: %s\n  %s, %d bytes, received %s\n  %s, %s\n", view.ID, view.Name, view.SHA256, view.Size, view.Received, view.State, view.Format)
			for _, s := range detail.Statements {
				fmt.Fprintf(w, "  %s\n", proofLine(s))
			}
			for _, problem := range view.Problems {
				fmt.Fprintf(w, "  %s: %s\n", problem.Severity, problem)
				writeDetails(w, "    ", problem)
				fmt.Fprintf(w, "    try: %s\n", problem.Try)
			}
			return nil
		})
	})
}

// notHeld says in the words of files why one cannot be accepted or rejected.
func notHeld(ctx context.Context, p *worker.Pipeline, id int64, err error) error {
	if !errors.Is(err, store.ErrStale) {
		return missing(err, "file %d", id)
	}
	detail, lost := p.Store.File(ctx, p.Entity.ID, id)
	if lost != nil || detail.State == recon.FileHeld {
		return err
	}
	return worker.Refused{Problem: recon.Problem{Code: "FILE-NOT-HELD", Severity: recon.Reject,
		Message: fmt.Sprintf("file %d is %s: only a held file waits for a decision", id, detail.State), Try: fmt.Sprintf("see it with: tieout files show %d", id)}}
}

type fileDecision func(ctx context.Context, p *worker.Pipeline, id int64, account, reason string) error

func (a *app) filesDecide(verb, short string, decide fileDecision) *cobra.Command {
	var reason, account string
	cmd := &cobra.Command{
		Use: verb + " ID", Short: short, Args: cobra.ExactArgs(1),
		Example: fmt.Sprintf("  tieout files %s 3 --reason \"asked the bank\"", verb),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := number(args[0])
			if err != nil {
				return err
			}
			if reason == "" {
				return usage("say why: --reason TEXT")
			}
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error { return decide(cmd.Context(), p, id, account, reason) })
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, kept with the file")
	if verb == "accept" {
		cmd.Flags().StringVar(&account, "account", "", "`ID` of our account, for a file that does not name it")
	}
	return cmd
}

func (a *app) filesAccept(ctx context.Context, p *worker.Pipeline, id int64, account, reason string) error {
	got, err := p.Accept(ctx, id, account, reason)
	if err != nil {
		return notHeld(ctx, p, id, err)
	}
	if err := a.print(receivedViews([]worker.Received{got})[0], func(w io.Writer) error { return writeReceived(w, a.err, []worker.Received{got}, nil) }); err != nil {
		return err
	}
	return lookAt([]worker.Received{got})
}

func (a *app) filesReject(ctx context.Context, p *worker.Pipeline, id int64, _, reason string) error {
	if err := p.Reject(ctx, id, reason); err != nil {
		return notHeld(ctx, p, id, err)
	}
	return a.print(map[string]any{"rejected": id}, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "File %d is rejected; it stays in the archive and nothing of it is booked.\n", id)
		return err
	})
}
