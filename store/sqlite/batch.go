package sqlite

import (
	"fmt"
	"strings"
)

// batch writes many rows of one table, several per statement.
type batch struct {
	c     *change
	noun  string // "" = not named in the audit by itself
	head  string
	width int
	rows  int // per statement
	args  []any
}

// into prepares writing rows of a table. columns are parted by ", "; the first is entity_id.
func (c *change) into(noun, table, columns string) *batch {
	width := strings.Count(columns, ",") + 1
	return &batch{c: c, noun: noun, head: "INSERT INTO " + table + " (" + columns + ") VALUES ", width: width, rows: max(1, batchValues/width)}
}

// batchValues is about how many values one statement writes.
const batchValues = 1200

// add takes a row; id names it in the audit. It may be written at once or with later ones.
func (b *batch) add(id string, values ...any) error {
	if len(values) != b.width {
		return fmt.Errorf("%d values for %d columns: %s", len(values), b.width, b.head)
	}
	if b.noun != "" {
		b.c.became(b.noun, id, values...)
	}
	b.args = append(b.args, values...)
	if len(b.args) == b.rows*b.width {
		return b.flush()
	}
	return nil
}

// flush writes what was taken and not yet written.
func (b *batch) flush() error {
	n := len(b.args) / b.width
	if n == 0 {
		return nil
	}
	if err := b.c.cancelled(); err != nil {
		return err
	}
	one := "(" + strings.Repeat("?, ", b.width-1) + "?)"
	_, err := b.c.exec(b.head+strings.Repeat(one+", ", n-1)+one, b.args...)
	clear(b.args)
	b.args = b.args[:0]
	return err
}
