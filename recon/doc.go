// Package recon holds the words of tieout: the nouns that every other package speaks in,
// and the few rules that belong to a noun alone (how money is written, what a civil day is).
//
// # The life of a receipt
//
//	File ──parse──▶ Statement ──prove──▶ Entry ──classify──▶ Receipt ──match──▶ Decision ──save──▶ Application
//	                   │                   │                     │                  │
//	                 Problem            Duplicate             Return             Proposal ──▶ Case (a person decides)
//
// A [File] is what the bank sent; it is archived before anything else looks at it. It holds
// statements. A [Statement] says what happened on one bank account over some days and proves
// itself: opening + booked entries = closing. An [Entry] is one movement of it. An entry that is
// money in from somebody is a [Receipt]; one that takes earlier money back is a [Return].
//
// A receipt pays open items. An [Item] is an invoice or a credit note of a [Customer]. Receipts and
// the [Book] they can touch are a [Work]; the matcher turns a Work into a [Plan] of decisions. A
// [Decision] either applies the receipt (its [Line]s become [Application] rows) or queues it as a
// case with ranked, fully worked [Proposal]s.
//
// An [Application] moves an amount from a source (a receipt, a credit note, money on account, an
// advance) to an item. Rows are never changed: a correction is a row that reverses another. From
// entries and applications the postings of the journal are derived (package books).
//
// A [Problem] is a fault in somebody's data, as a value: it has a stable code, a place, what was
// seen and what to try. Faults of the world (disk, database) are Go errors, and faults of ours are
// caught by the audit before anything is saved.
//
// Amounts are int64 minor units (cents) named …Minor, dates are civil ([Date]), order of slices is
// meaningful and deterministic. Nothing in here reads a clock, a file or a random number.
package recon
