package matcher

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/tieout/tieout/recon"
)

// meaning is what a reason of something applied says about its lines.
type meaning struct {
	kinds      []recon.Kind // that its lines may have
	one        bool         // there is one line only
	leavesOpen bool         // an item that it touches may stay open
}

// appliedReasons are the reasons that only something applied can have.
var appliedReasons = map[recon.Reason]meaning{
	ReferenceExact:       {kinds: []recon.Kind{recon.Payment, recon.Credit}},
	ReferenceSubset:      {kinds: []recon.Kind{recon.Payment, recon.Credit}},
	ReferenceTolerance:   {kinds: []recon.Kind{recon.Payment, recon.Credit, recon.WriteOff, recon.Gain}},
	ReferenceDiscount:    {kinds: []recon.Kind{recon.Payment, recon.Credit, recon.WriteOff, recon.Discount}},
	ReferenceBankCharge:  {kinds: []recon.Kind{recon.Payment, recon.Credit, recon.BankCharge}},
	ReferenceWithheldTax: {kinds: []recon.Kind{recon.Payment, recon.Credit, recon.WithheldTax}},
	ReferenceInstruction: {kinds: []recon.Kind{recon.Payment}, leavesOpen: true},
	ReferenceInstalment:  {kinds: []recon.Kind{recon.Payment}, one: true, leavesOpen: true},
	ReferencePartial:     {kinds: []recon.Kind{recon.Payment}, leavesOpen: true},
	Overpaid:             {kinds: []recon.Kind{recon.Payment, recon.Credit, recon.OnAccount}},
	PayerExactSingle:     {kinds: []recon.Kind{recon.Payment}, one: true},
	PayerExactSet:        {kinds: []recon.Kind{recon.Payment, recon.Credit}},
	PayerTolerance:       {kinds: []recon.Kind{recon.Payment, recon.Credit, recon.WriteOff, recon.Gain}},
	PayerDiscount:        {kinds: []recon.Kind{recon.Payment, recon.Credit, recon.WriteOff, recon.Discount}},
	PayerBankCharge:      {kinds: []recon.Kind{recon.Payment, recon.Credit, recon.BankCharge}},
	PayerWithheldTax:     {kinds: []recon.Kind{recon.Payment, recon.Credit, recon.WithheldTax}},
	PayerBalance:         {kinds: []recon.Kind{recon.Payment, recon.Credit}},
	PayerBalanceEarlier:  {kinds: []recon.Kind{recon.Payment, recon.Credit}},
	PayerPastDue:         {kinds: []recon.Kind{recon.Payment, recon.Credit}},
	PayerInstalment:      {kinds: []recon.Kind{recon.Payment}, one: true, leavesOpen: true},
	PayerPartial:         {kinds: []recon.Kind{recon.Payment}, one: true, leavesOpen: true},
	PayerPartOldest:      {kinds: []recon.Kind{recon.Payment}, one: true, leavesOpen: true},
	PayerOldestFirst:     {kinds: []recon.Kind{recon.Payment}, leavesOpen: true},
	LumpOnAccount:        {kinds: []recon.Kind{recon.OnAccount}},
	MeantOnAccount:       {kinds: []recon.Kind{recon.OnAccount}},
	AdvanceOrder:         {kinds: []recon.Kind{recon.Advance}},
	AdvanceApplied:       {kinds: []recon.Kind{recon.Payment}, leavesOpen: true},
}

