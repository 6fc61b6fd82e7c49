package ingest

import (
	"slices"
	"strings"
)

// The words of banks' headers and cells, in plain letters (see plainWords): English, German, French, Italian, Spanish,
// Portuguese, Dutch, Swedish, Norwegian, Danish, Finnish, Polish, Czech, Hungarian, Turkish, Romanian, Croatian, Russian, Greek,
// Japanese, Chinese, Korean, Arabic and Hebrew. They only propose: what a column is for is certain where its name is one of these word for word, or the figures prove it.

// phrases cuts a list at its commas.
func phrases(list string) []string {
	all := strings.Split(list, ",")
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}

// Days.
var (
	bookedWords = phrases(`booking date, booked, booked at, booked on, booking day, date booked, posting date, posted date, post date, date posted, posted,
		date completed, completed date, completion date, completed, date settled, settled date, entry date, accounting date, ledger date, process date, processed date, processing date,
		buchungstag, buchungsdatum, buchung, buchungstag valuta, gebucht am, verbuchungsdatum, abschlussdatum,
		date de comptabilisation, date comptable, date de comptabilite, date d operation, date de l operation, date operation, date ecriture,
		data contabile, data registrazione, data operazione, data di contabilizzazione, fecha contable, fecha operacion, fecha de operacion, fecha de la operacion, f operativa,
		data lancamento, data do lancamento, data movimento, data mov, boekdatum, boekingsdatum, datum boeking, uitvoeringsdatum,
		bokforingsdag, bokforingsdatum, bokfort, bokfdag, bokfort dato, bokforingsdato, bokfort den, bogforingsdato, bogfort, bogforingsdag, kirjauspaiva, kirjauspvm,
		data ksiegowania, data zaksiegowania, datum zauctovani, datum uctovani, zauctovano, konyveles datuma, konyvelesi datum, konyveles napja, data inregistrarii, data inregistrare, datum knjizenja, islem tarihi, isletim tarihi,
		дата проводки, дата операции, дата зачисления, дата списания, ημερομηνια κινησης, 記帳日, 入出金日, 取引日, お取引日, 记账日期, 入账日期, 記賬日期, 입금일`)
	dateWords = phrases(`date, day, datum, dag, dato, data, fecha, tag, pvm, paiva, paivamaara, tarih, dan, datetime, date time, timestamp, datums, kuupaev, dátum, time, nap,
		дата, дата и время, дата документа, ημερομηνια, 日付, 年月日, 日期, 交易日期, 交易日, 交易时间, 날짜, 거래일, 거래일자, 거래일시, התאריך, תאריך, التاريخ, วนท`)
	valueWords = phrases(`value date, value, valuta, valuta date, valutadatum, valuta datum, wert, wertstellung, wertstellungsdatum, wertstellung valuta, val date, interest date, effective date, available date,
		date valeur, date de valeur, valeur, data valuta, valuta data, fecha valor, fecha de valor, f valor, data valor, data val, rentedatum, valuteringsdatum, valutadag, rentedato, valutadato, arvopaiva,
		data waluty, data valutare, ertek datum, erteknap, valor, valor tarihi, datum valute, datum valuty, maksupaiva, data do balancete,
		дата платежа, дата валютирования, ημερομηνια αξιας, valeur le, value dat, 起息日, 起息日期, 起算日`)
	transactedWords = phrases(`transaction date, trans date, tran date, txn date, date of transaction, trade date, purchase date, date started, started date, started, created, creation date, date created, initiated, transdag, transaktionsdatum, transaktionstag, transaktionsdag,
		transaksjonsdato, transaktionsdato, kaufdatum, belegdatum, auftragsdatum, date d achat, date de transaction, date transaction, date de l achat, data transazione, data operacji, data transakcji, transactiedatum, kopdatum, kobsdato, fecha de transaccion, data da transacao, datum transakce, datum provedeni, tapahtumapaiva, settlement date`)
	otherDateWords = phrases(`due date, date of birth, expiry date, invoice date, faellig am, falligkeit, statement date, rate date, exchange rate date, period start, period end, from date, to date`)
)

