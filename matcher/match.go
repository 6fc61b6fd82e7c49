// Package matcher decides what receipts pay. [Match] turns a [recon.Work] and a [rules.Set] into a [recon.Plan]; it reads
// no clock, file or random number, and the same work gives the same plan byte for byte. [Audit] judges a plan without any
// code of the passes. [ItemKeys], [CustomerKeys] and [Keys] say what has to be loaded for it.
//
// Words: a key is a normalised piece of text that may name an item; a mention is a key of a receipt that an item has; a
// naming is one reading of all its mentions; a hypothesis is one fully worked way to apply the receipt; a claim is what a
// receipt wants of an item. Evidence has three factors: reference, payer, amount.
//
// A wrong application is worse than ten queued ones: a gate, a tie, a doubt or a rival moves a receipt to the queue and
// never to another item. The score orders hypotheses and overrules no gate.
package matcher

import (
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// pass adds the hypotheses of one kind to what was found about a receipt.
type pass func(*inquiry)

// referencePasses are the hypotheses about what the receipt names, from strong to weak.
var referencePasses = []pass{
	referencedExact,      // the named items, to the cent
	referencedDiscounted, // less the discount that is still due
	referencedWithheld,   // less withheld tax
	referencedCharged,    // less a bank charge
	referencedTolerated,  // up to a small difference
	referencedInstructed, // "A and B in full, rest on C"
	referencedInstalment, // the next instalment of the named item
	referencedSubset,     // the one combination of the named items that fits
	referencedPartly,     // less than the named items
	referencedOver,       // more than the named items
}

// payerPasses are the hypotheses about what else its payer has open, from strong to weak.
var payerPasses = []pass{
	payerSingle,         // the payer's only item of that amount
	payerSet,            // the payer's only combination of that amount
	payerBalance,        // all that the payer owes, exactly, nearly or more
	payerEarlierBalance, // what it owed on an earlier day
	payerPastDue,        // what is past due
	payerInstalment,     // the next instalment of its payment plan
	payerOnlyItem,       // its only item, in part
	payerOldestDue,      // its oldest due item, in part
	meantForOrder,       // an order without invoice
	meantOnAccount,      // on account, in the payer's words
	nearNumber,          // an item whose number is nearly the one named
	lumpOldestFirst,     // oldest first
	lumpSmallestFirst,   // as many items as possible
	lumpOnAccount,       // on account, by policy
	oneOfSeveral,        // what it would be for each customer that could be the payer
}

// Match decides every receipt and return of the work, in its order. Receipts that can touch the same customers are
// decided together, strong evidence before weak; unrelated ones on all processors.
func Match(work recon.Work, set rules.Set) recon.Plan {
	plan := recon.Plan{Entity: work.Entity, Rules: set.Version, Decisions: make([]recon.Decision, len(work.Receipts)+len(work.Returns))}
	receipts, returns := plan.Decisions[:len(work.Receipts)], plan.Decisions[len(work.Receipts):]
	w := newWorld(&work.Book, work.Receipts, &set)
	inquiries := w.readAll(work.Receipts, receipts)
	clearRecorded(w, work.Book.Recorded, inquiries)
	takenBack := w.decideReturns(&work, inquiries, returns)
	parts := w.connected(inquiries)
	const batch = 256
	ranges(len(parts), batch, func(from, to int) {
		mem := &scratch{}
		for _, part := range parts[from:to] {
			w.serve(part, takenBack, mem)
			mem.nextPart()
		}
	})
	w.proposeAlike(inquiries)
	return plan
}

// readAll reads every receipt: who sent it and what it names.
func (w *world) readAll(receipts []recon.Receipt, decisions []recon.Decision) []*inquiry {
	all, inquiries := make([]inquiry, len(receipts)), make([]*inquiry, len(receipts))
	const batch = 1024
	ranges(len(receipts), batch, func(from, to int) {
		rd := reader{w: w}
		for i := from; i < to; i++ {
			q := &all[i]
			rd.read(q, &receipts[i])
			q.at, q.decision = i, &decisions[i]
			decisions[i].Source = receipts[i].Source
			inquiries[i] = q
		}
	})
	return inquiries
}

// connected parts the receipts by the customers that they can touch. Each part is in order: booking day, then source.
func (w *world) connected(inquiries []*inquiry) [][]*inquiry {
	roots := make([]int32, len(w.customers))
	for i := range roots {
		roots[i] = int32(i)
	}
	for _, q := range inquiries {
		first := nobody
		q.eachCustomer(func(c int32) {
			if first == nobody {
				first = c
			}
			join(roots, first, c)
		})
	}
	sorted := inquiries
	if !slices.IsSortedFunc(sorted, compareReceipts) {
		sorted = slices.Clone(inquiries)
		slices.SortFunc(sorted, compareReceipts)
	}
	return inParts(sorted, w.partsOf(sorted, roots))
}

// partsOf returns the number of each receipt's part; parts are numbered as they come.
func (w *world) partsOf(sorted []*inquiry, roots []int32) []int32 {
	known := make([]int32, len(w.customers)) // plus 1, by root
	numbers := make([]int32, len(sorted))
	parts := int32(0)
	for i, q := range sorted {
		any := nobody
		q.eachCustomer(func(c int32) { any = c })
		if any != nobody {
			any = rootOf(roots, any)
			if known[any] > 0 {
				numbers[i] = known[any] - 1
				continue
			}
			known[any] = parts + 1
		}
		numbers[i] = parts
		parts++
	}
	return numbers
}

// inParts lays the receipts of each part side by side.
func inParts(sorted []*inquiry, numbers []int32) [][]*inquiry {
	var ends []int32 // of each part
	for _, n := range numbers {
		if int(n) == len(ends) {
			ends = append(ends, 0)
		}
		ends[n]++
	}
	parts := make([][]*inquiry, len(ends))
	all := make([]*inquiry, len(sorted))
	for n, size := range ends {
		parts[n], all = all[:0:size], all[size:]
	}
	for i, n := range numbers {
		parts[n] = append(parts[n], sorted[i])
	}
	return parts
}

// rootOf finds who stands for the part of c, and shortens the way for the next time.
func rootOf(roots []int32, c int32) int32 {
	for roots[c] != c {
		roots[c] = roots[roots[c]]
		c = roots[c]
	}
	return c
}

func join(roots []int32, a, b int32) {
	a, b = rootOf(roots, a), rootOf(roots, b)
	roots[max(a, b)] = min(a, b)
}
