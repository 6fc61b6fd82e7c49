package matcher

import (
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// ClassRule returns the rule that says what an entry is, the first that fits as in [Classify], and false where the entry itself does.
func ClassRule(e recon.Entry, set rules.Set) (rule rules.Class, ok bool) {
	if e.AmountMinor == 0 {
		return rule, false
	}
	for _, rule := range set.Classes {
		if fitsClass(rule, e) && possible(rule.Class, e) {
			return rule, true
		}
	}
	return rule, false
}
