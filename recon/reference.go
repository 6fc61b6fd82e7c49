package recon

import (
	"strconv"
	"strings"
	"unicode"
)

// Scheme is a national or international form of structured payment reference with check digits.
type Scheme string

// Schemes. A valid check digit alone proves little (one in ten random numbers passes a modulus of 10):
// a reference counts only where an item carries it.
const (
	SchemeRF     Scheme = "rf"     // ISO 11649 creditor reference: RF, two check digits, 1 to 21 letters and digits
	SchemeOGM    Scheme = "ogm"    // Belgium, OGM/VCS: 12 digits, written +++123/4567/89012+++
	SchemeQRR    Scheme = "qrr"    // Switzerland and Liechtenstein, QR reference: 27 digits
	SchemeFI     Scheme = "fi"     // Finland (and Estonia): 4 to 20 digits
	SchemeKID    Scheme = "kid"    // Norway: 2 to 25 digits, by modulus 10 or 11; the last may be '-'
	SchemeOCR    Scheme = "ocr"    // Sweden: 2 to 25 digits, the last but one optionally their number
	SchemeFIK    Scheme = "fik"    // Denmark: 15 digits (card type 71) or 16 (card type 75)
	SchemeNL     Scheme = "nl"     // Netherlands, betalingskenmerk: 16 digits, the check digit leads
	SchemePagoPA Scheme = "pagopa" // Italy, notice number with auxiliary digit 3: 18 digits
)

// Schemes returns every scheme, the strongest check first.
func Schemes() []Scheme {
	return []Scheme{SchemeRF, SchemeOGM, SchemePagoPA, SchemeQRR, SchemeFIK, SchemeNL, SchemeFI, SchemeKID, SchemeOCR}
}

// NormalReference strips what payers and printers put between the characters of a structured reference
// (blanks, '/', '+', '*') and upper-cases it, so that one reference is one string.
func NormalReference(s string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '/' || r == '+' || r == '*' {
			return -1
		}
		return r
	}, s))
}

// CheckReference returns the schemes whose form and check digits s satisfies, in the order of [Schemes];
// nil where there are none. s is normalised first.
func CheckReference(s string) []Scheme {
	normal := NormalReference(s)
	var valid []Scheme
	for _, scheme := range Schemes() {
		if validNormal(scheme, normal) {
			valid = append(valid, scheme)
		}
	}
	return valid
}

// ValidReference reports whether s, normalised first, has the form and the check digits of the scheme. A
// reference of zeros only is none, although its check digits hold in most schemes.
func ValidReference(scheme Scheme, s string) bool {
	return validNormal(scheme, NormalReference(s))
}

func validNormal(scheme Scheme, s string) bool {
	n := len(s)
	switch scheme {
	case SchemeRF:
		return n >= 5 && n <= 25 && s[:2] == "RF" && allDigits(s[2:4]) && s[2:4] == creditorCheck(s[4:])
	case SchemeKID:
		if n < 2 || n > 25 || !allDigits(s[:n-1]) || onlyZeros(s) {
			return false
		}
		return s[n-1] == luhnCheck(s[:n-1]) || s[n-1] == kid11Check(s[:n-1])
	}
	if !allDigits(s) || onlyZeros(s) {
		return false
	}
	switch scheme {
	case SchemeOGM:
		return n == 12 && s[10:] == belgianCheck(s[:10])
	case SchemeQRR:
		return n == 27 && s[26] == swissCheck(s[:26])
	case SchemeFI:
		return n >= 4 && n <= 20 && s[n-1] == finnishCheck(s[:n-1])
	case SchemeOCR:
		return n >= 2 && n <= 25 && s[n-1] == luhnCheck(s[:n-1])
	case SchemeFIK:
		return (n == 15 || n == 16) && s[n-1] == luhnCheck(s[:n-1])
	case SchemeNL:
		return n == 16 && s[0] == dutchCheck(s[1:])
	case SchemePagoPA:
		return n == 18 && s[0] == '3' && s[16:] == italianCheck(s[:16])
	}
	return false
}