// evidence checks that what a reason says is there: the reference in the receipt, the payer at the customer.
func (a *auditor) evidence(r *recon.Receipt, d *recon.Decision, means meaning) {
	byReference := strings.HasPrefix(string(d.Reason), "reference_")
	byPayer := strings.HasPrefix(string(d.Reason), "payer_")
	if d.Reason == Overpaid {
		byReference = slices.ContainsFunc(d.Evidence, func(e recon.Evidence) bool { return e.Factor == recon.FactorReference })
		byPayer = !byReference
	}
	text, touched := "", 0
	for _, l := range d.Lines {
		for _, id := range [...]int64{l.Item, l.CreditNote} {
			it := a.item(id)
			if it == nil {
				continue
			}
			touched++
			if byReference && !writes(r, it) {
				if text == "" {
					text = textOf(r)
				}
				if !names(text, it) {
					a.fault(r.Source, "reference", "nothing in the receipt names item %d", id)
				}
			}
			if byPayer && !a.pays(r, it.Customer) {
				a.fault(r.Source, "payer", "nothing says that customer %s paid", it.Customer)
			}
		}
	}
	if byPayer && r.Customer == "" {
		a.holder(r)
		a.namesPaid(r, d)
	}
	if byReference && r.Customer == "" {
		a.ownNumber(r, d)
	}
	if (byReference || byPayer || d.Reason == AdvanceApplied) && touched == 0 {
		a.fault(r.Source, "reason", "%s touches no item", d.Reason)
	}
	a.amounts(r, d, means)
}

// amounts checks what the reason says about the lines.
func (a *auditor) amounts(r *recon.Receipt, d *recon.Decision, means meaning) {
	fits, surplus := !means.one || len(d.Lines) == 1, false
	for _, l := range d.Lines {
		fits = fits && slices.Contains(means.kinds, l.Kind)
		surplus = surplus || l.Kind == recon.OnAccount
		if !means.leavesOpen {
			a.closes(l.Item, a.at)
			a.closes(l.CreditNote, a.at)
		}
	}
	if !fits || d.Reason == Overpaid && !surplus {
		a.fault(r.Source, "reason", "the lines are not what %s means", d.Reason)
	}
}

// writes reports whether the receipt holds the item's number or reference as it stands in the book: then it surely names it.
func writes(r *recon.Receipt, it *recon.Item) bool {
	return tells(it.Number) && strings.Contains(r.Text, it.Number) || tells(it.Reference) && slices.Contains(r.Structured, it.Reference)
}

