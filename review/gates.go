package review

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"

	"go.uber.org/zap"

	"github.com/tieout/tieout/store"
)

// The gates that every call passes, in order.

// identify finds out who asks: a program by its token, a browser by its session.
func (c *call) identify() error {
	if c.route.as == public {
		return nil
	}
	if token := c.bearer(); token != "" {
		return c.identifyProgram(token)
	}
	s, ok := c.sessions.Get(c.r.Context(), sessionKey).(*session)
	if !ok {
		return c.identifyDemo()
	}
	p, err := c.Store.Person(c.r.Context(), s.Person)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	c.person, c.session = p, s
	if p.Disabled || p.Epoch != s.Epoch {
		return c.sessionIsDead()
	}
	if p.Version != s.Version { // roles changed: the token that was good for the old ones is no longer good for anything
		if err := c.sessions.RenewToken(c.r.Context()); err != nil {
			return err
		}
		s.Version, s.changed = p.Version, true
	}
	if c.Now().Sub(s.Seen) >= seenEvery {
		s.changed = true
	}
	return nil
}

// sessionIsDead ends a session whose person was disabled or has a new password, and says so in the audit.
func (c *call) sessionIsDead() error {
	c.denied(fail(http.StatusUnauthorized, "SESSION-ENDED", "", "disabled, or a new password"))
	disabled := c.person.Disabled
	if err := c.sessions.Destroy(c.r.Context()); err != nil {
		return err
	}
	c.person, c.session = store.Person{}, nil
	if disabled {
		return fail(http.StatusForbidden, "DISABLED", "ask an administrator", "your access was ended")
	}
	return errNobody
}

// identifyProgram finds the person for whom a token acts. The token's scopes narrow what the person may.
func (c *call) identifyProgram(secret string) error {
	token, err := c.Store.TokenByHash(c.r.Context(), secretHash(secret))
	now := c.Now()
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && (token.Revoked || !now.Before(token.Expires)):
		return fail(http.StatusUnauthorized, "TOKEN", "make a new one: tieout token add", "the token is unknown, expired or revoked")
	case err != nil:
		return err
	}
	p, err := c.Store.Person(c.r.Context(), token.Person)
	if err != nil {
		return err
	}
	if p.Disabled {
		return fail(http.StatusUnauthorized, "TOKEN", "ask an administrator", "the person of this token is disabled")
	}
	c.person, c.token = p, &token
	if now.Sub(token.Used) < time.Minute {
		return nil
	}
	return c.Store.TouchToken(c.r.Context(), token.ID, now)
}

// authorise denies by default. Who has no role in a company is told that there is no such company.
func (c *call) authorise() error {
	if c.route.may != anyone && c.person.ID == 0 {
		return errNobody
	}
	entity := ""
	if c.route.about() {
		if c.company = c.Desk.company(c.r.PathValue("entity")); c.company == nil || !belongs(c.person, c.company.ID) {
			c.company = nil
			return errNoPage
		}
		entity = c.company.ID
	}
	if !may(c.person, entity, c.route.may) {
		return errDenied
	}
	if !c.within(c.route.may) {
		return fail(http.StatusForbidden, "SCOPE", "make a token with this scope", "the token is not for: %s", c.route.may)
	}
	return nil
}

// within reports whether a right is within the scopes of the token, where a program asks.
func (c *call) within(wanted right) bool {
	return c.token == nil || wanted == anyone || wanted == signedIn || slices.Contains(c.token.Scopes, string(wanted))
}

// largestBody is how much a form or an API request may hold: 1 MiB.
const largestBody = 1 << 20

// takeBody reads the body of a form or an API request. That of an upload is left to its handler.
func (c *call) takeBody() error {
	if !c.route.changes() {
		return nil
	}
	wanted := "application/x-www-form-urlencoded"
	switch {
	case c.route.files:
		c.takeTime()
		c.r.Body = http.MaxBytesReader(c.w, c.r.Body, c.MaxUpload+largestBody)
		return nil
	case c.route.as == api:
		wanted = "application/json"
	}
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, largestBody)
	body, err := io.ReadAll(c.r.Body)
	if err != nil {
		return unread(err)
	}
	given, parameters, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if bodyless := c.route.as == api && c.route.in == nil && len(body) == 0; !bodyless && (err != nil || given != wanted || !plainCharset(parameters)) {
		return fail(http.StatusUnsupportedMediaType, "CONTENT-TYPE", "send "+wanted+" in UTF-8", "the body is said to be %q", c.r.Header.Get("Content-Type"))
	}
	c.body = body
	if c.route.as == form {
		if c.form, err = url.ParseQuery(string(body)); err != nil || !utf8.Valid(body) {
			return fail(http.StatusBadRequest, "FORM", "send the form as the page made it", "the form cannot be read")
		}
		for name, values := range c.form {
			if !utf8.ValidString(name) || slices.ContainsFunc(values, func(v string) bool { return !utf8.ValidString(v) }) {
				return badInput(name, "UTF-8")
			}
		}
	}
	return nil
}

