// Command tieout reads bank statements, applies every receipt to the open items it pays, queues what it cannot
// prove, and proves that both sides tie out. This package is the wiring: one file per verb.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/worker"
)

// Exit codes of the contract.
const (
	exitDone   = 0 // queued receipts and warnings are normal
	exitLook   = 1 // done, but somebody has to look: a file refused or held, a proof failed, a request refused
	exitUsage  = 2 // wrong usage or configuration
	exitFailed = 3 // the world failed: database, disk; nothing half-done
)

func main() {
	// A nightly run lives next to other programs: a smaller heap is worth a little more collecting.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(75)
	}
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run executes one command line and returns its exit code.
func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	a := &app{out: stdout, err: stderr, env: os.Getenv, now: time.Now}
	root := rootCommand(a)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return a.exitCode(root.ExecuteContext(ctx))
}

// errLook ends a command with exit code 1 after it has said everything itself.
var errLook = errors.New("somebody has to look")

// errWorld marks failures of database, disk or network.
type errWorld struct{ error }

func (e errWorld) Unwrap() error { return e.error }

// exitCode says an error on standard error and returns the code it stands for.
func (a *app) exitCode(err error) int {
	var refused worker.Refused
	var world errWorld
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errLook):
		return exitLook
	case errors.As(err, &refused):
		fmt.Fprintf(a.err, "refused: %s\n  try: %s\n", refused.Problem, refused.Try)
		return exitLook
	case errors.Is(err, store.ErrLocked):
		fmt.Fprintln(a.err, "error: another tieout is working on this database; wait for it to end, then try again")
		return exitFailed
	case errors.Is(err, store.ErrStale), errors.Is(err, store.ErrOver), errors.Is(err, store.ErrClosed):
		fmt.Fprintf(a.err, "refused: %v\n  try: look at it again (tieout queue show, tieout explain, tieout report items), then decide anew\n", err)
		return exitLook
	case errors.As(err, &world), errors.Is(err, context.Canceled):
		fmt.Fprintf(a.err, "error: %v\n", err)
		return exitFailed
	}
	fmt.Fprintf(a.err, "error: %v\n", err)
	return exitUsage
}

func rootCommand(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "tieout",
		Short: "Apply bank receipts to open invoices, queue the doubts, prove the books",
		Long: `tieout reads bank statement files (camt.053, CSV), applies every receipt to the open invoices it pays,
queues what it cannot prove for a person, and proves that the bank side and the invoice side tie out.`,
		Example:       "  tieout demo\n  tieout init books --account DE89370400440532013000:EUR\n  tieout run",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	flags := root.PersistentFlags()
	flags.StringVar(&a.configPath, "config", "", "configuration `FILE` (default tieout.yaml, else $TIEOUT_CONFIG)")
	flags.StringVar(&a.entityID, "entity", "", "`ID` of the company, where the configuration has several")
	flags.StringVar(&a.person, "as", "", "who acts (default: the operating system's user)")
	flags.BoolVar(&a.json, "json", false, "print the result as JSON")
	flags.BoolVar(&a.quiet, "quiet", false, "no progress and no informational logs")
	root.AddCommand(a.demoCommand(), a.initCommand(), a.importCommand(), a.parseCommand(), a.profileCommand(), a.ingestCommand(), a.filesCommand(),
		a.matchCommand(), a.runCommand(), a.workCommand(), a.scheduleCommand(), a.serveCommand(), a.queueCommand(), a.aliasCommand(), a.approvalCommand(), a.payCommand(), a.explainCommand(), a.undoCommand(), a.verifyCommand(),
		a.reportCommand(), a.exportCommand(), a.evalCommand(), a.backtestCommand(), a.benchCommand(), a.migrateCommand(), a.backupCommand(), a.versionCommand())
	root.AddCommand(a.receivables()...)
	root.AddCommand(a.userCommand(), a.tokenCommand())
	root.SetFlagErrorFunc(flagError)
	completion(root)
	groups(root)
	return root
}
