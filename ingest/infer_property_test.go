package ingest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tieout/tieout/recon"
)

// invented is a bank's export that nobody has seen, with the truth that it was written from.
type invented struct {
	file   string
	truth  []string // day, amount and currency of each booked row, in the order of the file
	layout string   // for a message
}

// languages are the names that columns have: booking day, value day, name, account, text, amount, debit, credit, direction, currency,
// balance, status, and words for money in and out, booked and pending, opening and closing balance.
var languages = [][]string{
	{"Booking date", "Value date", "Counterparty", "Counterparty IBAN", "Description", "Amount", "Paid out", "Paid in", "D/C", "Currency", "Balance", "Status", "C", "D", "Booked", "Pending", "Opening balance", "Closing balance"},
	{"Date", "Value", "Payee/Payer", "To account", "Memo", "Value", "Withdrawals", "Deposits", "Type", "Ccy", "Running balance", "State", "CREDIT", "DEBIT", "COMPLETED", "PENDING", "Balance brought forward", "Total"},
	{"Buchungstag", "Wertstellung", "Auftraggeber/Empfänger", "Gegenkonto", "Verwendungszweck", "Betrag", "Soll", "Haben", "S/H", "Währung", "Saldo", "Status", "H", "S", "gebucht", "vorgemerkt", "Anfangssaldo", "Endsaldo"},
	{"Date de comptabilisation", "Date de valeur", "Contrepartie", "Compte bénéficiaire", "Libellé", "Montant", "Débit", "Crédit", "Sens", "Devise", "Solde", "Statut", "C", "D", "Comptabilisé", "En attente", "Solde initial", "Solde final"},
	{"Fecha operación", "Fecha valor", "Contraparte", "Cuenta destino", "Concepto", "Importe", "Cargo", "Abono", "Tipo", "Divisa", "Saldo", "Estado", "Abono", "Cargo", "Contabilizado", "Pendiente", "Saldo inicial", "Saldo final"},
	{"Data contabile", "Data valuta", "Controparte", "IBAN controparte", "Descrizione", "Importo", "Addebiti", "Accrediti", "Segno", "Divisa", "Saldo contabile", "Stato", "+", "-", "Contabilizzato", "In attesa", "Saldo iniziale", "Saldo finale"},
	{"Boekdatum", "Rentedatum", "Naam tegenpartij", "Tegenrekening", "Omschrijving", "Bedrag", "Af", "Bij", "Af Bij", "Munt", "Saldo na mutatie", "Status", "Bij", "Af", "Geboekt", "In behandeling", "Beginsaldo", "Eindsaldo"},
	{"Bokføringsdato", "Rentedato", "Navn", "Mottakerkonto", "Beskrivelse", "Beløp", "Ut fra konto", "Inn på konto", "Fortegn", "Valuta", "Saldo", "Status", "Kredit", "Debet", "Bokført", "Reservert", "Inngående saldo", "Utgående saldo"},
	{"Data księgowania", "Data waluty", "Nadawca/Odbiorca", "Rachunek kontrahenta", "Tytuł", "Kwota", "Obciążenia", "Uznania", "Kierunek", "Waluta", "Saldo po operacji", "Status", "Ma", "Wn", "Zaksięgowana", "Oczekująca", "Saldo początkowe", "Saldo końcowe"},
	{"Datum zaúčtování", "Datum valuty", "Název protistrany", "Protiúčet", "Zpráva pro příjemce", "Částka", "Výdaje", "Příjmy", "Směr", "Měna", "Zůstatek", "Stav", "Příjem", "Výdaj", "Zaúčtováno", "Čekající", "Počáteční zůstatek", "Konečný zůstatek"},
	{"Kolumn ett", "Kolumn två", "Kolumn tre", "Kolumn fyra", "Kolumn fem", "Kolumn sex", "Kolumn sju", "Kolumn åtta", "Kolumn nio", "Kolumn tio", "Kolumn elva", "Kolumn tolv", "J", "N", "klar", "aning", "x", "y"},
}

// inventor draws one layout and writes rows in it.
type inventor struct {
	rt        *rapid.T
	words     []string
	headed    bool
	delimiter string
	dates     string
	amounts   Amounts
	form      string // signed, sides, direction
	inverted  bool   // charges are positive
	balance   string // none, running, debt (of a card), before
	currency  string
	where     string // of the currency: column, header, unsaid
	value     bool
	account   bool
	status    bool
	card      bool
	neutral   bool // texts say nothing about the direction
}

func (v *inventor) flip(name string) bool { return rapid.Bool().Draw(v.rt, name) }

func (v *inventor) one(name string, of ...string) string {
	return rapid.SampledFrom(of).Draw(v.rt, name)
}

