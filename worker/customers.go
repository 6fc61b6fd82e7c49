package worker

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/matcher"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// ImportCustomers takes a file of customers, whole or not at all.
func (p *Pipeline) ImportCustomers(ctx context.Context, r io.Reader, name string, options ingest.ImportOptions) (result Imported, err error) {
	options.Mapping = p.Columns["customers"]
	rows, problems, err := ingest.ReadCustomers(name, r, options)
	result.Problems = problems
	if err != nil || !result.Done() {
		return result, err
	}
	existing, err := p.Store.Customers(ctx, p.Entity.ID)
	if err != nil {
		return result, fmt.Errorf("load customers: %w", err)
	}
	plan := customerPlan{known: make(map[string]recon.Customer, len(existing)), named: make(map[string]bool, len(rows))}
	for _, c := range existing {
		plan.known[c.Code] = c
	}
	for _, row := range rows {
		plan.named[row.Customer] = true
	}
	for _, row := range rows {
		plan.row(row, &result)
	}
	result.Problems = append(result.Problems, plan.strangers(rows, existing)...)
	if len(plan.changed) == 0 {
		return result, nil
	}
	if err := p.Store.SaveCustomers(ctx, p.act(0), p.Entity.ID, plan.changed); err != nil {
		return result, fmt.Errorf("store customers: %w", err)
	}
	return result, nil
}

// customerPlan compares a file of customers with the books.
type customerPlan struct {
	known   map[string]recon.Customer // by code, before the import
	named   map[string]bool           // codes that the file names
	changed []store.KeyedCustomer
}

func (c *customerPlan) row(row recon.CustomerRow, result *Imported) {
	was, known := c.known[row.Customer]
	now := mergedCustomer(row, was)
	switch {
	case known && sameCustomer(now, was):
		result.Unchanged++
		return
	case known:
		result.Changed++
	default:
		result.New++
	}
	c.changed = append(c.changed, store.KeyedCustomer{Customer: now, Keys: matcher.CustomerKeys(now)})
}

// mergedCustomer is the customer after a row: what the file has no column for stays as it was.
func mergedCustomer(row recon.CustomerRow, was recon.Customer) recon.Customer {
	c := recon.Customer{Code: row.Customer, Name: row.Name, IBANs: row.IBANs, Email: row.Email, Lump: row.Unreferenced, Aliases: row.Aliases, PaysFor: row.PaysFor}
	keep(row.Given, "name", &c.Name, was.Name)
	keep(row.Given, "iban", &c.IBANs, was.IBANs)
	keep(row.Given, "email", &c.Email, was.Email)
	keep(row.Given, "unreferenced", &c.Lump, was.Lump)
	keep(row.Given, "aliases", &c.Aliases, was.Aliases)
	keep(row.Given, "pays_for", &c.PaysFor, was.PaysFor)
	return c
}

// keep puts back what the books have of a column that an import file does not have.
func keep[T any](given recon.Columns, column string, into *T, was T) {
	if !given.Has(column) {
		*into = was
	}
}

func sameCustomer(a, b recon.Customer) bool {
	return a.Name == b.Name && a.Email == b.Email && a.Lump == b.Lump && slices.Equal(a.IBANs, b.IBANs) &&
		slices.Equal(a.Aliases, b.Aliases) && slices.Equal(a.PaysFor, b.PaysFor)
}

// strangers warns of accounts that customers outside the file have too, and of customers paid for whom nobody knows. What
// two rows of the file share, its reader has said.
func (c *customerPlan) strangers(rows []recon.CustomerRow, existing []recon.Customer) (problems []recon.Problem) {
	owners := map[string]string{}
	for _, other := range existing {
		for _, iban := range other.IBANs {
			if !c.named[other.Code] {
				owners[iban] = other.Code
			}
		}
	}
	for _, row := range rows {
		for _, iban := range row.IBANs {
			if owner, shared := owners[iban]; shared {
				problems = append(problems, ingest.ProblemIBANShared(row.Row, iban, owner))
			}
		}
		for _, other := range row.PaysFor {
			if _, known := c.known[other]; !known && !c.named[other] {
				problems = append(problems, ingest.ProblemPaysForUnknown(row.Row, other))
			}
		}
	}
	return problems
}
