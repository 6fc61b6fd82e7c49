package ingest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/tieout/tieout/recon"
)

// What cells say in plain letters, in the languages of the headers.
var (
	openingPhrases = phrases(`opening balance, balance brought forward, beginning balance, starting balance, previous balance, start balance, balance b f, anfangssaldo, saldovortrag, anfangsbestand, alter kontostand, alter saldo, kontostand alt, solde initial, solde precedent, ancien solde, solde d ouverture, saldo iniziale, saldo precedente, saldo inicial, saldo anterior, beginsaldo, vorig saldo, openingssaldo, ingaende saldo, inngaende saldo, indgaende saldo, primosaldo, alkusaldo, saldo poczatkowe, pocatecni zustatek, pocatocny zostatok, nyito egyenleg, acilis bakiyesi, sold initial, pocetno stanje`)
	closingPhrases = phrases(`closing balance, ending balance, end balance, balance carried forward, final balance, balance c f, endsaldo, schlusssaldo, neuer kontostand, neuer saldo, kontostand, solde final, nouveau solde, solde de cloture, saldo finale, saldo final, saldo attuale, saldo actual, saldo atual, saldo do dia, s a l d o, eindsaldo, nieuw saldo, utgaende saldo, utgaende balanse, udgaende saldo, ultimosaldo, loppusaldo, saldo koncowe, konecny zustatek, konecny zostatok, zaro egyenleg, kapanis bakiyesi, sold final, zavrsno stanje`)
	totalPhrases   = phrases(`total, totals, sum, subtotal, summe, gesamt, gesamtsumme, zwischensumme, saldo, total general, totale, totaal, summa, sum total, yhteensa, razem, suma, celkem, spolu, osszesen, toplam, ukupno, number of transactions, anzahl buchungen, end of report, end of file, ende`)

	inTexts  = phrases(`gutschrift, gutschr, uberweisungsgutschrift, zahlungseingang, eingang, gehalt, lohn, einzahlung, habenzins, deposit, direct deposit, salary, payroll, bank credit, direct credit, received, transfer received, credit transfer, interest paid, inward, incoming, dividend, bgc, vir recu, virement recu, virement de, remise, versement, bonifico a vostro favore, accredito, stipendio, abono, nomina, transferencia recibida, ingreso, deposito, credito, bijschrijving, salaris, insattning, lon, bankgiro inbetalning, overforsel fra, indbetaling, innbetaling, palkka, przelew przychodzacy, wplata, wynagrodzenie, prichozi platba, prijem, jovairas, beerkezett, gelen`)
	outTexts = phrases(`lastschrift, basislastschrift, kartenzahlung, kartenverfugung, abbuchung, dauerauftrag, barauszahlung, bargeldauszahlung, auszahlung, bezahlung, belastung, kontofuhrung, miete, withdrawal, atm, atm withdrawal, cash withdrawal, direct debit, debit card, card payment, contactless, purchase, pos, fee, charge, service charge, standing order, bill payment, rent, prelevement, prlv, retrait, carte, paiement, cotisation, frais, prelievo, pagamento, addebito, commissione, bollo, recibo, cargo, retirada, compra, pago, comision, saque, pagto, cobranca, tarifa, incasso, betaalautomaat, geldautomaat, betaling, uttag, kortkop, autogiro, avgift, hyra, dankort, haevet, husleje, gebyr, varekjop, avtalegiro, korttiosto, nosto, vuokra, palvelumaksu, oplata, wyplata, platnosc karta, zakup, platba kartou, vyber, poplatek, odchozi, vasarlas, keszpenzfelvet, terheles, harcama, giden`)
)

