package matcher

import (
	"bytes"
	"strings"
)

// stateLink marks words that keep what was announced: "invoices 1001 and 1002".
const stateLink state = 255

// announcing says what words in remittance texts announce the number after them to be, in the languages of Europe and without accents.
var announcing = announcements(map[state]string{
	stateItem: `INV INVOICE INVOICES INVNO BILL BILLS RE RG RN RNR RENR RGNR RECH RECHN RECHNUNG RECHNUNGEN RECHNUNGSNR RECHNUNGSNUMMER
		RECHNUNGSNUMMERN RECHNUNGS BELEG BELEGNR FAC FACT FACTURE FACTURES FACTURA FACTURAS FRA FATTURA FATTURE FATT FT FTRA FACTUUR
		FACTUREN FACTUURNR FACTUURNUMMER FACTNR FAKTURA FAKTUR FAKTURY FAKTURE FAKTURU FAKT FAKTNR FAKTURANR FAKTURANUMMER FV FA
		LASKU LASKUN LASKUNRO LASKUT REGNING FATURA FATURAS FAT DOC DOCUMENT DOK REF REFERENCE REFERENZ REFERENCIA RIF RIFERIMENTO
		ZEICHEN KENMERK ZNAK ZN VIITE NOTA GUTSCHRIFT GS CN NC CREDITNOTE CREDITNOTA KREDITNOTA KREDITFAKTURA HYVITYSLASKU HYVITYS
		DOBROPIS KOREKTA ABONO AVOIR VZ VERWENDUNGSZWECK SVWZ`,
	stateOrder: `ORDER ORDERS ORDERNR PO SO BESTELLUNG BESTELLNR BEST AUFTRAG AUFTRAGS AUFTRAGSNR AB COMMANDE CDE PEDIDO PED ORDINE ORDINI ORD
		BESTELLING BESTELNR BESTELBON ZAMOWIENIE ZAMOWIENIA ZAM BESTALLNING TILAUS TILAUSNRO ORDRE ORDRENR BESTILLING ENCOMENDA
		ENC OBJEDNAVKA OBJEDNAVKY OBJ`,
	stateDecoy: `TEL TELEFON TELEPHONE PHONE CALL FON MOBIL MOBILE MOB HANDY NATEL FAX PUH PUHELIN TLF TLFNR KOM MOVIL CELL CELULAR MOBIEL
		TELEFOON TELEFONO TELEFONE TELEMOVEL KD KDNR KUNDE KUNDEN KUNDENNR KUNDENNUMMER CUSTOMER CUST CLIENT CLIENTE KLANT KLANTNR
		KLANTNUMMER DEBITEUR DEBITEURNR KUND KUNDNR KUNDNUMMER KUNDENR KUNDENUMMER ASIAKAS ASIAKASNRO ASIAKASNUMERO KLIENT KLIENTA
		KONTRAHENT ZAKAZNIK ZAKAZNIKA ODBERATEL KTO KONTO ACCOUNT ACCT COMPTE BLZ BIC IBAN PLZ ZIP STNR STEUER STEUERNUMMER UST
		USTID VAT TVA IVA BTW MANDAT MANDATE MREF CRED KREF VERTRAG CONTRACT CONTRAT SIRET SIREN KVK HRB TERMINAL TID PIN
		BATCH VOUCHER REMITTANCE KUNDENUMMER CUENTA CONTO REKENING STEUERNR MOMS NIP ICO DIC NIF CIF CONTRATO CONTRATTO SOPIMUS AVTAL AVTALE VERTRAGSNR TF KOMORKA CELLULARE MITGLIED MEMBER
		POLICY POLICE VORGANG KOSTENSTELLE AKTENZEICHEN DOSSIER BORDEREAU PRATICA DISTINTA EXPEDIENTE PROCESSO SPRAWA
		ARENDE SAGSNR SAKSNR BILAG TYONRO VIITTEEMME SPIS
		AMOUNT BETRAG MONTANT BEDRAG IMPORTO IMPORTE KWOTA BELOP SUMMA CASTKA VALOR
		DATUM DATE DATED VOM EUR USD GBP CHF SEK NOK DKK PLN CZK`,
	stateLink: `NR NRO NO NUM NUMMER NUMMERN NUMBER NUMBERS NUMERO N O C CIS CISLO UND AND ET EN Y E ED I A U OCH OG JA SEKA ORAZ ID TO BIS`,
})

// mild are announcing words that mean the payer's own number where its own word stands before them: "our ref", "unser Zeichen".
var mild = wordSet(`REF REFERENCE REFERENZ REFERENCIA RIF RIFERIMENTO ZEICHEN KENMERK ZNAK ZN VIITE NR NRO NO NUMMER NUMBER NUMERO`)

// oursWords are how payers call their own.
var oursWords = wordSet(`OUR UNSER UNSERE NOTRE NOS N NS ONS ONZE NUESTRA NUESTRO NASZ NASZE VAR VART VORES VOR OMA NOSSA NOSSO NASE NAS`)

// stems are parts of words that announce, in whatever form and compound: saldofattura, Fakturanummer, laskunnumero.
var stems = map[state][]string{
	stateItem:  {"FAKTUR", "FACTUU", "FACTUR", "FATTUR", "FATURA", "LASKU", "RECHNUNG", "INVOIC"},
	stateDecoy: {"TELEFON", "KUNDEN", "KUNDNR", "KUNDNUM", "ASIAKAS", "CUSTOMER", "KLANTN", "KLIENT", "ZAKAZNIK"},
}

