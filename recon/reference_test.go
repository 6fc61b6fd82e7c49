package recon

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestReferencesOfEachScheme(t *testing.T) {
	for _, c := range []struct {
		scheme  Scheme
		written string
		valid   bool
	}{
		{SchemeRF, "RF18539007547034", true},
		{SchemeRF, "rf18 5390 0754 7034", true},
		{SchemeRF, "RF18 5390 0754 7043", false},
		{SchemeRF, "RF81 5390 0754 7034", false},
		{SchemeRF, "RF18", false},
		{SchemeRF, "RF18ÄÖ539007547034", false},
		{SchemeOGM, "010806817183", true},
		{SchemeOGM, "+++010/8068/17183+++", true},
		{SchemeOGM, "***010/8068/17183***", true},
		{SchemeOGM, "010806817138", false},
		{SchemeOGM, "000000009797", true}, // 97 mod 97 is 0, written 97
		{SchemeOGM, "000000009700", false},
		{SchemeQRR, "21 00000 00003 13947 14300 09017", true},
		{SchemeQRR, "210000000003139471430009018", false},
		{SchemeQRR, strings.Repeat("0", 27), false},
		{SchemeFI, "1234561", true},
		{SchemeFI, "00000001234561", true},
		{SchemeFI, "1234562", false},
		{SchemeFI, "123456789012345678901", false},
		{SchemeKID, "12344", true},
		{SchemeKID, "12343", true},
		{SchemeKID, "12345", false},
		{SchemeKID, "1009-", true}, // 9·2 + 1·5 = 23, 11 − 23 mod 11 = 10
		{SchemeKID, "10030", true}, // 3·2 + 1·5 = 11, 11 − 11 mod 11 = 11
		{SchemeKID, "1010-", false},
		{SchemeKID, "-", false},
		{SchemeOCR, "1234574", true},
		{SchemeOCR, "123455", true},
		{SchemeOCR, "1234575", false},
		{SchemeFIK, "004040400000669", true},
		{SchemeFIK, "004040400000668", false},
		{SchemeFIK, "04040400000669", false},
		{SchemeNL, "5000056789012345", true},
		{SchemeNL, "5000 0567 8901 2345", true},
		{SchemeNL, "6000056789012345", false},
		{SchemePagoPA, "301000000000012373", true},
		{SchemePagoPA, "301000000000012374", false},
		{SchemePagoPA, "001000000000012373", false},
		{Scheme("iban"), "1234561", false},
	} {
		if got := ValidReference(c.scheme, c.written); got != c.valid {
			t.Errorf("%s %q valid = %v, want %v", c.scheme, c.written, got, c.valid)
		}
	}
}

func TestAllSchemesOfANumber(t *testing.T) {
	for _, c := range []struct {
		written string
		want    []Scheme
	}{
		{"RF18539007547034", []Scheme{SchemeRF}},
		{"+++010/8068/17183+++", []Scheme{SchemeOGM}},
		{"12344", []Scheme{SchemeFI, SchemeKID, SchemeOCR}}, // Norway's modulus 10 is Sweden's
		{"12343", []Scheme{SchemeKID}},
		{"004040400000669", []Scheme{SchemeFIK, SchemeKID, SchemeOCR}},
		{"", nil},
		{"0000", nil},
		{"INVOICE", nil},
	} {
		if got := CheckReference(c.written); !slices.Equal(got, c.want) {
			t.Errorf("schemes of %q = %v, want %v", c.written, got, c.want)
		}
	}
}

