package worker

import (
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// fingerprints makes the identity of entries within their account, recipe v1 (FIELD §3): everything the bank says that stays
// the same when it sends the statement again. Positions, message ids and entry numbers are left out; the bank's reference is
// part of it and never all of it. The value keeps memory that it uses again.
type fingerprints struct{ text []byte }

func (f *fingerprints) of(e *recon.Entry) recon.Fingerprint {
	f.text = strconv.AppendInt(f.text[:0], e.AmountMinor, 10)
	f.text = append(f.text, 0)
	for _, s := range [...]string{string(e.Currency), e.Booked.String(), e.Value.String(), e.BankReference, e.EndToEndID, e.MandateID, e.Counterparty.Account} {
		f.field(s)
	}
	f.squeezed(e.Counterparty.Name)
	f.squeezed(e.Text)
	for _, reference := range e.Structured {
		f.field(reference)
	}
	sum := sha256.Sum256(f.text)
	return recon.Fingerprint{Booked: e.Booked, Sum: [16]byte(sum[:16])}
}

func (f *fingerprints) field(s string) { f.text = append(append(f.text, s...), 0) }

// squeezed drops blanks: banks wrap the same text at other places when they send it again.
func (f *fingerprints) squeezed(s string) {
	if !strings.ContainsAny(s, " \t\r\n") {
		f.field(s)
		return
	}
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if !unicode.IsSpace(r) {
			f.text = append(f.text, s[:size]...)
		}
		s = s[size:]
	}
	f.text = append(f.text, 0)
}

// prints gathers the fingerprints of a statement's records. They lie in pieces, so that those of a large statement are never
// copied while it grows.
type prints struct{ pieces [][]recon.Fingerprint }

const pieceLength = 1 << 16

func (p *prints) add(print recon.Fingerprint) {
	last := len(p.pieces) - 1
	switch {
	case last < 0:
		p.pieces = append(p.pieces, nil)
		last = 0
	case len(p.pieces[last]) == pieceLength:
		p.pieces = append(p.pieces, make([]recon.Fingerprint, 0, pieceLength))
		last++
	}
	p.pieces[last] = append(p.pieces[last], print)
}

// sort puts each piece in order, which counting relies on.
func (p *prints) sort() {
	for _, piece := range p.pieces {
		slices.SortFunc(piece, recon.Fingerprint.Compare)
	}
}

// counted yields each fingerprint of some sorted pieces once, in order, with how often it occurs.
func counted(pieces ...[]recon.Fingerprint) iter.Seq2[recon.Fingerprint, int] {
	return func(yield func(recon.Fingerprint, int) bool) {
		rest := slices.Clone(pieces)
		for {
			var least recon.Fingerprint
			found := false
			for _, piece := range rest {
				if len(piece) > 0 && (!found || piece[0].Compare(least) < 0) {
					least, found = piece[0], true
				}
			}
			if !found {
				return
			}
			count := 0
			for i := range rest {
				for len(rest[i]) > 0 && rest[i][0] == least {
					rest[i] = rest[i][1:]
					count++
				}
			}
			if !yield(least, count) {
				return
			}
		}
	}
}

// contents returns what the statement says on some days, in order; all of it counts as stored.
func (p *prints) contents(from, to recon.Date) contents {
	pieces := make([][]recon.Fingerprint, len(p.pieces))
	for i, piece := range p.pieces {
		begin, _ := slices.BinarySearchFunc(piece, recon.Fingerprint{Booked: from}, recon.Fingerprint.Compare)
		end, _ := slices.BinarySearchFunc(piece, recon.Fingerprint{Booked: to.AddDays(1)}, recon.Fingerprint.Compare)
		pieces[i] = piece[begin:max(begin, end)]
	}
	distinct := 0
	for range counted(pieces...) {
		distinct++
	}
	all := make(contents, 0, distinct)
	for print, count := range counted(pieces...) {
		all = append(all, store.Content{Fingerprint: print, Count: int32(count), Stored: int32(count)})
	}
	return all
}

// contentDigest is equal for two issues of the same statement, whatever their message ids and order.
func contentDigest(row recon.StatementRow, booked, unbooked prints) string {
	hash := sha256.New()
	for _, balance := range []*recon.Balance{row.Opening, row.Closing} {
		if balance != nil {
			hash.Write([]byte(strconv.FormatInt(balance.AmountMinor, 10) + balance.Date.String()))
		}
		hash.Write([]byte{0})
	}
	for print, count := range counted(slices.Concat(booked.pieces, unbooked.pieces)...) {
		text := []byte(print.String())
		for range count {
			hash.Write(text)
		}
	}
	return hex.EncodeToString(hash.Sum(nil)[:16])
}

// contents are what the booked records of a statement say: each content once, in the order of fingerprints, which is that of
// booking days.
type contents []store.Content

func (c contents) find(print recon.Fingerprint) (int, bool) {
	return slices.BinarySearchFunc(c, print, func(content store.Content, print recon.Fingerprint) int { return content.Compare(print) })
}

// count is how often a content occurs.
func (c contents) count(print recon.Fingerprint) int {
	if i, found := c.find(print); found {
		return int(c[i].Count)
	}
	return 0
}

// stored is how many entries of a content the statement brought.
func (c contents) stored(print recon.Fingerprint) int {
	if i, found := c.find(print); found {
		return int(c[i].Stored)
	}
	return 0
}

// on returns the contents of some days.
func (c contents) on(begin, end recon.Date) contents {
	from, _ := c.find(recon.Fingerprint{Booked: begin})
	to, _ := c.find(recon.Fingerprint{Booked: end.AddDays(1)})
	return c[from:max(from, to)]
}

// share reports whether two statements have a content in common.
func share(a, b contents) bool {
	for len(a) > 0 && len(b) > 0 {
		switch order := a[0].Compare(b[0].Fingerprint); {
		case order == 0:
			return true
		case order < 0:
			a = a[1:]
		default:
			b = b[1:]
		}
	}
	return false
}

// subset reports whether all of part is told in whole, as often at least.
func subset(part, whole contents) bool {
	for len(part) > 0 {
		for len(whole) > 0 && whole[0].Compare(part[0].Fingerprint) < 0 {
			whole = whole[1:]
		}
		if len(whole) == 0 || whole[0].Fingerprint != part[0].Fingerprint || whole[0].Count < part[0].Count {
			return false
		}
		part = part[1:]
	}
	return true
}
