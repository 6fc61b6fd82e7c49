package review

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"go.uber.org/zap"

	"github.com/tieout/tieout/store"
)

// call is one request under way: who asks, about whose books, and the answer as it grows. The answer is written at the end, so
// that what fails half-way leaves nothing half-said.
type call struct {
	*Desk
	w       http.ResponseWriter
	r       *http.Request
	id      string
	address netip.Addr
	route   *route
	person  store.Person // zero while nobody is signed in
	token   *store.Token // with which a program asks, nil for browsers
	session *session     // nil for programs
	company *Company     // nil where the route is about no company

	form url.Values // of a form that was sent
	body []byte     // of a form or an API request
	seen int64      // version that the request is about

	uploadToken string // of a form with a file
	secret      bool   // the answer shows a secret: it is given once and not kept
	status      int
	header      http.Header
	answer      bytes.Buffer
	stream      func(io.Writer) error
}

// pattern is the route's, for logs and the audit: no ids, no searches.
func (c *call) pattern() string {
	if c.route == nil {
		return "no route"
	}
	return c.route.pattern()
}

// usesSession reports whether the cookie counts: programs come with a token instead.
func (c *call) usesSession() bool { return c.route.as != public && c.bearer() == "" }

func (c *call) bearer() string {
	token, ok := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
	if !ok || c.route == nil || c.route.as != api {
		return ""
	}
	return token
}

func (c *call) wantsJSON() bool {
	return c.route != nil && c.route.as == api || c.route == nil && strings.HasPrefix(c.r.URL.Path, "/api/")
}

// act says who does what is done now, and how.
func (c *call) act() store.Act {
	actor := c.actor()
	return store.Act{Actor: actor.Login, Via: actor.Via, At: c.Now()}
}

// actor is the person with the session or token, the roles and the address they act by.
func (c *call) actor() Actor {
	entity := ""
	if c.company != nil {
		entity = c.company.ID
	}
	var roles []string
	for _, role := range rolesIn(c.person, entity) {
		roles = append(roles, string(role))
	}
	by := "no session"
	switch {
	case c.token != nil:
		by = fmt.Sprintf("token %d", c.token.ID)
	case c.session != nil && c.session.ID != 0:
		by = fmt.Sprintf("session %d", c.session.ID)
	}
	login := c.person.Login
	if login == "" {
		login = "nobody"
	}
	return Actor{Login: login, Via: fmt.Sprintf("desk, %s, role %s, from %s, request %s", by, strings.Join(roles, "+"), c.address, c.id)}
}

// reset forgets the answer so far.
func (c *call) reset() {
	c.status, c.stream = 0, nil
	c.header = http.Header{}
	c.answer.Reset()
}

// page answers with the page of a name (queue for queue.html).
func (c *call) page(name string, data any) error {
	c.render(name, data)
	return nil
}

// pageAs answers with a page and a status other than 200, such as a form that needs another look.
func (c *call) pageAs(status int, name string, data any) error {
	c.render(name, data)
	c.status = status
	return nil
}

// see answers a form with a redirect to a page, which will show the message.
func (c *call) see(where, message string, values ...any) error {
	if message != "" && c.session != nil {
		c.session.say(fmt.Sprintf(message, values...))
	}
	c.status = http.StatusSeeOther
	c.head().Set("Location", where)
	return nil
}

// json answers an API request.
func (c *call) json(status int, value any) error {
	c.status = status
	return c.encode(value)
}

func (c *call) encode(value any) error {
	c.head().Set("Content-Type", "application/json; charset=utf-8")
	encoder := json.NewEncoder(&c.answer)
	encoder.SetEscapeHTML(true)
	return encoder.Encode(value)
}

// download answers with a file that is written as it is made. The name is one of ours or a person's: it is quoted.
func (c *call) download(name, contentType string, write func(io.Writer) error) error {
	c.head().Set("Content-Type", contentType)
	c.head().Set("Content-Disposition", attachment(name))
	c.status, c.stream = http.StatusOK, write
	return nil
}

func (c *call) head() http.Header {
	if c.header == nil {
		c.header = http.Header{}
	}
	return c.header
}

// flush writes the answer.
func (c *call) flush() {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	into := c.w.Header()
	for name, values := range c.header {
		into[name] = values
	}
	if into.Get("Cache-Control") == "" {
		into.Set("Cache-Control", "no-store")
	}
	if c.session != nil && c.session.changed {
		c.sessions.Put(c.r.Context(), sessionKey, c.session)
	}
	c.w.WriteHeader(c.status)
	if c.stream != nil {
		if err := c.stream(c.w); err != nil {
			c.Log.Warn("an answer broke off", zap.String("request", c.id), zap.String("route", c.pattern()), zap.Error(err))
			panic(http.ErrAbortHandler) // the other side must not take it for the whole
		}
		return
	}
	if _, err := c.w.Write(c.answer.Bytes()); err != nil {
		c.Log.Debug("nobody listened to the answer", zap.String("request", c.id))
	}
}