// statusKinds say what a status means: 'b' booked, 'p' pending, 'i' ignored because it came to nothing.
var statusKinds = kinds(map[byte]string{
	'b': `booked, completed, complete, posted, cleared, settled, executed, done, processed, success, successful, reconciled, final, gebucht, umsatz gebucht, verbucht, ausgefuhrt, abgeschlossen, comptabilise, execute, effectue, termine, contabilizzato, contabilizzata, eseguito, eseguita, contabilizado, liquidado, realizado, efetivado, concluido, geboekt, uitgevoerd, verwerkt, bokford, bokfort, bogfort, utfort, udfort, genomford, kirjattu, toteutunut, zaksiegowana, zaksiegowano, zrealizowana, wykonana, zauctovano, provedeno, realizovano, konyvelt, teljesult, onaylandi, gerceklesti, finalizat, procesat, izvrseno, proknjizeno`,
	'p': `pending, authorised, authorized, authorisation, authorization, reserved, held, hold, on hold, open, processing, in progress, created, scheduled, unposted, uncleared, unsettled, awaiting, forthcoming, vorgemerkt, umsatz vorgemerkt, offen, in bearbeitung, reserviert, ausstehend, terminiert, en attente, en cours, a venir, in attesa, non contabilizzato, autorizzato, autorizzata, prenotato, pendiente, retenido, autorizado, pendente, em processamento, gereserveerd, in behandeling, openstaand, reserverat, reserverad, preliminar, reservert, reserveret, venter, ventende, ikke bokfort, varaus, varattu, odottaa, blokada, oczekujaca, oczekuje, w trakcie, nierozliczona, blokace, cekajici, nezauctovano, fuggoben, zarolt, beklemede, bekliyor, in asteptare, na cekanju`,
	'i': `reverted, reversed before booking, declined, rejected, failed, cancelled, canceled, denied, voided, void, expired, deleted, error, abgelehnt, storniert, fehlgeschlagen, abgebrochen, geloscht, refuse, annule, rejete, rifiutato, annullato, rechazado, cancelado, anulado, recusado, rejeitado, geweigerd, geannuleerd, afgewezen, avvisad, avbruten, makulerad, avvist, avbrutt, afvist, annulleret, hylatty, peruttu, odrzucona, anulowana, zamitnuto, zruseno, elutasitva, torolve, reddedildi, iptal, respins, anulat, odbijeno`,
})

func kinds(lists map[byte]string) map[string]byte {
	kinds := map[string]byte{}
	for kind, list := range lists {
		for _, word := range phrases(list) {
			kinds[word] = kind
		}
	}
	return kinds
}

// directionPairs are words for money into the account and out of it.
var directionPairs = [][2]string{{"+", "-"}, {"cr", "dr"}, {"crdt", "dbit"}, {"credit", "debit"}, {"credits", "debits"}, {"kredit", "debit"}, {"kredit", "debet"}, {"haben", "soll"}, {"bij", "af"}, {"in", "out"},
	{"money in", "money out"}, {"deposit", "withdrawal"}, {"gutschrift", "lastschrift"}, {"gutschrift", "belastung"}, {"eingang", "ausgang"}, {"einnahme", "ausgabe"}, {"credito", "debito"}, {"avere", "dare"}, {"entrata", "uscita"}, {"accredito", "addebito"},
	{"abono", "cargo"}, {"haber", "debe"}, {"ingreso", "gasto"}, {"entrada", "saida"}, {"receita", "despesa"}, {"recette", "depense"}, {"inkomst", "uitgave"}, {"incoming", "outgoing"}, {"income", "expense"}, {"received", "sent"}, {"inflow", "outflow"},
	{"insattning", "uttag"}, {"inn", "ut"}, {"ind", "ud"}, {"pano", "otto"}, {"uznanie", "obciazenie"}, {"przychod", "wydatek"}, {"wplyw", "wydatek"}, {"ma", "wn"}, {"prijem", "vydaj"}, {"prichozi", "odchozi"}, {"jovairas", "terheles"}, {"alacak", "borc"}, {"potrazuje", "duguje"}, {"uplata", "isplata"}}

// letterPairs are the same in single letters; alone, such a letter may mean either in another language.
var letterPairs = [][2]string{{"c", "d"}, {"h", "s"}, {"a", "d"}, {"k", "d"}, {"a", "c"}, {"h", "d"}}

