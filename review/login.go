package review

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tieout/tieout/store"
)

func loginRoutes() []route {
	return []route{
		{method: "GET", path: "/sign-in", may: anyone, do: (*call).signInForm, says: "Sign in"},
		{method: "POST", path: "/sign-in", may: anyone, as: form, do: (*call).signIn, says: "Sign in"},
		{method: "POST", path: "/sign-out", may: signedIn, as: form, do: (*call).signOut, says: "Sign out"},
		{method: "POST", path: "/prove", may: signedIn, as: form, do: (*call).prove, says: "Enter the password again"},
	}
}

// signInPage is what login.html shows.
type signInData struct {
	Failure  *failure
	Login    string
	Next     string     // page to go to afterwards
	Held     []heldPair // a form that was sent without a session, kept through the sign-in
	To       string     // where the held form goes
	Token    string     // ties the form to this browser while there is no session
	Local    bool       // a password may be entered
	Provider string     // name of the organisation whose sign-in may be used, "" for none
	Again    bool       // a person who is signed in proves who they are
}

// heldPair is a field of a form that is kept.
type heldPair struct{ Name, Value string }

// heldPrefix marks the fields of a held form among those of the sign-in.
const heldPrefix = "held."

// signInPage answers a request that needs a session, or a fresh one, with the page to sign in; a form that was sent is kept in it.
func (c *call) signInPage(f *failure) {
	data := signInData{Failure: f, Next: c.next(), Again: f == errProve}
	if c.route.as == form && c.form != nil {
		data.To, data.Held = c.r.URL.RequestURI(), held(c.form)
	}
	c.showSignIn(f.Status, data)
}

func (c *call) showSignIn(status int, data signInData) {
	data.Token = c.browserToken()
	data.Local = c.Local && c.person.Issuer == ""
	if c.provider != nil && (c.person.ID == 0 || c.person.Issuer != "") {
		data.Provider = c.provider.settings.Name
	}
	if data.Failure != nil && data.Failure.retry > 0 {
		c.head().Set("Retry-After", strconv.Itoa(data.Failure.retry))
	}
	c.render("login", data)
	c.status = status
}

// held are the fields of a form that are worth keeping: not the token of a session that has ended.
func held(fields url.Values) (pairs []heldPair) {
	for name, values := range fields {
		if name == formToken {
			continue
		}
		for _, value := range values {
			pairs = append(pairs, heldPair{name, value})
		}
	}
	slices.SortStableFunc(pairs, func(a, b heldPair) int { return strings.Compare(a.Name, b.Name) })
	return pairs
}

// next is the page that a person wanted to see, as a path of this desk.
func (c *call) next() string {
	wanted := c.r.URL.RequestURI()
	if c.r.URL.Path == "/sign-in" {
		wanted = c.r.URL.Query().Get("next")
	}
	if c.form != nil && c.form.Has("next") {
		wanted = c.form.Get("next")
	} else if c.route.changes() {
		wanted = "/"
	}
	return ownPath(wanted)
}

// ownPath returns a path of this desk, "/" for anything else.
func ownPath(wanted string) string {
	u, err := url.Parse(wanted)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(wanted, "/") || strings.HasPrefix(wanted, "//") || strings.Contains(wanted, "\\") {
		return "/"
	}
	return u.RequestURI()
}

// browserToken ties the sign-in form to a browser that has no session yet: the form repeats what a cookie says.
func (c *call) browserToken() string {
	if cookie, err := c.r.Cookie(c.cookieName("browser")); err == nil && len(cookie.Value) == len(newSecret()) {
		return cookie.Value
	}
	token := newSecret()
	cookie := http.Cookie{Name: c.cookieName("browser"), Value: token, Path: "/", HttpOnly: true, Secure: c.Secure, SameSite: http.SameSiteStrictMode}
	c.head().Add("Set-Cookie", cookie.String())
	return token
}