// Amounts.
var (
	amountWords = phrases(`amount, net, net amount, transaction amount, total amount, amount in account currency, billing amount, booked amount, credit debit amount, debit credit amount, sum, total, value, money, paid, amount paid, movement, settlement amount,
		betrag, umsatz, umsatz in, betrag in, buchungsbetrag, umsatzbetrag, summe, betrag in kontowahrung, netto,
		montant, montant net, montant de l operation, montant en euros, montant operation, somme, importo, importo netto, importo in, ammontare, importe, importe neto, importe de la operacion, importe movimiento, monto, cantidad, valor, valor do movimento, valor movimento, montante, quantia, importancia,
		bedrag, bedrag in, bedrag in eur, belopp, belop, belob, beloeb, beloep, belopp i, transaktionsbelopp, summa, maara, maara euroa, summa eur, kwota, kwota operacji, kwota transakcji, kwota w, kwota w walucie rachunku, castka, castka v mene uctu, castka v, objem, suma, osszeg, tutar, islem tutari, iznos, iznos transakcije,
		сумма, сумма операции, сумма платежа, сумма в валюте счета, ποσο, 金額, 取引金額, お取扱金額, 金额, 交易金额, 发生额, 금액, 거래금액, المبلغ, סכום`)
	netWords   = phrases(`net, net amount, netto, montant net, importo netto, importe neto`)
	debitWords = phrases(`debit, debits, debit amount, debits amount, amount debit, debited amount, withdrawal, withdrawals, withdrawal amount, withdrawal amt, withdrawal amt inr, withdrawals dr, debit dr, paid out, money out, outgoing, out, spent, payments out, payment amount, charge amount, charges and debits, dr, dr amount, amount out, debit money out,
		soll, belastung, belastungen, lastschrift in, lastschrift, ausgang, ausgange, ausgaben, abgang, auszahlung, belastungsbetrag, belastung in,
		debits en euros, montant debit, debit euros, depenses, sortie, sorties, addebito, addebiti, dare, uscite, uscita, importo dare, cargo, cargos, debe, retiro, retiros, gastos, importe debe, importe cargo, debito, debitos, saida, saidas, levantamentos, valor debito,
		af, afschrijving, uitgaven, debet, bedrag af, uttag, ut, utbetalning, debetbelopp, ut fra konto, ut av konto, uttak, utbetaling, belop ut, belob ud, ud, udbetaling, haevet, udgifter, panot pois, otto, otot,
		obciazenia, obciazenie, kwota obciazenia, wyplaty, wydatki, vydaje, vydej, odchozi, terheles, kiadas, terhelesek, borc, gider, cikan, debit lei, isplata, isplate, duguje, terecenje,
		дебет, расход, списание, сумма списания, по дебету, χρεωση, 出金, 出金額, 出金金額, 支払金額, 支払い金額, お支払金額, お支払い金額, お引出し, お引出金額, 引出金額, 引落金額, 支出, 借方, 借方金额, 借方发生额, 支出金额, 交易金额支出, 출금, 출금액, 출금금액, 찾으신금액, مدين, חובה`)
	creditWords = phrases(`credit, credits, credit amount, amount credit, credited amount, deposit, deposits, deposit amount, deposit amt, deposit amt inr, deposits cr, credit cr, paid in, money in, incoming, in, received, payments in, receipt amount, receipts, cr, cr amount, amount in, credit money in, deposits and credits,
		haben, gutschrift, gutschriften, gutschrift in, eingang, eingange, einnahmen, zugang, einzahlung, gutschriftsbetrag,
		credits en euros, montant credit, credit euros, recettes, entree, entrees, accredito, accrediti, avere, entrate, entrata, importo avere, abono, abonos, haber, deposito, depositos, ingresos, ingreso, importe haber, importe abono, credito, creditos, entrada, entradas, valor credito,
		bij, bijschrijving, inkomsten, bedrag bij, insattning, insattningar, inn, inbetalning, kreditbelopp, kredit, inn pa konto, innskudd, innbetaling, belop inn, belob ind, ind, indbetaling, indsat, indtaegter, panot, pano,
		uznania, uznanie, kwota uznania, wplaty, wplywy, prijmy, prijem, prichozi, jovairas, bevetel, jovairasok, alacak, gelir, giren, credit lei, uplata, uplate, potrazuje, odobrenje,
		кредит, приход, зачисление, сумма зачисления, поступление, по кредиту, πιστωση, 入金, 入金額, 入金金額, 預り金額, 預かり金額, お預り金額, お預かり金額, お預入れ, お預入金額, 受入金額, 收入, 贷方, 贷方金额, 贷方发生额, 收入金额, 交易金额收入, 입금, 입금액, 입금금액, 맡기신금액, داين, זכות`)
	balanceWords = phrases(`balance, running balance, account balance, balance after, balance after transaction, closing balance, ending balance, end balance, current balance, new balance, ledger balance, available balance, book balance, bal, balance amount, cumulative balance, balance inr,
		saldo, saldo nach buchung, kontostand, kontostand nach buchung, saldo in, neuer saldo, laufender saldo, solde, solde apres operation, solde en euros, saldo finale, saldo progressivo, saldo contabile, saldo disponible, saldo contable, saldo final, saldo tras operacion, saldo contabilistico, saldo apos movimento, saldo disponivel, saldo disponibile,
		saldo na mutatie, saldo na trn, saldo na transactie, nieuw saldo, bokfort saldo, saldo efter, saldo etter, kontosaldo, tillgangligt saldo, bokforda saldot, saldo po operacji, saldo po transakcji, saldo koncowe, zustatek, zustatek po, konecny zustatek, zostatok, egyenleg, konyvelt egyenleg, bakiye, sold, sold final, stanje, novo stanje,
		остаток, баланс, исходящии остаток, остаток на счете, υπολοιπο, 残高, 差引残高, お取引後残高, 現在高, 余额, 账户余额, 本次余额, 帳戶餘額, 餘額, 잔액, 거래후잔액, 거래후 잔액, الرصيد, יתרה`)
	feeWords         = phrases(`fee, fees, total fees, fee amount, transaction fee, charges, commission, gebuhr, gebuhren, entgelt, frais, commissioni, comision, taxa, kosten, avgift, gebyr, palkkio, oplata, prowizja, poplatek, dij, masraf, komisyon`)
	otherAmountWords = phrases(`original amount, orig amount, local amount, foreign amount, amount in foreign currency, foreign currency amount, transaction currency amount, instructed amount, exchange amount, amount original, fx amount, gross, gross amount, opening balance, start balance, starting balance, balance before, tax, tax amount, vat, cashback, tip, shipping and handling amount, insurance amount, sales tax,
		originalbetrag, ursprungsbetrag, lastschrift ursprungsbetrag, auslagenersatz rucklastschrift, auslagenersatz ruecklastschrift, fremdwahrungsbetrag, fremde gebuhren, einzelbetrag, brutto, betrag in fremdwahrung, betrag fremdwahrung, anfangssaldo, mehrwertsteuer, montant d origine, montant devise, importo originale, importe original, importe en divisa, divisa importe, oorspr bedrag, oorspronkelijk bedrag, ursprungligt belopp, originalbelopp, utlandskt belopp, opprinnelig belop, oprindeligt belob, alkuperainen summa, kwota oryginalna, kwota w walucie, castka v mene obchodu, original castka, eredeti osszeg`)
	notMoneyWords = phrases(`rate, exchange rate, fx rate, kurs, wechselkurs, umrechnungskurs, koers, cambio, taux, taux de change, tipo de cambio, quantity, qty, shares, units, anzahl, antal, price, unit price, stuckzahl, stuck, number, nr, no, row, radnr, line, card, card number, card no, card last four digits, card id, cardid, kartennummer, phone, zip, postal code, code, type code, mcc, reference, ref, reference number, id, transaction id, check number, check no, cheque number, cheque no, check or slip, slip, account, account number, account no, konto, kontonummer, kontonr, clnr, clearing, blz, bankleitzahl, sort code, routing number, sequence, sequence number, statement number, serial, volgnr, category, year, month, postnr, viitenumero, viite, kid, ocr, doc no, document number, batch id, quantity, item id, customer number, mandatsreferenz, kundenreferenz, anzahl der auftrage, anzahl der schecks, numero, numero do documento, invoice number, custom number, receipt id, kostenstelle, laji, time, uhrzeit, tijd, klockslag`)
)

