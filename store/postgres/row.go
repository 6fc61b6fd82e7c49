package postgres

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"errors"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/tieout/tieout/recon"
)

// row is the row of an answer that is read now. Its values stand in it as the server sent them: numbers in network order, texts
// as they are. They are decoded without reflection, because nightly jobs read millions.
type row struct {
	answer
	words map[string]string
}

// Destinations for values that are stored in another form than they are used. Pointers to the fields convert to them.

type (
	storedDay     recon.Date
	storedInt     int
	storedFlag    bool
	storedWord    string // one of few values: equal ones share their memory
	storedInstant time.Time
	storedList    []string
	storedDecimal decimal.Decimal

	storedFingerprint recon.Fingerprint
	skipped           struct{} // a value that nobody needs
)

var (
	errColumns = errors.New("another number of columns than expected")
	errNumber  = errors.New("not a number")
	errNull    = errors.New("a value is missing")

	errFingerprint = errors.New("no fingerprint that this program knows")
)

// Scan reads the columns of the row into what dest points to, in order.
func (r *row) Scan(dest ...any) error {
	values := r.RawValues()
	if len(values) != len(dest) {
		return errColumns
	}
	for i, d := range dest {
		if err := r.decode(values[i], d); err != nil {
			return err
		}
	}
	return nil
}

// decode puts one value into d. It names no type in its errors: that would cost an allocation for each value read.
func (r *row) decode(v []byte, d any) (err error) {
	if v == nil {
		return missing(d)
	}
	switch d := d.(type) {
	case *int64:
		*d, err = number(v)
	case *string:
		*d = string(v)
	case *storedWord:
		*d = storedWord(r.word(v))
	case *storedDay:
		var n int64
		n, err = number(v)
		*d = storedDay(n)
	case *storedFlag:
		var n int64
		n, err = number(v)
		*d = n != 0
	case *int:
		var n int64
		n, err = number(v)
		*d = int(n)
	case *storedInt:
		var n int64
		n, err = number(v)
		*d = storedInt(n)
	case *storedInstant:
		var n int64
		n, err = number(v)
		*d = storedInstant(time.UnixMicro(n).UTC())
	default:
		return r.decodeRare(v, d)
	}
	return err
}

func (r *row) decodeRare(v []byte, d any) (err error) {
	switch d := d.(type) {
	case *storedList:
		*d = parted(string(v))
	case *storedDecimal:
		if *d = (storedDecimal{}); len(v) != 1 || v[0] != '0' {
			var n decimal.Decimal
			n, err = decimal.NewFromString(string(v))
			*d = storedDecimal(n)
		}
	case *[]byte:
		*d = bytes.Clone(v)
	case *sql.NullInt64:
		d.Valid = true
		d.Int64, err = number(v)
	case *sql.NullString:
		d.Valid, d.String = true, string(v)
	case *storedFingerprint:
		read, known := recon.ParseFingerprint(string(v))
		if !known {
			return errFingerprint
		}
		*d = storedFingerprint(read)
	case *skipped:
	default:
		panic("no way to read into this type")
	}
	return err
}

// missing puts NULL into d.
func missing(d any) error {
	switch d := d.(type) {
	case *sql.NullInt64:
		*d = sql.NullInt64{}
	case *sql.NullString:
		*d = sql.NullString{}
	case *storedInstant:
		*d = storedInstant{}
	case *skipped:
	default:
		return errNull
	}
	return nil
}

// number reads a whole number of any width, or a truth value.
func number(v []byte) (int64, error) {
	switch len(v) {
	case 8:
		return int64(binary.BigEndian.Uint64(v)), nil
	case 4:
		return int64(int32(binary.BigEndian.Uint32(v))), nil
	case 2:
		return int64(int16(binary.BigEndian.Uint16(v))), nil
	case 1:
		return int64(v[0]), nil
	}
	return 0, errNumber
}

// word returns a text that shares its memory with equal ones of the same answer.
func (r *row) word(v []byte) string {
	if known, ok := r.words[string(v)]; ok {
		return known
	}
	if r.words == nil {
		r.words = map[string]string{}
	}
	w := strings.Clone(string(v))
	r.words[w] = w
	return w
}
