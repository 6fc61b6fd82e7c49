package recon

import "strings"

// NormalAccount strips blanks and upper-cases an account number, so that one account is one string.
func NormalAccount(s string) string {
	if allUpperOrDigits(s) {
		return s
	}
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' || r == '\t' {
			return -1
		}
		return r
	}, s))
}

func allUpperOrDigits(s string) bool {
	for i := range len(s) {
		if !isUpper(s[i]) && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return true
}

// LooksLikeIBAN reports whether s has the shape of an IBAN (ISO 13616): two letters, two digits, 11 to 30 more.
func LooksLikeIBAN(s string) bool {
	if len(s) < 15 || len(s) > 34 || !isUpper(s[0]) || !isUpper(s[1]) || !allDigits(s[2:4]) {
		return false
	}
	return allUpperOrDigits(s)
}

func isUpper(b byte) bool { return b >= 'A' && b <= 'Z' }

// ValidIBAN reports whether s is a normalised IBAN whose check digits hold (ISO 7064 mod 97-10).
func ValidIBAN(s string) bool {
	return LooksLikeIBAN(s) && mod97(s[4:]+s[:4]) == 1
}

// mod97 reads letters as A=10 … Z=35 and returns the number modulo 97; -1 where another character occurs.
func mod97(s string) int {
	rest := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			rest = (rest*10 + int(c-'0')) % 97
		case isUpper(c):
			rest = (rest*100 + int(c-'A') + 10) % 97
		default:
			return -1
		}
	}
	return rest
}

// MaskAccount hides all but country and the last four characters: "DE**…1234". Logs and messages use it.
func MaskAccount(s string) string {
	if len(s) <= 4 {
		return "…" + s
	}
	if LooksLikeIBAN(s) {
		return s[:2] + "**…" + s[len(s)-4:]
	}
	return "…" + s[len(s)-4:]
}