func newInventor(rt *rapid.T) *inventor {
	v := &inventor{rt: rt}
	v.words = rapid.SampledFrom(languages).Draw(rt, "language")
	v.headed = rapid.IntRange(0, 4).Draw(rt, "headed") > 0
	v.delimiter = v.one("delimiter", ";", ",", "\t", "|")
	v.dates = v.one("dates", "dd.MM.yyyy", "dd/MM/yyyy", "MM/dd/yyyy", "yyyy-MM-dd", "yyyyMMdd", "d.M.yyyy", "M/d/yyyy", "dd-MM-yyyy", "dd.MM.yy", "MM/dd/yy", "dd/MM/yy", "yyyy/MM/dd", "dd MMM yyyy", "yyyy-MM-dd HH:mm:ss", "ddMMyyyy", "yy-MM-dd")
	v.amounts.Decimal = v.one("decimal", ".", ",")
	v.amounts.Grouping = v.one("grouping", "", map[string]string{".": ",", ",": "."}[v.amounts.Decimal], "'", " ")
	v.amounts.Sign = v.one("sign", "before", "before", "after", "brackets")
	v.amounts.Plus = v.flip("plus")
	v.form = v.one("form", "signed", "signed", "sides", "direction")
	v.inverted = v.form == "signed" && rapid.IntRange(0, 3).Draw(rt, "inverted") == 0
	v.balance = v.one("balance", "none", "running", "running", "debt", "before")
	v.currency = v.one("currency", "EUR", "USD", "SEK", "JPY", "KWD")
	v.where = v.one("where", "column", "header", "unsaid")
	v.value, v.account, v.status, v.card, v.neutral = v.flip("value"), v.flip("account"), v.flip("status"), v.flip("card"), v.flip("neutral")
	if v.inverted && v.balance == "debt" && !v.card {
		v.neutral = false // a debt with charges above zero and not a word about it is an account like any other
	}
	if v.inverted {
		v.account = false // no card's statement names the accounts of the shops
	}
	if v.flip("unit") && v.currency == "EUR" {
		v.amounts.Unit = "€"
	}
	return v
}

// money writes an amount in the layout.
func (v *inventor) money(minor int64) string {
	exponent := recon.Currency(v.currency).Exponent()
	plain := recon.FormatMinor(max(minor, -minor), recon.Currency(v.currency))
	whole, fraction, _ := strings.Cut(plain, ".")
	for at := len(whole) - 3; at > 0 && v.amounts.Grouping != ""; at -= 3 {
		whole = whole[:at] + v.amounts.Grouping + whole[at:]
	}
	text := whole
	if exponent > 0 {
		text += v.amounts.Decimal + fraction
	}
	text += v.amounts.Unit
	switch {
	case minor >= 0 && v.amounts.Plus && v.form == "signed" && v.amounts.Sign == "after":
		return text + "+"
	case minor >= 0 && v.amounts.Plus && v.form == "signed":
		return "+" + text
	case minor >= 0:
		return text
	case v.amounts.Sign == "after":
		return text + "-"
	case v.amounts.Sign == "brackets":
		return "(" + text + ")"
	}
	return "-" + text
}

func (v *inventor) day(d recon.Date) string {
	y, m, day := int(d)/10000, int(d)/100%100, int(d)%100
	months := []string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}
	return strings.NewReplacer("yyyy", fmt.Sprintf("%04d", y), "yy", fmt.Sprintf("%02d", y%100), "MMM", months[m-1], "MM", fmt.Sprintf("%02d", m), "M", fmt.Sprint(m),
		"dd", fmt.Sprintf("%02d", day), "d", fmt.Sprint(day), "HH", "10", "mm", "15", "ss", "59").Replace(v.dates)
}

// movement is one booked row of the truth.
type movement struct {
	day   recon.Date
	minor int64
}

func (v *inventor) movements() (list []movement) {
	n := rapid.IntRange(1, 25).Draw(v.rt, "rows")
	day := recon.Date(20260101).AddDays(rapid.IntRange(0, 360).Draw(v.rt, "first"))
	step := rapid.IntRange(0, 5).Draw(v.rt, "step")
	side := v.one("side", "both", "both", "in", "out")
	scale := rapid.SampledFrom([]int64{1, 1, 1, 1000, 100}).Draw(v.rt, "scale")
	for range n {
		minor := rapid.Int64Range(1, 900000).Draw(v.rt, "amount") * scale
		if side == "out" || side == "both" && v.flip("out") {
			minor = -minor
		}
		list = append(list, movement{day: day, minor: minor})
		day = day.AddDays(rapid.IntRange(0, step).Draw(v.rt, "gap"))
	}
	return list
}

func (v *inventor) invent() invented {
	list := v.movements()
	running := rapid.Int64Range(-1_000_000, 1_000_000).Draw(v.rt, "opening")
	newest := v.flip("newest first")
	shuffled := v.headed && v.flip("shuffled")
	header, rows := v.header(), [][]string{}
	var truth []string
	for i, m := range list {
		before := running
		running += m.minor
		rows = append(rows, v.row(m, i, before, running))
		truth = append(truth, fmt.Sprint(m.day, " ", m.minor))
	}
	if newest {
		slices.Reverse(rows)
		slices.Reverse(truth)
	}
	if shuffled {
		order := rapid.Permutation(numbersTo(len(header))).Draw(v.rt, "order")
		header = picked(header, order)
		for i := range rows {
			rows[i] = picked(rows[i], order)
		}
	}
	var file strings.Builder
	if v.headed && v.flip("preamble") {
		fmt.Fprintf(&file, "Export\n%s\n\n", strings.Join([]string{"Period", v.day(list[0].day), v.day(list[len(list)-1].day)}, v.delimiter))
	}
	if v.headed {
		file.WriteString(v.line(header))
	}
	for _, row := range rows {
		file.WriteString(v.line(row))
	}
	if v.headed && v.flip("footer") {
		file.WriteString(v.words[17] + v.delimiter + v.money(running) + "\n")
	}
	return invented{file.String(), truth, fmt.Sprintf("%+v", *v)}
}

