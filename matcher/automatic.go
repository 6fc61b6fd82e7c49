package matcher

import (
	"fmt"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// Automatic says in plain sentences what would have made a queued receipt be applied without a person: what the payer, the books or the
// rules lacked. It says nothing of receipts that were applied.
func Automatic(d recon.Decision, set rules.Set) (sentences []string) {
	if d.Outcome != recon.Queued {
		return nil
	}
	if s, ok := missing[d.Reason]; ok {
		sentences = append(sentences, s)
	}
	if len(d.Proposals) == 0 {
		return sentences
	}
	best := d.Proposals[0]
	if best.Score < set.Thresholds.Apply {
		sentences = append(sentences, fmt.Sprintf("The best proposal has %d points; %d are needed to apply unattended.", best.Score, set.Thresholds.Apply))
	}
	if len(d.Proposals) > 1 {
		if lead := best.Score - d.Proposals[1].Score; lead < set.Thresholds.Margin {
			sentences = append(sentences, fmt.Sprintf("It leads the next one by %d points; %d are needed.", lead, set.Thresholds.Margin))
		}
	}
	return sentences
}

// missing says for each reason of the queue what would have made it needless.
var missing = map[recon.Reason]string{
	AmbiguousLump:       "A number of one of the items in the text, a remittance advice, or the policy oldest_first or on_account for this customer would have settled it.",
	AmbiguousReference:  "A number that only one item has would have settled it.",
	CompetingReceipts:   "Nothing about this receipt alone: once the other one is decided, the next run applies this one.",
	PayerUnknown:        "The number of an item in the text, or an account, mandate or approved alias of the payer in the books would have settled it.",
	PayerAmbiguous:      "An account that belongs to one customer alone, or the number of an item would have settled it.",
	PayerNotProven:      "A name is no proof: the payer's account in the books (an approved alias is enough), a mandate, or the number of an item is.",
	PayerNoOpenItem:     "An open item of the payer, or the words on account, prepayment or the order in the text.",
	AlreadyPaid:         "Nothing: a second payment of a settled item is always shown to a person.",
	ItemDisputed:        "The end of the dispute.",
	ItemCancelled:       "Nothing: money for a cancelled item is always shown to a person.",
	CurrencyMismatch:    "Nothing: money never pays an item in another currency unattended.",
	OtherEntity:         "Nothing: money for a sister company is always shown to a person.",
	ReferencePayer:      "A payer that pays for the customer whose item is named: pays_for in the customers file.",
	ReferenceAmount:     "The amount of the item that was named.",
	ReferenceAlone:      "A payer that the books know, or the exact amount of the item beside its number.",
	ReferenceUnknown:    "The item that was named in the books: import the open items.",
	CreditNoteUnmatched: "An amount that the credit note explains.",
	WriteOffCap:         "A higher cap for small differences of a customer: differences in the rules.",
	DeclinedBefore:      "The number of an item with a fitting amount: after an undo nothing less is enough.",
	StatementDisproved:  "A statement whose balances agree with its entries.",
	StatementUnproved:   "The balances of the statement, or proof: optional for the account.",
	BatchContradicts:    "Details of the batch that add up to its amount.",
	WeakEvidence:        "More evidence: the number of an item, a known account, or an exact amount.",
	ClearingDoubt:       "The same amount, day and cheque number as the payment that was recorded by hand.",
	ReturnedByBank:      "Nothing: what the bank may have taken back waits for a person.",
	ReturnUnmatched:     "An id that the return shares with the receipt that it takes back: end-to-end id, transaction id or mandate.",
	recon.ReasonUndone:  "Nothing: what a person took back is not applied unattended the same way again.",
	recon.ReasonManual:  "Nothing: a person decided part of it and has the rest in hand.",
}
