package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"go.uber.org/zap"
	"golang.org/x/oauth2"

	"github.com/tieout/tieout/store"
)

// OIDC is an OpenID Connect provider that people sign in with. Who they are is the provider's subject, never an e-mail address; what they
// may do is said by their groups alone, each of which is mapped here. Who is in none of them has no role and is not let in.
type OIDC struct {
	Issuer       string // exactly as the provider says it
	ClientID     string
	ClientSecret string
	Name         string // of the organisation, on the button
	Desk         string // address of this desk, such as https://tieout.example
	GroupsClaim  string // claim with the groups of a person
	Groups       map[string][]store.Grant
}

func oidcRoutes() []route {
	return []route{
		{method: "POST", path: "/sign-in/organisation", may: anyone, as: form, do: (*call).leaveToProvider, says: "Go to the organisation's sign-in"},
		{method: "GET", path: callbackPath, may: anyone, do: (*call).backFromProvider, says: "Back from the organisation's sign-in"},
	}
}

const callbackPath = "/sign-in/callback"

// provider is what is known of the provider; it is asked when the first person comes, so that the desk starts without it.
type provider struct {
	settings *OIDC
	mu       sync.Mutex
	found    *oidc.Provider
}

// providerTimeout bounds what is asked of the provider.
const providerTimeout = 10 * time.Second

func (p *provider) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	// The provider keeps this context for fetching keys later: it must outlive the request.
	client := oidc.ClientContext(context.WithoutCancel(ctx), &http.Client{Timeout: providerTimeout})
	found, err := oidc.NewProvider(client, p.settings.Issuer)
	if err != nil {
		return nil, fmt.Errorf("ask the provider: %w", err)
	}
	p.found = found
	return found, nil
}

func (p *provider) oauth(found *oidc.Provider) oauth2.Config {
	return oauth2.Config{ClientID: p.settings.ClientID, ClientSecret: p.settings.ClientSecret, Endpoint: found.Endpoint(),
		RedirectURL: p.settings.Desk + callbackPath, Scopes: []string{oidc.ScopeOpenID, "profile", "email", "groups"}}
}

// flow is a sign-in with the provider that is under way. It is kept in the store; the browser has a cookie that names it.
type flow struct {
	State, Nonce, Verifier string
	Next, To               string
	Held                   []heldPair
	Again                  bool  // to prove who they are once more
	Person, Session        int64 // who was signed in, and their session, which the new one takes the place of
	Began                  time.Time
}

// flowLasts is how long somebody may take at the provider.
const flowLasts = 10 * time.Minute

// largestHeld is how large a form may be that is kept through a sign-in with the provider.
const largestHeld = 64 << 10

var errNoProvider = fail(http.StatusNotFound, "NO-PROVIDER", "sign in with your password", "this desk knows no organisation's sign-in")

func (c *call) leaveToProvider() error {
	if c.provider == nil {
		return errNoProvider
	}
	if !c.sameBrowser() {
		return errForm
	}
	if wait := c.limits.addresses.take(c.Now(), blockOf(c.address)); wait > 0 {
		return tooMany(wait)
	}
	found, err := c.provider.discover(c.r.Context())
	if err != nil {
		return c.providerFails(err)
	}
	data := c.resumed("")
	f := flow{State: newSecret(), Nonce: newSecret(), Verifier: oauth2.GenerateVerifier(), Next: data.Next, To: data.To, Held: data.Held, Again: c.form.Has("again"), Began: c.Now()}
	if c.session != nil {
		f.Person, f.Session = c.person.ID, c.session.ID
	}
	if err := c.keepFlow(f); err != nil {
		return err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)}
	if f.Again {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	settings := c.provider.oauth(found)
	// A page that leads on, not a redirect: browsers hold a form's redirects to the page's policy, which names this desk alone.
	return c.page("leave", leaveData{To: settings.AuthCodeURL(f.State, options...), Name: c.provider.settings.Name})
}

// leaveData is what leave.html shows.
type leaveData struct{ To, Name string }

