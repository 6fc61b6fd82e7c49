package matcher

import (
	"regexp"
	"testing"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

func TestClassify(t *testing.T) {
	set := rules.Default()
	own := rules.Class{Name: "rent", Class: recon.ClassOther, Ledger: "4210", Sign: -1, Counterparty: regexp.MustCompile("(?i)city estates")}
	wrong := rules.Class{Name: "refund", Class: recon.ClassReceipt, Text: regexp.MustCompile("(?i)refund")}
	set.Classes = append([]rules.Class{own, wrong}, set.Classes...)
	accounts := []recon.Account{{ID: "main", IBAN: "DE89370400440532013000"}, {ID: "other", IBAN: "DE02 1203 0000 0000 2020 51"}}
	for _, c := range []struct {
		name   string
		entry  recon.Entry
		class  recon.Class
		ledger string
	}{
		{"money in", recon.Entry{AmountMinor: 100, Status: recon.Booked}, recon.ClassReceipt, ""},
		{"not booked", recon.Entry{AmountMinor: 100, Status: recon.Pending}, recon.ClassPending, ""},
		{"nothing", recon.Entry{Status: recon.Booked}, recon.ClassZero, ""},
		{"money out", recon.Entry{AmountMinor: -100, Status: recon.Booked}, recon.ClassOther, set.Ledger.Suspense},
		{"own account, blanks", recon.Entry{AmountMinor: 100, Status: recon.Booked, Counterparty: recon.Party{Account: "DE02120300000000202051"}}, recon.ClassTransfer, set.Ledger.Transfers},
		{"returned direct debit by code", recon.Entry{AmountMinor: -100, Status: recon.Booked, BankCode: "PMNT/IDDT/UPDD"}, recon.ClassReturn, ""},
		{"return with a reason", recon.Entry{AmountMinor: -100, Status: recon.Booked, ReturnReason: "AC04"}, recon.ClassReturn, ""},
		{"reversal of a credit", recon.Entry{AmountMinor: -100, Status: recon.Booked, Reversal: true}, recon.ClassReturn, ""},
		{"our payment came back", recon.Entry{AmountMinor: 100, Status: recon.Booked, ReturnReason: "AC04"}, recon.ClassOther, set.Ledger.Suspense},
		{"bank charge", recon.Entry{AmountMinor: -100, Status: recon.Booked, BankCode: "PMNT/MDOP/CHRG"}, recon.ClassCharge, set.Ledger.Charges},
		{"charge by sub-family", recon.Entry{AmountMinor: -100, Status: recon.Booked, BankCode: "PMNT/RCDT/CHRG"}, recon.ClassCharge, set.Ledger.Charges},
		{"rule with its own ledger", recon.Entry{AmountMinor: -100, Status: recon.Booked, Counterparty: recon.Party{Name: "City Estates plc"}}, recon.ClassOther, "4210"},
		{"a rule cannot make money out a receipt", recon.Entry{AmountMinor: -100, Status: recon.Booked, Text: "refund"}, recon.ClassOther, set.Ledger.Suspense},
	} {
		if class, ledger := Classify(c.entry, accounts, set); class != c.class || ledger != c.ledger {
			t.Errorf("%s: got %s %q, want %s %q", c.name, class, ledger, c.class, c.ledger)
		}
	}
}
