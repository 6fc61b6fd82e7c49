package review

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/alexedwards/scs/v2"
	"go.uber.org/zap"
)

// Desk answers the requests of browsers and programs.
type Desk struct {
	Config
	mux      *http.ServeMux
	routes   map[string]*route // by pattern
	order    []*route
	pages    map[string]*template.Template
	sessions *scs.SessionManager
	origins  *http.CrossOriginProtection
	limits   *limits
	jobs     *jobs
	provider *provider // nil where nobody signs in with an organisation
	static   map[string]asset
}

// New returns the desk. It fails where a template or a route is wrong.
func New(config Config) (*Desk, error) {
	d := &Desk{Config: config, mux: http.NewServeMux(), routes: map[string]*route{}, origins: http.NewCrossOriginProtection(), limits: newLimits(config.Now), jobs: newJobs()}
	if config.OIDC != nil {
		d.provider = &provider{settings: config.OIDC}
	}
	var err error
	if d.static, err = loadStatic(); err != nil {
		return nil, err
	}
	if d.pages, err = d.loadPages(); err != nil {
		return nil, err
	}
	d.sessions = d.sessionManager()
	for _, r := range table() {
		if _, twice := d.routes[r.pattern()]; twice {
			return nil, fmt.Errorf("two routes %s", r.pattern())
		}
		d.routes[r.pattern()] = &r
		d.order = append(d.order, &r)
		d.mux.Handle(r.pattern(), found(&r))
	}
	return d, nil
}

// segments cuts a path at its slashes.
func segments(path string) []string { return strings.Split(strings.Trim(path, "/"), "/") }

// newID names a request in answers and logs.
func newID() string {
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// ServeHTTP answers one request: headers first, then what is wrong with the request as such, then the route.
func (d *Desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{Desk: d, w: w, r: r, id: newID()}
	c.address = d.addressOf(r)
	d.headers(w.Header(), c.id)
	if err := d.acceptable(c); err != nil {
		c.fails(err)
		c.flush()
		return
	}
	if c.route == nil || !c.usesSession() {
		d.answer(c)
		return
	}
	d.sessions.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.w, c.r = w, r
		d.answer(c)
	})).ServeHTTP(w, c.r)
}

// answer runs the route and writes its answer; a panic is a fault of ours and costs this request only.
func (d *Desk) answer(c *call) {
	defer func() {
		if fault := recover(); fault != nil {
			if fault == http.ErrAbortHandler { // an answer broke off, and the connection with it
				panic(fault)
			}
			d.Log.Error("panic", zap.String("request", c.id), zap.String("route", c.pattern()), zap.Any("fault", fault), zap.ByteString("stack", debug.Stack()))
			c.fails(fmt.Errorf("panic in %s", c.pattern()))
			c.flush()
		}
	}()
	if err := d.serve(c); err != nil {
		c.fails(err)
	}
	c.flush()
}

// serve takes a call through the gates in order: who asks, what did they send, may they, is it from a page of our own, was it answered already. What was
// sent is read first, so that a form outlives a session that has ended.
func (d *Desk) serve(c *call) error {
	for _, gate := range []func(*call) error{(*call).identify, (*call).takeBody, (*call).authorise, (*call).ownForm, (*call).freshEnough, (*call).takeVersion} {
		if err := gate(c); err != nil {
			return err
		}
	}
	release, err := d.limits.enter(c)
	if err != nil {
		return err
	}
	defer release()
	return c.once(func() error { return c.route.do(c) })
}

// callKey finds the call in the context while the mux looks for its route.
type callKey struct{}

// find looks up the route of a call: 404 and 405 are failures, and nothing is redirected.
func (d *Desk) find(c *call) error {
	probe := &statusProbe{header: http.Header{}}
	d.mux.ServeHTTP(probe, c.r.WithContext(context.WithValue(c.r.Context(), callKey{}, c)))
	switch {
	case c.route != nil:
		return nil
	case probe.status == http.StatusMethodNotAllowed:
		allowed := probe.header.Get("Allow")
		c.w.Header().Set("Allow", allowed)
		return fail(http.StatusMethodNotAllowed, "METHOD", "use "+allowed, "%s is not done here", c.r.Method)
	}
	return errNoPage
}

// found is what the mux calls for a route: it notes the route, the call is answered later.
func found(route *route) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) {
		if c, ok := r.Context().Value(callKey{}).(*call); ok {
			c.route, c.r = route, r
		}
	}
}

// statusProbe learns what the mux would answer.
type statusProbe struct {
	header http.Header
	status int
}

func (p *statusProbe) Header() http.Header         { return p.header }
func (p *statusProbe) Write(b []byte) (int, error) { return len(b), nil }
func (p *statusProbe) WriteHeader(status int)      { p.status = status }
