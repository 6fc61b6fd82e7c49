package matcher

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

var update = flag.Bool("update", false, "rewrite the outcomes of the stories")

// TestStories plays every story of testdata/stories: customers, items and receipts in, decisions out. A story begins with
// "== name"; its outcome follows "->" lines and is compared word for word. Every plan must pass the audit.
func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/stories/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no stories", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		head, rest, _ := strings.Cut("\n"+string(data), "\n== ")
		rewritten := strings.TrimPrefix(head, "\n")
		for _, text := range strings.Split(rest, "\n== ") {
			name, body, _ := strings.Cut(text, "\n")
			given, want := splitOutcome(body)
			t.Run(filepath.Base(file)+"/"+name, func(t *testing.T) {
				s := readStory(t, given)
				plan := Match(s.work, s.set)
				for _, f := range Audit(s.work, plan, s.set) {
					t.Errorf("audit: %v", f)
				}
				got := s.outcome(plan)
				rewritten += "\n== " + name + "\n" + strings.TrimRight(given, "\n") + "\n" + got + "\n"
				if got != want && !*update {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
			})
		}
		if *update {
			if err := os.WriteFile(file, []byte(strings.TrimRight(rewritten, "\n")+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func splitOutcome(body string) (given, want string) {
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, "->") {
			want += line
		} else {
			given += line
		}
	}
	return strings.TrimRight(given, "\n") + "\n", strings.TrimRight(want, "\n")
}

// story is one small world.
type story struct {
	t     *testing.T
	set   rules.Set
	work  recon.Work
	names map[int64]string
	ids   map[string]int64
}

func readStory(t *testing.T, given string) *story {
	s := &story{t: t, set: rules.Default(), names: map[int64]string{}, ids: map[string]int64{}}
	s.set.Differences["EUR"] = rules.Difference{MaxMinor: 500, CapMinor: 5000, CapPeriod: "month"}
	s.work.Entity = "default"
	for line := range strings.Lines(given) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		words := fields(line)
		read, ok := map[string]func([]string, options){
			"rules": s.rules, "customer": s.customer, "invoice": s.invoice, "credit": s.credit, "receipt": s.receipt,
			"advance": s.advance, "recorded": s.recorded, "paid": s.paid, "return": s.giveBack, "mandate": s.mandate,
			"settled": s.settled, "foreign": s.foreign, "written": s.written,
		}[words[0]]
		if !ok {
			t.Fatalf("unknown word in %q", line)
		}
		plain, opts := cutOptions(words[1:])
		read(plain, opts)
		for k := range opts {
			if !used[k] {
				t.Fatalf("unknown option %q in %q", k, line)
			}
		}
	}
	return s
}

type options map[string]string

// used are the options that stories know.
var used = map[string]bool{}

func (o options) get(key string) string { used[key] = true; return o[key] }

// fields cuts a line at blanks outside of quotes.
func fields(line string) []string {
	var all []string
	var b strings.Builder
	quoted := false
	for _, c := range line + " " {
		switch {
		case c == '"':
			quoted = !quoted
		case c == ' ' && !quoted:
			if b.Len() > 0 {
				all = append(all, b.String())
			}
			b.Reset()
		default:
			b.WriteRune(c)
		}
	}
	return all
}

func cutOptions(all []string) ([]string, options) {
	var plain []string
	opts := options{}
	for _, w := range all {
		if k, v, ok := strings.Cut(w, "="); ok {
			opts[k] = v
		} else {
			plain = append(plain, w)
		}
	}
	return plain, opts
}

func (s *story) money(text string, c recon.Currency) int64 {
	minor, err := recon.ParseMinor(text, c)
	if err != nil {
		s.t.Fatalf("amount %q: %v", text, err)
	}
	return minor
}

func (s *story) day(text, otherwise string) recon.Date {
	if text == "" {
		text = otherwise
	}
	if text == "" || text == "none" {
		return 0
	}
	d, ok := recon.ParseDate(text)
	if !ok {
		s.t.Fatalf("day %q", text)
	}
	return d
}

func (s *story) percent(text string) decimal.Decimal {
	if text == "" {
		return decimal.Zero
	}
	return decimal.RequireFromString(text)
}

func (s *story) rules(_ []string, o options) {
	d := s.set.Differences["EUR"]
	if v := o.get("max"); v != "" {
		d.MaxMinor = s.money(v, "EUR")
	}
	if v := o.get("cap"); v != "" {
		d.CapMinor = s.money(v, "EUR")
	}
	if v := o.get("charge"); v != "" {
		d.ChargeMinor = s.money(v, "EUR")
	}
	if v := o.get("percent"); v != "" {
		d.Percent = s.percent(v)
	}
	s.set.Differences["EUR"] = d
	if v := o.get("lump"); v != "" {
		s.set.Lump = recon.Lump(v)
	}
	if v := o.get("apply"); v != "" {
		s.set.Thresholds.Apply, _ = strconv.Atoi(v)
	}
	if v := o.get("withheld"); v != "" {
		s.set.Tax.Percents = []decimal.Decimal{s.percent(v)}
	}
	if v := o.get("grace"); v != "" {
		s.set.Discount.GraceDays, _ = strconv.Atoi(v)
	}
}

func (s *story) customer(w []string, o options) {
	c := recon.Customer{Code: w[0], Name: o.get("name"), Lump: recon.Lump(o.get("lump"))}
	for _, list := range []struct {
		key string
		to  *[]string
	}{{"iban", &c.IBANs}, {"alias", &c.Aliases}, {"pays", &c.PaysFor}} {
		if v := o.get(list.key); v != "" {
			*list.to = strings.Split(v, "|")
		}
	}
	for _, kind := range []recon.AliasKind{recon.AliasAccount, recon.AliasName} {
		if v := o.get("learned_" + string(kind)); v != "" {
			c.Learned = append(c.Learned, recon.Alias{Kind: kind, Value: v})
		}
	}
	s.work.Book.Customers = append(s.work.Book.Customers, c)
}

func (s *story) invoice(w []string, o options) {
	currency := recon.Currency("EUR")
	if c := o.get("in"); c != "" {
		currency = recon.Currency(c)
	}
	it := recon.Item{ID: int64(len(s.work.Book.Items) + 1), Number: w[0], Kind: recon.Invoice, Side: recon.Receivable, Customer: w[1],
		Currency: currency, AmountMinor: s.money(w[2], currency), IssueDate: s.day(o.get("issued"), "2026-01-01"),
		DueDate: s.day(o.get("due"), "2026-02-01"), Reference: o.get("ref"), Order: o.get("order"), Version: 1}
	it.OpenMinor = it.AmountMinor
	if v := o.get("open"); v != "" {
		it.OpenMinor = s.money(v, currency)
	}
	if percent, until, ok := strings.Cut(o.get("discount"), "/"); ok {
		it.DiscountPercent, it.DiscountUntil = s.percent(percent), s.day(until, "")
	}
	it.TaxRate = s.percent(o.get("tax"))
	it.Cancelled = o.get("cancelled") != ""
	for _, kind := range strings.Fields(strings.ReplaceAll(o.get("refused"), "|", " ")) {
		it.Refused = append(it.Refused, recon.Kind(kind))
	}
	if v := o.get("disputed"); v != "" {
		it.Dispute = &recon.Dispute{Since: it.IssueDate, AmountMinor: s.money(v, currency)}
	}
	for n, part := range strings.Split(o.get("plan"), "|") {
		if amount, day, ok := strings.Cut(part, "@"); ok {
			it.Instalments = append(it.Instalments, recon.Instalment{Sequence: n + 1, AmountMinor: s.money(amount, currency), DueDate: s.day(day, "")})
		}
	}
	s.names[it.ID], s.ids[it.Number] = it.Number, it.ID
	s.work.Book.Items = append(s.work.Book.Items, it)
}

func (s *story) credit(w []string, o options) {
	s.invoice(w, o)
	s.work.Book.Items[len(s.work.Book.Items)-1].Kind = recon.CreditNote
}

// receipt 600.00 iban=… name=… text=… on=…
func (s *story) receipt(w []string, o options) {
	currency := recon.Currency("EUR")
	if c := o.get("cur"); c != "" {
		currency = recon.Currency(c)
	}
	r := recon.Receipt{Source: recon.Source{Kind: recon.SourceReceipt, ID: int64(100 + len(s.work.Receipts) + 1)}, AccountID: "main",
		Currency: currency, AmountMinor: s.money(w[0], currency), Booked: s.day(o.get("on"), "2026-03-02"), Value: s.day(o.get("value"), ""),
		Payer: recon.Party{Name: o.get("name"), Account: o.get("iban")}, Ultimate: o.get("ultimate"), Text: o.get("text"),
		EndToEndID: o.get("e2e"), MandateID: o.get("mandate"), TransactionID: o.get("tx"), BankReference: o.get("bankref"),
		Additional: o.get("more"), ChargeBearer: o.get("bearer"), Cheque: o.get("cheque"), Customer: o.get("customer"), Proof: recon.Ties}
	r.TotalMinor = r.AmountMinor
	if v := o.get("ref"); v != "" {
		r.Structured = strings.Split(v, "|")
	}
	if v := o.get("doc"); v != "" {
		r.DocumentNumbers = strings.Split(v, "|")
	}
	if v := o.get("lines"); v != "" {
		r.Lines = strings.Split(v, "|")
		r.Text = strings.Join(r.Lines, " ")
	}
	if v := o.get("charges"); v != "" {
		r.ChargesMinor = s.money(v, currency)
	}
	if v := o.get("instructed"); v != "" {
		r.Original = &recon.Money{Minor: s.money(v, currency), Currency: currency}
	}
	switch o.get("proof") {
	case "broken":
		r.Proof = recon.Broken
	case "unproved":
		r.Proof = recon.Unproved
	case "required":
		r.Proof, r.ProofRequired = recon.Unproved, true
	}
	r.Whole = o.get("whole") != ""
	for _, n := range strings.Split(o.get("declined"), "|") {
		if n != "" {
			r.Declined = append(r.Declined, s.ids[n])
		}
	}
	s.work.Receipts = append(s.work.Receipts, r)
}

func (s *story) advance(w []string, o options) {
	s.receipt(w, o)
	r := &s.work.Receipts[len(s.work.Receipts)-1]
	r.Source.Kind, r.Order = recon.SourceAdvance, o.get("order")
}

func (s *story) recorded(w []string, o options) {
	p := recon.Recorded{ReceiptID: int64(500 + len(s.work.Book.Recorded) + 1), AccountID: "main", Currency: "EUR", AmountMinor: s.money(w[0], "EUR"),
		Date: s.day(o.get("on"), "2026-03-01"), Customer: o.get("customer"), Cheque: o.get("cheque"), Method: "cheque"}
	for _, n := range strings.Split(o.get("items"), "|") {
		p.Items = append(p.Items, s.ids[n])
	}
	s.work.Book.Recorded = append(s.work.Book.Recorded, p)
}

func (s *story) paid(w []string, o options) {
	p := recon.PaidReceipt{ReceiptID: int64(700 + len(s.work.Book.Paid) + 1), AccountID: "main", Currency: "EUR", AmountMinor: s.money(w[0], "EUR"),
		Booked: s.day(o.get("on"), "2026-02-20"), EndToEndID: o.get("e2e"), TransactionID: o.get("tx"), MandateID: o.get("mandate"),
		BankReference: o.get("bankref"), Payer: recon.Party{Account: o.get("iban")}, Returned: o.get("returned") != "", Customer: o.get("customer")}
	if id := o.get("id"); id != "" {
		p.ReceiptID, _ = strconv.ParseInt(id, 10, 64)
	}
	for _, id := range strings.Split(o.get("parted"), "|") {
		if n, err := strconv.ParseInt(id, 10, 64); err == nil {
			p.Declined = append(p.Declined, n)
		}
	}
	for i, kind := range strings.Split(o.get("by"), "|") {
		if kind != "" {
			p.Applications = append(p.Applications, recon.Application{ID: p.ReceiptID*10 + int64(i), Kind: recon.Kind(kind), AmountMinor: 1, Customer: "C1", Item: s.ids[o.get("item")]})
		}
	}
	s.work.Book.Paid = append(s.work.Book.Paid, p)
}

func (s *story) giveBack(w []string, o options) {
	r := recon.Return{EntryID: int64(900 + len(s.work.Returns) + 1), AccountID: "main", Currency: "EUR", AmountMinor: s.money(w[0], "EUR"),
		Booked: s.day(o.get("on"), "2026-03-03"), EndToEndID: o.get("e2e"), OriginalEndToEnd: o.get("original"), TransactionID: o.get("tx"),
		MandateID: o.get("mandate"), BankReference: o.get("bankref"), Counterparty: recon.Party{Name: o.get("name"), Account: o.get("iban")}, Text: o.get("text"), Reason: "AC04"}
	if v := o.get("charges"); v != "" {
		r.ChargesMinor = s.money(v, "EUR")
	}
	s.work.Returns = append(s.work.Returns, r)
}

func (s *story) mandate(w []string, _ options) {
	s.work.Book.Mandates = append(s.work.Book.Mandates, recon.MandateLink{Mandate: w[0], Customer: w[1]})
}

func (s *story) settled(w []string, o options) {
	s.work.Book.Settled = append(s.work.Book.Settled, recon.SettledItem{Item: s.ids[w[0]], ReceiptID: 1, AmountMinor: s.money(w[1], "EUR"), Effective: s.day(o.get("on"), "2026-02-20")})
}

func (s *story) foreign(w []string, _ options) {
	s.work.Book.Foreign = append(s.work.Book.Foreign, recon.ForeignKey{Key: w[0], Entity: w[1]})
}

func (s *story) written(w []string, o options) {
	s.work.Book.WriteOffs = append(s.work.Book.WriteOffs, recon.WriteOffUse{Customer: w[0], Currency: "EUR", Effective: s.day(o.get("on"), "2026-03-01"), AmountMinor: s.money(w[1], "EUR")})
}

// outcome writes the decisions, one "->" line each and one for every proposal of a queued one.
func (s *story) outcome(plan recon.Plan) string {
	var lines []string
	for _, d := range plan.Decisions {
		line := fmt.Sprintf("-> %d %s %s", d.Source.ID, d.Outcome, d.Reason)
		if d.Customer != "" {
			line += " " + d.Customer
		}
		if len(d.Lines) > 0 {
			line += ": " + s.lines(d.Lines)
		}
		for _, f := range d.Shortfalls {
			line += fmt.Sprintf(" [%s short %s %s", s.names[f.Item], recon.FormatMinor(f.AmountMinor, "EUR"), f.Why)
			if f.Phrase != "" {
				line += fmt.Sprintf(" %q", f.Phrase)
			}
			if f.NextDate != 0 {
				line += " next " + f.NextDate.String()
			}
			line += "]"
		}
		if d.Clears != 0 {
			line += ": " + clears(d.Return, d.Clears)
		}
		if d.Reverses != nil {
			line += fmt.Sprintf(", reverses %v", d.Reverses)
		}
		for _, r := range d.Rejected {
			line += fmt.Sprintf(" [not %s: %s]", s.names[r.Item], r.Reason)
		}
		if len(d.Rivals) > 0 {
			line += fmt.Sprintf(" rivals %v", d.Rivals)
		}
		lines = append(lines, line)
		if d.Outcome != recon.Queued {
			continue
		}
		for n, p := range d.Proposals {
			line := fmt.Sprintf("->   P%d %s %d: %s", n+1, p.Reason, p.Score, s.lines(p.Lines))
			if p.Clears != 0 {
				line += clears(d.Return, p.Clears)
			}
			if p.Reverses != nil {
				line += fmt.Sprintf(", reverses %v", p.Reverses)
			}
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func clears(isReturn bool, receipt int64) string {
	if isReturn {
		return fmt.Sprintf("takes back %d", receipt)
	}
	return fmt.Sprintf("clears %d", receipt)
}

func (s *story) lines(lines []recon.Line) string {
	var all []string
	for _, l := range lines {
		text := string(l.Kind)
		if l.Item != 0 {
			text += " " + s.names[l.Item]
		}
		text += " " + recon.FormatMinor(l.AmountMinor, "EUR")
		if l.CreditNote != 0 {
			text += " of " + s.names[l.CreditNote]
		}
		if l.TaxMinor != 0 {
			text += " (tax " + recon.FormatMinor(l.TaxMinor, "EUR") + ")"
		}
		if l.Order != "" {
			text += " for " + l.Order
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}
