package matcher

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/tieout/tieout/recon"
)

// TestEveryReasonHasASentence reads the constants out of the source, so that none is forgotten.
func TestEveryReasonHasASentence(t *testing.T) {
	var sources []byte
	for _, name := range []string{"reasons.go", "../recon/plan.go"} {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, source...)
	}
	codes := regexp.MustCompile(`\bReason += "([a-z_]+)"`).FindAllStringSubmatch(string(sources), -1)
	if len(codes) != len(sentences) {
		t.Errorf("%d codes, %d sentences", len(codes), len(sentences))
	}
	for _, c := range codes {
		if s := Sentence(recon.Reason(c[1])); s == c[1] || !strings.HasSuffix(s, ".") {
			t.Errorf("%s: %q", c[1], s)
		}
	}
	for class := range classSentences {
		if s := Sentence(recon.Reason(class)); s == string(class) || !strings.HasSuffix(s, ".") {
			t.Errorf("%s: %q", class, s)
		}
	}
	if got := Sentence("unheard_of"); got != "unheard_of" {
		t.Error(got)
	}
}

// TestEveryEvidenceHasWords reads the codes of evidence out of the sources.
func TestEveryEvidenceHasWords(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`(?:Code: |amountSeen\(|code = )"([a-z_]+)"`)
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		source, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range codes.FindAllStringSubmatch(string(source), -1) {
			if _, ok := evidenceWords[c[1]]; !ok {
				t.Errorf("%s: no words for %s", f.Name(), c[1])
			}
		}
	}
}

func TestExplainTellsTheWholeStory(t *testing.T) {
	s := readStory(t, `
customer C1 name="Acme" iban=DE89370400440532013000
invoice INV-7001 C1 800.00
invoice INV-7002 C1 500.00 open=0.00
invoice INV-7003 C1 90.00
receipt 600.00 iban=DE89370400440532013000 text="INV-7001 approved amount, querying the rest"
receipt 500.00 iban=DE89370400440532013000 text="INV-7002"`)
	plan := Match(s.work, s.set)
	items := func(id int64) (recon.Item, bool) {
		if it := itemOf(s.work, id); it != nil {
			return *it, true
		}
		return recon.Item{}, false
	}
	for n, want := range [][]string{
		{"Applied: The payer named the items and paid less than they are open for", "600.00 is paid on invoice INV-7001.",
			`Invoice INV-7001 was short by 200.00: dispute ("querying the rest").`, "Invoice INV-7001 was named (INV7001): +48 points.",
			"The payer is known by account (DE**…3000): +50 points.", "In all 100 of 100 points"},
		{"Queued: The item that the payer named, or an item of this amount, is paid already.", "Proposal 1", "Not invoice INV-7002: The item that the payer named"},
	} {
		got := strings.Join(Explain(plan.Decisions[n], items), "\n")
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%q is missing in\n%s", w, got)
			}
		}
		if strings.Contains(got, "%!") || strings.Contains(got, "DE89370400440532013000") {
			t.Errorf("bad text:\n%s", got)
		}
	}
}

// TestExplainNamesWhatItSpeaksOf: no item without a number, no count where a receipt is meant.
func TestExplainNamesWhatItSpeaksOf(t *testing.T) {
	for _, c := range []struct {
		given string
		at    int
		want  []string
	}{
		{`
customer C1 name="Acme" iban=DE89370400440532013000
receipt 500.00 iban=DE89370400440532013000 text="prepayment order SO-7712"`, 0, []string{"An order was named (SO-7712)"}},
		{`
customer C1 name="Acme" iban=DE89370400440532013000
paid 500.00 e2e=E1 iban=DE89370400440532013000 by=payment|discount
return 500.00 e2e=E1 iban=DE89370400440532013000`, 0, []string{"It takes back receipt 701, and the 2 applications that it made.",
			"The end-to-end id is the same (E1): +55 points.", "The account is the same (DE**…3000)", "The amount is that of the receipt"}},
		{`
receipt 500.00 tx=T1
return 500.00 tx=T1`, 0, []string{"Reversed: The bank took the money back", "Return 901 takes it back."}},
		{`
receipt 500.00 tx=T1
return 500.00 tx=T1`, 1, []string{"It takes back receipt 101.", "The transaction id is the same (T1)"}},
		{`
customer C1 name="Acme" iban=DE89370400440532013000
invoice INV-10006 C1 106.00
receipt 106.00 iban=DE89370400440532013000 text="INV-10006"
return 106.00 iban=DE89370400440532013000 text="INV-10006 returned"`, 1, []string{"Proposal 1 (95 points): takes back receipt 101."}},
		{`
invoice INV-7001 C1 500.00 open=0.00
recorded 500.00 customer=C1 items=INV-7001 on=2026-03-01
receipt 500.00 text="INV-7001" on=2026-03-02`, 0, []string{"It clears payment 501, which was recorded by hand on 2026-03-01."}},
		{`
customer C1 name="Acme" iban=DE89370400440532013000
invoice INV-7001 C1 800.00
invoice INV-7002 C1 500.00
receipt 601.00 iban=DE89370400440532013000
receipt 602.00 iban=DE89370400440532013000
receipt 603.00 iban=DE89370400440532013000`, 0, []string{"Receipts 102 and 103 want the same."}},
		{`
customer C1 name="Acme" iban=DE89370400440532013000
receipt 601.00 iban=DE89370400440532013000
receipt 602.00 iban=DE89370400440532013000`, 0, []string{"Receipt 102 comes from the same payer and waits too."}},
		{`
receipt 500.00 tx=T1 proof=broken
return 500.00 tx=T1`, 0, []string{"Return 901 may take it back."}},
	} {
		s := readStory(t, c.given)
		got := strings.Join(Explain(Match(s.work, s.set).Decisions[c.at], func(id int64) (recon.Item, bool) {
			if it := itemOf(s.work, id); it != nil {
				return *it, true
			}
			return recon.Item{}, false
		}), "\n")
		for _, w := range c.want {
			if !strings.Contains(got, w) {
				t.Errorf("%q is missing in\n%s", w, got)
			}
		}
		if strings.Contains(got, "item 0") || strings.Contains(got, "%!") {
			t.Errorf("bad text:\n%s", got)
		}
	}
}
