package recon

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"strconv"
)

// Fingerprint is the identity of an entry's content within its account. It is small, so that the contents of a statement of
// a million entries fit into memory. Equal contents have equal fingerprints; fingerprints order by booking day first.
type Fingerprint struct {
	Booked Date
	Sum    [16]byte
}

// fingerprintVersion is the recipe by which the worker makes fingerprints. Stored ones name it.
const fingerprintVersion = "v1:"

// fingerprintLength is that of the stored form, "v1:YYYYMMDD:" and 32 hexadecimal digits.
const fingerprintLength = len(fingerprintVersion) + 8 + 1 + 32

// String is the form in which fingerprints are stored; it orders as they do.
func (f Fingerprint) String() string {
	b := make([]byte, 0, fingerprintLength)
	b = append(b, fingerprintVersion...)
	for unit := Date(10_000_000); unit > 0; unit /= 10 {
		b = append(b, '0'+byte(f.Booked/unit%10))
	}
	b = append(b, ':')
	return string(hex.AppendEncode(b, f.Sum[:]))
}

// ParseFingerprint reads the stored form, and is false for anything else.
func ParseFingerprint(s string) (f Fingerprint, ok bool) {
	const day = len(fingerprintVersion)
	if len(s) != fingerprintLength || s[:day] != fingerprintVersion || s[day+8] != ':' || !allDigits(s[day:day+8]) {
		return f, false
	}
	n, err := strconv.ParseInt(s[day:day+8], 10, 32)
	f.Booked = Date(n)
	if err == nil {
		_, err = hex.Decode(f.Sum[:], []byte(s[day+9:]))
	}
	return f, err == nil
}

// Compare orders fingerprints: by booking day, then by content.
func (f Fingerprint) Compare(other Fingerprint) int {
	return cmp.Or(cmp.Compare(f.Booked, other.Booked), bytes.Compare(f.Sum[:], other.Sum[:]))
}
