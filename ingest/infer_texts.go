package ingest

import (
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
)

// ownAccount finds the column of the account itself: by a name for it beside one for the other party's, or because it is the
// same in all rows.
func (inf *inferrer) ownAccount() {
	inf.accountAt = -1
	for _, own := range inf.named(ownNames, func(c *columnFacts) bool {
		return c.filled > 0 && c.filled >= len(inf.rows) && !c.many && len(c.values) < 6 && accountLike(c.values)
	}) {
		c := own.column
		other := inf.named(accountNames, func(o *columnFacts) bool { return o != c })
		switch {
		case own.fit < 3 || nameFit(c.words, accountNames) == 3:
			continue
		case len(c.values) > 1 && len(other) == 0:
			continue // a plain "account" that changes from row to row is the other party's
		case len(inf.rows) < fewRows && len(other) == 0 && len(inf.columns) > 4 && !slices.Contains(c.values, "") && nameFit(c.words, []string{"iban"}) == 3:
			continue
		}
		inf.takeOwn(c, Certain, "its name says so")
		return
	}
	if inf.headed() || len(inf.rows) < fewRows {
		return
	}
	for i := range inf.columns {
		if c := &inf.columns[i]; len(c.values) == 1 && c.filled >= len(inf.rows) && accountLike(c.values) {
			inf.takeOwn(c, Likely, "the same number stands in all rows")
			return
		}
	}
}

func (inf *inferrer) takeOwn(c *columnFacts, sure Confidence, why string) {
	inf.accountAt = c.at
	inf.profile.Columns.OwnAccount = []string{c.ref}
	for _, code := range inf.named(sortCodeNames, func(o *columnFacts) bool {
		return len(o.values) == 1 && o != c && o.filled >= len(inf.rows) && digitsOf(o.values[0]) != ""
	}) {
		if code.fit == 3 && !recon.LooksLikeIBAN(recon.NormalAccount(c.values[0])) {
			inf.profile.Columns.OwnAccount = []string{inf.columns[code.column.at].ref, c.ref}
			break
		}
	}
	inf.profile.Several = inf.profile.Several || len(c.values) > 1
	inf.find("columns.own_account", strings.Join(inf.profile.Columns.OwnAccount, ", "), sure, false, "%s", why)
}

// accountLike reports whether values can be account numbers: IBANs, or six digits and more.
func accountLike(values []string) bool {
	return len(values) > 0 && !slices.ContainsFunc(values, func(v string) bool {
		account := recon.NormalAccount(strings.TrimPrefix(v, "'"))
		return !recon.LooksLikeIBAN(account) && (strings.ContainsAny(account, ".,") || len(digitsOf(account)) < 6 || len(digitsOf(account))*2 < len(account))
	})
}

// textRole is one thing that a column of texts can be for.
type textRole struct {
	key   string
	names []string
	put   func(c *Columns, ref string)
	once  bool // one column only
	able  func(*columnFacts) bool
}

func anyColumn(*columnFacts) bool { return true }

// textRoles are tried for each column; the name that fits best wins, of equals the first.
var textRoles = []textRole{
	{"payer", payerNames, func(c *Columns, ref string) { c.Payer = ref }, true, wordy},
	{"payee", payeeNames, func(c *Columns, ref string) { c.Payee = ref }, true, wordy},
	{"account", accountNames, func(c *Columns, ref string) { c.Account = append(c.Account, ref) }, false, anyColumn},
	{"structured", structuredNames, func(c *Columns, ref string) { c.Structured = append(c.Structured, ref) }, false, anyColumn},
	{"end_to_end", endToEndNames, func(c *Columns, ref string) { c.EndToEnd = ref }, true, anyColumn},
	{"mandate", mandateNames, func(c *Columns, ref string) { c.Mandate = ref }, true, anyColumn},
	{"documents", documentNames, func(c *Columns, ref string) { c.Documents = append(c.Documents, ref) }, false, anyColumn},
	{"cheque", chequeNames, func(c *Columns, ref string) { c.Cheque = ref }, true, anyColumn},
	{"bank_id", bankIDNames, func(c *Columns, ref string) { c.BankID = ref }, true, notCounting},
	{"bank_code", kindNames, func(c *Columns, ref string) { c.BankCode = ref }, true, wordy},
	{"name", nameNames, func(c *Columns, ref string) { c.Name = append(c.Name, ref) }, true, wordy},
	{"text", textNames, func(c *Columns, ref string) { c.Text = append(c.Text, ref) }, false, anyColumn},
	{"", otherNames, nil, false, anyColumn},
}

