package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/worker"
)

func (a *app) importCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "import",
		Short:   "Import open items, customers, instalments or disputes from CSV",
		Example: "  tieout import customers customers.csv\n  tieout import items items.csv",
	}
	cmd.AddCommand(a.importItems(),
		a.importPlain("customers", "customers and how they pay", "customer,name,iban,email,unreferenced,aliases,pays_for", (*worker.Pipeline).ImportCustomers),
		a.importPlain("instalments", "payment plans of items", "number,sequence,due_date,amount,method,account,check_number,note", (*worker.Pipeline).ImportInstalments),
		a.importPlain("disputes", "disputed items", "number,customer,since,reason", (*worker.Pipeline).ImportDisputes))
	return cmd
}

// importOptions reads --delimiter and the mapping of the configuration.
func importOptions(delimiter string) (ingest.ImportOptions, error) {
	switch delimiter {
	case "":
		return ingest.ImportOptions{}, nil
	case `\t`, "tab":
		return ingest.ImportOptions{Delimiter: '\t'}, nil
	}
	if runes := []rune(delimiter); len(runes) == 1 {
		return ingest.ImportOptions{Delimiter: runes[0]}, nil
	}
	return ingest.ImportOptions{}, usage("--delimiter %q is not one character", delimiter)
}

func (a *app) importItems() *cobra.Command {
	var how worker.ItemsImport
	var asOf, delimiter, layout, currency string
	cmd := &cobra.Command{
		Use:   "items FILE…",
		Short: "Import open items (invoices, credit notes)",
		Long: `Imports open items from CSV with a header row:
  number,kind,customer,issue_date,due_date,currency,amount,open,reference,order,discount_percent,discount_until,side,tax_rate
number, customer, currency and amount must be there. What the file has no column for stays as the books have it. Without --snapshot the file holds
changes; with it, the whole open book: open items that it does not list were settled elsewhere. An invoice whose order was paid in advance
takes the advance at once.`,
		Example: "  tieout import items items.csv\n  tieout import items --snapshot --as-of 2026-03-31 open.csv\n  tieout import items --snapshot --layout xero invoices.csv",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) (err error) {
			if asOf != "" {
				if err := how.AsOf.UnmarshalText([]byte(asOf)); err != nil {
					return usage("--as-of: %v", err)
				}
			}
			if how.Options, err = importOptions(delimiter); err != nil {
				return err
			}
			how.Options.Layout, how.Options.Currency = layout, recon.Currency(currency)
			return a.importFiles(cmd.Context(), paths, func(ctx context.Context, p *worker.Pipeline, name string, r io.Reader) (worker.Imported, error) {
				how := how
				how.Name = name
				return p.ImportItems(ctx, r, how)
			})
		},
	}
	cmd.Flags().BoolVar(&how.Snapshot, "snapshot", false, "the file is the whole open book")
	cmd.Flags().StringVar(&asOf, "as-of", "", "`DAY` of the export, YYYY-MM-DD (default today): from then on counts what changed or was settled elsewhere")
	cmd.Flags().BoolVar(&how.Accept, "accept", false, "take it although something holds it; the reason is said as a warning")
	cmd.Flags().StringVar(&delimiter, "delimiter", "", "`CHARACTER` between columns (default comma)")
	cmd.Flags().StringVar(&layout, "layout", "", "the file is an export of quickbooks, xero, odoo, datev or erpnext")
	cmd.Flags().StringVar(&currency, "currency", "", "`CODE` of the currency where a layout names none")
	return cmd
}

type plainImport func(p *worker.Pipeline, ctx context.Context, r io.Reader, name string, options ingest.ImportOptions) (worker.Imported, error)

func (a *app) importPlain(noun, what, columns string, take plainImport) *cobra.Command {
	var delimiter string
	cmd := &cobra.Command{
		Use:     noun + " FILE…",
		Short:   "Import " + what,
		Long:    "Imports " + what + " from CSV with a header row:\n  " + columns,
		Example: fmt.Sprintf("  tieout import %s %s.csv", noun, noun),
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) error {
			options, err := importOptions(delimiter)
			if err != nil {
				return err
			}
			return a.importFiles(cmd.Context(), paths, func(ctx context.Context, p *worker.Pipeline, name string, r io.Reader) (worker.Imported, error) {
				return take(p, ctx, r, name, options)
			})
		},
	}
	cmd.Flags().StringVar(&delimiter, "delimiter", "", "`CHARACTER` between columns (default comma)")
	return cmd
}

// importView is an import as --json prints it.
type importView struct {
	File      string          `json:"file"`
	Taken     bool            `json:"taken"`
	New       int             `json:"new"`
	Changed   int             `json:"changed"`
	Unchanged int             `json:"unchanged"`
	Settled   int             `json:"settled_elsewhere"`
	Advances  int             `json:"advances_applied"`
	Problems  []recon.Problem `json:"problems"`
}

type importer func(ctx context.Context, p *worker.Pipeline, name string, r io.Reader) (worker.Imported, error)

func (a *app) importFiles(ctx context.Context, paths []string, take importer) error {
	if err := inputFiles(paths); err != nil {
		return err
	}
	return a.withPipeline(ctx, func(p *worker.Pipeline) error {
		var views []importView
		var look error
		for _, path := range paths {
			result, err := importFile(ctx, p, path, take)
			if err != nil {
				return err
			}
			if !result.Done() {
				look = errLook
			}
			views = append(views, importView{filepath.Base(path), result.Done(), result.New, result.Changed, result.Unchanged, result.Settled, result.Advances,
				append([]recon.Problem{}, result.Problems...)})
		}
		if err := a.print(views, func(w io.Writer) error { return a.writeImports(w, views) }); err != nil {
			return err
		}
		return look
	})
}

func importFile(ctx context.Context, p *worker.Pipeline, path string, take importer) (worker.Imported, error) {
	f, err := os.Open(path)
	if err != nil {
		return worker.Imported{}, err
	}
	defer f.Close()
	return take(ctx, p, filepath.Base(path), f)
}

func (a *app) writeImports(w io.Writer, views []importView) error {
	for _, v := range views {
		if v.Taken {
			fmt.Fprintf(w, "%s: %d new, %d changed, %d unchanged, %d settled elsewhere\n", v.File, v.New, v.Changed, v.Unchanged, v.Settled)
		} else {
			fmt.Fprintf(w, "%s: not taken, nothing was stored\n", v.File)
		}
		if v.Advances > 0 {
			fmt.Fprintf(w, "  applied at once: %s\n", counted(v.Advances, "advance that waited for its order", "advances that waited for their orders"))
		}
		say(a.err, v.File+": ", v.Problems)
	}
	return nil
}
