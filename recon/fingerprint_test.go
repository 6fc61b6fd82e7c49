package recon_test

import (
	"strings"
	"testing"

	"github.com/tieout/tieout/recon"
)

func TestFingerprintIsStoredAsText(t *testing.T) {
	f := recon.Fingerprint{Booked: 20260305, Sum: [16]byte{0x0a, 15: 0xff}}
	const want = "v1:20260305:0a0000000000000000000000000000ff"
	if got := f.String(); got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	if back, ok := recon.ParseFingerprint(want); !ok || back != f {
		t.Errorf("%s is read as %v, %v", want, back, ok)
	}
	for _, wrong := range []string{"", "v1:", "v2" + want[2:], want + "0", want[:len(want)-1] + "g", strings.Replace(want, "2026", "x026", 1), strings.Replace(want, "05:", "05-", 1)} {
		if _, ok := recon.ParseFingerprint(wrong); ok {
			t.Errorf("%q is no fingerprint", wrong)
		}
	}
}

func TestFingerprintsOrderAsTheirTexts(t *testing.T) {
	all := []recon.Fingerprint{{}, {Booked: 20251231, Sum: [16]byte{9}}, {Booked: 20260101}, {Booked: 20260101, Sum: [16]byte{1}}, {Booked: 20260101, Sum: [16]byte{0xa0}}}
	for i, a := range all {
		for j, b := range all {
			if got, want := a.Compare(b), strings.Compare(a.String(), b.String()); got != want || (got < 0) != (i < j) {
				t.Errorf("%v and %v: %d, as texts %d", a, b, got, want)
			}
		}
	}
}