func wordy(c *columnFacts) bool { return 2*c.letters >= c.filled }

// notCounting reports whether a column does not only count the rows: such a number says nothing about identity.
func notCounting(c *columnFacts) bool {
	for _, value := range c.values {
		if len(value) > 5 {
			return true
		}
	}
	return false
}

// describing maps the columns of texts: who, what for, by which references. What no name explains is kept as additional text.
func (inf *inferrer) describing() {
	taken := inf.takenColumns()
	given := map[string]bool{} // roles that one column has, and another cannot have too
	for _, fit := range []int{3, 2} {
		for i := range inf.columns {
			c := &inf.columns[i]
			role := inf.roleOf(c, fit)
			if taken[i] || c.filled == 0 || role == nil || given[role.key] {
				continue
			}
			taken[i], given[role.key] = true, role.once
			if role.put != nil {
				role.put(&inf.profile.Columns, c.ref)
				inf.findText(role.key, c, fit)
			}
		}
	}
	inf.oneSided()
	inf.rest(taken)
}

func (inf *inferrer) findText(key string, c *columnFacts, fit int) {
	sure, evidence := Certain, "its name says so"
	if fit < 3 {
		sure, evidence = Likely, "its name says something like it"
	}
	if key == "account" && slices.ContainsFunc(c.values, func(v string) bool { return recon.ValidIBAN(recon.NormalAccount(v)) }) {
		evidence += ", and check digits hold"
	}
	inf.find("columns."+key, c.ref, sure, false, "%s", evidence)
}

func (inf *inferrer) roleOf(c *columnFacts, fit int) *textRole {
	for i := range textRoles {
		if nameFit(c.words, textRoles[i].names) == fit && textRoles[i].able(c) {
			return &textRoles[i]
		}
	}
	return nil
}

// oneSided turns a payer without a payee, or the other way round, into the name of the other party.
func (inf *inferrer) oneSided() {
	cols := &inf.profile.Columns
	if (cols.Payer == "") != (cols.Payee == "") {
		cols.Name = append(cols.Name, cols.Payer+cols.Payee)
		cols.Payer, cols.Payee = "", ""
	}
}

// takenColumns are those that days, money, currency, status and the own account stand in.
func (inf *inferrer) takenColumns() map[int]bool {
	taken := map[int]bool{}
	cols := inf.profile.Columns
	for _, ref := range slices.Concat([]string{cols.Booked, cols.Value, cols.Amount, cols.Debit, cols.Credit, cols.Currency, cols.Balance, cols.Fee}, cols.OwnAccount) {
		if at := inf.columnAt(ref); ref != "" && at >= 0 {
			taken[at] = true
		}
	}
	status := inf.profile.Status
	if at := inf.columnAt(status.Column); status.Column != "" && !slices.Contains(status.Booked, "*") {
		taken[at] = true
	}
	return taken
}

// rest keeps the columns with words that no name explains: the longest is the text where nothing else is, the others stand in
// the additional text.
func (inf *inferrer) rest(taken map[int]bool) {
	cols := &inf.profile.Columns
	var left []*columnFacts
	for i := range inf.columns {
		c := &inf.columns[i]
		if !taken[i] && c.letters > 0 && 2*c.letters >= c.filled && 2*c.days < c.filled && c.codes < c.filled && 2*c.numbers < c.filled {
			left = append(left, c)
		}
	}
	if len(cols.Text) == 0 && len(left) > 0 {
		long := slices.MaxFunc(left, func(a, b *columnFacts) int { return textLength(a) - textLength(b) })
		cols.Text = []string{long.ref}
		inf.find("columns.text", long.ref, Likely, false, "it holds the longest texts")
		left = slices.DeleteFunc(left, func(c *columnFacts) bool { return c == long })
	}
	for _, c := range left {
		cols.Additional = append(cols.Additional, c.ref)
	}
	if len(left) > 0 {
		inf.find("columns.additional", strings.Join(cols.Additional, ", "), Likely, false, "texts whose names say nothing")
	}
	if inf.details != nil && !slices.Contains(cols.Text, inf.details.ref) {
		cols.Text = append(cols.Text, inf.details.ref)
	}
}

func textLength(c *columnFacts) (sum int) {
	for _, value := range c.values {
		sum += len(value)
	}
	return sum * c.filled / max(len(c.values), 1)
}
