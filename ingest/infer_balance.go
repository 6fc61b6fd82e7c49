package ingest

import (
	"fmt"
	"slices"

	"github.com/tieout/tieout/recon"
)

// chainProof is what a balance column proves about the amounts beside it.
type chainProof struct {
	checked   int   // balances that follow from the one before
	sign      int64 // 1 where a positive amount raises the balance, -1 where it lowers it; 0 where the balance does not follow
	signed    bool  // only this sign makes it follow
	backwards bool  // the newest row comes first
	ordered   bool  // only this order makes it follow
	broken    int   // row after which it does not follow, in the better order; from the samples' lines
}

// proves reports whether the balance follows often enough, in one way only.
func (c chainProof) proves() bool { return c.sign != 0 && c.signed && c.checked >= fewRows-1 }

// chainOf follows a balance column beside amounts, both ways and with both signs, in each statement of the samples.
func (inf *inferrer) chainOf(minor []int64, readable []bool, balance *columnFacts, g grammar) (proof chainProof) {
	runs := inf.runs(minor, readable, balance, g)
	for _, way := range []struct {
		sign      int64
		backwards bool
	}{{1, true}, {1, false}, {-1, true}, {-1, false}} {
		checked, holds := 0, true
		for _, run := range runs {
			run.backwards = way.backwards
			chain := run.follow(way.sign)
			checked += chain.checked
			if chain.broken != nil {
				holds = false
				proof.broken = max(proof.broken, int(chain.broken.row))
			}
		}
		if !holds || checked == 0 {
			continue
		}
		if proof.sign == 0 {
			proof = chainProof{checked: checked, sign: way.sign, signed: true, backwards: way.backwards, ordered: true}
			continue
		}
		proof.signed = proof.signed && proof.sign == way.sign
		proof.ordered = proof.ordered && proof.backwards == way.backwards
	}
	return proof
}

// runs are the rows of each statement: one sample, account and currency.
func (inf *inferrer) runs(minor []int64, readable []bool, balance *columnFacts, g grammar) []runningBalance {
	var names []string
	var runs []runningBalance
	for i, row := range inf.rows {
		name := fmt.Sprint(row.sample, "|", inf.currencyOf(row), "|", inf.accountOf(row))
		at := slices.Index(names, name)
		if at < 0 {
			at = len(names)
			names, runs = append(names, name), append(runs, runningBalance{})
		}
		note := rowNote{row: int32(row.line), amount: minor[i]}
		if cell := trimBlanks(row.cells[balance.at]); cell != "" {
			balance, fault := g.amounts.parse(cell, inf.currencyOf(row).Exponent())
			note.balance, note.hasBalance = balance, fault == "" && readable[i]
		}
		runs[at].notes = append(runs[at].notes, note)
	}
	return runs
}

func (inf *inferrer) currencyOf(row gridRow) recon.Currency {
	if inf.currencyAt >= 0 {
		return recon.Currency(row.cells[inf.currencyAt])
	}
	return inf.hint
}

func (inf *inferrer) accountOf(row gridRow) string {
	if inf.accountAt < 0 {
		return ""
	}
	return row.cells[inf.accountAt]
}

// order says whether the newest row comes first, by the balance or by the days.
func (inf *inferrer) order() {
	falling, rising := sorted(inf.days)
	proof := inf.money.chain
	confidence, evidence := Likely, "the days fall from row to row"
	backwards := true
	switch {
	case proof.sign != 0 && proof.ordered:
		backwards, confidence, evidence = proof.backwards, Certain, "the balance follows from row to row only so"
	case proof.sign != 0 && proof.backwards != falling && falling != rising:
		backwards = falling
	case falling == rising:
		confidence, evidence = Unsure, "the days do not tell"
	default:
		if backwards = falling; rising {
			evidence = "the days rise from row to row"
		}
	}
	inf.profile.Order = map[bool]string{true: "newest_first", false: "oldest_first"}[backwards]
	inf.find("order", inf.profile.Order, confidence, false, "%s", evidence)
}
