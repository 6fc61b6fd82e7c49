package matcher

import (
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// Lessons are what a person's decision that an entry is a customer's money suggests: that its account, or where it has none
// its name, is the customer's. What leads to some customer already teaches nothing; it would only be shared. Of money that
// somebody sends for somebody else only the name of the latter counts. known are the customers under the payer keys of the
// entry (see [Keys]).
func Lessons(e recon.Entry, known []recon.Customer, set rules.Set) []recon.Lesson {
	if e.Ultimate != "" {
		return lesson(recon.Alias{Kind: recon.AliasName, Value: e.Ultimate}, known, set.Learning.Name)
	}
	account := recon.Alias{Kind: recon.AliasAccount, Value: recon.NormalAccount(e.Counterparty.Account)}
	if len(AliasKeys(account)) > 0 {
		return lesson(account, known, set.Learning.Account)
	}
	return lesson(recon.Alias{Kind: recon.AliasName, Value: e.Counterparty.Name}, known, set.Learning.Name)
}

func lesson(a recon.Alias, known []recon.Customer, who rules.Approval) []recon.Lesson {
	keys := AliasKeys(a)
	if who == rules.ApprovalNever || len(keys) == 0 || a.Kind == recon.AliasName && !tellingName(a.Value) {
		return nil
	}
	for _, c := range known {
		if slices.ContainsFunc(CustomerKeys(c), func(k string) bool { return !strings.HasPrefix(k, "start:") && slices.Contains(keys, k) }) {
			return nil
		}
	}
	return []recon.Lesson{{Alias: a, Keys: keys, Second: who == rules.ApprovalSecond}}
}

// tellingName reports whether a name has a word that tells it from others: not of a trade, and of some length.
func tellingName(name string) bool {
	const telling = 4
	return slices.ContainsFunc(nameWords(name), func(word string) bool { return len(word) >= telling && !trades[word] })
}
