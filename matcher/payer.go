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
func (rd *reader) findPayer(r *recon.Receipt) payer {
	w := rd.w
	if r.Customer != "" {
		if c, ok := w.byCode[r.Customer]; ok {
			return w.paying(c, byPerson, r.Customer)
		}
	}
	found := rd.byAccount(r)
	if r.MandateID != "" {
		found = w.agree(found, w.mandates[r.MandateID], byMandate, r.MandateID)
	}
	if r.Ultimate != "" {
		if named, _ := rd.byNames(r.Ultimate); len(named) > 0 {
			return w.forUltimate(found, named, r.Ultimate)
		}
	}
	if found.how != byNothing || found.candidates != nil {
		return rd.heldBy(rd.narrowed(found, r), r)
	}
	named, h := rd.byNames(r.Payer.Name)
	return w.agree(found, named, h, r.Payer.Name)
}

func (w *world) paying(c int32, h how, seen string) payer {
	return payer{customer: c, how: h, reach: w.customers[c].pays, seen: seen}
}

// several is the payer where many fit: nobody, but a reference may choose among them.
func several(candidates []int32, seen string) payer {
	return payer{customer: nobody, candidates: candidates, seen: seen}
}

func (rd *reader) byAccount(r *recon.Receipt) payer {
	unknown := payer{customer: nobody}
	account := usableAccount(r.Payer.Account)
	if account == "" {
		return unknown
	}
	rd.key = append(append(rd.key[:0], accountPrefix...), account...)
	holders := rd.named(rd.holders[:0], rd.key)
	rd.holders = holders
	if len(holders) == 0 {
		return unknown
	}
	return rd.w.agree(unknown, holders, byIBAN, recon.MaskAccount(account))
}

// named appends the customers that have a payer key, once each.
func (rd *reader) named(to []int32, key []byte) []int32 {
	postings := rd.w.payers.postings
	for p := rd.w.payers.head(key); p >= 0; p = postings[p].next {
		if c := postings[p].of.customer; !slices.Contains(to, c) {
			to = append(to, c)
		}
	}
	return to
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
		return several(slices.Clone(more), seen)
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
func (rd *reader) narrowed(found payer, r *recon.Receipt) payer {
	if found.customer != nobody {
		return found
	}
	named, _ := rd.byNames(r.Payer.Name)
	if both := common(found.candidates, named); len(both) == 1 {
		return rd.w.paying(both[0], byAlias, r.Payer.Name)
	}
	return found
}

// heldBy compares the account with the name of its holder: where that is exactly another customer's, neither is believed.
// Customers that pay for each other may use each other's accounts.
func (rd *reader) heldBy(found payer, r *recon.Receipt) payer {
	w := rd.w
	if found.customer == nobody || r.Payer.Name == "" || strings.EqualFold(r.Payer.Name, w.customers[found.customer].Name) {
		return found
	}
	holders := rd.holders[:0]
	rd.names.eachKey(r.Payer.Name, func(key []byte) {
		if key[0] == namePrefix[0] {
			holders = rd.named(holders, key)
		}
	})
	rd.holders = holders
	if len(holders) == 0 || slices.ContainsFunc(holders, func(c int32) bool {
		return slices.Contains(found.reach, c) || slices.Contains(w.customers[c].pays, found.customer)
	}) {
		return found
	}
	return several(union(found.all(), holders), r.Payer.Name)
}

// byNames returns the customers of a name: equal up to legal forms, accents and the order of words; else equal as far as
// the bank has not cut it. They are valid until the next question.
func (rd *reader) byNames(name string) ([]int32, how) {
	if name == "" {
		return nil, byNothing
	}
	equal, starts, own := rd.holders[:0], rd.starts[:0], false
	postings := rd.w.payers.postings
	rd.names.eachKey(name, func(key []byte) {
		if key[0] != namePrefix[0] {
			starts = rd.named(starts, key)
			return
		}
		equal = rd.named(equal, key)
		for p := rd.w.payers.head(key); p >= 0 && !own; p = postings[p].next {
			own = !postings[p].of.alias
		}
	})
	rd.holders, rd.starts = equal, starts
	switch {
	case own:
		return equal, byName
	case len(equal) > 0:
		return equal, byAlias
	}
	return slices.DeleteFunc(starts, func(c int32) bool { return !rd.w.hasCutName(c, name) }), byName
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