// AppendCheckDigits makes a reference of the scheme from its payload base, normalised first. Schemes of a fixed
// length pad it with leading zeros; KID gets the digit of modulus 10; OCR gets its length digit too; pagoPA its
// auxiliary digit 3. It returns false where the base is empty, only zeros, too long or has characters that the
// scheme does not know.
func AppendCheckDigits(scheme Scheme, base string) (string, bool) {
	reference := appendCheck(scheme, NormalReference(base))
	return reference, validNormal(scheme, reference)
}

func appendCheck(scheme Scheme, base string) string {
	if scheme == SchemeRF {
		return "RF" + creditorCheck(base) + base
	}
	if base == "" || !allDigits(base) {
		return ""
	}
	switch scheme {
	case SchemeOGM:
		base = padZeros(base, 10)
		return base + belgianCheck(base)
	case SchemeQRR:
		base = padZeros(base, 26)
		return base + string(swissCheck(base))
	case SchemeFI:
		return base + string(finnishCheck(base))
	case SchemeKID:
		return base + string(luhnCheck(base))
	case SchemeOCR:
		base += strconv.Itoa((len(base) + 2) % 10)
		return base + string(luhnCheck(base))
	case SchemeFIK:
		base = padZeros(base, 14)
		return base + string(luhnCheck(base))
	case SchemeNL:
		base = padZeros(base, 15)
		return string(dutchCheck(base)) + base
	case SchemePagoPA:
		base = "3" + padZeros(base, 15)
		return base + italianCheck(base)
	}
	return ""
}

func padZeros(digits string, length int) string {
	return strings.Repeat("0", max(0, length-len(digits))) + digits
}

func onlyZeros(s string) bool { return strings.Trim(s, "0") == "" }

// twoDigits writes 0 to 99 with a leading zero.
func twoDigits(n int) string { return string([]byte{digit(n / 10), digit(n % 10)}) }

func digit(n int) byte { return byte('0' + n) }

// creditorCheck is ISO 7064 mod 97-10 as ISO 11649 section 5 uses it; "" where base has other characters.
func creditorCheck(base string) string {
	rest := mod97(base + "RF00")
	if rest < 0 {
		return ""
	}
	return twoDigits(98 - rest)
}

func belgianCheck(base string) string {
	rest := remainder(base, 97)
	if rest == 0 {
		rest = 97
	}
	return twoDigits(rest)
}

func italianCheck(base string) string { return twoDigits(remainder(base, 93)) }

func remainder(digits string, modulus int) int {
	rest := 0
	for i := range len(digits) {
		rest = (rest*10 + int(digits[i]-'0')) % modulus
	}
	return rest
}

// swissCheck is the recursive modulus 10 of the Swiss QR-bill guidelines.
func swissCheck(base string) byte {
	const table = "0946827135"
	carry := 0
	for i := range len(base) {
		carry = int(table[(carry+int(base[i]-'0'))%10] - '0')
	}
	return digit((10 - carry) % 10)
}

func finnishCheck(base string) byte {
	return digit((10 - weighted(base, 7, 3, 1)%10) % 10)
}

// luhnCheck is the modulus 10 of ISO/IEC 7812, which Norway, Sweden and Denmark share.
func luhnCheck(base string) byte {
	sum := 0
	for i := range len(base) {
		d := int(base[len(base)-1-i] - '0')
		if i%2 == 0 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return digit((10 - sum%10) % 10)
}

func kid11Check(base string) byte {
	switch check := 11 - weighted(base, 2, 3, 4, 5, 6, 7)%11; check {
	case 10:
		return '-'
	case 11:
		return '0'
	default:
		return digit(check)
	}
}

func dutchCheck(base string) byte {
	switch check := 11 - weighted(base, 2, 4, 8, 5, 10, 9, 7, 3, 6, 1)%11; check {
	case 10:
		return '1'
	case 11:
		return '0'
	default:
		return digit(check)
	}
}

// weighted sums the digits times the weights, which repeat from the right.
func weighted(digits string, weights ...int) int {
	sum := 0
	for i := range len(digits) {
		sum += int(digits[len(digits)-1-i]-'0') * weights[i%len(weights)]
	}
	return sum
}
