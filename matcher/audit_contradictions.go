package matcher

import (
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
)

// holder checks that what rests on the payer alone does not come from an account in the name of another customer, unless
// one of the two pays for the other.
func (a *auditor) holder(r *recon.Receipt) {
	senders := a.senders(r)
	same := a.namedAs()[spelled(r.Payer.Name)]
	if len(senders) == 0 || len(same) == 0 || r.Payer.Name == "" || r.Ultimate != "" {
		return
	}
	for _, c := range same {
		for _, s := range senders {
			if s == c || slices.Contains(s.PaysFor, c.Code) || slices.Contains(c.PaysFor, s.Code) {
				return
			}
		}
	}
	a.fault(r.Source, "payer_conflict", "account or mandate are of customer %s, the name is of customer %s", senders[0].Code, same[0].Code)
}

// senders are the customers that the account and the mandate of a receipt lead to.
func (a *auditor) senders(r *recon.Receipt) []*recon.Customer {
	var all []*recon.Customer
	if account := recon.NormalAccount(r.Payer.Account); account != "" {
		all = append(all, a.holders()[account]...)
	}
	if r.MandateID == "" {
		return all
	}
	for _, link := range a.work.Book.Mandates {
		if link.Mandate == r.MandateID {
			for _, paying := range a.payers()[link.Customer] {
				all = append(all, paying.Customer)
			}
		}
	}
	return all
}

// spelled is a name in capitals with single blanks.
func spelled(name string) string { return strings.ToUpper(strings.Join(strings.Fields(name), " ")) }

// namesPaid checks that what rests on the payer alone does not go past an item of that payer that the text names and that
// cannot be paid: it is settled, cancelled, or in another currency.
func (a *auditor) namesPaid(r *recon.Receipt, d *recon.Decision) {
	words := wordsOf(r)
	owners := []string{d.Customer}
	for _, l := range d.Lines {
		if it := a.item(l.Item); it != nil && !slices.Contains(owners, it.Customer) {
			owners = append(owners, it.Customer)
		}
	}
	for _, owner := range owners {
		for _, it := range a.owned()[owner] {
			barred := it.OpenMinor == 0 || it.Cancelled || it.Currency != r.Currency
			if barred && it.Side != recon.Payable && !slices.Contains(r.Declined, it.ID) && longNumber(it.Number) && words[plain(it.Number)] {
				a.fault(r.Source, "names_paid", "the text names item %d, which cannot be paid", it.ID)
			}
		}
	}
}

// ownNumber checks that a bare number was not read as the item of a stranger while the payer, known by account, has an item
// with the same digits: that one is as likely meant.
func (a *auditor) ownNumber(r *recon.Receipt, d *recon.Decision) {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	account := recon.NormalAccount(r.Payer.Account)
	if account == "" || r.Ultimate != "" {
		return
	}
	for _, l := range d.Lines {
		it := a.item(l.Item)
		if it == nil || it.Reference != "" || it.Order != "" || hasLetters(it.Number) || !longNumber(it.Number) || a.pays(r, it.Customer) {
			continue
		}
		number := plain(it.Number)
		if !wordsOf(r)[number] {
			continue
		}
		for _, c := range a.holders()[account] {
			for _, own := range a.owned()[c.Code] {
				if own.Side != recon.Payable && strings.TrimLeft(plain(own.Number), letters) == number {
					a.fault(r.Source, "own_number", "item %d of customer %s was taken, payer %s has item %d of that number", it.ID, it.Customer, c.Code, own.ID)
				}
			}
		}
	}
}

func hasLetters(number string) bool {
	return strings.ContainsAny(number, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
}

// longNumber reports a number that is no year, day or quantity, in letters that have only one spelling.
func longNumber(number string) bool { return isASCII(number) && len(plain(number)) >= 5 }

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c >= 0x80 })
}

// wordsOf are the fields of a receipt that hold one reference each, and the words of its text. Only a dash or a slash
// between letters and digits holds a word together.
func wordsOf(r *recon.Receipt) map[string]bool {
	words := map[string]bool{}
	for _, field := range slices.Concat(r.Structured, r.DocumentNumbers) {
		words[plain(field)] = true
	}
	text := strings.Join(r.Lines, "\n")
	if len(r.Lines) == 0 {
		text = r.Text
	}
	for _, word := range strings.FieldsFunc(text, func(c rune) bool { return c < 0x80 && c != '-' && c != '/' && plain(string(c)) == "" }) {
		if word = strings.Trim(word, "-/"); isASCII(word) && !strings.Contains(strings.ReplaceAll(word, "/", "-"), "--") {
			words[plain(word)] = true
		}
	}
	return words
}
