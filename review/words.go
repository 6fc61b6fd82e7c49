package review

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/recon"
)

// How pages say amounts, days and codes.

// at is the address of a page about the company: at("cases", 17) is /e/ID/cases/17.
func (c *call) at(parts ...any) string {
	var b strings.Builder
	b.WriteString("/e/" + c.company.ID)
	for _, part := range parts {
		fmt.Fprintf(&b, "/%v", part)
	}
	return b.String()
}

// today is the civil day on which the request came, in UTC as everywhere on the desk.
func (c *call) today() recon.Date { return recon.DateOf(c.Now().UTC()) }

// daysSince counts the days from an instant to another.
func daysSince(from, to time.Time) int {
	return recon.DateOf(to.UTC()).DaysSince(recon.DateOf(from.UTC()))
}

// thin parts the thousands of an amount; it never breaks a line.
const thin = "\u202f"

// groupedAmount writes minor units with the currency's decimals and its thousands apart: "-1 234.50".
func groupedAmount(minor int64, currency recon.Currency) string {
	text := recon.FormatMinor(minor, currency)
	sign, digits := "", text
	if strings.HasPrefix(text, "-") {
		sign, digits = "\u2212", text[1:]
	}
	whole, fraction, dotted := strings.Cut(digits, ".")
	var b strings.Builder
	b.WriteString(sign)
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(thin)
		}
		b.WriteRune(d)
	}
	if dotted {
		b.WriteString("." + fraction)
	}
	return b.String()
}

// readAmount reads an amount as people write it: 1234.5, 1.234,50, 1 234,50. The last dot or comma is the decimal one unless it groups
// thousands beyond a doubt.
func readAmount(text string, currency recon.Currency) (minor int64, ok bool) {
	plain := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\u00a0', '\u202f', '\'', '’':
			return -1
		}
		return r
	}, text)
	cut := strings.LastIndexAny(plain, ".,")
	if cut >= 0 {
		mark := plain[cut]
		whole, fraction := plain[:cut], plain[cut+1:]
		if strings.IndexByte(whole, mark) >= 0 { // it comes again: it parts thousands
			whole, fraction = plain, ""
		}
		whole = strings.NewReplacer(".", "", ",", "").Replace(whole)
		if plain = whole; fraction != "" {
			plain += "." + fraction
		}
	}
	minor, err := recon.ParseMinor(plain, currency)
	return minor, err == nil
}

// kindWords are what pages call the kinds of application.
var kindWords = map[recon.Kind]string{
	recon.Payment: "Payment", recon.Credit: "Credit note", recon.Discount: "Discount", recon.WriteOff: "Write-off", recon.Adjustment: "Adjustment", recon.Gain: "Gain",
	recon.BankCharge: "Bank charge", recon.WithheldTax: "Withheld tax", recon.Exchange: "Exchange difference", recon.OnAccount: "On account", recon.Advance: "Advance",
	recon.Refund: "Refund", recon.External: "Settled elsewhere",
}

func kindWord(k recon.Kind) string {
	if word, ok := kindWords[k]; ok {
		return word
	}
	return label(string(k))
}

// number writes an id.
func number(id int64) string { return strconv.FormatInt(id, 10) }

// label makes words of a code: "ambiguous_lump" is "Ambiguous lump".
func label(code string) string {
	if code == "" {
		return ""
	}
	words := strings.ReplaceAll(code, "_", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}

// statuses says how an item stands: paid in full or cancelled alone, else all that is true of it.
func statuses(item recon.Item, today recon.Date) (list []string) {
	switch {
	case item.Cancelled:
		return []string{"Cancelled"}
	case item.OpenMinor == 0:
		return []string{"Paid in full"}
	case item.OpenMinor < item.AmountMinor:
		list = append(list, "Partially paid")
	default:
		list = append(list, "Open")
	}
	if item.Dispute != nil {
		list = append(list, "Disputed")
	}
	for _, part := range item.Instalments {
		if !part.Void {
			list = append(list, "Scheduled")
			break
		}
	}
	if due := item.DueDate; due != 0 && due < today {
		list = append(list, "Overdue")
	}
	return list
}

// statusClasses colour what needs somebody's eye.
var statusClasses = map[string]string{"Overdue": "late", "Disputed": "wait", "Paid in full": "done", "Partially paid": "part"}

func statusClass(status string) string { return statusClasses[status] }

// stripes are where the stripes of a progress bar begin, in thousandths, as far as they fit into what is paid.
func stripes(paid int64) (at []int64) {
	for x := int64(10); x+52 <= paid; x += 48 {
		at = append(at, x)
	}
	return at
}

// numericColumn reports whether a column of a report is aligned to the right.
func numericColumn(c books.Column) bool { return c.Kind == books.Amount || c.Kind == books.Count }

// reportCell writes a cell of a report.
func reportCell(cell any) string {
	switch v := cell.(type) {
	case nil:
		return ""
	case recon.Money:
		return groupedAmount(v.Minor, v.Currency)
	}
	return fmt.Sprint(cell)
}

// groupedAccount writes an account number in groups of four, as it is printed.
func groupedAccount(number string) string {
	if !recon.LooksLikeIBAN(number) {
		return number
	}
	var b strings.Builder
	for i, r := range number {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}
