package rules

import (
	_ "embed"
	"strings"

	"github.com/tieout/tieout/recon"
)

//go:embed template.yaml
var template string

// Template returns the commented rules.yaml that a new entity starts with, its amounts in currency. It loads
// without problems, its values are those of [Default], and one person may post small write-offs alone.
func Template(currency recon.Currency) string {
	return strings.NewReplacer(
		"{{currency}}", string(currency),
		"{{zero}}", recon.FormatMinor(0, currency),
		"{{few}}", recon.FormatMinor(500, currency),
		"{{alone}}", recon.FormatMinor(5000, currency),
	).Replace(template)
}

// Default returns the set of an empty rules.yaml: the values of the template without its amounts. No
// difference is written off, and every write-off and adjustment by a person needs a second one.
func Default() Set {
	set, problems := load("template.yaml", []byte(Template("EUR")), Set{})
	if len(problems) > 0 {
		panic("rules: the template is broken: " + problems[0].String())
	}
	set.Differences = map[recon.Currency]Difference{}
	set.FourEyes = map[recon.Currency]FourEyes{}
	set.Version = set.version()
	return set
}