func numbersTo(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

func picked(cells []string, order []int) []string {
	list := make([]string, len(cells))
	for i, at := range order {
		list[i] = cells[at]
	}
	return list
}

func (v *inventor) line(cells []string) string {
	quoted := make([]string, len(cells))
	for i, cell := range cells {
		quoted[i] = cell
		if strings.ContainsAny(cell, v.delimiter+"\"\n") {
			quoted[i] = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
	}
	return strings.Join(quoted, v.delimiter) + "\n"
}

func (v *inventor) header() (names []string) {
	w := v.words
	amount := w[5]
	if v.where == "header" {
		amount += " (" + v.currency + ")"
	}
	names = append(names, w[0])
	if v.value {
		names = append(names, w[1])
	}
	names = append(names, w[2])
	if v.account {
		names = append(names, w[3])
	}
	names = append(names, w[4])
	switch v.form {
	case "sides":
		names = append(names, w[6], w[7])
	case "direction":
		names = append(names, w[8], amount)
	default:
		names = append(names, amount)
	}
	if v.where == "column" {
		names = append(names, w[9])
	}
	if v.balance != "none" {
		names = append(names, w[10])
	}
	if v.status {
		names = append(names, w[11])
	}
	if v.card {
		names = append(names, "Card number")
	}
	return names
}

func (v *inventor) row(m movement, i int, before, after int64) (cells []string) {
	cells = append(cells, v.day(m.day))
	if v.value {
		cells = append(cells, v.day(m.day.AddDays(i%3-1)))
	}
	cells = append(cells, fmt.Sprintf("Partner %c Ltd", 'A'+i%7))
	if v.account {
		cells = append(cells, []string{"DE89370400440532013000", "NL91ABNA0417164300"}[i%2])
	}
	cells = append(cells, v.text(m, i))
	minor := m.minor
	if v.inverted {
		minor = -minor
	}
	switch v.form {
	case "sides":
		cells = append(cells, "", "")
		cells[len(cells)-1-b2i(m.minor < 0)] = v.money(max(minor, -minor))
	case "direction":
		cells = append(cells, v.words[12+b2i(m.minor < 0)], v.money(max(minor, -minor)))
	default:
		cells = append(cells, v.money(minor))
	}
	if v.where == "column" {
		cells = append(cells, v.currency)
	}
	switch v.balance {
	case "running":
		cells = append(cells, v.money(after))
	case "debt":
		cells = append(cells, v.money(-after))
	case "before":
		cells = append(cells, v.money(before))
	}
	if v.status {
		cells = append(cells, v.words[14])
	}
	if v.card {
		cells = append(cells, "541275XXXXXX1234")
	}
	return cells
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (v *inventor) text(m movement, i int) string {
	if v.neutral {
		return fmt.Sprintf("Ref. 2026-%d, thank you", i)
	}
	return fmt.Sprintf("%s 2026-%d", map[bool]string{true: "Salary", false: "Card payment"}[m.minor > 0], i)
}

// The most important property of inference: whatever a bank writes, a file is read right, or it is not called certain.
func TestNeverCertainAndWrong(t *testing.T) {
	var certain, right, files int
	rapid.Check(t, func(rt *rapid.T) {
		bank := newInventor(rt).invent()
		inference, problems := Infer("", Sample{Name: "unknown.csv", Data: []byte(bank.file)})
		files++
		if len(problems) > 0 {
			return
		}
		doc, err := ReadCSV("unknown.csv", bytes.NewReader([]byte(bank.file)), Options{Profile: InferredProfile})
		if err != nil {
			rt.Fatal(err)
		}
		var got []string
		for _, st := range doc.Statements {
			for _, e := range st.Entries {
				got = append(got, fmt.Sprint(e.Booked, " ", e.AmountMinor))
			}
		}
		same := slices.Equal(got, bank.truth)
		if same {
			right++
		}
		if inference.Certain() {
			certain++
			if !same {
				rt.Fatalf("certain and wrong: got %v\nwant %v\n%s\n%s\n%+v", got, bank.truth, bank.file, bank.layout, inference.Findings)
			}
		}
		if hold := recon.Worst(doc.Problems); inference.Certain() != (hold == recon.Warn) {
			rt.Fatalf("certain %t, but %v", inference.Certain(), doc.Problems)
		}
	})
	t.Logf("%d files: %d read right, %d certain", files, right, certain)
}
