package matcher

import (
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// Classify says what an entry is and, of an entry that is neither receipt nor return, the ledger account it is posted to.
// What the bank has not booked is pending whatever else it is; then the rules' classes decide, the first that fits; then
// what the entry itself shows.
func Classify(e recon.Entry, accounts []recon.Account, set rules.Set) (class recon.Class, ledger string) {
	if e.Status != recon.Booked && e.Status != "" {
		return recon.ClassPending, ""
	}
	if e.AmountMinor == 0 {
		return recon.ClassZero, ""
	}
	for _, rule := range set.Classes {
		if fitsClass(rule, e) && possible(rule.Class, e) {
			if rule.Ledger != "" {
				return rule.Class, rule.Ledger
			}
			return rule.Class, classLedger(rule.Class, set.Ledger)
		}
	}
	class = ownClass(e, accounts)
	return class, classLedger(class, set.Ledger)
}

// possible keeps a rule from calling money out a receipt, or money in a return.
func possible(class recon.Class, e recon.Entry) bool {
	switch class {
	case recon.ClassReceipt:
		return e.AmountMinor > 0
	case recon.ClassReturn:
		return e.AmountMinor < 0
	}
	return true
}

func fitsClass(rule rules.Class, e recon.Entry) bool {
	switch {
	case rule.Sign > 0 && e.AmountMinor < 0, rule.Sign < 0 && e.AmountMinor > 0:
		return false
	case rule.BankCode != "" && !strings.HasPrefix(strings.ToUpper(e.BankCode), rule.BankCode):
		return false
	case rule.Account != "" && recon.NormalAccount(e.Counterparty.Account) != recon.NormalAccount(rule.Account):
		return false
	case rule.Counterparty != nil && !rule.Counterparty.MatchString(e.Counterparty.Name):
		return false
	case rule.Text != nil && !rule.Text.MatchString(e.Text) && !rule.Text.MatchString(e.Additional):
		return false
	}
	return true
}

// ownClass is what the entry shows without rules. Money in that is the return or the reversal of a payment of ours pays
// no item, so it is no receipt.
func ownClass(e recon.Entry, accounts []recon.Account) recon.Class {
	debit := e.AmountMinor < 0
	switch {
	case isOwn(e.Counterparty.Account, accounts):
		return recon.ClassTransfer
	case debit && (e.ReturnReason != "" || e.Reversal || hasSubFamily(e.BankCode, "UPDD", "PRDD", "RRTN", "RPCR", "UPCT")):
		return recon.ClassReturn
	case e.ReturnReason != "" || e.Reversal || !debit && hasSubFamily(e.BankCode, "RRTN", "UPDD", "PRDD"):
		return recon.ClassOther
	case debit && hasSubFamily(e.BankCode, "CHRG", "FEES", "COMM"):
		return recon.ClassCharge
	case debit:
		return recon.ClassOther
	}
	return recon.ClassReceipt
}

func isOwn(account string, accounts []recon.Account) bool {
	account = recon.NormalAccount(account)
	return account != "" && slices.ContainsFunc(accounts, func(a recon.Account) bool { return recon.NormalAccount(a.IBAN) == account })
}

// hasSubFamily reports one of the sub-families of an ISO 20022 bank transaction code, domain/family/sub-family.
func hasSubFamily(code string, subFamilies ...string) bool {
	parts := strings.Split(strings.ToUpper(code), "/")
	return len(parts) == 3 && slices.Contains(subFamilies, parts[2])
}

func classLedger(class recon.Class, ledger rules.Ledger) string {
	switch class {
	case recon.ClassCharge:
		return ledger.Charges
	case recon.ClassTransfer:
		return ledger.Transfers
	case recon.ClassOther:
		return ledger.Suspense
	}
	return ""
}