// tells reports whether anything is left of s without separators.
func tells(s string) bool {
	return strings.ContainsAny(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
}

// textOf is all that a receipt says, in letters and digits only.
func textOf(r *recon.Receipt) string {
	var all []string
	all = append(all, r.Structured...)
	all = append(all, r.DocumentNumbers...)
	all = append(all, r.EndToEndID, r.Text, r.Additional, r.Order)
	all = append(all, strings.Join(r.Lines, ""))
	return strings.ToUpper(norm.NFKC.String(strings.Join(all, "\n")))
}

// names reports whether a text holds the item's number, its digits or last group, a list or range with it, its
// reference with or without check digits, or its order.
func names(text string, it *recon.Item) bool {
	if strings.ContainsFunc(norm.NFKD.String(it.Number+it.Reference+it.Order), func(c rune) bool { return c >= 0x80 && !unicode.Is(unicode.Mn, c) }) {
		return true // letters that have more than one plain spelling cannot be judged here
	}
	squeezed := plain(text)
	has := func(s string) bool { return s != "" && strings.Contains(squeezed, s) }
	number, reference := plain(it.Number), plain(it.Reference)
	group := number
	if cut := strings.LastIndexAny(it.Number, "-/._ "); cut >= 0 {
		group = plain(it.Number[cut:])
	}
	digits := strings.TrimLeft(number, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0")
	switch {
	case has(number), has(reference), has(plain(it.Order)):
		return true
	case len(digits) >= 3 && has(digits), len(group) >= 3 && has(group), inRange(text, it.Number):
		return true
	}
	if spells(text, it.Number) {
		return true
	}
	bare := strings.TrimLeft(reference, "0")
	return len(bare) > 6 && (has(bare) || has(bare[:len(bare)-1]) || has(bare[:len(bare)-2]) || has(strings.TrimLeft(bare[1:], "0")) ||
		has(strings.TrimLeft(bare[4:], "0")))
}

// spells reports whether a text holds every group of digits of a number, in any order, without leading zeros or with letters in
// the place of digits; of the last group one or two digits may be missing at its end.
func spells(text, number string) bool {
	wanted, _ := digitRuns(number)
	seen := map[string]bool{}
	for _, way := range [][]string{{}, {"O", "0"}, {"O", "0", "I", "1", "L", "1"}} {
		runs, _ := digitRuns(strings.NewReplacer(way...).Replace(text))
		for _, run := range runs {
			seen[strings.TrimLeft(run, "0")] = true
		}
	}
	if len(wanted) == 0 {
		return false
	}
	last := wanted[len(wanted)-1]
	for _, run := range wanted[:len(wanted)-1] {
		if !seen[strings.TrimLeft(run, "0")] {
			return false
		}
	}
	for missing := 0; missing <= 2 && missing < len(last); missing++ {
		if seen[strings.TrimLeft(last[:len(last)-missing], "0")] {
			return true
		}
	}
	return false
}

// inRange reports whether two numbers of the text mean a number although it does not stand there: by a range from one to the other in one of
// its groups of digits, or by an end that a list puts in the place of the last digits of the number before. Its other groups stand there.
func inRange(text, number string) bool {
	groups, _ := digitRuns(number)
	runs, between := digitRuns(text)
	for varies := range groups {
		wanted, err := strconv.ParseInt(groups[varies], 10, 64)
		if err != nil || !othersStand(groups, varies, runs) {
			continue
		}
		for i := range runs {
			for j := i + 1; j < len(runs); j++ {
				if meansBetween(runs[i], runs[j], wanted, j-i <= len(groups) && slices.ContainsFunc(between[i+1:j+1], isRange)) {
					return true
				}
			}
		}
	}
	return false
}

func othersStand(groups []string, varies int, runs []string) bool {
	for i, group := range groups {
		if i != varies && !slices.Contains(runs, group) {
			return false
		}
	}
	return true
}

// meansBetween reports whether two runs of digits mean a number: the second shortened in the place of the end of the first, or where
// they are the ends of a range a number from the one to the other.
func meansBetween(first, second string, wanted int64, ranged bool) bool {
	short := len(first) - len(second)
	if short < 0 {
		return false
	}
	low, errLow := strconv.ParseInt(first, 10, 64)
	last, errLast := strconv.ParseInt(first[:short]+second, 10, 64)
	return errLow == nil && errLast == nil && (last == wanted && short > 0 || ranged && low <= wanted && wanted <= last)
}

// digitRuns cuts the digits out of a text, with what stands before each run.
func digitRuns(text string) (runs, before []string) {
	gap := ""
	for text != "" {
		n := strings.IndexFunc(text, func(c rune) bool { return c >= '0' && c <= '9' })
		if n < 0 {
			break
		}
		gap, text = text[:n], text[n:]
		end := strings.IndexFunc(text, func(c rune) bool { return c < '0' || c > '9' })
		if end < 0 {
			end = len(text)
		}
		runs, before = append(runs, text[:end]), append(before, gap)
		text = text[end:]
	}
	return runs, before
}

// isRange reports whether what stands between two numbers makes them the ends of a range.
func isRange(between string) bool {
	if strings.ContainsAny(between, "-‐‑‒–—−_") {
		return true
	}
	for _, word := range strings.Fields(between) {
		switch word {
		case "TO", "BIS", "TILL", "TIL", "UNTIL", "A", "À", "TOT", "DO", "AZ", "AŽ", "T/M", "THROUGH", "THRU", "AU", "AL", "HASTA", "ATE", "ATÉ", "FINO":
			return true
		}
	}
	return false
}

// pays reports whether the receipt comes from the customer or from one that settles its items: by account, by mandate,
// or because it was known before.
func (a *auditor) pays(r *recon.Receipt, owner string) bool {
	account := recon.NormalAccount(r.Payer.Account)
	for _, c := range a.payers()[owner] {
		if r.Customer == c.Code {
			return true
		}
		if account != "" && slices.Contains(c.accounts, account) {
			return true
		}
		if r.MandateID != "" && slices.Contains(a.work.Book.Mandates, recon.MandateLink{Mandate: r.MandateID, Customer: c.Code}) {
			return true
		}
	}
	return r.Customer == owner && owner != "" || r.MandateID != "" && slices.Contains(a.work.Book.Mandates, recon.MandateLink{Mandate: r.MandateID, Customer: owner})
}

// uniqueness proves again that a combination, or a single item, is the only one of its amount: among the items that no
// other receipt of the plan touches, since those were there all the time.
func (a *auditor) uniqueness(r *recon.Receipt, d *recon.Decision) {
	if d.Outcome != recon.Auto || d.Reason != PayerExactSet && d.Reason != PayerExactSingle {
		return
	}
	mine := map[int64]int64{}
	owners := map[string]bool{}
	for _, l := range d.Lines {
		for _, id := range []int64{l.Item, l.CreditNote} {
			if it := a.item(id); it != nil {
				mine[id] += l.AmountMinor
				owners[it.Customer] = true
			}
		}
	}
	kinds := map[alike]int{}
	var order []alike
	for owner := range owners {
		for _, it := range a.owned()[owner] {
			open := it.OpenMinor
			if own, taken := mine[it.ID]; taken {
				open = own // what it was open for when this receipt closed it
			} else if at, _ := a.places.of(it.ID); a.users[at].Load() > 0 {
				continue
			}
			if open == 0 || it.Cancelled || it.Currency != r.Currency || it.Side == recon.Payable || slices.Contains(r.Declined, it.ID) {
				continue
			}
			if d.Reason == PayerExactSingle && (open != r.AmountMinor || it.Kind == recon.CreditNote) {
				continue
			}
			k := alikeOf(it, open)
			if kinds[k]++; kinds[k] == 1 {
				order = append(order, k)
			}
		}
	}
	if n, ok := countSums(order, kinds, r.AmountMinor); ok && n != 1 {
		a.fault(r.Source, "uniqueness", "%d combinations add up to %d", n, r.AmountMinor)
	}
}

// alike is what items have in common that may stand for each other.
type alike struct {
	customer, discount, tax string
	open                    int64
	until                   recon.Date
	note                    bool
	alone                   int64 // id of an item that nothing may stand for
}

func alikeOf(it *recon.Item, open int64) alike {
	k := alike{customer: it.Customer, open: open, note: it.Kind == recon.CreditNote, tax: it.TaxRate.String()}
	if !it.DiscountPercent.IsZero() {
		k.discount, k.until = it.DiscountPercent.String(), it.DiscountUntil
	}
	if it.Dispute != nil || len(it.Instalments) > 0 {
		k.alone = it.ID
	}
	return k
}

// countSums counts, up to 2, in how many ways kinds of items add up to target, credit notes negative. It keeps the
// number of ways of every sum that can still lead there, and gives up (false) where these are too many to hold.
func countSums(order []alike, kinds map[alike]int, target int64) (int, bool) {
	const most = 1 << 21
	var below, above int64 // what invoices to come may still add, and credit notes take away
	for _, k := range order {
		if k.note {
			above += k.open * int64(kinds[k])
		} else {
			below += k.open * int64(kinds[k])
		}
	}
	ways := map[int64]int{0: 1}
	for _, k := range order {
		step, all := k.open, k.open*int64(kinds[k])
		if k.note {
			step, above = -step, above-all
		} else {
			below -= all
		}
		next := make(map[int64]int, len(ways))
		for sum, n := range ways {
			for range kinds[k] + 1 {
				if sum <= target+above && sum >= target-below {
					next[sum] = min(2, next[sum]+n)
				}
				sum += step
			}
		}
		if ways = next; len(ways) > most {
			return 0, false
		}
	}
	return ways[target], true
}
