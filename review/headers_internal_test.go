package review

import "testing"

// TestH16Names of downloads are quoted as RFC 6266 has it: no line break and no folder gets through.
func TestH16Names(t *testing.T) {
	for name, want := range map[string]string{
		"a.csv":                    `attachment; filename=a.csv`,
		"a b.csv":                  `attachment; filename="a b.csv"`,
		"a\r\nSet-Cookie: x=1.csv": `attachment; filename="a__Set-Cookie: x=1.csv"`,
		`a".csv`:                   `attachment; filename="a\".csv"`,
		`..\..\etc/passwd`:         `attachment; filename=.._.._etc_passwd`,
		"Möbel.csv":                `attachment; filename*=utf-8''M%C3%B6bel.csv`,
		"a\x00b.csv":               `attachment; filename=a_b.csv`,
	} {
		if got := attachment(name); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}
