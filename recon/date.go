package recon

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Date is a civil day as the number YYYYMMDD; 0 is no day. Dates compare with < and ==, have no
// time zone and never shift.
type Date int32

// NewDate returns the day, or 0 and false where the calendar has no such day.
func NewDate(year, month, day int) (Date, bool) {
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, false
	}
	return Date(year*10000 + month*100 + day), true
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// ParseDate reads an ISO 8601 calendar day, YYYY-MM-DD, and nothing else.
func ParseDate(s string) (Date, bool) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' || !allDigits(s[:4]) || !allDigits(s[5:7]) || !allDigits(s[8:]) {
		return 0, false
	}
	number := func(digits string) (n int) {
		for i := range len(digits) {
			n = n*10 + int(digits[i]-'0')
		}
		return n
	}
	return NewDate(number(s[:4]), number(s[5:7]), number(s[8:]))
}

// DateOf returns the civil day that t shows in its own location.
func DateOf(t time.Time) Date {
	return Date(t.Year()*10000 + int(t.Month())*100 + t.Day())
}

// Time returns midnight UTC of the day.
func (d Date) Time() time.Time {
	return time.Date(int(d)/10000, time.Month(int(d)/100%100), int(d)%100, 0, 0, 0, 0, time.UTC)
}

// AddDays returns the day n days later (earlier where n is negative); no day stays no day.
func (d Date) AddDays(n int) Date {
	if d == 0 {
		return 0
	}
	return DateOf(d.Time().AddDate(0, 0, n))
}

// DaysSince returns how many days d is after earlier.
func (d Date) DaysSince(earlier Date) int {
	return int(d.Time().Sub(earlier.Time()).Hours() / 24)
}

// String writes YYYY-MM-DD, and "" for no day.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	digit := func(unit Date) byte { return '0' + byte(d/unit%10) }
	return string([]byte{digit(10_000_000), digit(1_000_000), digit(100_000), digit(10_000), '-', digit(1000), digit(100), '-', digit(10), digit(1)})
}

// MarshalText writes the day for JSON and CSV.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = 0
		return nil
	}
	day, ok := ParseDate(string(text))
	if !ok {
		return fmt.Errorf("%q is no day of the form YYYY-MM-DD", text)
	}
	*d = day
	return nil
}

// Value stores the day as its ISO text, and no day as NULL.
func (d Date) Value() (driver.Value, error) {
	if d == 0 {
		return nil, nil
	}
	return d.String(), nil
}

// Scan reads what Value stores.
func (d *Date) Scan(stored any) error {
	switch v := stored.(type) {
	case nil:
		*d = 0
		return nil
	case string:
		return d.UnmarshalText([]byte(v))
	case []byte:
		return d.UnmarshalText(v)
	case time.Time:
		*d = DateOf(v)
		return nil
	}
	return fmt.Errorf("cannot read a day from %T", stored)
}