// uploadTime is how long an upload may take to arrive.
const uploadTime = 15 * time.Minute

// takeTime gives a connection more time than the server gives others.
func (c *call) takeTime() {
	connection := http.NewResponseController(c.w)
	until := time.Now().Add(uploadTime)
	if err := errors.Join(connection.SetReadDeadline(until), connection.SetWriteDeadline(until.Add(time.Minute))); err != nil {
		c.Log.Debug("the connection keeps its deadlines", zap.String("request", c.id), zap.Error(err))
	}
}

func plainCharset(parameters map[string]string) bool {
	charset := parameters["charset"]
	return charset == "" || charset == "utf-8" || charset == "UTF-8"
}

// unread says why a body could not be read.
func unread(err error) error {
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return fail(http.StatusRequestTimeout, "SLOW", "try again on a better line", "the request took too long to arrive")
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	return fail(http.StatusBadRequest, "BODY", "try again", "the request broke off")
}

// formToken is the field, and the header, with the token of the session.
const (
	formToken       = "form_token"
	formTokenHeader = "X-Form-Token"
)

// ownForm demands of a browser that changes something the token that only our own pages have. Programs with a token of their own have no
// cookie that a foreign page could use.
func (c *call) ownForm() error {
	if !c.route.changes() || c.token != nil || c.session == nil {
		return nil
	}
	given := c.r.Header.Get(formTokenHeader)
	if given == "" && c.form != nil {
		given = c.form.Get(formToken)
	}
	if given == "" && c.route.files {
		return nil // it is in the first part: see upload
	}
	if !equal(given, c.session.Form) {
		return errForm
	}
	return nil
}

// equal compares secrets in constant time.
func equal(a, b string) bool { return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// freshFor is how long a proof of who one is counts for what needs it anew.
const freshFor = 5 * time.Minute

// freshEnough demands of a person a proof of who they are from a short while ago, where the route needs it. A program's token was given
// the scope by a person who proved it.
func (c *call) freshEnough() error {
	if !c.route.fresh {
		return nil
	}
	return c.proved()
}

// proved fails where the person has not proved who they are for a while. Handlers call it for what only sometimes needs it.
func (c *call) proved() error {
	if c.token != nil || c.Demo != "" || c.session != nil && c.Now().Sub(c.session.Proved) <= freshFor {
		return nil
	}
	return errProve
}

var errProve = fail(http.StatusUnauthorized, "PROVE", "enter your password again", "this needs a sign-in from the last %d minutes", int(freshFor.Minutes()))

// once does a form or API request with an idempotency key once: when it comes again, it is answered again.
func (c *call) once(do func() error) error {
	key, err := c.idempotencyKey()
	if err != nil || key == "" {
		return firstOf(err, do)
	}
	digest := sha256.New()
	fmt.Fprintf(digest, "%s %s\n", c.r.Method, c.r.URL.Path)
	digest.Write(c.bodyWithoutToken())
	now := c.Now()
	stored, answered, err := c.Store.ClaimAnswer(c.r.Context(), store.Claim{Person: c.person.ID, Key: key, Digest: hex.EncodeToString(digest.Sum(nil)),
		At: now, Dead: now.Add(-claimLasts)})
	switch {
	case errors.Is(err, store.ErrDuplicate):
		return fail(http.StatusUnprocessableEntity, "IDEMPOTENCY-KEY", "use a new key for a new request", "the key was used for another request").at("Idempotency-Key")
	case errors.Is(err, store.ErrLocked):
		return fail(http.StatusConflict, "IDEMPOTENCY-BUSY", "wait a moment, then ask again with the same key", "the same request is being done right now").at("Idempotency-Key")
	case err != nil:
		return err
	case answered:
		c.again(stored)
		return nil
	}
	return c.conclude(key, do())
}

// claimLasts is after which time a request that has not been answered is taken for dead.
const claimLasts = 2 * time.Minute

func firstOf(err error, do func() error) error {
	if err != nil {
		return err
	}
	return do()
}