func (c *call) keepFlow(f flow) error {
	data, err := json.Marshal(f)
	if err != nil {
		return err
	}
	if len(data) > largestHeld {
		return fail(http.StatusRequestEntityTooLarge, "TOO-LARGE", "sign in first, then fill in the form", "the form is too large to be kept through the sign-in")
	}
	name := newSecret()
	now := c.Now()
	if err := c.Store.SaveSession(c.r.Context(), store.Session{Token: secretHash(name), Data: data, Address: c.address.String(), Created: now, Seen: now}); err != nil {
		return err
	}
	// The provider sends the browser back from another site: a strict cookie would not come along.
	cookie := http.Cookie{Name: c.cookieName("flow"), Value: name, Path: "/", MaxAge: int(flowLasts.Seconds()), HttpOnly: true, Secure: c.Secure, SameSite: http.SameSiteLaxMode}
	c.head().Add("Set-Cookie", cookie.String())
	return nil
}

// takeFlow returns the sign-in that the browser began, once.
func (c *call) takeFlow() (f flow, err error) {
	cookie, err := c.r.Cookie(c.cookieName("flow"))
	if err != nil {
		return f, errFlow
	}
	row, err := c.Store.Session(c.r.Context(), secretHash(cookie.Value))
	if errors.Is(err, store.ErrNotFound) {
		return f, errFlow
	}
	if err != nil {
		return f, err
	}
	if err := c.Store.EndSession(c.r.Context(), row.Token); err != nil {
		return f, err
	}
	gone := http.Cookie{Name: c.cookieName("flow"), Path: "/", MaxAge: -1, HttpOnly: true, Secure: c.Secure, SameSite: http.SameSiteLaxMode}
	c.head().Add("Set-Cookie", gone.String())
	if err := json.Unmarshal(row.Data, &f); err != nil || row.Person != 0 || f.State == "" || c.Now().Sub(f.Began) > flowLasts {
		return f, errFlow
	}
	return f, nil
}

var errFlow = fail(http.StatusForbidden, "SIGN-IN-FLOW", "start again at the sign-in page", "this sign-in was not begun in this browser, or took too long")

// identity is what the provider says of a person.
type identity struct {
	Subject  string `json:"sub"`
	Nonce    string `json:"nonce"`
	Login    string `json:"preferred_username"`
	Name     string `json:"name"`
	AuthTime int64  `json:"auth_time"`
	groups   []string
}

func (c *call) backFromProvider() error {
	if c.provider == nil {
		return errNoProvider
	}
	f, err := c.takeFlow()
	if err != nil {
		return err
	}
	query := c.r.URL.Query()
	if !equal(query.Get("state"), f.State) {
		return errFlow
	}
	if query.Get("error") != "" {
		return fail(http.StatusForbidden, "PROVIDER-REFUSED", "start again, or ask your administrator", "your organisation's sign-in refused: %s", cutText(query.Get("error"), 60))
	}
	who, err := c.identity(query.Get("code"), f)
	if err != nil {
		return c.providerFails(err)
	}
	p, err := c.admitted(who)
	if err != nil {
		return err
	}
	proved := time.Unix(who.AuthTime, 0)
	if f.Again && (f.Person != p.ID || who.AuthTime == 0 || proved.Before(f.Began.Add(-time.Minute))) {
		return fail(http.StatusForbidden, "PROVE", "start again, and sign in anew there", "your organisation did not ask who you are once more")
	}
	if f.Session != 0 {
		if err := c.Store.EndSessionByID(c.r.Context(), f.Person, f.Session); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	if err := c.begin(p, "organisation"); err != nil {
		return err
	}
	if c.session.Proved = proved; proved.After(c.Now()) {
		c.session.Proved = c.Now()
	}
	if f.To != "" && len(f.Held) > 0 {
		return c.page("held", signInData{To: ownPath(f.To), Held: f.Held, Next: ownPath(f.Next)})
	}
	// A page that leads on: the session's cookie does not follow redirects that began at another site.
	return c.page("leave", leaveData{To: ownPath(f.Next)})
}

// identity trades the code for who the person is. Signature, issuer, audience and expiry are the library's to check; that the answer
// belongs to this sign-in is said by the nonce.
func (c *call) identity(code string, f flow) (who identity, err error) {
	ctx, cancel := context.WithTimeout(c.r.Context(), providerTimeout)
	defer cancel()
	found, err := c.provider.discover(ctx)
	if err != nil {
		return who, err
	}
	settings := c.provider.oauth(found)
	token, err := settings.Exchange(ctx, code, oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return who, fmt.Errorf("trade the code: %w", err)
	}
	raw, _ := token.Extra("id_token").(string)
	verified, err := found.Verifier(&oidc.Config{ClientID: settings.ClientID, Now: c.Now}).Verify(ctx, raw)
	if err != nil {
		return who, fmt.Errorf("verify who it is: %w", err)
	}
	var claims map[string]any
	if err := errors.Join(verified.Claims(&who), verified.Claims(&claims)); err != nil {
		return who, fmt.Errorf("read who it is: %w", err)
	}
	if !equal(who.Nonce, f.Nonce) || who.Subject == "" {
		return who, errors.New("the answer belongs to another sign-in")
	}
	list, _ := claims[c.provider.settings.GroupsClaim].([]any)
	for _, group := range list {
		if name, ok := group.(string); ok {
			who.groups = append(who.groups, name)
		}
	}
	return who, nil
}

// providerFails hides from people what the log says of the provider.
func (c *call) providerFails(err error) error {
	if f := (*failure)(nil); errors.As(err, &f) {
		return err
	}
	c.Log.Warn("sign-in with the provider failed", zap.String("request", c.id), zap.Error(withoutCode(err)))
	return fail(http.StatusForbidden, "PROVIDER", "start again; if it stays, tell your administrator the number of the request", "your organisation's sign-in did not succeed")
}

// withoutCode keeps what a provider answered out of the log: it may hold codes and tokens.
func withoutCode(err error) error {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) {
		return fmt.Errorf("the provider refused the code: %s %s", refused.Response.Status, refused.ErrorCode)
	}
	var asked *url.Error
	if errors.As(err, &asked) {
		return fmt.Errorf("the provider is not reached: %w", asked.Err)
	}
	return err
}

