package matcher

import "github.com/tieout/tieout/recon"

// Reasons of what was applied unattended.
const (
	ReferenceExact       recon.Reason = "reference_exact"
	ReferenceDiscount    recon.Reason = "reference_discount"
	ReferenceWithheldTax recon.Reason = "reference_withheld_tax"
	ReferenceBankCharge  recon.Reason = "reference_bank_charge"
	ReferenceTolerance   recon.Reason = "reference_tolerance"
	ReferenceInstruction recon.Reason = "reference_instruction"
	ReferenceInstalment  recon.Reason = "reference_instalment"
	ReferenceSubset      recon.Reason = "reference_subset"
	ReferencePartial     recon.Reason = "reference_partial"
	Overpaid             recon.Reason = "overpaid"
	PayerExactSingle     recon.Reason = "payer_exact_single"
	PayerDiscount        recon.Reason = "payer_discount"
	PayerWithheldTax     recon.Reason = "payer_withheld_tax"
	PayerBankCharge      recon.Reason = "payer_bank_charge"
	PayerTolerance       recon.Reason = "payer_tolerance"
	PayerExactSet        recon.Reason = "payer_exact_set"
	PayerBalance         recon.Reason = "payer_balance"
	PayerBalanceEarlier  recon.Reason = "payer_balance_earlier"
	PayerPastDue         recon.Reason = "payer_past_due"
	PayerInstalment      recon.Reason = "payer_instalment"
	PayerPartial         recon.Reason = "payer_partial"
	PayerPartOldest      recon.Reason = "payer_part_oldest"
	PayerOldestFirst     recon.Reason = "payer_oldest_first"
	PayerSmallestFirst   recon.Reason = "payer_smallest_first" // proposed only
	LumpOnAccount        recon.Reason = "lump_on_account"
	MeantOnAccount       recon.Reason = "on_account_phrase"
	AdvanceOrder         recon.Reason = "advance_order"
	AdvanceApplied       recon.Reason = "advance_applied"
	AdvanceWaiting       recon.Reason = "advance_waiting"
	ClearedByHand        recon.Reason = "cleared_by_hand"
	ReturnReversed       recon.Reason = "return_reversed"
)

// Reasons why a person is asked.
const (
	AmbiguousLump       recon.Reason = "ambiguous_lump"
	AmbiguousReference  recon.Reason = "ambiguous_reference"
	CompetingReceipts   recon.Reason = "competing_receipts"
	PayerUnknown        recon.Reason = "payer_unknown"
	PayerAmbiguous      recon.Reason = "payer_ambiguous"
	PayerNotProven      recon.Reason = "payer_not_proven"
	PayerNoOpenItem     recon.Reason = "payer_no_open_item"
	AlreadyPaid         recon.Reason = "already_paid"
	ItemDisputed        recon.Reason = "item_disputed"
	ItemCancelled       recon.Reason = "item_cancelled"
	CurrencyMismatch    recon.Reason = "currency_mismatch"
	OtherEntity         recon.Reason = "other_entity"
	ReferencePayer      recon.Reason = "reference_payer_conflict"
	ReferenceAmount     recon.Reason = "reference_amount_conflict"
	ReferenceAlone      recon.Reason = "reference_alone"
	ReferenceUnknown    recon.Reason = "reference_unknown"
	CreditNoteUnmatched recon.Reason = "credit_note_unmatched"
	WriteOffCap         recon.Reason = "write_off_cap"
	DeclinedBefore      recon.Reason = "declined_before"
	StatementDisproved  recon.Reason = "statement_disproved"
	StatementUnproved   recon.Reason = "statement_unproved"
	BatchContradicts    recon.Reason = "batch_contradicts"
	WeakEvidence        recon.Reason = "weak_evidence"
	ClearingDoubt       recon.Reason = "clearing_doubt"
	ReturnedByBank      recon.Reason = "returned_by_bank"
	ReturnUnmatched     recon.Reason = "return_unmatched"
)

// AmountAlone is only proposed, where nobody knows who paid.
const AmountAlone recon.Reason = "amount_alone"

// Reasons why a candidate was not taken, beside those above.
const (
	OutScored   recon.Reason = "out_scored"
	NotEnough   recon.Reason = "evidence_too_weak"
	TakenBefore recon.Reason = "taken_in_this_run"
)

