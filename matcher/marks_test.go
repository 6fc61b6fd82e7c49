package matcher_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tieout/tieout/matcher"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

func numbered(numbers ...string) (items []recon.Item) {
	for n, number := range numbers {
		items = append(items, recon.Item{ID: int64(n + 1), Number: number, Currency: "EUR", OpenMinor: int64(n+1) * 10000})
	}
	return items
}

func TestMarksStandWhereItemsAreNamed(t *testing.T) {
	items := numbered("RE-260125", "RE-260126", "5406423", "R1001", "R1002", "R1003")
	for text, want := range map[string]string{
		"Zahlung RE-260125, danke":         "Zahlung [RE-260125], danke",
		"rechnung re 260125":               "rechnung [re 260125]",
		"für 540 6423 und RE260126":        "für [540 6423] und [RE260126]",
		"Überweisung: ÄÖÜ ＲＥ－260126 ÄÖÜ":   "Überweisung: ÄÖÜ [ＲＥ－260126] ÄÖÜ",
		"R1001-1003":                       "[R1001-1003]",
		"1260125999 is a longer number":    "1260125999 is a longer number",
		"nothing":                          "nothing",
		"R1001 R1001":                      "[R1001] [R1001]",
		"invoice RE-260125/RE-260126 paid": "invoice [RE-260125]/[RE-260126] paid",
	} {
		var b strings.Builder
		at := 0
		for _, m := range matcher.Marks(text, items) {
			b.WriteString(text[at:m.From] + "[" + text[m.From:m.To] + "]")
			at = m.To
		}
		if got := b.String() + text[at:]; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func FuzzMarks(f *testing.F) {
	f.Add("Zahlung RE-260125, für 540 6423")
	f.Add("\xff\xfeRE-260125\x80")
	items := numbered("RE-260125", "5406423")
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		for _, m := range matcher.Marks(text, items) {
			if m.From < end || m.To <= m.From || m.To > len(text) {
				t.Fatalf("mark %+v behind %d in %q", m, end, text)
			}
			end = m.To
		}
	})
}

func TestAdviceFillsAmounts(t *testing.T) {
	items := numbered("RE-2001", "RE-2002", "RE-2003")
	advice := matcher.ReadAdvice(`Remittance advice of 3 March 2026
RE-2001   03.02.2026   1.234,50   100,00
RE-2002  150.00
RE-2003

RE-2001 / RE-2003: 90.00 / 300.00
Rechnung 4711-9 vom 03.02.2026  88,00
Summe 1.000,00`, items, "EUR")
	var got []string
	for _, l := range advice.Lines {
		got = append(got, items[l.Item-1].Number+"="+recon.FormatMinor(l.AmountMinor, "EUR"))
	}
	if want := []string{"RE-2001=100.00", "RE-2002=150.00", "RE-2003=0.00", "RE-2001=90.00", "RE-2003=300.00"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if len(advice.Unknown) != 2 || !strings.Contains(advice.Unknown[0], "4711-9") {
		t.Errorf("unknown: %q", advice.Unknown)
	}
}

func TestAdviceReadsTheCurrencysDecimals(t *testing.T) {
	items := numbered("RE-2001")
	for currency, want := range map[recon.Currency]int64{"JPY": 1234, "KWD": 1234567, "EUR": 0} {
		text := map[recon.Currency]string{"JPY": "RE-2001 1,234", "KWD": "RE-2001 1,234.567", "EUR": "RE-2001 1.5"}[currency]
		if got := matcher.ReadAdvice(text, items, currency).Lines[0].AmountMinor; got != want {
			t.Errorf("%s in %s: got %d, want %d", text, currency, got, want)
		}
	}
}

func TestEveryReasonToAskSaysWhatWasMissing(t *testing.T) {
	set := rules.Default()
	for _, reason := range []recon.Reason{matcher.AmbiguousLump, matcher.AmbiguousReference, matcher.CompetingReceipts, matcher.PayerUnknown, matcher.PayerAmbiguous,
		matcher.PayerNotProven, matcher.PayerNoOpenItem, matcher.AlreadyPaid, matcher.ItemDisputed, matcher.ItemCancelled, matcher.CurrencyMismatch, matcher.OtherEntity,
		matcher.ReferencePayer, matcher.ReferenceAmount, matcher.ReferenceAlone, matcher.ReferenceUnknown, matcher.CreditNoteUnmatched, matcher.WriteOffCap, matcher.DeclinedBefore,
		matcher.StatementDisproved, matcher.StatementUnproved, matcher.BatchContradicts, matcher.WeakEvidence, matcher.ClearingDoubt, matcher.ReturnedByBank, matcher.ReturnUnmatched} {
		if len(matcher.Automatic(recon.Decision{Outcome: recon.Queued, Reason: reason}, set)) != 1 {
			t.Errorf("%s says nothing", reason)
		}
	}
	d := recon.Decision{Outcome: recon.Queued, Reason: matcher.AmbiguousLump, Proposals: []recon.Proposal{{Score: 60}, {Score: 55}}}
	if got := matcher.Automatic(d, set); len(got) != 3 || !strings.Contains(got[1], "60 points; 80") || !strings.Contains(got[2], "by 5 points; 10") {
		t.Errorf("got %q", got)
	}
	if d.Outcome = recon.Auto; matcher.Automatic(d, set) != nil {
		t.Error("an applied receipt lacks nothing")
	}
}
