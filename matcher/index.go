package matcher

import (
	"encoding/binary"
	"math/bits"
	"strings"
)

// index leads from keys to what has them. A book has millions of keys, and a receipt asks for a dozen pieces of its text, most of
// them in vain: the table is built on all processors, is asked with bytes, and answers in vain at the price of one look.
type index[T any] struct {
	parts    [indexParts][]slot
	postings []posting[T]
}

// indexParts is into how many parts the table is cut by hash, so that they can be filled side by side.
const indexParts = 4

// slot holds the first posting of a key; one of its neighbours does where it is taken.
type slot struct {
	hash uint32
	head int32 // plus 1; 0 where the slot is free
}

// posting says that something has a key; next is the following one with the same key, -1 at the end.
type posting[T any] struct {
	key  string
	next int32
	of   T
}

// indexed builds an index over n things. keys gives the keys of one of them, strong ones first; postings come in that order.
func indexed[T any](n int, keys func(i int, add func(key []byte, of T))) *index[T] {
	const size = 2048
	batches := make([]keyBatch[T], (n+size-1)/size)
	ranges(n, size, func(from, to int) {
		b := &batches[from/size]
		b.grow(to - from)
		for i := from; i < to; i++ {
			keys(i, b.add)
		}
	})
	x := &index[T]{}
	hashes := x.post(batches)
	each(indexParts, func(part int) { x.fill(part, hashes) })
	return x
}

// keyBatch are the keys of some things, in one text.
type keyBatch[T any] struct {
	text   strings.Builder
	ends   []int32
	hashes []uint32
	of     []T
}

// grow makes room for the keys of n things, as they usually are.
func (b *keyBatch[T]) grow(n int) {
	const keys, size = 3, 12
	b.text.Grow(n * keys * size)
	b.ends, b.hashes, b.of = make([]int32, 0, n*keys), make([]uint32, 0, n*keys), make([]T, 0, n*keys)
}

func (b *keyBatch[T]) add(key []byte, of T) {
	b.text.Write(key)
	b.ends = append(b.ends, int32(b.text.Len()))
	b.hashes = append(b.hashes, hashOf(key))
	b.of = append(b.of, of)
}

// post joins the batches into postings and returns the hashes of their keys.
func (x *index[T]) post(batches []keyBatch[T]) []uint32 {
	starts, total := make([]int, len(batches)), 0
	for i := range batches {
		starts[i] = total
		total += len(batches[i].of)
	}
	x.postings = make([]posting[T], total)
	hashes := make([]uint32, total)
	ranges(len(batches), 1, func(i, _ int) {
		b := &batches[i]
		copy(hashes[starts[i]:], b.hashes)
		text, from := b.text.String(), int32(0)
		for n, end := range b.ends {
			x.postings[starts[i]+n] = posting[T]{text[from:end], -1, b.of[n]}
			from = end
		}
	})
	return hashes
}

// fill links the postings of one part, the last first, so that each list comes in their order.
func (x *index[T]) fill(part int, hashes []uint32) {
	size := 0
	for _, h := range hashes {
		if partOf(h) == part {
			size++
		}
	}
	slots := make([]slot, 1<<bits.Len(uint(size+size/2)))
	x.parts[part] = slots
	for i := len(hashes) - 1; i >= 0; i-- {
		h := hashes[i]
		if partOf(h) != part {
			continue
		}
		at := find(slots, x.postings, h, x.postings[i].key)
		if slots[at].head > 0 {
			x.postings[i].next = slots[at].head - 1
		}
		slots[at] = slot{h, int32(i) + 1}
	}
}

func partOf(hash uint32) int { return int(hash >> 30) }

// find returns the slot of a key, or the free one where it belongs.
func find[T any, K string | []byte](slots []slot, postings []posting[T], hash uint32, key K) int {
	mask := len(slots) - 1
	for at := int(hash) & mask; ; at = (at + 1) & mask {
		s := slots[at]
		if s.head == 0 || s.hash == hash && postings[s.head-1].key == string(key) {
			return at
		}
	}
}

// head returns the first posting of a key, -1 where nothing has it.
func (x *index[T]) head(key []byte) int32 {
	h := hashOf(key)
	slots := x.parts[partOf(h)]
	return slots[find(slots, x.postings, h, key)].head - 1
}

// hashOf spreads keys evenly. It need not resist an adversary: who pays chooses what is looked up, never what is in the table.
func hashOf(key []byte) uint32 {
	h := uint64(len(key)) * 0x9e3779b97f4a7c15
	for ; len(key) >= 8; key = key[8:] {
		h = scramble(h ^ binary.LittleEndian.Uint64(key))
	}
	var tail uint64
	for i, c := range key {
		tail |= uint64(c) << (8 * i)
	}
	return uint32(scramble(h^tail) >> 32)
}

func scramble(x uint64) uint64 {
	high, low := bits.Mul64(x^0x2545f4914f6cdd1d, 0x9fb21c651e98df25)
	return high ^ low
}