// sentences says each reason in plain words.
var sentences = map[recon.Reason]string{
	recon.ReasonManual:    "A person decided it.",
	recon.ReasonUndone:    "A person took its applications back.",
	recon.ReasonAdjusted:  "A person took the difference on an account of the ledger.",
	recon.ReasonReleased:  "A person gave it back to be decided anew.",
	recon.ReasonParted:    "A person said what it does not pay; the next run decides it anew.",
	recon.ReasonReturned:  "The bank took the money back, or part of it.",
	recon.ReasonElsewhere: "An import says that it was settled outside tieout.",

	ReferenceExact:       "The payer named the items and paid exactly what they are open for.",
	ReferenceDiscount:    "The payer named the items and took the discount that was still due.",
	ReferenceWithheldTax: "The payer named the items and withheld tax at a rate that the rules list.",
	ReferenceBankCharge:  "The payer named the items; what is missing was taken by a bank on the way.",
	ReferenceTolerance:   "The payer named the items; the small difference is within the rules.",
	ReferenceInstruction: "The payer said which items are paid in full and which takes the rest.",
	ReferenceInstalment:  "The payer named the item and paid its next instalment.",
	ReferenceSubset:      "Of the items that the payer named, exactly one combination adds up to the amount.",
	ReferencePartial:     "The payer named the items and paid less than they are open for; the rest stays open.",
	Overpaid:             "More came in than the items are open for; the surplus stands on account.",
	PayerExactSingle:     "The payer is known and exactly one open item has this amount.",
	PayerDiscount:        "The payer is known and the amount is the open items less the discount that is still due.",
	PayerWithheldTax:     "The payer is known and the amount is the only open item less tax at a rate that the rules list.",
	PayerBankCharge:      "The payer is known and the amount is the only open item less the charge of a bank.",
	PayerTolerance:       "The payer is known and the amount is the only open item up to a small difference within the rules.",
	PayerExactSet:        "The payer is known and exactly one combination of its open items adds up to the amount.",
	PayerBalance:         "The payer is known and paid its whole balance.",
	PayerBalanceEarlier:  "The payer is known and paid its balance as it stood on an earlier day.",
	PayerPastDue:         "The payer is known and paid exactly what is past due.",
	PayerInstalment:      "The payer is known and paid the next instalment of its payment plan.",
	PayerPartial:         "The payer is known and has one open item, which is paid in part; the rest stays open.",
	PayerPartOldest:      "The payer is known and the amount fits nothing; it is less than the oldest due item, which is paid in part.",
	PayerOldestFirst:     "The amount is spread over the open items of the payer, oldest first.",
	PayerSmallestFirst:   "The amount is spread over the open items of the payer so that as many as possible are settled.",
	LumpOnAccount:        "A lump sum without proof of what it pays; it is kept on account.",
	MeantOnAccount:       "The payer said that the money is meant to stand on account.",
	AdvanceOrder:         "The payer named an order whose invoice does not exist yet; the money is kept as an advance for it.",
	AdvanceApplied:       "The invoice of the order is here; the advance pays it.",
	AdvanceWaiting:       "The advance waits for the invoice of its order.",
	ClearedByHand:        "This is the money of a payment that was recorded by hand; it is not applied again.",
	ReturnReversed:       "The bank took an earlier receipt back; whatever it paid is open again.",

	AmbiguousLump:       "The amount could pay several combinations of open items and nothing proves which.",
	AmbiguousReference:  "What the payer wrote fits more than one item or customer.",
	CompetingReceipts:   "Another receipt wants the same item with equal right.",
	PayerUnknown:        "Nobody knows who paid: no account, mandate, name or reference leads to a customer.",
	PayerAmbiguous:      "Several customers could be the payer.",
	PayerNotProven:      "The payer is known by name only; that is not enough to apply money without a reference.",
	PayerNoOpenItem:     "The payer is known and has nothing open.",
	AlreadyPaid:         "The item that the payer named, or an item of this amount, is paid already.",
	ItemDisputed:        "The item is disputed; a person decides whether this payment ends the dispute.",
	ItemCancelled:       "The item that the payer named is cancelled.",
	CurrencyMismatch:    "The item is in another currency than the receipt.",
	OtherEntity:         "The payer named an item of a sister company.",
	ReferencePayer:      "The reference names an item of another customer than the payer.",
	ReferenceAmount:     "The payer named one item, but the amount is exactly that of another.",
	ReferenceAlone:      "The number in the text is all there is: neither the payer nor the amount supports it.",
	ReferenceUnknown:    "The payer named a number that no item has.",
	CreditNoteUnmatched: "A credit note was named that the amount does not confirm.",
	WriteOffCap:         "The small difference would exceed what may be written off for this customer in the period.",
	DeclinedBefore:      "A person took this receipt back from an item before; it is not applied unattended again.",
	StatementDisproved:  "The balances of the statement contradict its entries.",
	StatementUnproved:   "This account requires proved statements and the balances are missing.",
	BatchContradicts:    "The details of the batch contradict its amount.",
	WeakEvidence:        "The evidence is too weak to apply without a person.",
	ClearingDoubt:       "This may be the money of a payment recorded by hand, but not beyond doubt.",
	ReturnedByBank:      "A return may take this receipt back, but not beyond doubt; nothing is applied until a person says so.",
	ReturnUnmatched:     "The receipt that this return takes back was not found beyond doubt.",

	AmountAlone: "Nobody knows who paid, and an open item has exactly this amount.",

	OutScored:   "Another candidate has stronger evidence.",
	NotEnough:   "What points to it is not enough.",
	TakenBefore: "Another receipt of this run has paid it.",
}

// classSentences say why an entry that is no receipt was set aside: its class is its reason.
var classSentences = map[recon.Class]string{
	recon.ClassReceipt:  "It is money that came in, and waits to be applied.",
	recon.ClassReturn:   "It takes money of an earlier receipt back.",
	recon.ClassCharge:   "It is a charge of the bank, posted to its account; it pays no item.",
	recon.ClassTransfer: "It is a transfer between our own accounts; it pays no item.",
	recon.ClassOther:    "It is no receipt, such as a payment we made or one of ours that came back; it pays no item.",
	recon.ClassZero:     "Its amount is zero: there is nothing to apply.",
	recon.ClassPending:  "The bank has not booked it yet: it does not count.",
}

// Sentence says a reason in plain English; where an entry was set aside for its class, the class is the reason. A code that
// is not ours is returned as it is.
func Sentence(r recon.Reason) string {
	if s, ok := sentences[r]; ok {
		return s
	}
	if s, ok := classSentences[recon.Class(r)]; ok {
		return s
	}
	return string(r)
}
