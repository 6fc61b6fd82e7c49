// Package ingest turns bytes into the nouns of package recon: a bank's statement files (camt.053 XML
// and CSV) into statements, and the CSV files of an accounting system into items and customers.
//
// A reader never decides what happens to a file. It reads all that can be read and names every fault as
// a [recon.Problem] with its place: in the document where the file is at fault, in the statement where
// one statement is. Who reads on is the pipeline: a problem of severity reject refuses, hold waits for
// a person, warn is for somebody's information.
//
// [Stream] tells camt from CSV by content and hands over each entry as it is read, in flat memory; [Read] collects them. The
// camt reader (camt*.go) stands on a streaming XML scanner of its own (xml*.go) that is strict where encoding/xml is not
// (DTDs, a second root, encodings) and an order of magnitude faster; the entries of a large statement are read on all cores
// (frames.go). [Prove] does the arithmetic of a statement: opening + booked entries = closing. [Assemble] joins the pages of
// statements that come in several files. [SecondRead] reads version 08 again through the typed model of moov-io/iso20022, written by
// other people, and [Compare] says where the two differ.
//
// A CSV export is read through a [Profile] of its bank. For a bank without one, [Infer] (infer*.go) draws a profile from the
// file and says how sure it is of each key, with the evidence; [ReadCSV] reads by it and holds the file unless everything
// that matters is certain. Inference decides once for the whole file, never row by row.
//
// Nothing in here opens files, reads the clock or keeps state between calls.
package ingest
