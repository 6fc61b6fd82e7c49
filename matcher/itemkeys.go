package matcher

import (
	"bytes"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
)

// keyKind says what of an item a key is, from strong to weak.
type keyKind uint8

const (
	keyReference keyKind = iota // the structured reference printed on it
	keyNumber                   // its number
	keyBare                     // its structured reference without check digits
	keyCore                     // the digits of its number
	keyOrder                    // the order it belongs to
	keyTail                     // the last group of its number
)

// ItemKeys returns the keys under which an item is found, sorted and unique: its structured reference, with and
// without check digits; its number without separators; the digits of its number, with and without leading zeros; the
// last group of its number; its order. They are stored with the item, so a change of the recipe is a migration.
func ItemKeys(item recon.Item) []string {
	var keys []string
	var r itemReader
	r.eachKey(&item, func(k []byte, _ keyKind) { keys = append(keys, string(k)) })
	slices.Sort(keys)
	return slices.Compact(keys)
}

// itemReader cuts items into keys; its buffer is reused from item to item.
type itemReader struct{ text []byte }

// eachKey visits the keys of an item, strong ones first; a weak one may repeat a strong one. A key is valid until the next one.
func (r *itemReader) eachKey(item *recon.Item, visit func([]byte, keyKind)) {
	put := func(k []byte, kind keyKind) {
		if len(k) >= shortestKey || kind == keyNumber && len(k) > 0 {
			visit(k, kind)
		}
	}
	if item.Reference != "" {
		r.text = appendSqueezed(r.text[:0], item.Reference)
		put(r.text, keyReference)
		eachBareReference(r.text, put)
	}
	r.text = appendSqueezed(r.text[:0], item.Number)
	put(r.text, keyNumber)
	core := bytes.TrimLeft(r.text, letters)
	if allDigits(core) {
		if len(core) != len(r.text) {
			put(core, keyCore)
		}
		if bare := trimZeros(core); len(bare) != len(core) {
			put(bare, keyCore)
		}
	}
	if tail := r.lastGroup(item.Number); len(tail) > 0 && !bytes.Equal(tail, core) {
		put(tail, keyTail)
	}
	if item.Order != "" {
		r.text = appendSqueezed(r.text[:0], item.Order)
		put(r.text, keyOrder)
	}
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// squeeze folds s and drops everything but letters and digits.
func squeeze(s string) string { return string(appendSqueezed(make([]byte, 0, len(s)), s)) }

// appendSqueezed appends what squeeze makes of s.
func appendSqueezed(to []byte, s string) []byte {
	from := len(to)
	to = fold(to, s)
	kept := to[:from]
	for _, c := range to[from:] {
		if isLetter(c) || isDigit(c) {
			kept = append(kept, c)
		}
	}
	return kept
}

// lastGroup returns the digits after the last separator of a number of several groups, behind what was read.
func (r *itemReader) lastGroup(number string) []byte {
	cut := strings.LastIndexAny(number, "-/._ ")
	if cut < 0 {
		return nil
	}
	from := len(r.text)
	r.text = appendSqueezed(r.text, number[cut:])
	if tail := r.text[from:]; allDigits(tail) {
		return tail
	}
	return nil
}

// eachBareReference visits a structured reference without its leading zeros and without its check digits.
func eachBareReference(reference []byte, put func([]byte, keyKind)) {
	if bare := trimZeros(reference); len(bare) != len(reference) {
		put(bare, keyReference)
	}
	schemes := recon.CheckReference(string(reference))
	if len(schemes) == 0 {
		return
	}
	payload := reference[:len(reference)-1]
	switch schemes[0] {
	case recon.SchemeRF:
		payload = reference[4:]
	case recon.SchemeOGM, recon.SchemePagoPA:
		payload = reference[:len(reference)-2]
	case recon.SchemeNL:
		payload = reference[1:]
	}
	put(trimZeros(payload), keyBare)
}
