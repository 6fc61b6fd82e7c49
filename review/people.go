package review

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func peopleRoutes() []route {
	return []route{
		{method: "GET", path: "/people", may: mayManage, do: (*call).peoplePage, says: "People", nav: "People"},
		{method: "POST", path: "/people", may: mayManage, as: form, fresh: true, do: (*call).addPerson, says: "Add a person"},
		{method: "GET", path: "/people/{person}", may: mayManage, do: (*call).personPage, says: "Person"},
		{method: "POST", path: "/people/{person}", may: mayManage, as: form, fresh: true, versioned: true, do: (*call).changePerson, says: "Change a person"},
		{method: "POST", path: "/people/{person}/invite", may: mayManage, as: form, fresh: true, do: (*call).invitePerson, says: "Invite a person to set a password"},
		{method: "POST", path: "/people/{person}/sessions/{session}/end", may: mayManage, as: form, fresh: true, do: (*call).endPersonSession, says: "End a session"},
		{method: "POST", path: "/people/{person}/tokens", may: mayManage, as: form, fresh: true, do: (*call).addPersonToken, says: "Make a token for a person or program"},
		{method: "POST", path: "/people/{person}/tokens/{token}/revoke", may: mayManage, as: form, fresh: true, do: (*call).revokePersonToken, says: "Revoke a token"},
	}
}

