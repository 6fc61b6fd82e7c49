package postgres

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"github.com/tieout/tieout/recon"
)

// audit writes the row of this change, last in its transaction, and returns its number and hash. From here to the commit no
// other change of the entity can do so.
func (c *change) audit() (seq int64, chained []byte, err error) {
	seq, err = c.number(`INSERT INTO counters AS k (entity_id, noun, last) VALUES (?, ?, 1) ON CONFLICT (entity_id, noun) DO UPDATE SET last = k.last + 1
		RETURNING last`, c.entity, nounAudit)
	if err != nil {
		return 0, nil, fmt.Errorf("audit: %w", err)
	}
	before, _, err := first(&c.reading, func(rows *row, h *[]byte) error { return rows.Scan(h) },
		`SELECT hash FROM audit WHERE entity_id = ? AND seq = ?`, c.entity, seq-1)
	if err != nil {
		return 0, nil, fmt.Errorf("audit: %w", err)
	}
	canonical := c.canonical(seq)
	chained = chain(before, canonical)
	if _, err := c.exec(`INSERT INTO audit (entity_id, seq, canonical, hash) VALUES (?, ?, ?, ?)`, c.entity, seq, canonical, chained); err != nil {
		return 0, nil, fmt.Errorf("audit: %w", err)
	}
	return seq, chained, nil
}

// nounAudit counts the audit rows of an entity.
const nounAudit = "audit"

// chain is SHA-256 of the previous hash (nothing for the first row) followed by the canonical text.
func chain(previous, canonical []byte) []byte {
	sum := sha256.New()
	sum.Write(previous)
	sum.Write(canonical)
	return sum.Sum(nil)
}

// auditTime is how instants stand in canonical texts: UTC with microseconds.
const auditTime = "2006-01-02T15:04:05.000000Z"

// canonical is what the audit keeps of a change: who, when, in which run, what was done, and for each noun which things
// of it became what (the SHA-256 of their rows, each written by [appendValue]).
func (c *change) canonical(seq int64) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "v1\nentity %q\nseq %d\nat %s\nactor %q\nrun %d\nverb %s\n",
		c.entity, seq, c.act.At.UTC().Truncate(time.Microsecond).Format(auditTime), c.act.Actor, c.act.Run, c.verb)
	if c.act.Via != "" {
		fmt.Fprintf(&b, "via %q\n", c.act.Via)
	}
	for _, noun := range c.order {
		o := c.objects[noun]
		fmt.Fprintf(&b, "%s %q..%q n=%d %s\n", noun, o.first, o.last, o.count, hex.EncodeToString(o.became.Sum(nil)))
	}
	return b.Bytes()
}

// appendValue writes a value so that no two lists of values look alike: numbers as they are, texts with their length.
func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, '-', ';')
	case int64:
		return append(strconv.AppendInt(b, v, 10), ';')
	case int:
		return append(strconv.AppendInt(b, int64(v), 10), ';')
	case string:
		b = append(strconv.AppendInt(append(b, '"'), int64(len(v)), 10), ':')
		return append(append(b, v...), ';')
	}
	panic("no canonical form for this type") // naming it would let every value escape to the heap
}

func key(id int64) string { return strconv.FormatInt(id, 10) }

func scanAudit(rows *row, a *recon.AuditRow) error {
	return rows.Scan(&a.Seq, &a.Canonical, &a.Hash)
}
