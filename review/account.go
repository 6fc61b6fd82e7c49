package review

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func accountRoutes() []route {
	return []route{
		{method: "GET", path: "/me", may: signedIn, do: (*call).accountPage, says: "Your account"},
		{method: "POST", path: "/me/password", may: signedIn, as: form, fresh: true, do: (*call).changePassword, says: "Change your password"},
		{method: "POST", path: "/me/sessions/{session}/end", may: signedIn, as: form, do: (*call).endOwnSession, says: "End one of your sessions"},
		{method: "POST", path: "/me/tokens", may: signedIn, as: form, fresh: true, do: (*call).addOwnToken, says: "Make a token"},
		{method: "POST", path: "/me/tokens/{token}/revoke", may: signedIn, as: form, do: (*call).revokeOwnToken, says: "Revoke a token"},
		{method: "GET", path: "/welcome", may: anyone, do: (*call).welcomePage, says: "Welcome"},
		{method: "POST", path: "/welcome", may: anyone, as: form, do: (*call).welcome, says: "Set a password by invitation"},
	}
}

// accountData is what account.html shows.
type accountData struct {
	Of       store.Person
	Sessions []store.Session
	This     int64 // the session of this browser
	Tokens   []store.Token
	Secret   *secret
	Failure  *failure
}

func (c *call) accountPage() error { return c.showAccount(http.StatusOK, nil, nil) }

func (c *call) showAccount(status int, once *secret, f *failure) (err error) {
	data := accountData{Of: c.person, Secret: once, Failure: f}
	if c.session != nil {
		data.This = c.session.ID
	}
	if data.Sessions, err = c.sessionsOf(c.person); err != nil {
		return err
	}
	if data.Tokens, err = c.Store.Tokens(c.r.Context(), c.person.ID); err != nil {
		return err
	}
	return c.pageAs(status, "account", data)
}

// epochOf is the epoch of its person that a session was begun in.
func epochOf(row store.Session) int64 {
	var s session
	if err := json.Unmarshal(row.Data, &s); err != nil {
		return 0
	}
	return s.Epoch
}

// newPassword reads a password that was typed twice.
func (c *call) newPassword(p store.Person) (string, error) {
	password := c.form.Get("new_password")
	if password != c.form.Get("new_password_again") {
		return "", recon.Refused{Problem: recon.Problem{Code: "PASSWORD", Where: "new_password_again", Severity: recon.Reject, Message: "the two passwords differ", Try: "type both anew"}}
	}
	if problem := PasswordProblem(password, p.Login, p.Name); problem != nil {
		return "", recon.Refused{Problem: *problem}
	}
	return password, nil
}

func (c *call) changePassword() error {
	p := c.person
	password, err := c.newPassword(p)
	if refused := (recon.Refused{}); errors.As(err, &refused) {
		return c.showAccount(http.StatusUnprocessableEntity, nil, failureOf(err))
	}
	if p.Issuer != "" {
		return fail(http.StatusUnprocessableEntity, "PROVIDER", "change it at your organisation", "you have no password here")
	}
	if p.Password, err = c.hash(password); err != nil {
		return err
	}
	if err := c.Store.SavePerson(c.r.Context(), c.act(), p); err != nil {
		return err
	}
	if p, err = c.Store.Person(c.r.Context(), p.ID); err != nil {
		return err
	}
	if err := c.begin(p, "new password"); err != nil { // all other sessions are dead now
		return err
	}
	return c.see("/me", "Your password is changed; your other sessions have ended.")
}

func (c *call) endOwnSession() error {
	if err := c.endSession(c.person); err != nil {
		return err
	}
	return c.see("/me", "The session has ended.")
}

func (c *call) endPersonSession() error {
	return c.withWhole(func(p store.Person) error {
		if err := c.endSession(p); err != nil {
			return err
		}
		return c.see("/people/"+decimal(p.ID), "The session has ended.")
	})
}

// endSession ends the session in the path, of a person.
func (c *call) endSession(p store.Person) error {
	id, err := c.number("session")
	if err != nil {
		return err
	}
	if err := c.Store.EndSessionByID(c.r.Context(), p.ID, id); err != nil {
		return err
	}
	return c.event(store.Event{Verb: "session ended", About: p.Login, Detail: "session " + decimal(id)})
}

// welcomeData is what welcome.html shows.
type welcomeData struct {
	Token   string // ties the form to this browser
	Failure *failure
}

func (c *call) welcomePage() error { return c.showWelcome(http.StatusOK, nil) }

func (c *call) showWelcome(status int, f *failure) error {
	return c.pageAs(status, "welcome", welcomeData{Token: c.browserToken(), Failure: f})
}

// welcome sets the password of a person who was invited, and signs them in.
func (c *call) welcome() error {
	if !c.sameBrowser() {
		return errForm
	}
	if !c.Local {
		return errNoPasswords
	}
	if err := c.limits.tryPassword(c.Now(), "invitation", c.address); err != nil {
		return err
	}
	password, err := c.newPassword(store.Person{})
	if err != nil {
		return c.showWelcome(http.StatusUnprocessableEntity, failureOf(err))
	}
	hash, err := c.hash(password)
	if err != nil {
		return err
	}
	p, err := c.Store.Redeem(c.r.Context(), c.act(), codeHash(c.field("code")), hash)
	if errors.Is(err, store.ErrNotFound) {
		return c.showWelcome(http.StatusUnprocessableEntity, fail(http.StatusUnprocessableEntity, "INVITATION", "ask for a new invitation", "the code is wrong, used or expired").at("code"))
	}
	if err != nil {
		return err
	}
	if p.Disabled {
		return fail(http.StatusForbidden, "DISABLED", "ask an administrator", "your access was ended")
	}
	if err := c.begin(p, "invitation"); err != nil {
		return err
	}
	return c.see("/", "Your password is set.")
}

// sameBrowser reports whether a form of somebody without session comes from the browser that got it.
func (c *call) sameBrowser() bool {
	cookie, err := c.r.Cookie(c.cookieName("browser"))
	return err == nil && equal(c.form.Get("browser"), cookie.Value)
}

// codeHash is how the store knows the code of an invitation; case and hyphens do not matter.
func codeHash(code string) string {
	return secretHash(strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(code)))
}
