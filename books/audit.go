package books

import (
	"bytes"
	"crypto/sha256"
	"fmt"
)

// auditChain is I26: each audit row's hash is SHA-256 of the hash before it and its own canonical bytes, the first one
// follows on nothing, and no number is missing. It names the first row of each break: a row whose content was changed
// ("modified"), a number that is missing ("gap"), a number that comes twice ("fork"). The head in the detail shows a tail
// that was cut off, compared with one kept elsewhere.
func auditChain(v View) (Check, error) { return chainOf(v, "I26", "the audit chain is unbroken") }

// VerifyHouse is I26 of what concerns no company's books: people, sessions, tokens.
func VerifyHouse(v View) (Check, error) {
	return chainOf(v, "I26-HOUSE", "the audit chain of people and tokens is unbroken")
}

func chainOf(v View, id, name string) (Check, error) {
	var f finding
	var previous []byte
	var last int64
	rows := 0
	for row, err := range v.Audit() {
		if err != nil {
			return Check{}, unread("audit rows", err)
		}
		rows++
		switch {
		case row.Seq == last && rows > 1:
			f.fault("fork: two rows have number %d", row.Seq)
		case row.Seq != last+1:
			f.fault("gap: row %d comes after row %d", row.Seq, last)
		}
		hash := sha256.New()
		hash.Write(previous)
		hash.Write(row.Canonical)
		if !bytes.Equal(hash.Sum(nil), row.Hash) && row.Seq == last+1 {
			f.fault("modified: row %d does not have the hash of its content", row.Seq)
		}
		previous, last = row.Hash, row.Seq
	}
	return f.check(id, name, fmt.Sprintf("%d rows, head %x", rows, previous)), nil
}
