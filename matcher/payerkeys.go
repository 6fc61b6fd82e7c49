package matcher

import (
	"slices"

	"github.com/tieout/tieout/recon"
)

// CustomerKeys returns the keys under which a customer is found as payer, sorted and unique: its accounts ("iban:"), its
// name and aliases with words in order of the alphabet, without legal forms and accents ("name:"), and the beginning of
// long ones, which banks cut ("start:"). An alias that is an account number counts as an account.
func CustomerKeys(c recon.Customer) []string {
	var keys []string
	for _, account := range c.IBANs {
		keys = accountKey(keys, account)
	}
	keys = nameKeys(keys, c.Name)
	for _, alias := range c.Aliases {
		if isAccount(alias) {
			keys = accountKey(keys, alias)
			continue
		}
		keys = nameKeys(keys, alias)
	}
	for _, learned := range c.Learned {
		keys = append(keys, AliasKeys(learned)...)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// AliasKeys returns the payer keys of a learned alias.
func AliasKeys(a recon.Alias) []string {
	if a.Kind == recon.AliasAccount {
		return accountKey(nil, a.Value)
	}
	return nameKeys(nil, a.Value)
}

func isAccount(alias string) bool { return recon.ValidIBAN(recon.NormalAccount(alias)) }

// accountKey appends the key of an account number.
func accountKey(keys []string, account string) []string {
	if account = usableAccount(account); account == "" {
		return keys
	}
	return append(keys, accountPrefix+account)
}

// usableAccount normalises an account number; one with the shape of an IBAN and wrong check digits is none.
func usableAccount(account string) string {
	account = recon.NormalAccount(account)
	if recon.LooksLikeIBAN(account) && !recon.ValidIBAN(account) {
		return ""
	}
	return account
}

// eachPayerKey visits the keys of who sent the receipt and of who owes in the end; each is valid until the next one.
func (n *nameReader) eachPayerKey(r *recon.Receipt, visit func(key []byte)) {
	if account := usableAccount(r.Payer.Account); account != "" {
		n.key = append(append(n.key[:0], accountPrefix...), account...)
		visit(n.key)
	}
	n.eachKey(r.Payer.Name, visit)
	if r.Ultimate != "" {
		n.eachKey(r.Ultimate, visit)
	}
}