func TestMakingAReference(t *testing.T) {
	for _, c := range []struct {
		scheme     Scheme
		base, want string
	}{
		{SchemeRF, "5390 0754 7034", "RF18539007547034"},
		{SchemeOGM, "108068171", "010806817183"},
		{SchemeQRR, "21000000000313947143000901", "210000000003139471430009017"},
		{SchemeFI, "123456", "1234561"},
		{SchemeKID, "1234", "12344"},
		{SchemeOCR, "12345", "1234574"},
		{SchemeFIK, "404040000066", "004040400000669"},
		{SchemeNL, "56789012345", "5000056789012345"},
		{SchemePagoPA, "010000000000123", "301000000000012373"},
	} {
		got, ok := AppendCheckDigits(c.scheme, c.base)
		if got != c.want || !ok {
			t.Errorf("%s of %q = %q, %v, want %q", c.scheme, c.base, got, ok, c.want)
		}
	}
	for _, c := range []struct {
		scheme Scheme
		base   string
	}{
		{SchemeRF, ""}, {SchemeRF, "12-34"}, {SchemeRF, strings.Repeat("1", 22)},
		{SchemeOGM, "12345678901"}, {SchemeOGM, "A1"}, {SchemeFI, "12"}, {SchemeKID, "0"},
		{SchemeNL, strings.Repeat("9", 16)}, {Scheme("iban"), "1"},
	} {
		if got, ok := AppendCheckDigits(c.scheme, c.base); ok {
			t.Errorf("%s of %q = %q, want none", c.scheme, c.base, got)
		}
	}
}

// basesOf says how long the payload of each scheme may be.
var basesOf = map[Scheme][2]int{
	SchemeRF: {1, 21}, SchemeOGM: {1, 10}, SchemePagoPA: {1, 15}, SchemeQRR: {1, 26}, SchemeFIK: {1, 15},
	SchemeNL: {1, 15}, SchemeFI: {3, 19}, SchemeKID: {1, 24}, SchemeOCR: {1, 23},
}

func drawReference(t *rapid.T, scheme Scheme) string {
	length := basesOf[scheme]
	digits := rapid.SliceOfN(rapid.ByteRange('0', '9'), length[0], length[1]).Draw(t, "base")
	digits[0] = max(digits[0], '1') // zeros only name nothing
	reference, ok := AppendCheckDigits(scheme, string(digits))
	if !ok {
		t.Fatalf("%s makes no reference of %q but %q", scheme, digits, reference)
	}
	return reference
}

func TestEveryReferenceMadeIsValid(t *testing.T) {
	for _, scheme := range Schemes() {
		t.Run(string(scheme), rapid.MakeCheck(func(t *rapid.T) {
			reference := drawReference(t, scheme)
			if !slices.Contains(CheckReference(reference), scheme) {
				t.Fatalf("%q is not of %s", reference, scheme)
			}
		}))
	}
}

// Norway's two moduli cover for one another and the Dutch one shares a check digit between two remainders:
// their schemes cannot promise this.
func TestOneWrongDigitBreaksTheCheck(t *testing.T) {
	for _, scheme := range Schemes() {
		if scheme == SchemeKID || scheme == SchemeNL {
			continue
		}
		t.Run(string(scheme), rapid.MakeCheck(func(t *rapid.T) {
			reference := drawReference(t, scheme)
			for i := range len(reference) {
				for other := byte('0'); other <= '9'; other++ {
					if other == reference[i] {
						continue
					}
					wrong := reference[:i] + string(other) + reference[i+1:]
					if ValidReference(scheme, wrong) {
						t.Fatalf("%q is as valid as %q", wrong, reference)
					}
				}
			}
		}))
	}
}

func TestNeighbouringDigitsSwappedBreakTheModuliOf97And93(t *testing.T) {
	for _, scheme := range []Scheme{SchemeRF, SchemeOGM, SchemePagoPA} {
		t.Run(string(scheme), rapid.MakeCheck(func(t *rapid.T) {
			reference := drawReference(t, scheme)
			for i := 4; i+1 < len(reference)-2; i++ {
				if reference[i] == reference[i+1] {
					continue
				}
				wrong := reference[:i] + string(reference[i+1]) + string(reference[i]) + reference[i+2:]
				if ValidReference(scheme, wrong) {
					t.Fatalf("%q is as valid as %q", wrong, reference)
				}
			}
		}))
	}
}
