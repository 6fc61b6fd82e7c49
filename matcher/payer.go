package matcher

import (
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
)

// payer is who sent a receipt, as far as the receipt itself says. Its references come on top and outrank it.
type payer struct {
	customer   int32 // nobody where unknown or several fit
	how        how
	reach      []int32 // customers whose items it may settle: itself and those it pays for
	candidates []int32 // customers that fit equally, where several do
	seen       string
}

// how says by what a payer is known, from weak to strong.
type how uint8

const (
	byNothing how = iota
	byReference
	byName
	byAlias
	byMandate
	byIBAN
	byPerson // said by a person, or by an earlier step
)

// beyondDoubt reports whether the payer alone allows to apply money.
func (h how) beyondDoubt() bool { return h >= byMandate }

func (h how) points() int { return [...]int{0, pointsByReference, 30, 35, 50, 50, 50}[h] }

func (h how) code() string {
	return [...]string{"unknown", "by_reference", "name", "alias", "mandate", "iban", "known"}[h]
}

// findPayer says who sent the receipt: known before, account, mandate, alias, name; a tie gives nobody. Where account and
// mandate, or account and ultimate debtor, lead to different customers, that is a tie too.
func (w *world) findPayer(r *recon.Receipt) payer {
	if c, ok := w.byCode[r.Customer]; ok && r.Customer != "" {
		return w.paying(c, byPerson, r.Customer)
	}
	found := w.byAccount(r)
	if links := w.mandates[r.MandateID]; r.MandateID != "" && len(links) > 0 {
		found = w.agree(found, links, byMandate, r.MandateID)
	}
	if r.Ultimate != "" {
		if named, _ := w.byNames(r.Ultimate); len(named) > 0 {
			return w.forUltimate(found, named, r.Ultimate)
		}
	}
	if found.how != byNothing || found.candidates != nil {
		return w.heldBy(w.narrowed(found, r), r)
	}
	named, h := w.byNames(r.Payer.Name)
	return w.agree(found, named, h, r.Payer.Name)
}

func (w *world) paying(c int32, h how, seen string) payer {
	return payer{customer: c, how: h, reach: w.customers[c].pays, seen: seen}
}

// several is the payer where many fit: nobody, but a reference may choose among them.
func several(candidates []int32, seen string) payer {
	return payer{customer: nobody, candidates: candidates, seen: seen}
}

func (w *world) byAccount(r *recon.Receipt) payer {
	keys := accountKey(nil, r.Payer.Account)
	if len(keys) == 0 {
		return payer{customer: nobody}
	}
	seen := recon.MaskAccount(recon.NormalAccount(r.Payer.Account))
	return w.agree(payer{customer: nobody}, customersOf(w.payers[keys[0]]), byIBAN, seen)
}

func customersOf(found []namesake) []int32 {
	var all []int32
	for _, n := range found {
		if !slices.Contains(all, n.customer) {
			all = append(all, n.customer)
		}
	}
	return all
}

// agree adds what another key says: one customer where nothing was known or the same was known or it settles a tie;
// else a tie.
func (w *world) agree(known payer, more []int32, h how, seen string) payer {
	switch {
	case len(more) == 0:
		return known
	case known.customer == nobody && known.candidates == nil:
		if len(more) == 1 {
			return w.paying(more[0], h, seen)
		}
		return several(more, seen)
	case known.customer != nobody && slices.Contains(more, known.customer):
		return known
	case known.customer == nobody:
		if both := common(known.candidates, more); len(both) == 1 {
			return w.paying(both[0], h, seen)
		}
	}
	return several(union(known.all(), more), seen)
}

func (p payer) all() []int32 {
	if p.customer != nobody {
		return []int32{p.customer}
	}
	return p.candidates
}

// forUltimate narrows to the ultimate debtor: fully where the payer is that customer or settles its items.
func (w *world) forUltimate(known payer, named []int32, seen string) payer {
	switch {
	case known.customer == nobody && known.candidates == nil:
		return w.agree(known, named, byName, seen)
	case known.customer != nobody:
		if within := common(known.reach, named); len(within) == 1 {
			known.reach = within
			return known
		}
	}
	return several(union(known.all(), named), seen)
}

// narrowed lets the name choose among customers that share an account. A shared account is not decisive, so what is
// chosen so is known by name.
func (w *world) narrowed(found payer, r *recon.Receipt) payer {
	if found.customer != nobody {
		return found
	}
	named, _ := w.byNames(r.Payer.Name)
	if both := common(found.candidates, named); len(both) == 1 {
		return w.paying(both[0], byAlias, r.Payer.Name)
	}
	return found
}

// heldBy compares the account with the name of its holder: where that is exactly another customer's, neither is believed.
// Customers that pay for each other may use each other's accounts.
func (w *world) heldBy(found payer, r *recon.Receipt) payer {
	if found.customer == nobody || r.Payer.Name == "" || strings.EqualFold(r.Payer.Name, w.customers[found.customer].Name) {
		return found
	}
	var holders []int32
	for _, k := range nameKeys(nil, r.Payer.Name) {
		if k[0] == 'n' {
			holders = union(holders, customersOf(w.payers[k]))
		}
	}
	if len(holders) == 0 || slices.ContainsFunc(holders, func(c int32) bool {
		return slices.Contains(found.reach, c) || slices.Contains(w.customers[c].pays, found.customer)
	}) {
		return found
	}
	return several(union(found.all(), holders), r.Payer.Name)
}

// byNames returns the customers of a name: equal up to legal forms, accents and the order of words; else equal as far as
// the bank has not cut it.
func (w *world) byNames(name string) ([]int32, how) {
	if name == "" {
		return nil, byNothing
	}
	keys := nameKeys(nil, name)
	var equal, starts []namesake
	for _, k := range keys {
		if k[0] == 'n' {
			equal = append(equal, w.payers[k]...)
		} else {
			starts = append(starts, w.payers[k]...)
		}
	}
	if all := customersOf(equal); len(all) > 0 {
		for _, n := range equal {
			if !n.alias {
				return all, byName
			}
		}
		return all, byAlias
	}
	var cut []int32
	for _, c := range customersOf(starts) {
		if w.hasCutName(c, name) {
			cut = append(cut, c)
		}
	}
	return cut, byName
}

func (w *world) hasCutName(c int32, name string) bool {
	return cutName(w.customers[c].Name, name) ||
		slices.ContainsFunc(w.customers[c].Aliases, func(alias string) bool { return cutName(alias, name) }) ||
		slices.ContainsFunc(w.customers[c].Learned, func(a recon.Alias) bool { return a.Kind == recon.AliasName && cutName(a.Value, name) })
}

func common(a, b []int32) []int32 {
	var both []int32
	for _, x := range a {
		if slices.Contains(b, x) {
			both = append(both, x)
		}
	}
	return both
}

func union(a, b []int32) []int32 {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
