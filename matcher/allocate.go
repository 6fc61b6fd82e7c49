package matcher

import "github.com/tieout/tieout/recon"

// worked is a receipt allocated in full: every cent of it has a line.
type worked struct {
	lines      []recon.Line
	shortfalls []recon.Shortfall
	difference int64 // receipt less what the invoices are open for after credit notes; negative is short
}

// settle allocates the receipt to invoices as the fit says. Credit notes are used up first, then the money, both from the
// first invoice on; what a fit does not cover leaves the last ones short.
func (q *inquiry) settle(invoices, notes []int32, f *fitting) worked {
	w := worked{lines: q.mem.lines.take(len(invoices) + len(notes) + f.others()), difference: q.r.AmountMinor}
	credits := creditor{q: q, notes: notes}
	for _, i := range notes {
		w.difference += q.w.items[i].left
	}
	cash := q.r.AmountMinor - f.gain - f.over
	for n, i := range invoices {
		it := &q.w.items[i]
		w.difference -= it.left
		need := it.left - f.reduction(n)
		need -= credits.use(&w, it.ID, need)
		if pay := min(need, cash); pay > 0 {
			w.lines = append(w.lines, recon.Line{Kind: recon.Payment, Item: it.ID, AmountMinor: pay})
			cash -= pay
			need -= pay
		}
		q.reduce(&w, it, n, f)
		if need > 0 {
			w.shortfalls = append(w.shortfalls, recon.Shortfall{Item: it.ID, AmountMinor: need})
		}
	}
	return w.rest(f)
}

// others is how many lines a fit adds to those of money and credit notes.
func (f *fitting) others() int {
	n := len(f.discounts) + len(f.withheld)
	for _, amount := range [...]int64{f.charge, f.writeOff, f.gain, f.over} {
		if amount > 0 {
			n++
		}
	}
	return n
}

// rest adds what no invoice takes.
func (w worked) rest(f *fitting) worked {
	if f.gain > 0 {
		w.lines = append(w.lines, recon.Line{Kind: recon.Gain, AmountMinor: f.gain})
	}
	if f.over > 0 {
		w.lines = append(w.lines, recon.Line{Kind: recon.OnAccount, AmountMinor: f.over})
	}
	return w
}

// reduction is what invoice n is lowered by without money.
func (f *fitting) reduction(n int) int64 {
	var sum int64
	if f.discounts != nil {
		sum += f.discounts[n]
	}
	if f.withheld != nil {
		sum += f.withheld[n]
	}
	if n == f.bearer {
		sum += f.charge + f.writeOff
	}
	return sum
}

// reduce adds the lines without money of invoice n and says why it was short.
func (q *inquiry) reduce(w *worked, it *item, n int, f *fitting) {
	add := func(kind recon.Kind, why string, amount int64, taxed bool) {
		if amount == 0 {
			return
		}
		line := recon.Line{Kind: kind, Item: it.ID, AmountMinor: amount}
		if taxed {
			_, line.TaxMinor = recon.NetAndTax(amount, it.TaxRate)
		}
		w.lines = append(w.lines, line)
		w.shortfalls = append(w.shortfalls, recon.Shortfall{Item: it.ID, AmountMinor: amount, Why: why})
	}
	if f.discounts != nil {
		add(recon.Discount, "discount", f.discounts[n], true)
	}
	if f.withheld != nil {
		add(recon.WithheldTax, "withheld_tax", f.withheld[n], false)
	}
	if n == f.bearer {
		add(recon.BankCharge, "bank_charge", f.charge, false)
		add(recon.WriteOff, "tolerance", f.writeOff, true)
	}
}

// creditor hands out credit notes, oldest first.
type creditor struct {
	q     *inquiry
	notes []int32
	spent int64 // of the first note
}

// use sets credit notes against an item up to need and returns how much.
func (c *creditor) use(w *worked, target int64, need int64) int64 {
	var used int64
	for used < need && len(c.notes) > 0 {
		note := &c.q.w.items[c.notes[0]]
		part := min(need-used, note.left-c.spent)
		if part > 0 {
			w.lines = append(w.lines, recon.Line{Kind: recon.Credit, Item: target, CreditNote: note.ID, AmountMinor: part})
		}
		used += part
		c.spent += part
		if c.spent == note.left {
			c.notes, c.spent = c.notes[1:], 0
		}
	}
	return used
}

// spread pays the items in the order given until the money is used up, and touches no more of them; what is left over
// stands on account.
func (q *inquiry) spread(order []int32) worked {
	f := fitting{fit: fitShort, over: q.r.AmountMinor}
	touched := 0
	for ; touched < len(order) && f.over > 0; touched++ {
		f.over -= q.w.items[order[touched]].left
	}
	f.over = max(f.over, 0)
	return q.settle(order[:touched], nil, &f)
}

// whole puts all of the receipt into one line that touches no item.
func (q *inquiry) whole(line recon.Line) worked {
	line.AmountMinor = q.r.AmountMinor
	return worked{lines: append(q.mem.lines.take(1), line), difference: q.r.AmountMinor}
}
