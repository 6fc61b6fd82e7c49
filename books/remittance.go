package books

import (
	"fmt"
	"strings"

	"github.com/tieout/tieout/recon"
)

// Remittance is a payment that was applied, as its customer is told.
type Remittance struct {
	Decision       int64
	Customer, Name string
	Email          string
	Day            recon.Date
	Currency       recon.Currency
	AmountMinor    int64 // of the payment
	Lines          []RemittanceLine
}

// RemittanceLine is what became of a part of a payment.
type RemittanceLine struct {
	Kind        recon.Kind
	Item        string // "" for none
	AmountMinor int64
	OpenMinor   int64 // of the item, now
}

// Remittances returns the payments that a run applied, of customers with an e-mail address, by decision.
func Remittances(v View, run int64) ([]Remittance, error) {
	s, err := load(v, everything)
	if err != nil {
		return nil, err
	}
	customers := map[string]recon.Customer{}
	for _, c := range s.customers {
		customers[c.Code] = c
	}
	var list []Remittance
	for n := range s.apps {
		a := &s.apps[n]
		d := s.decision(a.Decision)
		c := customers[d.Customer]
		if !s.live(a) || d.Run != run || d.ID == 0 || d.Return || c.Email == "" || a.Source.Kind != recon.SourceReceipt && a.Source.Kind != recon.SourceCreditNote {
			continue
		}
		if len(list) == 0 || list[len(list)-1].Decision != d.ID {
			list = append(list, Remittance{Decision: d.ID, Customer: d.Customer, Name: c.Name, Email: c.Email, Day: a.Original, Currency: a.Currency})
		}
		r := &list[len(list)-1]
		line := RemittanceLine{Kind: a.Kind, AmountMinor: a.AmountMinor}
		if i := s.item(a.Item); i != nil {
			line.Item, line.OpenMinor = i.Number, i.openMinor
		}
		r.Lines = append(r.Lines, line)
		if a.Kind.Moves() && a.Kind != recon.Credit {
			r.AmountMinor += a.AmountMinor
		}
	}
	return list, nil
}

// Letter is the receipt as a customer reads it.
func (r Remittance) Letter(company string) (subject, text string) {
	money := func(minor int64) string { return recon.Money{Minor: minor, Currency: r.Currency}.String() }
	var b strings.Builder
	fmt.Fprintf(&b, "Dear %s,\n\nthank you for your payment of %s of %s. It was applied as follows:\n\n", r.Name, money(r.AmountMinor), r.Day)
	for _, l := range r.Lines {
		switch {
		case l.Item == "":
			fmt.Fprintf(&b, "  %s kept for you (%s)\n", money(l.AmountMinor), strings.ReplaceAll(string(l.Kind), "_", " "))
		case l.OpenMinor == 0:
			fmt.Fprintf(&b, "  %s on %s (%s), which is paid in full\n", money(l.AmountMinor), l.Item, strings.ReplaceAll(string(l.Kind), "_", " "))
		default:
			fmt.Fprintf(&b, "  %s on %s (%s), of which %s remain open\n", money(l.AmountMinor), l.Item, strings.ReplaceAll(string(l.Kind), "_", " "), money(l.OpenMinor))
		}
	}
	fmt.Fprintf(&b, "\nIf this is not what you meant, please answer this mail.\n\n%s\n", company)
	return fmt.Sprintf("Your payment of %s to %s", money(r.AmountMinor), company), b.String()
}
