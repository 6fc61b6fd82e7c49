package ingest

import (
	"fmt"

	"github.com/tieout/tieout/recon"
)

// The problems of an import that only the books can see. The pipeline compares and says; the words stand here, beside
// those of the file.

// ProblemStale says that a snapshot is older than the last one that was taken (O10).
func ProblemStale(lastAsOf, asOf recon.Date) recon.Problem {
	return *reject("INV-STALE", "", fmt.Sprintf("as of %s, but the books have the snapshot of %s", asOf, lastAsOf), "import the newest export; an older one would reopen what is settled")
}

// ProblemShrink says that a snapshot lists far fewer open items than the last one, or none (O11).
func ProblemShrink(was, now int) recon.Problem {
	return recon.Problem{Code: "INV-SHRINK", Severity: recon.Hold,
		Message: fmt.Sprintf("%s listed, %d before: what is not listed would count as settled elsewhere", counted(now, "item"), was),
		Try:     "check that the export is complete; import it again with --accept if it is"}
}

// ProblemDrift says that their open amount of an item differs from ours (O04); both are written amounts with their
// currency, since names the receipts that made the difference on our side, "" where there is none.
func ProblemDrift(row int, number, theirs, ours, since string) recon.Problem {
	message := fmt.Sprintf("open amount of %q: theirs %s, ours %s", number, theirs, ours)
	if since != "" {
		message += " since " + since
	}
	return recon.Problem{Code: "INV-DRIFT", Where: columnPlace(row, "open"), Severity: recon.Hold, Message: message,
		Try: "post our export in the accounting system and export again; --accept keeps our open amount and takes the rest"}
}

// ProblemOverallocated says that an item's new amount is below what is applied to it already (O12).
func ProblemOverallocated(row int, number, amount, applied string) recon.Problem {
	return recon.Problem{Code: "INV-OVERALLOCATED", Where: columnPlace(row, "amount"), Severity: recon.Hold,
		Message: fmt.Sprintf("%q now amounts to %s, but %s is applied to it", number, amount, applied),
		Try:     "undo an application first, or correct the amount"}
}

// ProblemCurrencyChanged says that an item comes again in another currency (O05).
func ProblemCurrencyChanged(row int, number string, was, now recon.Currency) recon.Problem {
	return *reject("INV-CCY", columnPlace(row, "currency"), fmt.Sprintf("%q is in %s, the books have it in %s", number, now, was),
		"the currency of an item never changes; give the new item a new number")
}

// ProblemKindChanged says that an item comes again as what it was not: an invoice as a credit note, or the other way round.
func ProblemKindChanged(row int, number string, was, now recon.ItemKind) recon.Problem {
	return *reject("INV-KIND", columnPlace(row, "kind"), fmt.Sprintf("%q is a %s in the books, the file says %s", number, kindText(was), kindText(now)),
		"an item stays what it is: correct the kind, or give the new item a new number; a file without the column kind leaves it alone")
}

// ProblemSideChanged says that a new item has number and customer of one on the other side of the books.
func ProblemSideChanged(row int, number, customer string, was, now recon.Side) recon.Problem {
	return recon.Problem{Code: "INV-SIDE", Where: columnPlace(row, "side"), Severity: recon.Hold,
		Message: fmt.Sprintf("%q of %q is a %s in the books, the file says %s", number, customer, was, now),
		Try:     "correct the side; --accept takes it as a second item, beside the one in the books"}
}

// kindText writes a kind as people say it.
func kindText(kind recon.ItemKind) string {
	if kind == recon.CreditNote {
		return "credit note"
	}
	return string(kind)
}

// ProblemNoDueDate says that the books have invoices without a due date after an import; first is the row of the first one.
func ProblemNoDueDate(first, invoices int) recon.Problem {
	return recon.Problem{Code: "INV-DATE", Where: rowPlace(first), Severity: recon.Warn,
		Message: fmt.Sprintf("%s without a due date, this one first", counted(invoices, "invoice")),
		Try:     "add due_date: without it an invoice is never past due and is paid last"}
}

