package matcher

import (
	"cmp"
	"slices"
	"strings"
)

// textPool collects texts one behind the other: a run knows millions of keys.
type textPool struct {
	all  strings.Builder
	ends []int32
}

func (p *textPool) add(text []byte) {
	p.all.Write(text)
	p.ends = append(p.ends, int32(p.all.Len()))
}

// texts returns the texts as they were added.
func (p *textPool) texts() []string {
	all, from := p.all.String(), int32(0)
	texts := make([]string, len(p.ends))
	for i, end := range p.ends {
		texts[i] = all[from:end]
		from = end
	}
	return texts
}

// sorted returns texts in order and once each.
func sorted(texts []string) []sortKey {
	keys := make([]sortKey, len(texts))
	for i, text := range texts {
		keys[i] = sortKeyOf(text)
	}
	slices.SortFunc(keys, sortKey.compare)
	return slices.CompactFunc(keys, func(a, b sortKey) bool { return a.text == b.text })
}

// sortKey is a text with its first bytes as numbers: most comparisons end there.
type sortKey struct {
	high, low uint64
	text      string
}

func sortKeyOf(text string) sortKey {
	return sortKey{leading(text), leading(text[min(len(text), 8):]), text}
}

// leading reads up to eight bytes so that numbers are in the order of the texts.
func leading(text string) (n uint64) {
	for i := range min(len(text), 8) {
		n |= uint64(text[i]) << (56 - 8*i)
	}
	return n
}

func (a sortKey) compare(b sortKey) int {
	switch {
	case a.high != b.high:
		return cmp.Compare(a.high, b.high)
	case a.low != b.low:
		return cmp.Compare(a.low, b.low)
	}
	return strings.Compare(a.text, b.text)
}

// merged joins sorted lists into one, sorted and unique: two by two, on all processors, to and fro between two rooms.
func merged(lists [][]sortKey) []string {
	total := 0
	for _, l := range lists {
		total += len(l)
	}
	if total == 0 {
		return nil
	}
	var rooms [2][]sortKey
	for round := 0; len(lists) > 1; round++ {
		room := &rooms[round%2]
		if *room == nil {
			*room = make([]sortKey, total)
		}
		lists = mergedPairs(lists, *room)
	}
	texts := make([]string, len(lists[0]))
	for i, k := range lists[0] {
		texts[i] = k.text
	}
	return texts
}

// mergedPairs merges every two lists into their share of the room.
func mergedPairs(lists [][]sortKey, room []sortKey) [][]sortKey {
	pairs := make([][]sortKey, (len(lists)+1)/2)
	for i := range pairs {
		size := len(lists[2*i])
		if 2*i+1 < len(lists) {
			size += len(lists[2*i+1])
		}
		pairs[i], room = room[:0:size], room[size:]
	}
	ranges(len(pairs), 1, func(i, _ int) {
		if 2*i+1 < len(lists) {
			pairs[i] = merge(pairs[i], lists[2*i], lists[2*i+1])
		} else {
			pairs[i] = append(pairs[i], lists[2*i]...)
		}
	})
	return pairs
}

func merge(to, a, b []sortKey) []sortKey {
	for len(a) > 0 && len(b) > 0 {
		switch order := a[0].compare(b[0]); {
		case order < 0:
			to, a = append(to, a[0]), a[1:]
		case order > 0:
			to, b = append(to, b[0]), b[1:]
		default:
			to, a, b = append(to, a[0]), a[1:], b[1:]
		}
	}
	return append(append(to, a...), b...)
}
