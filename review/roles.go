package review

import (
	"slices"

	"github.com/tieout/tieout/store"
)

// right is what a route needs.
type right string

// Rights. Each but the first two is given by roles in the books of a company.
const (
	anyone       right = ""          // signed in or not
	signedIn     right = "signed in" // whoever has signed in
	mayRead      right = "read"      // see the books
	mayDecide    right = "decide"    // decide cases, record payments
	mayUndo      right = "undo"      // take applications back
	mayApprove   right = "approve"   // approve what another person proposed
	mayUpload    right = "upload"    // bring in bank files and open items
	mayEditRules right = "rules"     // propose and change rules
	mayManage    right = "people"    // people, sessions, tokens
	mayReadAudit right = "audit"     // the audit log
)

// gives says which rights a role gives. What is not listed is denied. An admin never approves, an auditor changes nothing.
var gives = map[store.Role][]right{
	store.Viewer:     {mayRead},
	store.Reviewer:   {mayRead, mayDecide, mayUndo, mayUpload},
	store.Approver:   {mayRead, mayDecide, mayUndo, mayUpload, mayApprove},
	store.RuleEditor: {mayRead, mayEditRules},
	store.Admin:      {mayRead, mayManage, mayReadAudit},
	store.Auditor:    {mayRead, mayReadAudit},
	store.Service:    {mayRead, mayUpload},
}

// may reports whether a person has a right in the books of an entity; "" asks for any entity.
func may(p store.Person, entity string, wanted right) bool {
	if wanted == anyone {
		return true
	}
	if p.ID == 0 || p.Disabled {
		return false
	}
	if entity != "" && denies(p, entity, wanted) {
		return false
	}
	return wanted == signedIn || slices.ContainsFunc(p.Grants, func(g store.Grant) bool {
		return (entity == "" || g.Entity == entity) && slices.Contains(gives[g.Role], wanted)
	})
}

// denies reports whether one role of a person takes what another one would give, however they came together: who manages people or rules
// approves nothing, who audits changes nothing.
func denies(p store.Person, entity string, wanted right) bool {
	switch wanted {
	case signedIn, mayRead, mayReadAudit:
		return false
	case mayApprove:
		return p.Has(entity, store.Admin) || p.Has(entity, store.RuleEditor) || p.Has(entity, store.Auditor)
	}
	return p.Has(entity, store.Auditor)
}

// belongs reports whether a person has any role in the books of an entity.
func belongs(p store.Person, entity string) bool {
	return slices.ContainsFunc(p.Grants, func(g store.Grant) bool { return g.Entity == entity })
}

// rolesIn are the roles of a person in the books of an entity, in all books where it is "".
func rolesIn(p store.Person, entity string) (roles []store.Role) {
	for _, g := range p.Grants {
		if (entity == "" || g.Entity == entity) && !slices.Contains(roles, g.Role) {
			roles = append(roles, g.Role)
		}
	}
	return roles
}
