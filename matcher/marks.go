package matcher

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"github.com/tieout/tieout/recon"
)

// Mark is a place in a text that names an item: the bytes from From to To.
type Mark struct {
	From, To int
	Item     int64
}

// Marks finds where a text names items, as the passes read it: numbers broken by blanks, lists and ranges too. Where two readings of one
// place name different items, the longer one counts, then the one that stands first in items. Marks do not overlap and come in order.
func Marks(text string, items []recon.Item) []Mark {
	byKey := map[string]int64{}
	var r itemReader
	for i := range items {
		r.eachKey(&items[i], func(k []byte, _ keyKind) {
			if _, taken := byKey[string(k)]; !taken {
				byKey[string(k)] = items[i].ID
			}
		})
	}
	folded, from := foldWithPlaces(text)
	s := scan{folded: folded}
	s.cut()
	s.tie()
	var found []Mark
	s.keys(func(k key) bool {
		item, known := byKey[string(k.text)]
		if known && k.decoy <= likeDay {
			last := int(s.atoms[k.last].end) - 1
			found = append(found, Mark{From: from[s.atoms[k.first].start], To: from[last] + runeLength(text, from[last]), Item: item})
		}
		return known
	})
	slices.SortStableFunc(found, func(a, b Mark) int { return cmp.Or(cmp.Compare(b.To-b.From, a.To-a.From), cmp.Compare(a.From, b.From)) })
	var marks []Mark
	for _, m := range found {
		if !slices.ContainsFunc(marks, func(o Mark) bool { return m.From < o.To && o.From < m.To }) {
			marks = append(marks, m)
		}
	}
	slices.SortFunc(marks, func(a, b Mark) int { return cmp.Compare(a.From, b.From) })
	return marks
}

// foldWithPlaces folds a text and says for each byte of it where in the text it comes from.
func foldWithPlaces(text string) (folded []byte, from []int) {
	for i := 0; i < len(text); {
		size := runeLength(text, i)
		folded = fold(folded, text[i:i+size])
		for len(from) < len(folded) {
			from = append(from, i)
		}
		i += size
	}
	return folded, from
}

func runeLength(text string, at int) int {
	_, size := utf8.DecodeRuneInString(text[at:])
	return size
}

// NumberKey is the key under which an item with this number is found; the beginning of a number gives the beginning of keys.
func NumberKey(number string) string { return squeeze(number) }
