package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/worker"
)

func (a *app) ingestCommand() *cobra.Command {
	var account string
	cmd := &cobra.Command{
		Use:   "ingest [FILE…]",
		Short: "Archive, parse, prove and store bank files",
		Long: `Takes the files named, or every file in the configured inboxes. Each file is archived under its SHA-256, parsed and proved,
and its statements are booked or held, or the file is refused whole. The same file, or an overlapping one, adds nothing twice.`,
		Example: "  tieout ingest\n  tieout ingest --account giro export.csv",
		RunE: func(cmd *cobra.Command, paths []string) error {
			if err := inputFiles(paths); err != nil {
				return err
			}
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
				received, ignored, err := p.Ingest(cmd.Context(), paths, account)
				if err != nil {
					return err
				}
				if err := a.print(receivedViews(received), func(w io.Writer) error { return writeReceived(w, a.err, received, ignored) }); err != nil {
					return err
				}
				return lookAt(received)
			})
		},
	}
	cmd.Flags().StringVar(&account, "account", "", "`ID` or IBAN of our account, for files that do not name it")
	return cmd
}

func lookAt(received []worker.Received) error {
	for _, f := range received {
		if f.State == recon.FileRefused || f.State == recon.FileHeld || f.Unread() {
			return errLook
		}
	}
	return nil
}

// receivedView is a received file as --json prints it.
type receivedView struct {
	File       string          `json:"file"`
	ID         int64           `json:"id"`
	State      string          `json:"state"`
	Format     string          `json:"format"`
	New        int             `json:"new"`
	Duplicates int             `json:"duplicates"`
	Pending    int             `json:"pending"`
	Moved      string          `json:"moved"`
	Statements []statementView `json:"statements"`
	Problems   []recon.Problem `json:"problems"`
}

type statementView struct {
	ID      string  `json:"id"`
	Account string  `json:"account"`
	Opening *string `json:"opening"`
	Booked  string  `json:"booked"`
	Closing *string `json:"closing"`
	Ties    *bool   `json:"ties"`
	Held    bool    `json:"held"`
}

func receivedViews(received []worker.Received) []receivedView {
	views := make([]receivedView, len(received))
	for i, f := range received {
		views[i] = receivedView{File: f.Name, ID: f.File, State: fileState(f), Format: f.Format, New: f.New, Duplicates: f.Duplicates,
			Pending: f.Pending, Moved: f.Moved, Statements: []statementView{}, Problems: append([]recon.Problem{}, f.Problems...)}
		for _, s := range f.Statements {
			views[i].Statements = append(views[i].Statements, viewStatement(s.StatementRow))
		}
	}
	return views
}

func viewStatement(s recon.StatementRow) statementView {
	view := statementView{ID: s.BankID, Account: s.AccountID, Held: s.Held, Booked: recon.FormatMinor(s.CreditMinor-s.DebitMinor, s.Currency)}
	balance := func(b *recon.Balance) *string {
		if b == nil {
			return nil
		}
		text := recon.FormatMinor(b.AmountMinor, s.Currency)
		return &text
	}
	view.Opening, view.Closing = balance(s.Opening), balance(s.Closing)
	if s.Ties != recon.Unproved {
		ties := s.Ties == recon.Ties
		view.Ties = &ties
	}
	return view
}

func fileState(f worker.Received) string {
	if f.Duplicate {
		return "duplicate"
	}
	return string(f.State)
}

// writeReceived writes what became of files and their statements, and to problems what was wrong with them.
func writeReceived(w, problems io.Writer, received []worker.Received, ignored []string) error {
	if len(received) == 0 {
		fmt.Fprintln(w, "No bank files to read.")
	}
	for _, f := range received {
		fmt.Fprintf(w, "%s: %s%s\n", f.Name, fileState(f), counts(f))
		for _, s := range f.Statements {
			fmt.Fprintf(w, "  %s\n", proofLine(s.StatementRow))
		}
		say(problems, f.Name+": ", f.Problems)
	}
	for _, name := range ignored {
		fmt.Fprintf(w, "%s: left alone (a temporary name, or still being written)\n", name)
	}
	return nil
}

func counts(f worker.Received) string {
	if f.Duplicate {
		return fmt.Sprintf(" of file %d, nothing stored", f.File)
	}
	if f.State != recon.FileBooked {
		return ", nothing booked"
	}
	return fmt.Sprintf(", %s new, %d known already, %d pending", counted(f.New, "entry", "entries"), f.Duplicates, f.Pending)
}

// counted writes a number with its noun.
func counted(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, several)
}

// proofLine shows how a statement proves itself: opening + booked = closing.
func proofLine(s recon.StatementRow) string {
	view := viewStatement(s)
	name := strings.TrimSpace(s.AccountID + " " + s.BankID)
	if s.Held {
		name += " (held)"
	}
	if view.Opening == nil || view.Closing == nil {
		return fmt.Sprintf("%s: booked %s %s; no balances, so nothing is proved", name, view.Booked, s.Currency)
	}
	verdict := "ties"
	if s.Ties == recon.Broken {
		verdict = "DOES NOT TIE"
	}
	return fmt.Sprintf("%s: opening %s + booked %s = closing %s %s  %s", name, *view.Opening, view.Booked, *view.Closing, s.Currency, verdict)
}
