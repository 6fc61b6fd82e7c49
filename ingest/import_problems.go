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

// ProblemUnknownCustomer says that a row names a customer nobody has imported (O08).
func ProblemUnknownCustomer(row int, customer string) recon.Problem {
	return *reject("INV-CUSTOMER", columnPlace(row, "customer"), fmt.Sprintf("customer %q is unknown", customer), "import customers before their items")
}

// ProblemUnknownItem says that an instalment or a dispute names an item nobody has imported.
func ProblemUnknownItem(row int, number string) recon.Problem {
	return *reject("INV-UNKNOWN", columnPlace(row, "number"), fmt.Sprintf("item %q is unknown", number), "import open items before their instalments and disputes")
}
