package matcher

import (
	"maps"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
)

// keyKind says what of an item a key is, from strong to weak.
type keyKind uint8

const (
	keyReference keyKind = iota // the structured reference printed on it
	keyNumber                   // its number
	keyBare                     // its structured reference without check digits
	keyCore                     // the digits of its number
	keyOrder                    // the order it belongs to
	keyTail                     // the last group of its number
)

// ItemKeys returns the keys under which an item is found, sorted and unique: its structured reference, with and
// without check digits; its number without separators; the digits of its number, with and without leading zeros; the
// last group of its number; its order. They are stored with the item, so a change of the recipe is a migration.
func ItemKeys(item recon.Item) []string {
	var keys []string
	eachItemKey(&item, func(k string, _ keyKind) { keys = append(keys, k) })
	slices.Sort(keys)
	return slices.Compact(keys)
}

// eachItemKey visits the keys of an item, strong ones first; a weak one may repeat a strong one.
func eachItemKey(item *recon.Item, visit func(string, keyKind)) {
	put := func(k string, kind keyKind) {
		if len(k) >= shortestKey || kind == keyNumber && k != "" {
			visit(k, kind)
		}
	}
	if item.Reference != "" {
		reference := squeeze(item.Reference)
		put(reference, keyReference)
		eachBareReference(reference, put)
	}
	folded := squeeze(item.Number)
	put(folded, keyNumber)
	core := strings.TrimLeft(folded, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	if allDigits([]byte(core)) {
		if core != folded {
			put(core, keyCore)
		}
		if bare := strings.TrimLeft(core, "0"); bare != core {
			put(bare, keyCore)
		}
	}
	if tail := lastGroup(item.Number); tail != "" && tail != core {
		put(tail, keyTail)
	}
	if item.Order != "" {
		put(squeeze(item.Order), keyOrder)
	}
}

// squeeze folds s and drops everything but letters and digits.
func squeeze(s string) string {
	folded := fold(make([]byte, 0, len(s)), s)
	kept := folded[:0]
	for _, c := range folded {
		if isLetter(c) || isDigit(c) {
			kept = append(kept, c)
		}
	}
	return string(kept)
}

// lastGroup returns the digits after the last separator of a number of several groups.
func lastGroup(number string) string {
	cut := strings.LastIndexAny(number, "-/._ ")
	if cut < 0 {
		return ""
	}
	if tail := squeeze(number[cut:]); allDigits([]byte(tail)) {
		return tail
	}
	return ""
}

// eachBareReference visits a structured reference without its leading zeros and without its check digits.
func eachBareReference(reference string, put func(string, keyKind)) {
	if bare := strings.TrimLeft(reference, "0"); bare != reference {
		put(bare, keyReference)
	}
	schemes := recon.CheckReference(reference)
	if len(schemes) == 0 {
		return
	}
	switch schemes[0] {
	case recon.SchemeRF:
		put(strings.TrimLeft(reference[4:], "0"), keyBare)
	case recon.SchemeOGM, recon.SchemePagoPA:
		put(strings.TrimLeft(reference[:len(reference)-2], "0"), keyBare)
	case recon.SchemeNL:
		put(strings.TrimLeft(reference[1:], "0"), keyBare)
	default:
		put(strings.TrimLeft(reference[:len(reference)-1], "0"), keyBare)
	}
}

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

// accountKey appends the key of an account number; one with the shape of an IBAN and wrong check digits is none.
func accountKey(keys []string, account string) []string {
	account = recon.NormalAccount(account)
	if account == "" || recon.LooksLikeIBAN(account) && !recon.ValidIBAN(account) {
		return keys
	}
	return append(keys, "iban:"+account)
}

// Keys returns what the receipts and returns can touch, each list of texts sorted and unique. Mandates and the ids of
// returns stand as the bank wrote them.
func Keys(receipts []recon.Receipt, returns []recon.Return) recon.Keys {
	const size = 4096
	parts := make([]*keySets, (len(receipts)+size-1)/size)
	for i := range parts {
		parts[i] = newKeySets()
	}
	ranges(len(receipts), size, func(from, to int) {
		var s scan
		for i := from; i < to; i++ {
			parts[i/size].add(&s, &receipts[i])
		}
	})
	given, returned, traces := keysOfReturns(returns)
	parts = append(parts, given)
	return recon.Keys{
		References: merged(parts, func(p *keySets) keySet { return p.references }),
		Payers:     merged(parts, func(p *keySets) keySet { return p.payers }),
		Mandates:   merged(parts, func(p *keySets) keySet { return p.mandates }),
		Customers:  merged(parts, func(p *keySets) keySet { return p.customers }),
		Returned:   slices.Sorted(maps.Keys(returned)),
		Traces:     traces,
		Sums:       sums(parts),
	}
}

// keysOfReturns returns what the returns name and who they come from, the ids of what they take back, and their traces.
func keysOfReturns(returns []recon.Return) (given *keySets, ids keySet, traces []recon.Trace) {
	given, ids = newKeySets(), keySet{}
	var s scan
	for i := range returns {
		r := &returns[i]
		for _, id := range returnIDs(r) {
			ids.add(id)
		}
		asReceipt := receiptOf(r)
		given.add(&s, &asReceipt)
		if t := traceOf(&s, r, &asReceipt); t.Sender != "" || len(t.References) > 0 {
			traces = append(traces, t)
		}
	}
	given.sums = nil // they pay nothing
	return given, ids, traces
}

// returnReach is how many days back a return finds a receipt that it shares no id with.
const returnReach = 400

func traceOf(s *scan, r *recon.Return, asReceipt *recon.Receipt) recon.Trace {
	t := recon.Trace{AccountID: r.AccountID, Currency: r.Currency, Sender: recon.NormalAccount(r.Counterparty.Account),
		AmountsMinor: returnableAmounts(r), Since: r.Booked.AddDays(-returnReach), Until: r.Booked}
	named := keySet{}
	eachReceiptKey(s, asReceipt, func(k key, _ origin) bool {
		named.addBytes(k.text)
		return false
	})
	t.References = slices.Sorted(maps.Keys(named))
	return t
}

// receiptOf reads a return as the receipt that it may have been: who sent it and what it names.
func receiptOf(r *recon.Return) recon.Receipt {
	return recon.Receipt{Source: recon.Source{Kind: recon.SourceReceipt, ID: r.EntryID}, AccountID: r.AccountID, Currency: r.Currency,
		AmountMinor: r.AmountMinor, TotalMinor: r.AmountMinor, Booked: r.Booked, Payer: r.Counterparty, MandateID: r.MandateID, Text: r.Text}
}

// returnableAmounts are what the receipt may have come to: all of the return, or all but the bank's charges.
func returnableAmounts(r *recon.Return) []int64 {
	if r.ChargesMinor > 0 && r.ChargesMinor < r.AmountMinor {
		return []int64{r.AmountMinor, r.AmountMinor - r.ChargesMinor}
	}
	return []int64{r.AmountMinor}
}

// keySets are the keys of some receipts.
type keySets struct {
	references, payers, mandates, customers keySet
	sums                                    []recon.Sum
}

func newKeySets() *keySets {
	return &keySets{references: keySet{}, payers: keySet{}, mandates: keySet{}, customers: keySet{}}
}

// sums joins those of all parts.
func sums(parts []*keySets) (all []recon.Sum) {
	for _, p := range parts {
		all = append(all, p.sums...)
	}
	return all
}

func (p *keySets) add(s *scan, r *recon.Receipt) {
	eachReceiptKey(s, r, func(k key, _ origin) bool {
		p.references.addBytes(k.text)
		return false
	})
	payers := payerKeys(r)
	for _, k := range payers {
		p.payers.add(k)
	}
	if r.Source.Kind == recon.SourceReceipt && r.Customer == "" {
		p.sums = append(p.sums, recon.Sum{Payers: payers, Currency: r.Currency, AmountMinor: r.AmountMinor})
	}
	p.mandates.add(r.MandateID)
	p.customers.add(r.Customer)
}

// merged joins one set of every part, sorted and unique.
func merged(parts []*keySets, set func(*keySets) keySet) []string {
	var all []string
	for _, p := range parts {
		all = slices.AppendSeq(all, maps.Keys(set(p)))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// keySet collects texts once each.
type keySet map[string]struct{}

func (s keySet) add(k string) {
	if k != "" {
		s[k] = struct{}{}
	}
}

func (s keySet) addBytes(k []byte) {
	if _, known := s[string(k)]; !known {
		s[string(k)] = struct{}{}
	}
}

// payerKeys returns the keys of who sent the receipt and of who owes in the end.
func payerKeys(r *recon.Receipt) []string {
	keys := accountKey(nil, r.Payer.Account)
	keys = nameKeys(keys, r.Payer.Name)
	if r.Ultimate != "" {
		keys = nameKeys(keys, r.Ultimate)
	}
	return keys
}

// origin is the field that a key was found in, from strong to weak.
type origin uint8

const (
	fromStructured origin = iota
	fromDocument
	fromOrder // of an advance
	fromText
	fromEndToEnd
	fromAdditional
)

// eachReceiptKey visits what may name an item, strong fields first.
func eachReceiptKey(s *scan, r *recon.Receipt, visit func(key, origin) bool) {
	for _, reference := range r.Structured {
		if !brokenReference(reference) {
			wholeField(reference, fromStructured, visit)
		}
	}
	for _, number := range r.DocumentNumbers {
		wholeField(number, fromDocument, visit)
	}
	if r.Order != "" {
		wholeField(r.Order, fromOrder, visit)
	}
	text := func(from origin, lines ...string) {
		s.read(lines...)
		s.keys(func(k key) bool { return visit(k, from) })
	}
	if len(r.Lines) > 0 {
		text(fromText, r.Lines...)
	} else if r.Text != "" {
		text(fromText, r.Text)
	}
	if meansSomething(r.EndToEndID) {
		text(fromEndToEnd, r.EndToEndID)
	}
	if r.Additional != "" && r.Additional != r.Text {
		s.bank = true
		text(fromAdditional, r.Additional)
		s.bank = false
	}
}

// wholeField visits a field that holds one reference and nothing else.
func wholeField(field string, from origin, visit func(key, origin) bool) {
	text := []byte(squeeze(field))
	if len(text) == 0 || len(text) > longestKey {
		return
	}
	k := key{text: text, digits: allDigits(text), state: stateItem}
	if visit(k, from) || !k.digits {
		return
	}
	if bare := trimZeros(text); len(bare) < len(text) && len(bare) >= shortestKey {
		k.text = bare
		visit(k, from)
	}
}

// brokenReference reports a creditor reference (ISO 11649) whose check digits are wrong.
func brokenReference(reference string) bool {
	normal := recon.NormalReference(reference)
	return len(normal) > 4 && normal[:2] == "RF" && isDigit(normal[2]) && isDigit(normal[3]) && !recon.ValidReference(recon.SchemeRF, normal)
}

// meansSomething reports whether an id was given by the payer: banks fill empty ones.
func meansSomething(id string) bool {
	switch squeeze(id) {
	case "", "NOTPROVIDED", "NOTAVAILABLE", "NONREF", "NONE", "NA", "NULL", "0", "UNKNOWN":
		return false
	}
	return true
}

// returnIDs returns the ids by which a return names what it takes back.
func returnIDs(r *recon.Return) []string {
	var ids []string
	for _, id := range []string{r.OriginalEndToEnd, r.EndToEndID, r.TransactionID, r.MandateID, r.BankReference} {
		if meansSomething(id) {
			ids = append(ids, id)
		}
	}
	return ids
}
