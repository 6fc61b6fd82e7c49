package matcher

import "github.com/tieout/tieout/recon"

// slab hands out the pieces of one large allocation after another: a plan consists of millions of small lists.
type slab[T any] struct{ all, free []T }

// slabSize is how many pieces are allocated at once.
const slabSize = 512

// take returns an empty list with room for n.
func (s *slab[T]) take(n int) []T {
	if n > len(s.free) {
		s.all = make([]T, max(n, slabSize))
		s.free = s.all
	}
	taken := s.free[:0:n]
	s.free = s.free[n:]
	return taken
}

// reuse hands out again what was taken before: nothing of it may be in use.
func (s *slab[T]) reuse() { s.free = s.all }

// scratch is what one processor works with while it serves receipts. Lines and evidence become part of the plan; the rest
// serves one part of the receipts after the other.
type scratch struct {
	lines      slab[recon.Line]
	evidence   slab[recon.Evidence]
	hypotheses slab[hypothesis]
	namings    slab[naming]
	named      slab[recon.Evidence] // of namings
	items      slab[int32]
	rivalry    rivalry
	waiting    []*inquiry
	round      []*inquiry
	rounds     int // served so far
}

// nextPart makes room for the receipts of another part.
func (m *scratch) nextPart() {
	m.hypotheses.reuse()
	m.namings.reuse()
	m.named.reuse()
	m.items.reuse()
}