// unitCurrency is the currency of a sign that stands beside amounts; "" where several have it.
var unitCurrency = map[string]recon.Currency{"€": "EUR", "£": "GBP", "$": "", "kr": "", "kr.": "", "Kč": "CZK", "zł": "PLN", "Ft": "HUF", "R$": "BRL", "US$": "USD", "A$": "AUD", "C$": "CAD",
	"₹": "INR", "₺": "TRY", "₽": "RUB", "₴": "UAH", "₪": "ILS", "lei": "RON", "RM": "MYR", "Rp": "IDR", "₱": "PHP", "₩": "KRW", "฿": "THB", "SFr.": "CHF", "Fr.": "CHF", "TL": "TRY", "kn": "", "Rs.": "INR", "Rs": ""}

// cardNames are words of headers that only statements of cards have.
var cardNames = phrases(`card, card number, card no, card id, cardid, cardholder, card holder, card member, cardmember, card type, card ending, card last four digits, merchant, merchant name, merchantname, merchant category, mcc, kartennummer, karte, karteninhaber, kreditkarte, carte, numero de carte, carta, numero carta, tarjeta, numero de tarjeta, cartao, kaart, kaartnummer, kort, kortnummer, kortinnehavare, korttinumero, karta, numer karty, cislo karty, kartyaszam, kart no`)

// plainWords writes a text in small plain letters, one blank between words, without signs, digits and currency codes:
// "Umsatz (EUR)" is "umsatz", "Määrä" is "maara".
func plainWords(text string) string {
	var plain strings.Builder
	for _, r := range norm.NFD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case plainLetters[r] != "":
			plain.WriteString(plainLetters[r])
		case unicode.IsLetter(r):
			plain.WriteRune(r)
		default:
			plain.WriteByte(' ')
		}
	}
	words := slices.DeleteFunc(strings.Fields(plain.String()), func(word string) bool { return recon.Currency(word).Known() })
	return strings.ToLower(strings.Join(words, " "))
}

// plainLetters are those that do not come apart into a letter and an accent.
var plainLetters = map[rune]string{'ø': "o", 'Ø': "O", 'ł': "l", 'Ł': "L", 'ß': "ss", 'æ': "ae", 'Æ': "AE", 'œ': "oe", 'đ': "d", 'Đ': "D", 'ı': "i"}

// nameFit says how well a name in plain words says one of a list: 3 word for word, 2 with other words around, 1 as part of a
// longer word, 0 not.
func nameFit(words string, list []string) int {
	if words == "" {
		return 0
	}
	if slices.Contains(list, words) {
		return 3
	}
	fit := 0
	for _, phrase := range list {
		switch {
		case len(phrase) >= 5 && strings.Contains(" "+words+" ", " "+phrase+" "):
			return 2
		case len(phrase) >= 5 && (strings.HasPrefix(words, phrase) || strings.HasSuffix(words, phrase)):
			fit = 1
		}
	}
	return fit
}

func isOpeningPhrase(cell string) bool {
	return len(cell) < 60 && slices.Contains(openingPhrases, plainWords(cell))
}

func isClosingPhrase(cell string) bool {
	return len(cell) < 60 && slices.Contains(closingPhrases, plainWords(cell))
}

// isTotalPhrase reports whether a cell begins with a word for a sum or a balance.
func isTotalPhrase(cell string) bool {
	words := plainWords(cell[:min(len(cell), 60)])
	return words != "" && slices.ContainsFunc(slices.Concat(totalPhrases, openingPhrases, closingPhrases), func(phrase string) bool {
		return words == phrase || strings.HasPrefix(words, phrase+" ")
	})
}

// maskedCard is a card's number as statements show it: its first and last digits.
var maskedCard = regexp.MustCompile(`^[0-9]{0,6}[ *Xx-]*[*Xx]{4}[ *Xx-]*[0-9]{4}$`)

// cardWord says what only statements of cards have, the name of a column or a masked number in every row; "" where there is nothing of it.
func cardWord(g *grid) string {
	for _, name := range g.header {
		if slices.Contains(cardNames, plainWords(name)) {
			return "column " + name + " is one of a card's statement"
		}
	}
	for column := range g.width {
		masked := func(row gridRow) bool { return column < len(row.cells) && maskedCard.MatchString(row.cells[column]) }
		if len(g.rows) > 0 && !slices.ContainsFunc(g.rows, func(row gridRow) bool { return !masked(row) }) {
			return fmt.Sprintf("column %d holds the masked number of a card", column+1)
		}
	}
	return ""
}
