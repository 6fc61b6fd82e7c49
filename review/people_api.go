package review

import (
	"net/http"
	"strings"
	"time"

	"github.com/tieout/tieout/store"
)

func peopleAPIRoutes() []route {
	return []route{
		{method: "GET", path: "/api/v1/me", may: signedIn, as: api, do: (*call).apiMe, says: "Who asks, and what they may", out: meOut{}},
		{method: "GET", path: "/api/v1/me/sessions", may: signedIn, as: api, do: (*call).apiOwnSessions, says: "Your sessions", out: []sessionOut{}},
		{method: "DELETE", path: "/api/v1/me/sessions/{session}", may: signedIn, as: api, do: (*call).apiEndOwnSession, says: "End one of your sessions"},
		{method: "GET", path: "/api/v1/me/tokens", may: signedIn, as: api, do: (*call).apiOwnTokens, says: "Your tokens", out: []tokenOut{}},
		{method: "POST", path: "/api/v1/me/tokens", may: signedIn, as: api, fresh: true, do: (*call).apiAddOwnToken, says: "Make a token", in: tokenIn{}, out: madeToken{}},
		{method: "DELETE", path: "/api/v1/me/tokens/{token}", may: signedIn, as: api, do: (*call).apiRevokeOwnToken, says: "Revoke a token"},
		{method: "GET", path: "/api/v1/people", may: mayManage, as: api, do: (*call).apiPeople, says: "People", out: []personOut{}},
		{method: "POST", path: "/api/v1/people", may: mayManage, as: api, fresh: true, do: (*call).apiAddPerson, says: "Add a person or program", in: personIn{}, out: personOut{}},
		{method: "GET", path: "/api/v1/people/{person}", may: mayManage, as: api, do: (*call).apiPerson, says: "A person", out: personOut{}},
		{method: "PUT", path: "/api/v1/people/{person}", may: mayManage, as: api, fresh: true, versioned: true, do: (*call).apiChangePerson, says: "Change name, roles, or whether the person is disabled",
			in: personChange{}, out: personOut{}},
		{method: "POST", path: "/api/v1/people/{person}/invitation", may: mayManage, as: api, fresh: true, do: (*call).apiInvite, says: "Invite a person to set a password", out: invitationOut{}},
		{method: "GET", path: "/api/v1/people/{person}/sessions", may: mayManage, as: api, do: (*call).apiSessions, says: "Sessions of a person", out: []sessionOut{}},
		{method: "DELETE", path: "/api/v1/people/{person}/sessions/{session}", may: mayManage, as: api, fresh: true, do: (*call).apiEndSession, says: "End a session of a person"},
		{method: "GET", path: "/api/v1/people/{person}/tokens", may: mayManage, as: api, do: (*call).apiTokens, says: "Tokens of a person", out: []tokenOut{}},
		{method: "POST", path: "/api/v1/people/{person}/tokens", may: mayManage, as: api, fresh: true, do: (*call).apiAddToken, says: "Make a token for a person or program", in: tokenIn{}, out: madeToken{}},
		{method: "DELETE", path: "/api/v1/people/{person}/tokens/{token}", may: mayManage, as: api, fresh: true, do: (*call).apiRevokeToken, says: "Revoke a token of a person"},
	}
}

type grantJSON struct {
	Company string `json:"company"`
	Role    string `json:"role" says:"viewer, reviewer, approver, rule_editor, admin, auditor or service"`
}

type personOut struct {
	ID       int64       `json:"id"`
	Login    string      `json:"login"`
	Name     string      `json:"name"`
	Provider string      `json:"provider" says:"issuer of the organisation's account, empty for a local one"`
	Password bool        `json:"password" says:"whether one is set"`
	Disabled bool        `json:"disabled"`
	Roles    []grantJSON `json:"roles"`
	Created  time.Time   `json:"created"`
	Version  int64       `json:"version"`
}

func viewPerson(p store.Person) personOut {
	out := personOut{ID: p.ID, Login: p.Login, Name: p.Name, Provider: p.Issuer, Password: p.Password != "", Disabled: p.Disabled, Roles: []grantJSON{}, Created: p.Created, Version: p.Version}
	for _, g := range p.Grants {
		out.Roles = append(out.Roles, grantJSON{g.Entity, string(g.Role)})
	}
	return out
}

type personIn struct {
	Login string      `json:"login"`
	Name  string      `json:"name,omitempty"`
	Roles []grantJSON `json:"roles"`
}

type personChange struct {
	Name     string      `json:"name"`
	Disabled bool        `json:"disabled"`
	Roles    []grantJSON `json:"roles" says:"in the companies whose people you manage"`
}

func grants(list []grantJSON) (all []store.Grant) {
	for _, g := range list {
		all = append(all, store.Grant{Entity: g.Company, Role: store.Role(g.Role)})
	}
	return all
}

type meOut struct {
	personOut
	Companies []companyOut `json:"companies"`
}

type companyOut struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Currency string   `json:"base_currency"`
	May      []string `json:"may" says:"what you may do there"`
}

func (c *call) apiMe() error {
	me := meOut{personOut: viewPerson(c.person), Companies: []companyOut{}}
	for i := range c.Companies {
		company := &c.Companies[i]
		if !belongs(c.person, company.ID) {
			continue
		}
		one := companyOut{ID: company.ID, Name: company.Name, Currency: string(company.BaseCurrency), May: []string{}}
		for _, name := range append(Scopes(), string(mayApprove)) {
			if may(c.person, company.ID, right(name)) && c.within(right(name)) {
				one.May = append(one.May, name)
			}
		}
		me.Companies = append(me.Companies, one)
	}
	return c.json(http.StatusOK, me)
}

