package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/worker"
)

func (a *app) verifyCommand() *cobra.Command {
	var deep bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Prove the invariants, one line each",
		Long: `Recomputes from the rows that every cent and every record has exactly one fate and that both sides tie out. The exit code is 1 where an invariant is broken.
--deep also re-hashes every archived file and reads camt.053.001.08 files a second time through another reader.`,
		Example: "  tieout verify\n  tieout verify --deep --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
				checks, err := p.Verify(cmd.Context(), deep)
				if err != nil {
					return err
				}
				views := viewChecks(checks)
				if err := a.print(views, func(w io.Writer) error { return writeChecks(w, views) }); err != nil {
					return err
				}
				if worker.AnyBroken(checks) {
					return errLook
				}
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&deep, "deep", false, "also re-hash the archive and read files with a second reader")
	return cmd
}

// checkView is a proved or broken invariant as --json prints it.
type checkView struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

func viewChecks(checks []worker.Check) []checkView {
	views := make([]checkView, len(checks))
	for i, c := range checks {
		views[i] = checkView{c.ID, c.Name, c.OK, c.Detail}
	}
	return views
}

func writeChecks(w io.Writer, views []checkView) error {
	broken := 0
	for _, v := range views {
		verdict := "ok    "
		if !v.OK {
			verdict = "BROKEN"
			broken++
		}
		fmt.Fprintf(w, "%s  %-8s %s (%s)\n", verdict, v.ID, v.Name, v.Detail)
	}
	if broken > 0 {
		_, err := fmt.Fprintf(w, "%d of %d invariants are broken.\n", broken, len(views))
		return err
	}
	_, err := fmt.Fprintf(w, "All %d hold: the books tie out.\n", len(views))
	return err
}