// byStem is what the stems in a word announce.
func byStem(word []byte) (state, bool) {
	const shortest = 5
	if len(word) < shortest {
		return stateNone, false
	}
	for _, said := range []state{stateDecoy, stateItem} {
		for _, stem := range stems[said] {
			if bytes.Contains(word, []byte(stem)) {
				return said, true
			}
		}
	}
	return stateNone, false
}

// linksAnnounce are the linking words that announce an item where nothing else was said: "no. 1001".
var linksAnnounce = map[string]bool{"NR": true, "NO": true, "NUMMER": true, "NUMBER": true, "NUMERO": true, "NRO": true}

// rangeWords stand between the first and the last number of a range.
var rangeWords = wordSet(`TO BIS TILL TIL UNTIL THROUGH THRU A AU TOT DO AZ AL HASTA ATE FINO`)

// listWords stand between the members of a list.
var listWords = wordSet(`UND AND ET EN Y E I OG OCH JA A U PLUS`)

func announcements(lists map[state]string) map[string]state {
	all := map[string]state{}
	for s, list := range lists {
		for _, word := range strings.Fields(list) {
			all[word] = s
		}
	}
	return all
}

// bankWords announce items where a payer writes them; banks put them before numbers of their own.
var bankWords = wordSet(`REF REFERENCE REFERENZ RIF GUTSCHRIFT GS CN NOTA DOC DOCUMENT DOK BELEG BELEGNR VZ NR NO NUMMER NUMBER NUMERO NRO`)

// announces says what a word announces the number after it to be.
func (s *scan) announces(word []byte) (state, bool) {
	if s.bank && bankWords[string(word)] {
		return stateNone, false
	}
	said, ok := announcing[string(word)]
	if !ok {
		return byStem(word)
	}
	return said, ok
}

// prefixWord reports whether letters are a word that may be glued to a number, as in RE1001.
func (s *scan) prefixWord(letters []byte) bool {
	said, ok := s.announces(letters)
	return ok && (said == stateItem || linksAnnounce[string(letters)])
}

// decoyOf reports what is no reference: a date, an amount, an account number, what is announced as something else. Four
// or eight digits that could be a year or a day are none where a word announces an item.
func (s *scan) decoyOf(t token) decoy {
	switch {
	case t.notNumber:
		return sureDecoy
	case t.state == stateDecoy && len(s.tokens) > 0 && !s.tokens[len(s.tokens)-1].letters:
		return behindDecoy
	case t.state == stateDecoy:
		return sureDecoy
	}
	text := s.span(t)
	switch {
	case t.first != t.last:
		return noDecoy
	case t.digits && t.state != stateItem && (likeYear(text) || len(text) == 8 && plausibleDay(text[:4], text[4:6], text[6:])):
		return likeDay
	case !t.digits && looksLikeAccount(text):
		return sureDecoy
	}
	return noDecoy
}

func likeYear(text []byte) bool {
	return len(text) == 4 && (string(text[:2]) == "19" || string(text[:2]) == "20")
}

// looksLikeAccount reports the shape of an IBAN: two letters, two digits, at least eleven more, mostly digits.
func looksLikeAccount(text []byte) bool {
	return len(text) >= 15 && len(text) <= 34 && isLetter(text[0]) && isLetter(text[1]) && isDigit(text[2]) && isDigit(text[3]) && string(text[:2]) != "RF"
}

// isDate reports day.month.year and year-month-day in their usual shapes.
func (s *scan) isDate(t token) bool {
	if t.last-t.first != 2 || !t.digits {
		return false
	}
	a, b, c := s.word(int(t.first)), s.word(int(t.first)+1), s.word(int(t.last))
	switch {
	case len(a) == 4 && len(b) <= 2 && len(c) <= 2:
		return plausibleDay(a, b, c)
	case len(a) <= 2 && len(b) <= 2 && (len(c) == 2 || len(c) == 4):
		return plausibleDay(c, b, a) || plausibleDay(c, a, b)
	}
	return false
}

func plausibleDay(year, month, day []byte) bool {
	y, m, d := number(year), number(month), number(day)
	return (len(year) == 2 || y >= 1990 && y <= 2099) && m >= 1 && m <= 12 && d >= 1 && d <= 31
}

// isAmount reports digits that are followed by two decimals or a dash for them, or stand before a currency.
func (s *scan) isAmount(t token) bool {
	end := int(s.atoms[t.last].end)
	if t.digits && end+1 < len(s.folded) && s.folded[end] == ',' {
		after := s.folded[end+1:]
		if after[0] == '-' || len(after) > 1 && isDigit(after[0]) && isDigit(after[1]) && (len(after) == 2 || !isDigit(after[2]) && !isLetter(after[2])) {
			return true
		}
	}
	return int(t.last)+1 < len(s.atoms) && s.atoms[t.last+1].gap == gapBlank && currencies[string(s.word(int(t.last)+1))]
}

// isDecimal reports digits, a dot and two decimals: an amount, as far as it is no number of an item.
func (s *scan) isDecimal(t token) bool {
	return t.digits && t.last-t.first == 1 && s.atoms[t.last].gap == gapDot && len(s.word(int(t.last))) == 2
}

// currencies are the words behind an amount.
var currencies = wordSet(`EUR EURO EUROS USD DOLLAR DOLLARS GBP POUND POUNDS CHF FRANKEN FRANCS`)

// number reads digits; it is only used for a few of them.
func number(digits []byte) (n int64) {
	for _, c := range digits {
		n = n*10 + int64(c-'0')
	}
	return n
}
