package main

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/recon"
)

func (a *app) parseCommand() *cobra.Command {
	var options ingest.Options
	cmd := &cobra.Command{
		Use:   "parse FILE…",
		Short: "Read bank files without storing anything",
		Long: `Reads bank files and prints what they say as one JSON document: statements, entries, proofs and problems. Nothing is stored
and no configuration is needed. Files that ingest would refuse or hold are shown as far as they can be read; the exit code is 1 then.`,
		Example: "  tieout parse statement.xml\n  tieout parse --profile de-sparkasse-camt export.csv",
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(_ *cobra.Command, paths []string) error { return a.parse(paths, options) },
	}
	cmd.Flags().StringVar(&options.Profile, "profile", "", "read CSV files with this bank `PROFILE`")
	cmd.Flags().StringVar(&options.Account, "account", "", "the account `IBAN` of CSV files that do not name it")
	return cmd
}

// parse streams: what is read is written at once, so that a file of any size is printed in flat memory.
func (a *app) parse(paths []string, options ingest.Options) error {
	if err := inputFiles(paths); err != nil {
		return err
	}
	if err := shippedID(options.Profile); err != nil {
		return err
	}
	out := ingest.NewDocumentWriter(a.out)
	var worst error
	for _, path := range paths {
		out.BeginFile(filepath.Base(path))
		document, err := streamBankFile(path, options, out)
		if err != nil {
			return errWorld{err}
		}
		if needsLook(document) {
			worst = errLook
		}
		if err := out.EndFile(&document); err != nil {
			return errWorld{err}
		}
	}
	if err := out.Close(); err != nil {
		return errWorld{err}
	}
	return worst
}

func streamBankFile(path string, options ingest.Options, sink ingest.Sink) (recon.Document, error) {
	f, err := os.Open(path)
	if err != nil {
		return recon.Document{}, err
	}
	defer f.Close()
	return ingest.Stream(filepath.Base(path), f, options, sink)
}

// shippedID refuses the name of a profile that does not come with tieout: a slip of the fingers, not of the bank.
func shippedID(id string) error {
	if id != "" && id != ingest.InferredProfile && !slices.ContainsFunc(ingest.Profiles(), func(p ingest.Profile) bool { return p.ID == id }) {
		return usage("--profile %s: there is no such profile; tieout profile --list names them", id)
	}
	return nil
}

// needsLook reports whether a document would be refused or held.
func needsLook(document recon.Document) bool {
	worst := recon.Worst(document.AllProblems())
	return worst == recon.Reject || worst == recon.Hold
}
