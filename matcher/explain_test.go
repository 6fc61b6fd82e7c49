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
