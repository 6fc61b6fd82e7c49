package rules

import (
	"reflect"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/tieout/tieout/recon"
)

func mustLoad(t *testing.T, file string) Set {
	t.Helper()
	set, problems := Load("rules.yaml", []byte(file))
	if len(problems) > 0 {
		t.Fatalf("problems in\n%s\n%v", file, problems)
	}
	return set
}

func TestAnEmptyFileAllowsNothing(t *testing.T) {
	set := mustLoad(t, "")
	if !reflect.DeepEqual(set, Default()) {
		t.Errorf("an empty file gives %+v, want the default", set)
	}
	if len(set.Differences) != 0 || len(set.FourEyes) != 0 || len(set.Tax.Percents) != 0 {
		t.Errorf("the default allows %v, %v, %v", set.Differences, set.FourEyes, set.Tax)
	}
	if set.Lump != recon.LumpQueue || set.Thresholds != (Thresholds{Apply: 80, Margin: 10, Propose: 20}) {
		t.Errorf("lump %s, thresholds %+v", set.Lump, set.Thresholds)
	}
	if set.References.MinKey != 5 || set.Clearing.Days != 30 || set.Discount.GraceDays != 0 {
		t.Errorf("references %+v, clearing %+v, discount %+v", set.References, set.Clearing, set.Discount)
	}
}

func TestTheTemplateIsTheDefaultInItsCurrency(t *testing.T) {
	for _, currency := range []recon.Currency{"EUR", "JPY", "KWD"} {
		set := mustLoad(t, Template(currency))
		if set.Differences[currency] != (Difference{CapPeriod: "month"}) || len(set.Differences) != 1 {
			t.Errorf("%s: the template allows differences %+v", currency, set.Differences)
		}
		if set.FourEyes[currency] != (FourEyes{WriteOffMinor: 5000}) {
			t.Errorf("%s: four eyes %+v", currency, set.FourEyes)
		}
		set.Differences, set.FourEyes = map[recon.Currency]Difference{}, map[recon.Currency]FourEyes{}
		set.Version = set.version()
		if !reflect.DeepEqual(set, Default()) {
			t.Errorf("%s: the template is not the default", currency)
		}
	}
}

func TestTheTemplateExplainsEveryKey(t *testing.T) {
	for i, line := range strings.Split(Template("EUR"), "\n") {
		if strings.Contains(line, "{{") || strings.Contains(line, "\t") || strings.TrimRight(line, " ") != line {
			t.Errorf("line %d: %q", i+1, line)
		}
	}
	file := Template("EUR")
	for _, section := range []string{"differences", "ledger", "discount", "withheld_tax", "references", "thresholds", "lump", "customers",
		"classes", "phrases", "four_eyes", "clearing"} {
		before, _, found := strings.Cut(file, "\n"+section+":")
		lines := strings.Split(before, "\n")
		if !found || !strings.HasPrefix(lines[len(lines)-1], "#") {
			t.Errorf("section %s has no comment above it", section)
		}
	}
}

func TestEveryValueIsRead(t *testing.T) {
	set := mustLoad(t, `
differences:
  EUR: {max: "5.00", percent: "1.50", cap: "50", per: year, charge: "15.00"}
  JPY: {max: "500", cap: "500"}
discount: {grace_days: 3}
withheld_tax: {percents: ["5", "15.0"]}
references: {min_key: 4, schemes: [rf, ogm, rf]}
thresholds: {apply: 90, margin: 15, propose: 0}
lump: oldest_first
customers: {C1: queue, "007": on_account}
classes:
  - {name: rent, class: other, sign: debit, counterparty: "^city", text: 'rent \d+', account: de89 3704 0044 0532 0130 00, ledger: 4210}
phrases: {dispute: ["Not  OK"]}
four_eyes: {EUR: {write_off: "10.00", adjustment: "1.00"}}
clearing: {days: 5}
`)
	euro := set.Differences["EUR"]
	if euro.MaxMinor != 500 || euro.Percent.String() != "1.5" || euro.CapMinor != 5000 || euro.CapPeriod != "year" || euro.ChargeMinor != 1500 {
		t.Errorf("differences in EUR %+v", euro)
	}
	if yen := set.Differences["JPY"]; yen.MaxMinor != 500 || yen.CapMinor != 500 || yen.CapPeriod != "month" {
		t.Errorf("differences in JPY %+v", yen)
	}
	if got := set.Tax.Percents; len(got) != 2 || !got[1].Equal(decimal.NewFromInt(15)) {
		t.Errorf("withheld tax %v", got)
	}
	if got := set.References; got.MinKey != 4 || !reflect.DeepEqual(got.Schemes, []string{"ogm", "rf"}) {
		t.Errorf("references %+v", got)
	}
	if set.Discount.GraceDays != 3 || set.Clearing.Days != 5 || set.Thresholds != (Thresholds{90, 15, 0}) {
		t.Errorf("discount %+v, clearing %+v, thresholds %+v", set.Discount, set.Clearing, set.Thresholds)
	}
	if len(set.Classes) != 1 {
		t.Fatalf("classes %+v", set.Classes)
	}
	rent := set.Classes[0]
	if rent.Class != recon.ClassOther || rent.Sign != -1 || rent.Ledger != "4210" || rent.Account != "DE89370400440532013000" {
		t.Errorf("class %+v", rent)
	}
	if !rent.Counterparty.MatchString("CITY ESTATES") || !rent.Text.MatchString("RENT 7") || rent.Text.MatchString("rent") {
		t.Error("patterns do not match as written, case aside")
	}
	if got := set.Phrases; !reflect.DeepEqual(got.Dispute, []string{"not ok"}) || len(got.OnAccount) == 0 {
		t.Errorf("phrases %+v", got)
	}
	if set.FourEyes["EUR"] != (FourEyes{WriteOffMinor: 1000, AdjustmentMinor: 100}) {
		t.Errorf("four eyes %+v", set.FourEyes)
	}
}