// loginForm is what a login looks like: it stands in audit rows and on command lines.
var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{0,63}$`)

// CheckPerson says what is wrong with a person as somebody entered them, nil for nothing.
func CheckPerson(p store.Person) error {
	refuse := func(where, message, try string) error {
		return recon.Refused{Problem: recon.Problem{Code: "PERSON", Where: where, Severity: recon.Reject, Message: message, Try: try}}
	}
	if !loginForm.MatchString(p.Login) {
		return refuse("login", "a login has up to 64 letters, digits and . _ @ -, all lower case", "write for example petra.lang")
	}
	if utf8.RuneCountInString(p.Name) > 100 || strings.ContainsFunc(p.Name, func(c rune) bool { return !unicode.IsPrint(c) }) {
		return refuse("name", "a name has up to 100 characters, all of them printable", "shorten it")
	}
	for _, g := range p.Grants {
		if !slices.Contains(store.Roles(), g.Role) {
			return refuse("role", "there is no such role", "take one of viewer, reviewer, approver, rule_editor, admin, auditor, service")
		}
		for _, other := range p.Grants {
			if g.Entity == other.Entity && slices.Contains(apart[g.Role], other.Role) {
				return refuse("role", string(g.Role)+" and "+string(other.Role)+" are not given to one person in the same books", "give one of them to somebody else")
			}
		}
	}
	return nil
}

// apart are the roles that nobody has both of: who manages people or rules approves nothing, who audits changes nothing.
var apart = map[store.Role][]store.Role{
	store.Approver: {store.Admin, store.RuleEditor},
	store.Auditor:  {store.Reviewer, store.Approver, store.RuleEditor, store.Admin, store.Service},
}

// peopleData is what people.html shows.
type peopleData struct {
	People []store.Person
	Roles  []store.Role
	Mine   []*Company // whose people the reader manages
}

func (c *call) peoplePage() error {
	all, err := c.peopleInSight()
	if err != nil {
		return err
	}
	return c.page("people", peopleData{People: all, Roles: store.Roles(), Mine: c.managed()})
}

// managed are the companies whose people the caller manages.
func (c *call) managed() (mine []*Company) {
	for i := range c.Companies {
		if may(c.person, c.Companies[i].ID, mayManage) {
			mine = append(mine, &c.Companies[i])
		}
	}
	return mine
}

// manages reports whether the caller manages the people of an entity.
func (c *call) manages(entity string) bool { return may(c.person, entity, mayManage) }

// peopleInSight are those who have a role in a company that the caller manages, or in none, with their roles there.
func (c *call) peopleInSight() ([]store.Person, error) {
	all, err := c.Store.People(c.r.Context())
	if err != nil {
		return nil, err
	}
	var seen []store.Person
	for _, p := range all {
		if c.inSight(p) {
			p.Grants = slices.DeleteFunc(p.Grants, func(g store.Grant) bool { return !c.manages(g.Entity) })
			seen = append(seen, p)
		}
	}
	return seen, nil
}

func (c *call) inSight(p store.Person) bool {
	return len(p.Grants) == 0 || slices.ContainsFunc(p.Grants, func(g store.Grant) bool { return c.manages(g.Entity) })
}

// whole fails where a person has roles that the caller does not manage: what concerns all of the person is then not theirs to do.
func (c *call) whole(p store.Person) error {
	if slices.ContainsFunc(p.Grants, func(g store.Grant) bool { return !c.manages(g.Entity) }) {
		return fail(http.StatusForbidden, "OTHER-COMPANY", "ask an administrator of the other company", "the person also works for a company whose people you do not manage")
	}
	return nil
}

// personOf is the person in the path, as far as the caller may know them.
func (c *call) personOf() (store.Person, error) {
	id, err := c.number("person")
	if err != nil {
		return store.Person{}, err
	}
	p, err := c.Store.Person(c.r.Context(), id)
	if err == nil && !c.inSight(p) {
		err = errNoPage
	}
	return p, err
}

// personData is what person.html shows.
type personData struct {
	Of       store.Person
	Whole    bool // the reader manages all of the person
	Roles    []store.Role
	Mine     []*Company
	Sessions []store.Session
	Tokens   []store.Token
	Secret   *secret // shown once
}

// secret is what is shown once and never again.
type secret struct {
	Code, Token string
	Address     string // where a code is entered
}

func (c *call) personPage() error { return c.showPerson(nil) }

func (c *call) showPerson(once *secret) error {
	p, err := c.personOf()
	if err != nil {
		return err
	}
	data := personData{Of: p, Whole: c.whole(p) == nil, Roles: store.Roles(), Mine: c.managed(), Secret: once}
	if data.Whole {
		if data.Sessions, err = c.sessionsOf(p); err != nil {
			return err
		}
		if data.Tokens, err = c.Store.Tokens(c.r.Context(), p.ID); err != nil {
			return err
		}
	}
	return c.page("person", data)
}

// sessionsOf lists the sessions of a person that are alive.
func (c *call) sessionsOf(p store.Person) ([]store.Session, error) {
	all, err := c.Store.Sessions(c.r.Context(), p.ID, c.Now().Add(-idleFor))
	return slices.DeleteFunc(all, func(s store.Session) bool {
		return c.Now().Sub(s.Created) >= lastsFor || p.Disabled || epochOf(s) != p.Epoch
	}), err
}

// formGrants reads the boxes of roles: fields named role.COMPANY with the role as value.
func (c *call) formGrants() (grants []store.Grant) {
	for _, company := range c.managed() {
		for _, role := range c.form["role."+company.ID] {
			grants = append(grants, store.Grant{Entity: company.ID, Role: store.Role(role)})
		}
	}
	return grants
}

func (c *call) addPerson() error {
	id, err := c.createPerson(store.Person{Login: strings.ToLower(c.field("login")), Name: c.field("name"), Grants: c.formGrants()})
	if err != nil {
		return err
	}
	return c.see("/people/"+decimal(id), "Added. Invite them to set a password, or make a token.")
}

func (c *call) createPerson(p store.Person) (int64, error) {
	if err := CheckPerson(p); err != nil {
		return 0, err
	}
	if slices.ContainsFunc(p.Grants, func(g store.Grant) bool { return !c.manages(g.Entity) }) {
		return 0, errDenied
	}
	id, err := c.Store.AddPerson(c.r.Context(), c.act(), p)
	if errors.Is(err, store.ErrDuplicate) {
		return 0, fail(http.StatusConflict, "LOGIN-TAKEN", "choose another login", "somebody has the login %s already", p.Login).at("login")
	}
	return id, err
}

func (c *call) changePerson() error {
	p, err := c.personOf()
	if err != nil {
		return err
	}
	if err := c.alterPerson(p, c.field("name"), c.form.Has("disabled"), c.formGrants()); err != nil {
		return err
	}
	return c.see("/people/"+decimal(p.ID), "Changed.")
}

// alterPerson stores what an administrator changed of a person. Roles in companies of others stay.
func (c *call) alterPerson(p store.Person, name string, disabled bool, grants []store.Grant) error {
	before := p
	p.Name, p.Disabled, p.Version = name, disabled, c.version()
	p.Grants = grants
	for _, g := range before.Grants {
		if !c.manages(g.Entity) {
			p.Grants = append(p.Grants, g)
		}
	}
	if err := CheckPerson(p); err != nil {
		return err
	}
	if slices.ContainsFunc(p.Grants, func(g store.Grant) bool { return !c.manages(g.Entity) && !slices.Contains(before.Grants, g) }) {
		return errDenied
	}
	if disabled != before.Disabled || name != before.Name {
		if err := c.whole(before); err != nil {
			return err
		}
	}
	if err := c.keepsAdmin(before, p); err != nil {
		return err
	}
	return c.Store.SavePerson(c.r.Context(), c.act(), p)
}

// keepsAdmin refuses to leave a company without anybody who manages its people.
func (c *call) keepsAdmin(before, after store.Person) error {
	all, err := c.Store.People(c.r.Context())
	if err != nil {
		return err
	}
	for _, g := range before.Grants {
		if g.Role != store.Admin || before.Disabled || !after.Disabled && after.Has(g.Entity, store.Admin) {
			continue
		}
		if !slices.ContainsFunc(all, func(p store.Person) bool { return p.ID != before.ID && !p.Disabled && p.Has(g.Entity, store.Admin) }) {
			return fail(http.StatusUnprocessableEntity, "LAST-ADMIN", "make somebody else an administrator first", "nobody would be left to manage the people of %s", g.Entity)
		}
	}
	return nil
}

func (c *call) invitePerson() error {
	code, err := c.invite()
	if err != nil {
		return err
	}
	return c.showPerson(&secret{Code: code, Address: c.origin() + "/welcome"})
}

// invite makes an invitation for the person in the path and returns its code.
func (c *call) invite() (code string, err error) {
	p, err := c.personOf()
	if err != nil {
		return "", err
	}
	if err := c.whole(p); err != nil {
		return "", err
	}
	if p.Issuer != "" {
		return "", fail(http.StatusUnprocessableEntity, "PROVIDER", "the person signs in with the organisation's account", "the person has no password here")
	}
	code, invitation := NewInvitation(p.ID, c.Now().Add(invitationLasts))
	c.secret = true
	return code, c.Store.Invite(c.r.Context(), c.act(), invitation)
}

// origin is the address under which the browser reached the desk.
func (c *call) origin() string {
	if c.Secure {
		return "https://" + c.r.Host
	}
	return "http://" + c.r.Host
}
