package books

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// Formats of the journal for programs of plain text accounting.
const (
	FormatHledger   = "hledger"
	FormatBeancount = "beancount"
)

// dialect is how a program of plain text accounting wants a journal.
type dialect interface {
	// account writes the name of an account of the ledger.
	account(ledger string) string
	// declare writes what must be said of accounts and currencies before the first transaction, which is on a day.
	declare(w *bufio.Writer, accounts []string, currencies []recon.Currency, day recon.Date)
	// head writes the first line of a transaction.
	head(b *strings.Builder, day recon.Date, p *Posting)
	// line writes one posting of it.
	line(b *strings.Builder, account string, p *Posting)
}

// plainDay stands for a day that nobody stated: opening balances of accounts whose banks state none.
const plainDay recon.Date = 19000101

// writePlain writes the journal of a selection as text: declarations, then transactions by day. A transaction that has lines on several
// days (a correction of a closed period) is written once for each.
func writePlain(w io.Writer, v View, ledger rules.Ledger, selection Selection, d dialect) error {
	days := map[recon.Date]*strings.Builder{}
	last := map[recon.Date]string{}
	accounts, currencies := map[string]bool{}, map[recon.Currency]bool{}
	err := journalOf(v, ledger, selection, func(p *Posting) bool {
		day := p.Effective
		if day < selection.Since {
			return true
		}
		if day == 0 {
			day = plainDay
		}
		b := days[day]
		if b == nil {
			b = &strings.Builder{}
			days[day] = b
		}
		if last[day] != p.Transaction {
			b.WriteByte('\n')
			d.head(b, day, p)
			last[day] = p.Transaction
		}
		account := d.account(p.Account)
		accounts[account], currencies[p.Currency] = true, true
		d.line(b, account, p)
		return true
	})
	if err != nil {
		return fmt.Errorf("derive the journal: %w", err)
	}
	out := bufio.NewWriterSize(w, 1<<16)
	order := sortedKeys(days)
	if len(order) > 0 {
		d.declare(out, slices.Sorted(maps.Keys(accounts)), slices.Sorted(maps.Keys(currencies)), order[0])
	}
	for _, day := range order {
		out.WriteString(days[day].String()) // a buffered writer keeps its error for Flush
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	return nil
}

// plainText makes a text safe to stand on one line: control characters and those that mean something to the program become blanks.
func plainText(s, special string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(special, r) {
			return ' '
		}
		return r
	}, s)), " ")
}

// hledger writes journals for hledger.
type hledger struct{}

func (hledger) account(ledger string) string { return plainText(ledger, ";*![](){}@=\"") }

func (hledger) declare(w *bufio.Writer, accounts []string, currencies []recon.Currency, _ recon.Date) {
	for _, c := range currencies {
		sample := recon.FormatMinor(1000*pow10(c.Exponent()), c)
		if c.Exponent() == 0 {
			sample += "."
		}
		fmt.Fprintf(w, "commodity %s %s\n", sample, c)
	}
	for _, a := range accounts {
		fmt.Fprintf(w, "account %s\n", a)
	}
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

func (hledger) head(b *strings.Builder, day recon.Date, p *Posting) {
	fmt.Fprintf(b, "%s (%s) %s\n", day, p.Transaction, plainText(p.Text, ";|"))
}

func (hledger) line(b *strings.Builder, account string, p *Posting) {
	fmt.Fprintf(b, "    %s  %s %s", account, recon.FormatMinor(p.AmountMinor, p.Currency), p.Currency)
	var tags []string
	if p.ItemNumber != "" {
		tags = append(tags, "item:"+plainText(p.ItemNumber, ",:"))
	}
	if p.Customer != "" {
		tags = append(tags, "customer:"+plainText(p.Customer, ",:"))
	}
	if p.Original != 0 && p.Original != p.Effective {
		tags = append(tags, "original:"+p.Original.String())
	}
	if len(tags) > 0 {
		b.WriteString("  ; " + strings.Join(tags, ", "))
	}
	b.WriteByte('\n')
}

// beancount writes journals for beancount, whose accounts begin with one of five types.
type beancount struct{ types map[string]string }

// newBeancount knows the types of the accounts that the rules name, and of the banks' accounts; all other ones are expenses.
func newBeancount(ledger rules.Ledger, banks []recon.Account) beancount {
	b := beancount{types: map[string]string{}}
	for kind, accounts := range map[string][]string{
		"Assets":      {ledger.Receivables, ledger.InTransit, ledger.Transfers, ledger.WithheldTax},
		"Liabilities": {ledger.Payables, ledger.Tax, ledger.Suspense, ledger.Unapplied, ledger.OnAccount, ledger.Advances},
		"Equity":      {ledger.Opening, ledger.Exchange},
		"Income":      {ledger.Gains},
	} {
		for _, account := range accounts {
			b.types[account] = kind
		}
	}
	for _, a := range banks {
		b.types[a.Ledger], b.types[unnamedBank+a.ID] = "Assets", "Assets"
	}
	return b
}

func (b beancount) account(ledger string) string {
	kind := b.types[ledger]
	if kind == "" {
		kind = "Expenses"
	}
	name := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return '-'
	}, ledger)
	if name == "" || name[0] < '0' || name[0] > 'Z' || name[0] > '9' && name[0] < 'A' {
		name = "X" + name
	}
	return kind + ":" + name
}

func (beancount) declare(w *bufio.Writer, accounts []string, _ []recon.Currency, day recon.Date) {
	for _, a := range accounts {
		fmt.Fprintf(w, "%s open %s\n", day, a)
	}
}

func (beancount) head(b *strings.Builder, day recon.Date, p *Posting) {
	fmt.Fprintf(b, "%s * \"%s\" \"%s\" ^%s\n", day, plainText(p.Customer, "\"\\"), plainText(p.Text, "\"\\"), strings.Map(linkRune, p.Transaction))
}

func linkRune(r rune) rune {
	if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '.' {
		return r
	}
	return '-'
}

func (beancount) line(b *strings.Builder, account string, p *Posting) {
	fmt.Fprintf(b, "  %s  %s %s\n", account, recon.FormatMinor(p.AmountMinor, p.Currency), p.Currency)
	if p.ItemNumber != "" {
		fmt.Fprintf(b, "    item: \"%s\"\n", plainText(p.ItemNumber, "\"\\"))
	}
}