func (c *call) apiPeople() error {
	people, err := c.peopleInSight()
	if err != nil {
		return err
	}
	list := make([]personOut, len(people))
	for i, p := range people {
		list[i] = viewPerson(p)
	}
	return c.json(http.StatusOK, list)
}

func (c *call) apiPerson() error {
	p, err := c.personOf()
	if err != nil {
		return err
	}
	c.etag(p.Version)
	return c.json(http.StatusOK, viewPerson(p))
}

func (c *call) apiAddPerson() error {
	var in personIn
	if err := c.read(&in); err != nil {
		return err
	}
	id, err := c.createPerson(store.Person{Login: strings.ToLower(in.Login), Name: in.Name, Grants: grants(in.Roles)})
	if err != nil {
		return err
	}
	return c.answerPerson(id)
}

func (c *call) answerPerson(id int64) error {
	p, err := c.Store.Person(c.r.Context(), id)
	if err != nil {
		return err
	}
	c.etag(p.Version)
	return c.json(http.StatusOK, viewPerson(p))
}

func (c *call) apiChangePerson() error {
	var in personChange
	if err := c.read(&in); err != nil {
		return err
	}
	p, err := c.personOf()
	if err != nil {
		return err
	}
	if err := c.alterPerson(p, in.Name, in.Disabled, grants(in.Roles)); err != nil {
		return err
	}
	return c.answerPerson(p.ID)
}

type invitationOut struct {
	Code    string    `json:"code" says:"shown this once"`
	Enter   string    `json:"enter_at"`
	Expires time.Time `json:"expires"`
}

func (c *call) apiInvite() error {
	code, err := c.invite()
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, invitationOut{Code: code, Enter: c.origin() + "/welcome", Expires: c.Now().Add(invitationLasts).UTC()})
}

type sessionOut struct {
	ID      int64     `json:"id"`
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen"`
	Address string    `json:"address"`
	Agent   string    `json:"agent"`
}

func (c *call) answerSessions(p store.Person) error {
	sessions, err := c.sessionsOf(p)
	if err != nil {
		return err
	}
	list := make([]sessionOut, len(sessions))
	for i, s := range sessions {
		list[i] = sessionOut{s.ID, s.Created, s.Seen, s.Address, s.Agent}
	}
	return c.json(http.StatusOK, list)
}

type tokenIn struct {
	Name   string   `json:"name" says:"what it is for"`
	Scopes []string `json:"scopes" says:"some of read, decide, undo, upload, rules, people, audit"`
	Days   int      `json:"days" says:"that it lasts, at most 366"`
}

type tokenOut struct {
	ID      int64      `json:"id"`
	Name    string     `json:"name"`
	Scopes  []string   `json:"scopes"`
	Created time.Time  `json:"created"`
	Expires time.Time  `json:"expires"`
	Used    *time.Time `json:"used" says:"last, to the minute; null where never"`
	Revoked bool       `json:"revoked"`
}

type madeToken struct {
	ID     int64  `json:"id"`
	Secret string `json:"secret" says:"shown this once"`
}

func (c *call) answerTokens(p store.Person) error {
	tokens, err := c.Store.Tokens(c.r.Context(), p.ID)
	if err != nil {
		return err
	}
	list := make([]tokenOut, len(tokens))
	for i, t := range tokens {
		list[i] = tokenOut{ID: t.ID, Name: t.Name, Scopes: t.Scopes, Created: t.Created, Expires: t.Expires, Revoked: t.Revoked}
		if !t.Used.IsZero() {
			list[i].Used = &t.Used
		}
	}
	return c.json(http.StatusOK, list)
}

func (c *call) answerNewToken(p store.Person) error {
	var in tokenIn
	if err := c.read(&in); err != nil {
		return err
	}
	made, id, err := c.makeToken(p, in.Name, in.Scopes, in.Days)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, madeToken{ID: id, Secret: made})
}

// done answers what has nothing more to say.
func (c *call) done(err error) error {
	if err == nil {
		c.status = http.StatusNoContent
	}
	return err
}

func (c *call) apiOwnSessions() error    { return c.answerSessions(c.person) }
func (c *call) apiEndOwnSession() error  { return c.done(c.endSession(c.person)) }
func (c *call) apiOwnTokens() error      { return c.answerTokens(c.person) }
func (c *call) apiAddOwnToken() error    { return c.answerNewToken(c.person) }
func (c *call) apiRevokeOwnToken() error { return c.done(c.revokeToken(c.person)) }

func (c *call) apiSessions() error    { return c.withWhole(c.answerSessions) }
func (c *call) apiTokens() error      { return c.withWhole(c.answerTokens) }
func (c *call) apiAddToken() error    { return c.withWhole(c.answerNewToken) }
func (c *call) apiEndSession() error  { return c.done(c.withWhole(c.endSession)) }
func (c *call) apiRevokeToken() error { return c.done(c.withWhole(c.revokeToken)) }

// withWhole does something with the person in the path where the caller manages all of them.
func (c *call) withWhole(do func(store.Person) error) error {
	p, err := c.personOf()
	if err != nil {
		return err
	}
	if err := c.whole(p); err != nil {
		return err
	}
	return do(p)
}
