// Package books derives the journal from what is stored, reports on it, exports it and proves it. Nothing here is kept:
// entries, items, decisions and applications are the truth, and everything else follows from them.
//
// # Words
//
// A [Posting] is one line of a transaction; the lines of a transaction add up to nothing in each currency, a debit is
// positive. Each entry of the bank is posted at once on its effective day; the other side stands where its money
// stands: suspense (payer unknown), unapplied (payer known, not yet decided), on account, an advance, or on the items it paid.
// By construction the bank's ledger account equals the closing balance of its statements, the receivables account
// equals the open items, and the accounts for money held equal what is left of it.
//
// A [Cut] is a view back: as of a day (effective) and as known at an instant (recorded). A [Selection] is the part of
// an export: everything, since a day, or a batch, which is a range of ids and thus gives the same bytes whenever it is asked.
//
// A [Check] is the verdict on one invariant, computed from the rows and compared with the sums that are stored.
//
// A [Table] is what every report becomes before it is written as text, CSV, JSON or HTML. Its CSV defuses cells that
// a spreadsheet would execute; the machine exports ([WriteApplications], [WriteJournal]) are raw, byte for byte what is stored.
package books
