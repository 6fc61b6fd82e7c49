package main

import (
	"fmt"
	"strings"

	"github.com/tieout/tieout/recon"
)

func (r *configReader) account(doc accountDoc) recon.Account {
	place := anyOf(doc.ID, doc.IBAN, doc.Currency, doc.Ledger)
	account := recon.Account{
		ID:            r.id("CFG-ACCOUNT", "account id", doc.ID, place),
		IBAN:          recon.NormalAccount(doc.IBAN.Text),
		Currency:      recon.Currency(doc.Currency.Text),
		Ledger:        strings.TrimSpace(doc.Ledger.Text),
		ProofRequired: r.oneOf("proof", doc.Proof, "optional", "required") == "required",
		FlipReversals: r.flag("flip_reversals", doc.FlipReversals),
	}
	if fault := accountFault(account.IBAN); fault != "" {
		r.reject("CFG-ACCOUNT", anyOf(doc.IBAN, place), fault, "copy it from a bank statement; an account without IBAN takes the bank's own number")
	}
	if !account.Currency.Known() {
		r.reject("CFG-ACCOUNT", anyOf(doc.Currency, place), fmt.Sprintf("currency %q of account %q is none", clip(doc.Currency.Text), clip(account.ID)), "write an ISO 4217 code such as EUR")
	}
	if account.Ledger == "" {
		r.reject("CFG-ACCOUNT", place, fmt.Sprintf("account %q has no ledger account", clip(account.ID)), `add ledger: "1200", its number in the general ledger`)
	}
	return account
}

// accountFault says what is wrong with the number of an account of ours, "" for nothing. What looks like an
// IBAN must have right check digits; anything else is the bank's own number.
func accountFault(number string) string {
	const longest = 34
	switch {
	case number == "":
		return "an account without number"
	case len(number) > longest:
		return fmt.Sprintf("account %s has %d characters, at most %d", masked(number), len(number), longest)
	case recon.LooksLikeIBAN(number) && !recon.ValidIBAN(number):
		return fmt.Sprintf("account %s: the check digits of the IBAN are wrong", masked(number))
	}
	for _, c := range number {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && !strings.ContainsRune("-/.", c) {
			return fmt.Sprintf("account %s has the character %q", masked(number), c)
		}
	}
	return ""
}

// masked hides most of an account number; our own short ids are shown.
func masked(account string) string {
	if len(account) <= 8 && !strings.ContainsAny(account, "0123456789") {
		return fmt.Sprintf("%q", account)
	}
	return recon.MaskAccount(recon.NormalAccount(account))
}

func (r *configReader) flag(key string, at configText) bool {
	value, ok := at.Bool()
	if at.Given() && !ok {
		r.reject("CFG-VALUE", at, fmt.Sprintf("%s %q", key, clip(at.Text)), "write true or false")
	}
	return value
}

// distinctAccounts: a statement must lead to one account, and a bank balance to one ledger account.
func (r *configReader) distinctAccounts(entities []entityDoc) {
	numbers := map[string]configText{}
	for _, entity := range entities {
		ids, ledgers := map[string]configText{}, map[string]configText{}
		for _, account := range entity.Accounts {
			r.once(ids, account.ID.Text, account.ID, "id "+account.ID.Text)
			r.once(ledgers, strings.TrimSpace(account.Ledger.Text), account.Ledger, "ledger "+account.Ledger.Text)
			number := recon.NormalAccount(account.IBAN.Text)
			r.once(numbers, number+" "+account.Currency.Text, account.IBAN, "account "+masked(number)+" in "+account.Currency.Text)
		}
	}
}

func (r *configReader) once(seen map[string]configText, key string, at configText, what string) {
	if !at.Given() {
		return
	}
	if earlier, twice := seen[key]; twice {
		r.reject("CFG-ACCOUNT", at, fmt.Sprintf("%s stands already at %s", clip(what), earlier.Where(r.name)), "each account has its own id, number and ledger account")
		return
	}
	seen[key] = at
}

// accountID resolves an account that an inbox names by id or number.
func (r *configReader) accountID(at configText, accounts []recon.Account) string {
	account, ok := findAccount(accounts, at.Text)
	if !ok {
		r.reject("CFG-ACCOUNT", at, fmt.Sprintf("account %s is not one of this entity", masked(at.Text)), "name one of its accounts by id or IBAN")
	}
	return account.ID
}

func findAccount(accounts []recon.Account, name string) (recon.Account, bool) {
	for _, account := range accounts {
		if name != "" && (account.ID == name || account.IBAN == recon.NormalAccount(name)) {
			return account, true
		}
	}
	return recon.Account{}, false
}

// parseAccounts reads the values of --account, IBAN:CCY[:LEDGER]. The first account is called main, and the
// ledger accounts run from 1200 where they are left out.
func parseAccounts(values []string) ([]recon.Account, error) {
	var accounts []recon.Account
	for i, value := range values {
		parts := strings.SplitN(value, ":", 3)
		if len(parts) < 2 {
			return nil, fmt.Errorf("--account %s: expected IBAN:CCY[:LEDGER], such as DE89370400440532013000:EUR:1200", masked(value))
		}
		account := recon.Account{ID: "main", IBAN: recon.NormalAccount(parts[0]), Currency: recon.Currency(strings.ToUpper(parts[1])), Ledger: fmt.Sprint(1200 + i)}
		if i > 0 {
			account.ID = fmt.Sprintf("account%d", i+1)
		}
		if len(parts) == 3 && strings.TrimSpace(parts[2]) != "" {
			account.Ledger = strings.TrimSpace(parts[2])
		}
		if fault := accountFault(account.IBAN); fault != "" {
			return nil, fmt.Errorf("--account: %s", fault)
		}
		if !account.Currency.Known() {
			return nil, fmt.Errorf("--account %s: %q is no currency of ISO 4217", masked(account.IBAN), clip(parts[1]))
		}
		for _, earlier := range accounts {
			if earlier.Ledger == account.Ledger || earlier.IBAN == account.IBAN && earlier.Currency == account.Currency {
				return nil, fmt.Errorf("--account %s: its number or its ledger account %s is given twice", masked(account.IBAN), account.Ledger)
			}
		}
		accounts = append(accounts, account)
	}
	return accounts, nil
}
