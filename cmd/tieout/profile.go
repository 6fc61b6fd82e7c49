package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/recon"
)

// profileFlags are the flags of tieout profile.
type profileFlags struct {
	list     bool
	out      string
	id       string
	currency string
}

func (a *app) profileCommand() *cobra.Command {
	var flags profileFlags
	cmd := &cobra.Command{
		Use:   "profile FILE…",
		Short: "Propose a CSV bank profile from exports of an unknown bank",
		Long: `Reads CSV exports of one bank and one layout and proposes a profile for them as YAML: encoding, delimiter, header, columns, layouts and
signs, each with its confidence and the evidence. What is marked CHECK could be read in another way too. More files, and longer
ones, prove more. Correct the file, give it an id, and name it in tieout.yaml:

  entities:
    - id: default
      profiles: [profiles/my-bank.yaml]

From then on the bank's files are read by it, those that are held included. The exit code is 1 where something has to be checked.`,
		Example: "  tieout profile january.csv february.csv --out profiles/my-bank.yaml\n  tieout profile export.csv --currency USD --json\n  tieout profile --list",
		Args: func(_ *cobra.Command, paths []string) error {
			if flags.list == (len(paths) > 0) {
				return usage("name the files to learn from, or --list alone")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, paths []string) error {
			if flags.list {
				return a.listProfiles()
			}
			return a.proposeProfile(paths, flags)
		},
	}
	cmd.Flags().BoolVar(&flags.list, "list", false, "list the profiles that come with tieout")
	cmd.Flags().StringVar(&flags.out, "out", "", "write the profile to `FILE`, which must not be there yet")
	cmd.Flags().StringVar(&flags.id, "id", "", "`ID` of the profile (default: the name of --out, else my-bank)")
	cmd.Flags().StringVar(&flags.currency, "currency", "", "currency `CODE` of the account, where the files do not say it")
	return cmd
}

// shippedProfile is one line of tieout profile --list.
type shippedProfile struct {
	ID        string   `json:"id"`
	Country   string   `json:"country"`
	Bank      string   `json:"bank"`
	Delimiter string   `json:"delimiter"`
	Dates     string   `json:"dates"`
	Decimal   string   `json:"decimal"`
	Currency  string   `json:"currency"` // "" where the file says it
	Balance   bool     `json:"balance"`  // a running balance proves the rows
	Encodings []string `json:"encodings"`
	Note      string   `json:"note"`
}

func (a *app) listProfiles() error {
	var list []shippedProfile
	for _, p := range ingest.Profiles() {
		list = append(list, shippedProfile{p.ID, p.Country, p.Bank, p.Delimiter, p.Dates, p.Amounts.Decimal, p.Currency, p.Columns.Balance != "", p.Encodings, p.Note})
	}
	return a.print(list, func(w io.Writer) error {
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tCOUNTRY\tBANK\tDELIMITER\tDATES\tDECIMAL\tCURRENCY\tBALANCE\tENCODINGS")
		for _, p := range list {
			currency, balance := p.Currency, "-"
			if currency == "" {
				currency = "in the file"
			}
			if p.Balance {
				balance = "yes"
			}
			fmt.Fprintln(table, strings.Join([]string{p.ID, p.Country, p.Bank, p.Delimiter, p.Dates, p.Decimal, currency, balance, strings.Join(p.Encodings, " ")}, "\t"))
		}
		return table.Flush()
	})
}

// proposal is what tieout profile --json prints.
type proposal struct {
	Certain  bool             `json:"certain"`
	Rows     int              `json:"rows"`
	Fits     string           `json:"fits"` // a profile that the files are recognised by already
	Findings []ingest.Finding `json:"findings"`
	Profile  string           `json:"profile"` // as YAML
}

func (a *app) proposeProfile(paths []string, flags profileFlags) error {
	currency := recon.Currency(flags.currency)
	if currency != "" && !currency.Known() {
		return usage("--currency %s is not in ISO 4217", flags.currency)
	}
	if flags.id != "" && ingest.ProfileID(flags.id) != flags.id {
		return usage("--id %s: use small letters, digits and hyphens, such as de-mybank", flags.id)
	}
	samples, err := readSamples(paths)
	if err != nil {
		return err
	}
	inference, problems := ingest.Infer(currency, samples...)
	if len(problems) > 0 {
		a.say(problems)
		return errLook
	}
	var text bytes.Buffer
	if err := inference.WriteYAML(&text, flags.profileID()); err != nil {
		return errWorld{err}
	}
	result := proposal{inference.Certain(), inference.Rows, ingest.FittingProfile(samples[0].Data, nil), inference.Findings, text.String()}
	if err := a.giveProposal(result, flags.out); err != nil {
		return err
	}
	if !result.Certain {
		return errLook
	}
	return nil
}

func readSamples(paths []string) (samples []ingest.Sample, err error) {
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			return nil, usage("there is no file %s", path)
		}
		if err != nil {
			return nil, errWorld{err}
		}
		samples = append(samples, ingest.Sample{Name: filepath.Base(path), Data: data})
	}
	return samples, nil
}

// profileID is the id that the proposal gets.
func (f profileFlags) profileID() string {
	switch {
	case f.id != "":
		return f.id
	case f.out != "":
		return ingest.ProfileID(strings.TrimSuffix(filepath.Base(f.out), filepath.Ext(f.out)))
	}
	return "my-bank"
}

// giveProposal prints the profile or writes it to a new file, and says on standard error what is still open.
func (a *app) giveProposal(result proposal, out string) error {
	if result.Fits != "" {
		fmt.Fprintf(a.err, "note: the profile %s that comes with tieout reads these files; one of your own goes before it\n", result.Fits)
	}
	for _, f := range result.Findings {
		if f.Matters && f.Confidence != ingest.Certain {
			fmt.Fprintf(a.err, "check: %s: %s, %s\n", f.Key, f.Confidence, f.Evidence)
		}
	}
	if out != "" {
		file, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, os.ErrExist) {
			return usage("%s is there already; choose another name", out)
		}
		if err != nil {
			return errWorld{err}
		}
		_, err = file.WriteString(result.Profile)
		if err = errors.Join(err, file.Close()); err != nil {
			return errWorld{err}
		}
		fmt.Fprintf(a.err, "written to %s; name it under profiles: of the entity in tieout.yaml\n", out)
		if !a.json {
			return nil
		}
	}
	return a.print(result, func(w io.Writer) error {
		_, err := io.WriteString(w, result.Profile)
		return err
	})
}
