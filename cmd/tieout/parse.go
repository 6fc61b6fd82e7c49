package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

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
		Example: "  tieout parse statement.xml\n  tieout parse --profile de-sparkasse export.csv",
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(_ *cobra.Command, paths []string) error { return a.parse(paths, options) },
	}
	cmd.Flags().StringVar(&options.Profile, "profile", "", "read CSV files with this bank `PROFILE`")
	cmd.Flags().StringVar(&options.Account, "account", "", "the account `IBAN` of CSV files that do not name it")
	return cmd
}

func (a *app) parse(paths []string, options ingest.Options) error {
	files := make([]ingest.ParsedFile, len(paths))
	var worst error
	for i, path := range paths {
		document, err := readBankFile(path, options)
		if err != nil {
			return errWorld{err}
		}
		files[i] = ingest.ParsedFile{File: filepath.Base(path), Document: document}
		if needsLook(document) {
			worst = errLook
		}
	}
	if err := ingest.WriteDocument(a.out, files); err != nil {
		return errWorld{err}
	}
	return worst
}

func readBankFile(path string, options ingest.Options) (recon.Document, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return recon.Document{}, fmt.Errorf("there is no file %s", path)
	}
	if err != nil {
		return recon.Document{}, err
	}
	defer f.Close()
	return ingest.Read(filepath.Base(path), f, options)
}

// needsLook reports whether a document would be refused or held.
func needsLook(document recon.Document) bool {
	worst := recon.Worst(document.AllProblems())
	return worst == recon.Reject || worst == recon.Hold
}
