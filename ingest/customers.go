package ingest

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
)

// customerRecord is one row of the customers file as it is written; several values in a cell are separated by '|'.
type customerRecord struct {
	Row          int    `csv:"\x00row"`
	Customer     string `csv:"customer"`
	Name         string `csv:"name"`
	IBAN         string `csv:"iban"`
	Email        string `csv:"email"`
	Unreferenced string `csv:"unreferenced"`
	Aliases      string `csv:"aliases"`
	PaysFor      string `csv:"pays_for"`
}

var customerForm = importForm{
	noun:    "customers",
	columns: []string{"customer", "name", "iban", "email", "unreferenced", "aliases", "pays_for"},
	needed:  []string{"customer"},
}

// ReadCustomers reads a customers file and returns its sound rows in their order. Any reject among the problems means
// that the file is refused whole. An IBAN whose check digits fail is left out with a warning, and so is never a key.
func ReadCustomers(name string, r io.Reader, opts ImportOptions) ([]recon.CustomerRow, []recon.Problem, error) {
	reading := customerReading{first: map[string]int{}, owner: map[string]recon.CustomerRow{}}
	given, problems, err := importRows(name, r, opts, customerForm, reading.add)
	if err != nil {
		return nil, nil, err
	}
	for i := range reading.rows {
		reading.rows[i].Given = given
	}
	return reading.rows, append(problems, reading.problems.all()...), nil
}

type customerReading struct {
	rows     []recon.CustomerRow
	problems problemList
	first    map[string]int               // row of each customer
	owner    map[string]recon.CustomerRow // first customer of each IBAN
}

func (cr *customerReading) add(record customerRecord) {
	c := checks{row: record.Row, problems: &cr.problems}
	customer := recon.CustomerRow{
		Row:          record.Row,
		Customer:     c.key("CUST-ID", "customer", record.Customer),
		Name:         strings.TrimSpace(record.Name),
		Email:        strings.TrimSpace(record.Email),
		Unreferenced: c.policy(record.Unreferenced),
		Aliases:      values(record.Aliases),
		PaysFor:      values(record.PaysFor),
	}
	if row, twice := cr.first[customer.Customer]; twice && customer.Customer != "" {
		c.bad = true
		c.problems.add(*reject("CUST-DUP", fmt.Sprintf("rows %d,%d", row, c.row), fmt.Sprintf("customer %q stands twice", shown(customer.Customer)),
			"a customer has one row; several IBANs and names stand in it, separated by |"))
	}
	if slices.Contains(customer.PaysFor, customer.Customer) {
		c.reject("CUST-PAYS-FOR", "pays_for", "the customer itself", "name the other customers only")
	}
	if c.bad {
		return
	}
	customer.IBANs = cr.ibans(&c, record.IBAN, customer)
	cr.first[customer.Customer] = c.row
	cr.rows = append(cr.rows, customer)
}

// ibans returns the valid ones; one that two customers share decides nothing alone, which is worth a warning.
func (cr *customerReading) ibans(c *checks, cell string, customer recon.CustomerRow) (valid []string) {
	for _, value := range values(cell) {
		iban := recon.NormalAccount(value)
		switch owner, shared := cr.owner[iban]; {
		case spreadsheetNumber(value):
			c.spoiled("iban", value)
			continue
		case !recon.ValidIBAN(iban):
			c.warn("CUST-IBAN", "iban", fmt.Sprintf("%s is no valid IBAN (its check digits fail); it is left out", recon.MaskAccount(iban)), "correct it; payments from it are recognised by name and reference only")
			continue
		case shared && owner.Customer != customer.Customer:
			c.warn("CUST-IBAN-SHARED", "iban", fmt.Sprintf("%s belongs to customer %q (row %d) too", recon.MaskAccount(iban), shown(owner.Customer), owner.Row), tryShared)
		case shared:
			continue
		default:
			cr.owner[iban] = customer
		}
		valid = append(valid, iban)
	}
	return valid
}

// tryShared is the advice on an IBAN of two customers.
const tryShared = "correct it if one of them is wrong; a shared IBAN alone never names the payer"

// policy is what to do with money that the customer sends without a usable reference.
func (c *checks) policy(cell string) recon.Lump {
	policy := recon.Lump(strings.TrimSpace(cell))
	switch policy {
	case "", recon.LumpOldestFirst, recon.LumpQueue, recon.LumpOnAccount:
		return policy
	}
	c.reject("CUST-POLICY", "unreferenced", fmt.Sprintf("%q; expected oldest_first, queue, on_account or nothing", shown(cell)), "leave it empty for the default of the rules")
	return ""
}

// values cuts a cell at '|' and leaves out what is empty or said before.
func values(cell string) (list []string) {
	if cell == "" {
		return nil
	}
	for value := range strings.SplitSeq(cell, "|") {
		if value = strings.TrimSpace(value); value != "" && !slices.Contains(list, value) {
			list = append(list, value)
		}
	}
	return list
}
