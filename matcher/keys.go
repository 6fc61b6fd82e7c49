package matcher

import (
	"slices"

	"github.com/tieout/tieout/recon"
)

// Keys returns what the receipts and returns can touch, each list of texts sorted and unique. Mandates and the ids of
// returns stand as the bank wrote them.
func Keys(receipts []recon.Receipt, returns []recon.Return) recon.Keys {
	const size = 4096
	parts := make([]keyLists, (len(receipts)+size-1)/size, (len(receipts)+size-1)/size+1)
	ranges(len(receipts), size, func(from, to int) {
		var c keyCollector
		for i := from; i < to; i++ {
			c.add(&receipts[i])
		}
		parts[from/size] = c.lists()
	})
	given, returned, traces := keysOfReturns(returns)
	parts = append(parts, given)
	return recon.Keys{
		References: joined(parts, func(p *keyLists) []sortKey { return p.references }),
		Payers:     joined(parts, func(p *keyLists) []sortKey { return p.payers }),
		Mandates:   joined(parts, func(p *keyLists) []sortKey { return p.mandates }),
		Customers:  joined(parts, func(p *keyLists) []sortKey { return p.customers }),
		Returned:   returned,
		Traces:     traces,
		Sums:       joinedSums(parts),
	}
}

// keysOfReturns returns what the returns name and who they come from, the ids of what they take back, and their traces.
func keysOfReturns(returns []recon.Return) (given keyLists, returned []string, traces []recon.Trace) {
	var c keyCollector
	var ids textPool
	for i := range returns {
		r := &returns[i]
		for _, id := range returnIDs(r) {
			ids.add([]byte(id))
		}
		asReceipt := receiptOf(r)
		c.add(&asReceipt)
		if t := traceOf(&c.scan, r, &asReceipt); t.Sender != "" || len(t.References) > 0 {
			traces = append(traces, t)
		}
	}
	given = c.lists()
	given.sums = nil // they pay nothing
	return given, merged([][]sortKey{sorted(ids.texts())}), traces
}

// returnReach is how many days back a return finds a receipt that it shares no id with.
const returnReach = 400

func traceOf(s *scan, r *recon.Return, asReceipt *recon.Receipt) recon.Trace {
	t := recon.Trace{AccountID: r.AccountID, Currency: r.Currency, Sender: recon.NormalAccount(r.Counterparty.Account),
		AmountsMinor: returnableAmounts(r), Since: r.Booked.AddDays(-returnReach), Until: r.Booked}
	var named textPool
	eachReceiptKey(s, asReceipt, func(k key, _ origin) bool {
		named.add(k.text)
		return false
	})
	t.References = merged([][]sortKey{sorted(named.texts())})
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

// keyCollector collects the keys of some receipts.
type keyCollector struct {
	scan  scan
	names nameReader

	references, payers, mandates, customers textPool

	sums   []recon.Sum
	ofSums [][2]int // which of the payers those of each sum are
}

func (c *keyCollector) add(r *recon.Receipt) {
	eachReceiptKey(&c.scan, r, func(k key, _ origin) bool {
		c.references.add(k.text)
		return false
	})
	from := len(c.payers.ends)
	c.names.eachPayerKey(r, c.payers.add)
	if r.Source.Kind == recon.SourceReceipt && r.Customer == "" {
		c.sums = append(c.sums, recon.Sum{Currency: r.Currency, AmountMinor: r.AmountMinor})
		c.ofSums = append(c.ofSums, [2]int{from, len(c.payers.ends)})
	}
	if r.MandateID != "" {
		c.mandates.add([]byte(r.MandateID))
	}
	if r.Customer != "" {
		c.customers.add([]byte(r.Customer))
	}
}

// keyLists are the keys of some receipts, each list sorted and unique.
type keyLists struct {
	references, payers, mandates, customers []sortKey
	sums                                    []recon.Sum
}

func (c *keyCollector) lists() keyLists {
	payers := c.payers.texts()
	for i, of := range c.ofSums {
		if of[0] < of[1] {
			c.sums[i].Payers = payers[of[0]:of[1]:of[1]]
		}
	}
	return keyLists{references: sorted(c.references.texts()), payers: sorted(payers), mandates: sorted(c.mandates.texts()),
		customers: sorted(c.customers.texts()), sums: c.sums}
}

func joined(parts []keyLists, list func(*keyLists) []sortKey) []string {
	lists := make([][]sortKey, len(parts))
	for i := range parts {
		lists[i] = list(&parts[i])
	}
	return merged(lists)
}

func joinedSums(parts []keyLists) []recon.Sum {
	lists := make([][]recon.Sum, len(parts))
	for i := range parts {
		lists[i] = parts[i].sums
	}
	return slices.Concat(lists...)
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
