package postgres

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
)

// batch copies many rows into one table. Rows are written into a buffer in the form that the server takes; a full buffer is sent
// while the next one is filled.
type batch struct {
	c     *change
	noun  string // "" = not named in the audit by itself
	table string
	copy  string // statement
	kinds []kind // of the columns
	rows  []byte
	sent  []byte // buffer that is being sent, or was
	err   error
}

// kind is how a column is written.
type kind byte

const (
	int2  kind = 'h'
	int4  kind = 'i'
	int8  kind = 'l'
	text  kind = 't'
	blob  kind = 'b'
	other kind = 0
)

// oids are the server's numbers of the types that our tables have.
var oids = map[int64]kind{21: int2, 23: int4, 20: int8, 25: text, 17: blob}

// into prepares writing rows of a table. columns are parted by commas; the first is entity_id.
func (c *change) into(noun, table, columns string) *batch {
	b := &batch{c: c, noun: noun, table: table, copy: "COPY " + table + " (" + columns + ") FROM STDIN (FORMAT binary)"}
	b.kinds, b.err = c.store.tables.kinds(&c.reading, table, columns)
	return b
}

// copyChunk is how many bytes of rows are sent in one COPY.
const copyChunk = 4 << 20

var (
	errWidth = errors.New("another number of values than columns")
	errKind  = errors.New("a value does not fit its column")
)

// add takes a row; id names it in the audit. It may be written at once or with later ones.
func (b *batch) add(id string, values ...any) error {
	if b.err != nil {
		return b.err
	}
	if len(values) != len(b.kinds) {
		return fmt.Errorf("%w: %s", errWidth, b.copy)
	}
	if b.noun != "" {
		b.c.became(b.noun, id, values...)
	}
	if len(b.rows) == 0 {
		b.rows = append(b.rows, copyHeader...)
	}
	b.rows = binary.BigEndian.AppendUint16(b.rows, uint16(len(values)))
	for i, v := range values {
		var fits bool
		if b.rows, fits = appendField(b.rows, b.kinds[i], v); !fits {
			return fmt.Errorf("%w: column %d of %s", errKind, i+1, b.copy)
		}
	}
	if len(b.rows) >= copyChunk {
		return b.send()
	}
	return nil
}

// copyHeader opens a binary COPY: its signature, no flags, no extension.
const copyHeader = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// appendField writes a value as the column wants it.
func appendField(b []byte, k kind, v any) ([]byte, bool) {
	switch v := v.(type) {
	case nil:
		return append(b, 0xff, 0xff, 0xff, 0xff), true
	case string:
		b = binary.BigEndian.AppendUint32(b, uint32(len(v)))
		return append(b, v...), k == text
	case int64:
		return appendNumber(b, k, v)
	case int:
		return appendNumber(b, k, int64(v))
	case []byte:
		b = binary.BigEndian.AppendUint32(b, uint32(len(v)))
		return append(b, v...), k == blob
	}
	return b, false
}

func appendNumber(b []byte, k kind, n int64) ([]byte, bool) {
	switch k {
	case int8:
		return binary.BigEndian.AppendUint64(append(b, 0, 0, 0, 8), uint64(n)), true
	case int4:
		return binary.BigEndian.AppendUint32(append(b, 0, 0, 0, 4), uint32(n)), n >= math.MinInt32 && n <= math.MaxInt32
	case int2:
		return binary.BigEndian.AppendUint16(append(b, 0, 0, 0, 2), uint16(n)), n >= math.MinInt16 && n <= math.MaxInt16
	}
	return b, false
}

// send hands the buffer to the server and goes on with the other one.
func (b *batch) send() error {
	if len(b.rows) == 0 {
		return nil
	}
	if err := errors.Join(b.c.settle(), b.c.cancelled()); err != nil {
		return err
	}
	full := append(b.rows, 0xff, 0xff)
	b.rows, b.sent = b.sent[:0], full
	b.c.copy(b.copy, full)
	return nil
}

// flush sends what was taken and waits until all of it is written.
func (b *batch) flush() error {
	if b.err != nil {
		return b.err
	}
	if err := b.send(); err != nil {
		return err
	}
	return b.c.settle()
}

// copy begins a COPY of encoded rows.
func (c *change) copy(statement string, rows []byte) {
	done := make(chan error, 1)
	c.copying = done
	go func() {
		_, err := c.conn.PgConn().CopyFrom(c.ctx, bytes.NewReader(rows), statement)
		done <- err
	}()
}

// settle waits for the COPY under way. Everything else on the connection comes after it.
func (c *change) settle() error {
	if c.copying != nil {
		if err := <-c.copying; err != nil && c.failed == nil {
			c.failed = err
		}
		c.copying = nil
	}
	return c.failed
}

// tables knows the types of the columns of the database.
type tables struct {
	lock  sync.Mutex
	known map[string]map[string]kind
}

func (t *tables) kinds(r *reading, table, columns string) ([]kind, error) {
	t.lock.Lock()
	defer t.lock.Unlock()
	for range 2 {
		if kinds := t.of(table, columns); kinds != nil {
			return kinds, nil
		}
		if err := t.load(r); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("table %s has not all of the columns %s", table, columns)
}

func (t *tables) of(table, columns string) []kind {
	known := t.known[table]
	var kinds []kind
	for column := range strings.SplitSeq(columns, ",") {
		k, ok := known[strings.TrimSpace(column)]
		if !ok {
			return nil
		}
		kinds = append(kinds, k)
	}
	return kinds
}

func (t *tables) load(r *reading) error {
	t.known = map[string]map[string]kind{}
	return r.each(func(rows *row) error {
		var table, column string
		var oid int64
		err := rows.Scan(&table, &column, &oid)
		if t.known[table] == nil {
			t.known[table] = map[string]kind{}
		}
		t.known[table][column] = oids[oid]
		return err
	}, `SELECT c.relname::text, a.attname::text, a.atttypid::bigint FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped`)
}

// forget drops what is known: a migration changed it.
func (t *tables) forget() {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.known = nil
}
