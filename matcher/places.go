package matcher

// places finds items by their ids: in a table where the ids lie close together, as those of one entity do, else in a map.
type places struct {
	first  int64
	table  []int32 // plus 1; 0 where there is no such item
	others map[int64]int32
}

func placesOf(items []item) places {
	if len(items) == 0 {
		return places{}
	}
	first, last := items[0].ID, items[0].ID
	for i := range items {
		first, last = min(first, items[i].ID), max(last, items[i].ID)
	}
	const sparse = 8
	if last-first >= sparse*int64(len(items)) {
		p := places{others: make(map[int64]int32, len(items))}
		for i := range items {
			p.others[items[i].ID] = int32(i)
		}
		return p
	}
	p := places{first: first, table: make([]int32, last-first+1)}
	for i := range items {
		p.table[items[i].ID-first] = int32(i) + 1
	}
	return p
}

// of returns the place of an item, and false where there is none with the id; 0 is the id of no item.
func (p *places) of(id int64) (int32, bool) {
	if id == 0 {
		return 0, false
	}
	if p.others != nil {
		i, ok := p.others[id]
		return i, ok
	}
	if id < p.first || id >= p.first+int64(len(p.table)) || p.table[id-p.first] == 0 {
		return 0, false
	}
	return p.table[id-p.first] - 1, true
}

// at returns the place of an item that is known to be there.
func (p *places) at(id int64) int32 {
	i, _ := p.of(id)
	return i
}
