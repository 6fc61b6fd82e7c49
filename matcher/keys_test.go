package matcher

import (
	"slices"
	"strings"
	"testing"

	"github.com/tieout/tieout/recon"
)

func TestItemKeys(t *testing.T) {
	for _, c := range []struct {
		name string
		item recon.Item
		want string
	}{
		{"letters and separators", recon.Item{Number: "INV-2026-00123"}, "00123 202600123 INV202600123"},
		{"leading zeros", recon.Item{Number: "0001001"}, "0001001 1001"},
		{"full-width and accents", recon.Item{Number: "ＲÉ－１００１"}, "1001 RE1001"},
		{"letters in the middle have no digit core", recon.Item{Number: "2026/A/0017"}, "0017 2026A0017"},
		{"structured", recon.Item{Number: "A-1234", Reference: "RF18 5390 0754 7034"}, "1234 539007547034 A1234 RF18539007547034"},
		{"Belgian", recon.Item{Number: "A-1234", Reference: "+++010/8068/17183+++"}, "010806817183 108068171 10806817183 1234 A1234"},
		{"order", recon.Item{Number: "A-1234", Order: "PO 77/8"}, "1234 A1234 PO778"},
		{"short", recon.Item{Number: "14"}, "14"},
	} {
		if got := strings.Join(ItemKeys(c.item), " "); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestCustomerKeys(t *testing.T) {
	got := strings.Join(CustomerKeys(recon.Customer{Name: "Müller & Söhne Maschinenbau GmbH & Co. KG", IBANs: []string{"de89 3704 0044 0532 0130 00"},
		Aliases: []string{"M S Maschinen", "GB82WEST12345698765432", "DE00370400440532013000"}}), "\n")
	want := strings.Join([]string{
		"iban:DE89370400440532013000", "iban:GB82WEST12345698765432", "name:DE00370400440532013000", "name:M MASCHINEN S",
		"name:MASCHINENBAU MUELLER SOEHNE", "name:MASCHINENBAU MULLER SOHNE", "start:DE003704004405320130",
		"start:MUELLERSOEHNEMASCHIN", "start:MULLERSOHNEMASCHINEN"}, "\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestKeysReachWhatMatchWouldFind checks that the lookup asks for every key under which a receipt could find an item.
func TestKeysReachWhatMatchWouldFind(t *testing.T) {
	for _, c := range []struct {
		text string
		item recon.Item
	}{
		{"Rechnung RE-1001 vom 12.03.2026", recon.Item{Number: "1001"}},
		{"rg. 540 6423", recon.Item{Number: "5406423"}},
		{"10001/2/3", recon.Item{Number: "10003"}},
		{"RE10001-10004", recon.Item{Number: "RE10003"}},
		{"10001 to 10004", recon.Item{Number: "10002"}},
		{"+++010/8068/17183+++", recon.Item{Number: "X", Reference: "010806817183"}},
		{"ref 0000851333", recon.Item{Number: "INV851333"}},
		{"Ｉｎｖ－２０２６－７７", recon.Item{Number: "INV-2026-77"}},
		{"21 00000 00003 13947 14300 09017", recon.Item{Number: "X", Reference: "210000000003139471430009017"}},
	} {
		keys := Keys([]recon.Receipt{{Text: c.text}}, nil).References
		if !slices.ContainsFunc(ItemKeys(c.item), func(k string) bool { return slices.Contains(keys, k) }) {
			t.Errorf("%q does not reach %+v: %v", c.text, ItemKeys(c.item), keys)
		}
	}
}

func TestNumbersInsideLongerOnesAreNoKeys(t *testing.T) {
	for text, inside := range map[string]string{
		"(1814)":             "814",
		"order 218140":       "18140",
		"INV-2026-77812":     "2026",
		"ZX-10017-5":         "10017",
		"DE89370400440532":   "370400440532",
		"2026-10017-A":       "10017",
		"K10017B":            "10017",
		"Rechnung 10.017,00": "017",
	} {
		if keys := Keys([]recon.Receipt{{Text: text}}, nil).References; slices.Contains(keys, inside) {
			t.Errorf("%q gives %q: %v", text, inside, keys)
		}
	}
}

func TestKeysOfReturns(t *testing.T) {
	got := Keys(nil, []recon.Return{{EndToEndID: "NOTPROVIDED", OriginalEndToEnd: "E-1", TransactionID: "T-1", BankReference: "B-1"}})
	if want := []string{"B-1", "E-1", "T-1"}; !slices.Equal(got.Returned, want) {
		t.Errorf("got %v, want %v", got.Returned, want)
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		a, b           string
		same, stranger bool
	}{
		{"Hans Müller", "MUELLER, HANS", true, false},
		{"Acme G.m.b.H.", "acme", true, false},
		{"Acme Tools Ltd", "Acme Steel Ltd", false, false},
		{"Zebra", "Acme", false, true},
	} {
		shared := slices.ContainsFunc(nameKeys(nil, c.a), func(k string) bool { return slices.Contains(nameKeys(nil, c.b), k) })
		if apart := strangers(c.a, c.b, func(string) bool { return false }); shared != c.same || apart != c.stranger {
			t.Errorf("%q and %q: same %v, strangers %v", c.a, c.b, shared, apart)
		}
	}
}

func TestCompareNumbers(t *testing.T) {
	numbers := []string{"INV-10", "INV-9", "INV-009", "INV-9a", "A", ""}
	slices.SortFunc(numbers, compareNumbers)
	if got := strings.Join(numbers, " "); got != " A INV-9 INV-009 INV-9a INV-10" {
		t.Error(got)
	}
}