func TestThePolicyForLumpSumsComesFromTheCustomerFirst(t *testing.T) {
	set := mustLoad(t, "customers: {C1: oldest_first}")
	for _, c := range []struct {
		customer recon.Customer
		want     recon.Lump
	}{
		{recon.Customer{Code: "C1"}, recon.LumpOldestFirst},
		{recon.Customer{Code: "C1", Lump: recon.LumpOnAccount}, recon.LumpOnAccount},
		{recon.Customer{Code: "C2"}, recon.LumpQueue},
	} {
		if got := set.LumpOf(c.customer); got != c.want {
			t.Errorf("lump of %+v = %s, want %s", c.customer, got, c.want)
		}
	}
}

func TestTheVersionFollowsTheContentOnly(t *testing.T) {
	first := mustLoad(t, "lump: queue\ndifferences: {EUR: {max: \"5.00\", percent: \"1.0\", cap: \"50.00\"}}\nthresholds: {apply: 80}\n")
	same := mustLoad(t, "# other layout\nthresholds:\n  apply: 80 # as before\ndifferences:\n  EUR: {cap: '50', percent: \"1\", max: \"5\"}\n")
	other := mustLoad(t, "differences: {EUR: {max: \"5.01\", percent: \"1.0\", cap: \"50.00\"}}\n")
	if len(first.Version) != 12 || first.Version != same.Version {
		t.Errorf("versions %s and %s, want one", first.Version, same.Version)
	}
	if first.Version == other.Version || first.Version == Default().Version {
		t.Errorf("another content has the version %s too", first.Version)
	}
}

func TestAWarningLeavesTheRulesUsable(t *testing.T) {
	set, problems := Load("rules.yaml", []byte(`
classes:
  - {name: fees, class: charge, bank_code: PMNT}
  - {name: returns, class: return, sign: debit, bank_code: PMNT/RCDT, text: returned}
`))
	if recon.Worst(problems) != recon.Warn || len(problems) != 1 || problems[0].Code != "RULE-SHADOWED" {
		t.Fatalf("problems %v, want one warning RULE-SHADOWED", problems)
	}
	if len(set.Classes) != 2 {
		t.Errorf("%d classes, want both", len(set.Classes))
	}
}

func TestWhichRuleHidesWhich(t *testing.T) {
	for _, c := range []struct {
		earlier, later string
		hidden         bool
	}{
		{"bank_code: PMNT", "bank_code: PMNT/RCDT", true},
		{"bank_code: PMNT/RCDT", "bank_code: PMNT", false},
		{"bank_code: PMNT, sign: debit", "bank_code: PMNT", false},
		{"bank_code: PMNT", "bank_code: PMNT, sign: debit", true},
		{"text: fee", "text: fee, counterparty: bank", true},
		{"text: fee", "text: fees", false},
		{"text: fee, counterparty: bank", "text: fee", false},
		{"account: A1", "account: a 1", true},
		{"account: A1", "account: A2", false},
	} {
		_, problems := Load("rules.yaml", []byte("classes:\n  - {name: a, class: other, "+c.earlier+"}\n  - {name: b, class: other, "+c.later+"}\n"))
		if got := len(problems) == 1; got != c.hidden {
			t.Errorf("%q after %q: problems %v, want hidden %v", c.later, c.earlier, problems, c.hidden)
		}
	}
}

func FuzzLoadRules(f *testing.F) {
	f.Add([]byte(""))
	f.Add([]byte(Template("EUR")))
	f.Add([]byte(`differences: {EUR: {max: "5.00", percent: "1", cap: "50.00", per: month, charge: 0.1}}`))
	f.Add([]byte("classes:\n  - {name: a, class: other, text: 'a*'}\n"))
	f.Add([]byte("lump: &a queue\ncustomers: {C1: *a}\nledger: {receivables: ~}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		set, problems := Load("rules.yaml", data)
		for _, p := range problems {
			if p.Code == "" || p.Message == "" || p.Try == "" || p.Severity == "" {
				t.Errorf("problem %+v says too little", p)
			}
		}
		if recon.Worst(problems) == recon.Reject {
			return
		}
		again, _ := Load("rules.yaml", data)
		if set.Version != again.Version {
			t.Errorf("one file, two versions: %s and %s", set.Version, again.Version)
		}
		for currency, d := range set.Differences {
			if d.MaxMinor < 0 || d.CapMinor < d.MaxMinor || d.Percent.IsNegative() {
				t.Errorf("accepted %s: %+v", currency, d)
			}
		}
		for _, class := range set.Classes {
			if class.Text != nil && class.Text.MatchString("") {
				t.Errorf("accepted a pattern that fits everything: %s", class.Text)
			}
		}
	})
}