// ProblemUnknownCustomer says that a row names a customer nobody has imported (O08).
func ProblemUnknownCustomer(row int, customer string) recon.Problem {
	return *reject("INV-CUSTOMER", columnPlace(row, "customer"), fmt.Sprintf("customer %q is unknown", customer), "import customers before their items")
}

// ProblemIBANShared says that a customer comes with an IBAN that another one has in the books (O09).
func ProblemIBANShared(row int, iban, owner string) recon.Problem {
	return recon.Problem{Code: "CUST-IBAN-SHARED", Where: columnPlace(row, "iban"), Severity: recon.Warn,
		Message: fmt.Sprintf("%s belongs to customer %q in the books too", recon.MaskAccount(iban), owner), Try: tryShared}
}

// ProblemPaysForUnknown says that a customer pays for one that nobody has imported.
func ProblemPaysForUnknown(row int, other string) recon.Problem {
	return recon.Problem{Code: "CUST-PAYS-FOR", Where: columnPlace(row, "pays_for"), Severity: recon.Warn,
		Message: fmt.Sprintf("customer %q is unknown", other), Try: "correct it, or import that customer too; until then nothing is paid for it"}
}

// ProblemDisputeCustomer says that a disputed item is another customer's.
func ProblemDisputeCustomer(row int, number, owner, said string) recon.Problem {
	return *reject("DISPUTE-CUSTOMER", columnPlace(row, "customer"), fmt.Sprintf("item %q belongs to customer %q, not %q", number, owner, said),
		"correct the customer, or the number of the item")
}

// ProblemUnknownItem says that an instalment or a dispute names an item nobody has imported.
func ProblemUnknownItem(row int, number string) recon.Problem {
	return *reject("INV-UNKNOWN", columnPlace(row, "number"), fmt.Sprintf("item %q is unknown", number), "import open items before their instalments and disputes")
}

// ProblemTruthUnknown says that a truth file names a bank reference that no receipt in the books has.
func ProblemTruthUnknown(row int, reference string) recon.Problem {
	return *reject("TRUTH-UNKNOWN", columnPlace(row, "bank_reference"), fmt.Sprintf("no receipt has the bank reference %q", shown(reference)),
		"ingest the bank file first, or correct the reference; details of a batch have their own")
}

// ProblemTruthShared says that several receipts share a bank reference and the rows do not tell which is whose.
func ProblemTruthShared(row int, reference string, receipts int) recon.Problem {
	return *reject("TRUTH-SHARED", columnPlace(row, "bank_reference"), fmt.Sprintf("%s with the bank reference %q; the rows do not say what each of them pays",
		counted(receipts, "receipt"), shown(reference)), "write one row per item, those of one receipt together and adding up to it, and one row for each receipt that is queued")
}

// ProblemTruthItem says that a truth file names an item that is not in the books.
func ProblemTruthItem(row int, number string) recon.Problem {
	return *reject("TRUTH-ITEM", columnPlace(row, "item"), fmt.Sprintf("item %q is unknown", shown(number)), "import the open items first, or correct the number")
}

// ProblemTruthAmount says that an amount has more decimals than the currency of its receipt.
func ProblemTruthAmount(row int, text string, currency recon.Currency) recon.Problem {
	return *reject("TRUTH-AMOUNT", columnPlace(row, "applied"), fmt.Sprintf("%q is no amount in %s", shown(text), currency), "write amounts as 1234.50, in the currency of the receipt")
}

// importTries is the advice on problems of form whose usual advice speaks of bank profiles: an import has none.
var importTries = map[string]string{
	"CSV-UTF8":     "export it again as UTF-8: imports are always read as UTF-8",
	"CSV-ENCODING": "export it again as UTF-8: imports are always read as UTF-8",
	"CSV-CONTROL":  "export the file again; it is damaged or not a CSV file",
	"CSV-QUOTE":    `a quotation mark inside a quoted field is written twice (""), and each that opens a field closes it; export the file again`,
	"CSV-LIMIT":    "check that this is the file to import; if it is, split it",
}

// ofImport gives a problem of form the advice that fits an import.
func ofImport(p *recon.Problem) *recon.Problem {
	if try, ok := importTries[p.Code]; ok {
		p.Try = try
	}
	return p
}