// moneyWords are all names of columns that hold what moves an account, or its balance.
var moneyWords = slices.Concat(amountWords, debitWords, creditWords, balanceWords)

// Texts.
var (
	currencyNames = phrases(`currency, ccy, curr, cur, currency code, account currency, transaction currency, payment currency, billing currency, wahrung, waehrung, whg, kontowahrung, buchungswahrung, valuta, valutakod, valutakode, devise, devises, devies, divisa, moneda, moeda, munt, muntsoort, waluta, waluta rachunku, mena, mena uctu, penznem, devizanem, para birimi, doviz, valuta konta, moneta, valiuta, valuuta,
		валюта, валюта операции, валюта платежа, валюта счета, νομισμα, 通貨, 币种, 货币, 幣別, 통화, العملة, מטבע`)
	otherCurrencyNames = phrases(`original currency, orig currency, local currency, foreign currency, fee currency, originalcurrency, originalwahrung, fremdwahrung, urspr wahrung, divisa original, devise d origine, oorspr munt, exchange from, exchange to, target currency, source currency, counter currency, original ccy`)
	directionNames     = phrases(`direction, debit credit, credit debit, dr cr, cr dr, d c, c d, d k, debit or credit, credit or debit, debit credit indicator, credit debit indicator, cdtdbtind, indicator, transaction type, type, sign, dc, drcr, debet credit, balance impact, money in out, in out, sens, segno, signo, tecken,
		soll haben, s h, sh, soll haben kennzeichen, soll haben kz, vorzeichen, kennzeichen, af bij, bij af, dare avere, d a, debe haber, cargo abono, tipo, debito credito, debit kredit, kierunek, wn ma, typ, smer, fortegn, debet kredit, details, umsatzart`)
	statusNames = phrases(`status, state, booking status, transaction status, statetype, state type, booked pending, buchungsstatus, info, statut, etat, stato, estado, situacao, toestand, tila, stan, stav, allapot, durum, clearing status, posting status, processing status, settled,
		статус`)
	ownNames      = phrases(`own account, own iban, account iban, account name iban, my account, source account, iban bban, iban kontoinhaber, iban auftragskonto, auftragskonto, auftraggeberkonto, iban auftraggeberkonto, eigenes konto, eigene iban, kontonummer eigenes konto, rekening, rekeningnummer, eigen rekening, tegenrekening eigen, numero de compte, compte, numero conto, conto, cuenta, numero de cuenta, conta, konto, kontonummer, kontonr, kontonr iban, tilinumero, tili, rachunek, numer rachunku, ucet, cislo uctu, szamlaszam, hesap, hesap no, account, account number, account no, account id, iban, account identifier, acct, acct no, bank account, ihre iban`)
	sortCodeNames = phrases(`sort code, clnr, clearingnummer, clearing number, bank code, bankleitzahl, branch, branch number, bsb, bsb number, routing number, blz`)
	accountNames  = phrases(`counterparty account, counterparty iban, counter account, counterparty account number, partner iban, partner account, partner account iban, payee account, payee account number, payee iban, payer account, beneficiary account, beneficiary iban, beneficiary account number, recipient account, recipient iban, to account, from account, other account, contra account, to from account, account of counterparty, in outward transfer account,
		gegenkonto, iban gegenkonto, iban zahlungsbeteiligter, kontonummer iban, kontonummer zahlungsbeteiligter, empfangerkonto, konto empfanger, iban empfanger, iban des zahlungsbeteiligten, kontonummer gegenpartei, iban auftraggeber, gegenkonto iban, zielkonto, partner iban, compte contrepartie, iban beneficiaire, iban contrepartie, compte beneficiaire, conto controparte, iban beneficiario, iban controparte, cuenta contrapartida, cuenta destino, conta destino, iban destino,
		tegenrekening, tegenrekening iban bban, tegenrekening iban, rekening tegenpartij, rekeningnummer tegenpartij, iban tegenpartij, iban tegenrekening, motkonto, mottagarkonto, mottakerkonto, til konto, fra konto, modtagerkonto, modkonto, saajan tilinumero, vastatili, nadawca odbiorca rachunek, rachunek kontrahenta, numer rachunku nadawcy odbiorcy, numer konta kontrahenta, rachunek nadawcy odbiorcy, protiucet, cislo protiuctu, partner szamlaszama, ellenszamla, karsi hesap, cont partener, racun primatelja platitelja,
		счет контрагента, 对方账号, 对方帐号, 对方账户, 对手方账号`)
	nameNames = phrases(`counterparty, counterparty name, counter party, partner, partner name, payee payer, payer payee, name, name of counterparty, merchant, merchant name, merchantname, vendor, customer, company, beneficiary name, payee name, payer name, recipient, sender, other party, from to, account holder, third party name, contact,
		auftraggeber empfanger, empfanger auftraggeber, begunstigter auftraggeber, beguenstigter zahlungspflichtiger, begunstigter zahlungspflichtiger, zahlungsbeteiligter, name zahlungsbeteiligter, gegenpartei, name gegenpartei, partnername, zahlungsempfanger zahlungspflichtiger, name des partners, handler, firma,
		contrepartie, nom contrepartie, nom de la contrepartie, tiers, emetteur beneficiaire, nom, controparte, beneficiario ordinante, ordinante beneficiario, nome, nominativo, contraparte, nombre, concepto ordinante, ordenante beneficiario, nome do beneficiario,
		naam, naam tegenpartij, naam omschrijving, tegenpartij, naam tegenrekening, motpart, avsandare mottagare, namn, mottagare avsandare, navn, avsender mottaker, afsender modtager, modpart, saaja maksaja, maksaja saaja, nimi, vastapuoli,
		nadawca odbiorca, kontrahent, dane kontrahenta, nazwa kontrahenta, odbiorca nadawca, nazwa nadawcy odbiorcy, nazev protistrany, nazev protiuctu, protistrana, jmeno protistrany, partner neve, kedvezmenyezett, partner megnevezese, karsi taraf, gonderen alici, partener, nume partener, primatelj platitelj, naziv partnera,
		контрагент, наименование контрагента, плательщик получатель, 取引先, 相手先, 对方户名, 对方名称, 交易对方, 对手方名称, 거래처, 보낸분받는분`)
	payerNames = phrases(`payer, zahlungspflichtiger, zahlungspflichtige r, zahlungspflichtige, auftraggeber, absender, debtor, debtor name, ordonnateur, donneur d ordre, ordinante, ordenante, ordenador, avsandare, avsender, afsender, maksaja, platce, remitter, sender name, opdrachtgever`)
	payeeNames = phrases(`payee, beneficiary, zahlungsempfanger, zahlungsempfanger in, empfanger, empfangerin, begunstigter, creditor, creditor name, beneficiaire, beneficiario, mottagare, mottaker, modtager, saaja, prijemce, recipient name, begunstigde, odbiorca, to`)
	textNames  = phrases(`description, transaction description, details, detail, narrative, memo, text, remittance information, remittance, payment details, payment reference, reference, references, message, note, notes, particulars, purpose, transaction details, communication, comment, comments, subject, booking text, payment description, transaction remarks, remarks, reason, further information, your reference, notes and tags, narration, transaction narration, summary, item title,
		verwendungszweck, zweck, buchungstext, buchungsdetails, beschreibung, text buchung, mitteilung, bemerkung, zahlungsgrund, notiz, verwendungszweck kundenreferenz, avisierungstext, beschreibung1, beschreibung2, beschreibung3, details zur buchung, buchungsinformation, verwendungszweckzeile, zahlungszweck,
		libelle, libelle operation, libelle complementaire, libelle simplifie, detail de l ecriture, communication, motif, informations complementaires, description de l operation, nature de l operation, objet, descrizione, descrizione operazione, causale, descrizione estesa, dettagli, concepto, descripcion, detalle, observaciones, concepto ampliado, referencia, mas datos, descricao, historico, descritivo, observacoes, lancamento, movimento, descricao do movimento,
		omschrijving, mededeling, mededelingen, vrije mededeling, omschrijving 1, omschrijving 2, omschrijving 3, bijzonderheden, betalingsomschrijving, beskrivning, meddelande, rubrik, specifikation, ytterligare detaljer, egna anteckningar, referens, beskrivelse, melding, tekst, forklaring, meddelelse, postering, melding kid faktnr, posteringstekst, egen note, tekst til modtager, viesti, selitys, selite, tapahtuma,
		tytul, tytulem, opis, opis operacji, opis transakcji, szczegoly, tytul operacji, tytul przelewu, zprava, zprava pro prijemce, poznamka, popis, popis transakce, zprava pro me, zprava pro mne, vlastni poznamka, identifikace transakce, kozlemeny, megjegyzes, leiras, tranzakcio leirasa, aciklama, descriere, detalii, detalii tranzactie, explicatii, opis placanja, opis transakcije,
		описание, назначение платежа, назначение, комментарии, основание, αιτιολογια, περιγραφη, 摘要, 摘要内容, お取引内容, 取引内容, 内容, 備考, 用途, 附言, 交易说明, 적요, 내용, 거래내용, البيان, תיאור`)
	kindNames       = phrases(`type, transaction type, category of transaction, booking type, transaction code, code, kind, subcategory, bank transaction code, umsatzart, vorgang, umsatztyp, buchungsart, transaktionstyp, bewegungstyp, textschlussel, type d operation, type, tipo, tipo operazione, tipo movimiento, tipo de movimento, mutatiesoort, transactiesoort, typ, transaktionstyp, transaktionstype, type transaksjon, laji, typ operacji, rodzaj operacji, typ transakcji, typ transakce, typ operace, typ pohybu, tranzakcio tipusa, islem tipi, tip tranzactie, vrsta transakcije`)
	endToEndNames   = phrases(`end to end id, end to end reference, end to end, endtoendid, e e reference, customer reference, kundenreferenz, kundenreferenz end to end, ende zu ende referenz, end to end referenz, reference de bout en bout, referentie opdrachtgever`)
	mandateNames    = phrases(`mandate, mandate id, mandate reference, mandatsreferenz, reference mandat, rum, machtigingskenmerk, riferimento mandato, mandato, referencia de mandato`)
	bankIDNames     = phrases(`transaction id, transaction number, transaction reference, bank reference, id, transactionid, bank transaction id, transaction no, txn id, reference id, unique id, operation id, trn, fitid, entry id, arkistointitunnus, transaktions nr, transaktionsnummer, transaktions id, buchungsreferenz, bankreferenz, identifiant, numero operation, transactiereferentie, transactie id, verifikationsnummer, arkivreferens, arkivref, numer transakcji, id transakcji, id operacji, id transakce, id pohybu, tranzakcio azonosito, islem no, referinta`)
	structuredNames = phrases(`structured reference, structured communication, creditor reference, gestructureerde mededeling, betalingskenmerk, communication structuree, viite, viitenumero, kid, kid nummer, ocr, ocr nummer, ocr referens, esr referenz, qr referenz, referenznummer, structured remittance`)
	documentNames   = phrases(`invoice number, invoice no, invoice, rechnungsnummer, numero de facture, factuurnummer, fakturanummer, numero fattura, numero de factura, numer faktury, cislo faktury`)
	chequeNames     = phrases(`cheque number, cheque no, check number, check no, check or slip, chq no, chq ref no, schecknummer, numero de cheque`)
	otherNames      = phrases(`bic, bic swift code, bic swift, swift, swift bic, bic code, bank, bank name, bankname, time, timezone, card, card number, card label, card state, card holder, card holder full name, cardid, category, categories, kategorie, categorie, categoria, kategori, kategoria, label, tag, tags, address, country, merchantcountry, merchantplace, city, emoji, receipt, attachment, glaeubiger id, glaubiger id, creditor id, incassant id, exchange rate, product, account name, bezeichnung auftragskonto, kontoname, iban name, bic zahlungsbeteiligter, from email address, to email address, blz, code, volgnr, radnr, number, nr`)
)

// headerWords are all names that columns of bank files have.
var headerWords = headerSet(bookedWords, dateWords, valueWords, transactedWords, otherDateWords, moneyWords, feeWords, otherAmountWords, notMoneyWords,
	currencyNames, otherCurrencyNames, directionNames, statusNames, ownNames, sortCodeNames, accountNames, nameNames, payerNames, payeeNames,
	textNames, kindNames, endToEndNames, mandateNames, bankIDNames, structuredNames, documentNames, chequeNames, otherNames)

func headerSet(lists ...[]string) map[string]bool {
	set := map[string]bool{}
	for _, word := range slices.Concat(lists...) {
		set[word] = true
	}
	return set
}

// knownHeader reports whether a cell is a name that columns have.
func knownHeader(cell string) bool {
	cell = strings.TrimSpace(cell) // some banks fill the names up to the width of their columns
	return len(cell) < 80 && headerWords[plainWords(cell)]
}