// newSecret is 256 random bits.
func newSecret() string {
	b := make([]byte, 32)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// newKey is an idempotency key.
func newKey() string { return newSecret()[:22] }

func (c *call) signInForm() error {
	c.showSignIn(http.StatusOK, signInData{Next: c.next()})
	return nil
}

// errWrong answers alike for a wrong password and for a person who is not there.
var errWrong = fail(http.StatusUnauthorized, "SIGN-IN", "try again; who forgot the password asks an administrator for a new invitation", "name or password is wrong")

func (c *call) signIn() error {
	if !c.sameBrowser() {
		return errForm
	}
	login := strings.ToLower(c.field("login"))
	p, err := c.verify(login, c.form.Get("password"))
	if f := (*failure)(nil); errors.As(err, &f) {
		data := c.resumed(login)
		data.Failure = f
		c.showSignIn(f.Status, data)
		return nil
	}
	if err != nil {
		return err
	}
	if err := c.begin(p, "password"); err != nil {
		return err
	}
	return c.resume()
}

// resumed is the sign-in page with what the form brought along.
func (c *call) resumed(login string) signInData {
	data := signInData{Login: login, Next: c.next(), To: c.form.Get("to")}
	for _, pair := range held(c.form) {
		if name, ok := strings.CutPrefix(pair.Name, heldPrefix); ok {
			data.Held = append(data.Held, heldPair{name, pair.Value})
		}
	}
	return data
}

// resume leads on after a sign-in: to the page that was wanted, or to the form that was kept. Nothing of it was applied; the person
// sends it again.
func (c *call) resume() error {
	data := c.resumed("")
	if data.To == "" || len(data.Held) == 0 {
		return c.see(data.Next, "")
	}
	data.To = ownPath(data.To)
	return c.page("held", data)
}

var errNoPasswords = fail(http.StatusForbidden, "NO-PASSWORDS", "sign in with your organisation's account", "signing in with a password is switched off")

// verify finds the person with a login and a password. It takes as long, and fails alike, whether there is such a person or not.
func (c *call) verify(login, password string) (store.Person, error) {
	if !c.Local {
		return store.Person{}, errNoPasswords
	}
	if err := c.limits.tryPassword(c.Now(), login, c.address); err != nil {
		return store.Person{}, err
	}
	p, err := c.Store.PersonByLogin(c.r.Context(), login)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return p, err
	}
	right, err := c.limits.checkSlowly(c.r.Context(), p.Password, cutPassword(password))
	if err != nil {
		return store.Person{}, err
	}
	if !right || p.Disabled {
		return store.Person{}, errors.Join(c.event(store.Event{Verb: "sign-in failed", About: cutText(login, 100)}), errWrong)
	}
	return p, nil
}

// cutPassword keeps the hash from chewing on what no password can be.
func cutPassword(password string) string {
	if len(password) > 4*longestPassword {
		return ""
	}
	return password
}

// event keeps in the audit of the house what happened without changing the books.
func (c *call) event(e store.Event) error {
	return c.Store.SaveEvent(c.r.Context(), c.act(), store.House, e)
}

// begin makes the browser's session that of a person, under a new token.
func (c *call) begin(p store.Person, how string) error {
	ctx := c.r.Context()
	if err := c.sessions.RenewToken(ctx); err != nil {
		return err
	}
	now := c.Now()
	c.person = p
	c.session = &session{Person: p.ID, Epoch: p.Epoch, Version: p.Version, Form: newSecret(), Proved: now, Since: now, Seen: now,
		Address: c.address.String(), Agent: cutText(strings.ToValidUTF8(c.r.UserAgent(), "?"), 200), changed: true}
	if err := c.sweep(); err != nil {
		return err
	}
	return c.event(store.Event{Verb: "signed in", About: p.Login, Detail: how})
}

// answersKept is how long a request may be repeated and is answered as the first time.
const answersKept = 48 * time.Hour

// sweep forgets sessions that have ended and answers that nobody asks for any more. Each sign-in does it, so that they do not pile up.
func (c *call) sweep() error {
	now := c.Now()
	return errors.Join(c.Store.SweepSessions(c.r.Context(), now.Add(-lastsFor)), c.Store.SweepAnswers(c.r.Context(), now.Add(-answersKept)))
}

func (c *call) signOut() error {
	if err := c.event(store.Event{Verb: "signed out", About: c.person.Login}); err != nil {
		return err
	}
	if err := c.sessions.Destroy(c.r.Context()); err != nil {
		return err
	}
	c.session = nil
	return c.see("/sign-in", "")
}

// prove takes the password of a person who is signed in once more, for what needs a fresh sign-in.
func (c *call) prove() error {
	_, err := c.verify(c.person.Login, c.form.Get("password"))
	if f := (*failure)(nil); errors.As(err, &f) {
		data := c.resumed(c.person.Login)
		data.Failure, data.Again = f, true
		c.showSignIn(f.Status, data)
		return nil
	}
	if err != nil {
		return err
	}
	c.session.Proved, c.session.changed = c.Now(), true
	return c.resume()
}

// identifyDemo signs a browser in as the person of the demo.
func (c *call) identifyDemo() error {
	if c.Demo == "" {
		return nil
	}
	p, err := c.Store.PersonByLogin(c.r.Context(), c.Demo)
	if err != nil {
		return err
	}
	return c.begin(p, "demo")
}