// admitted is the person that the provider named, with the roles of their groups. Who has none of the groups is not let in.
func (c *call) admitted(who identity) (store.Person, error) {
	ctx := c.r.Context()
	issuer := c.provider.settings.Issuer
	p, err := c.Store.PersonBySubject(ctx, issuer, who.Subject)
	unknown := errors.Is(err, store.ErrNotFound)
	if err != nil && !unknown {
		return p, err
	}
	before := p
	p.Grants, p.Name = c.grantsOf(who), cutText(strings.ToValidUTF8(who.Name, "?"), 100)
	if unknown {
		p.Issuer, p.Subject = issuer, who.Subject
		if p.Login, err = c.freeLogin(who); err != nil {
			return p, err
		}
	}
	switch problem := CheckPerson(p); {
	case p.Disabled:
		return p, errors.Join(c.event(store.Event{Verb: "sign-in failed", About: p.Login, Detail: "disabled"}), fail(http.StatusForbidden, "DISABLED", "ask an administrator", "your access was ended"))
	case problem != nil:
		return p, problem
	case unknown && len(p.Grants) == 0:
		return p, errNoRole
	case unknown:
		if _, err := c.Store.AddPerson(ctx, c.act(), p); err != nil {
			return p, err
		}
	case p.Name != before.Name || !slices.Equal(p.Grants, before.Grants):
		if err := c.Store.SavePerson(ctx, c.act(), p); err != nil {
			return p, err
		}
	}
	if len(p.Grants) == 0 {
		return p, errNoRole
	}
	return c.Store.PersonBySubject(ctx, issuer, who.Subject)
}

var errNoRole = fail(http.StatusForbidden, "NO-ROLE", "ask your administrator to put you into a group that may", "none of your groups has a role here")

// grantsOf are the roles that the groups of a person give, in order.
func (c *call) grantsOf(who identity) (all []store.Grant) {
	for _, group := range who.groups {
		for _, g := range c.provider.settings.Groups[group] {
			if !slices.Contains(all, g) {
				all = append(all, g)
			}
		}
	}
	slices.SortFunc(all, func(a, b store.Grant) int {
		return strings.Compare(a.Entity+"\x00"+string(a.Role), b.Entity+"\x00"+string(b.Role))
	})
	return all
}

// notLogin are characters that no login has.
var notLogin = regexp.MustCompile(`[^a-z0-9._@-]+`)

// freeLogin makes a login that nobody has from what the provider calls a person.
func (c *call) freeLogin(who identity) (string, error) {
	login := strings.Trim(notLogin.ReplaceAllString(strings.ToLower(who.Login), "-"), "._@-")
	if login = cutText(login, 50); login == "" {
		login = "person"
	}
	_, err := c.Store.PersonByLogin(c.r.Context(), login)
	if errors.Is(err, store.ErrNotFound) {
		return login, nil
	}
	return login + "-" + secretHash(who.Subject)[:8], err
}
