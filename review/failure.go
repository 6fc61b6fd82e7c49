package review

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"go.uber.org/zap"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// failure is an answer other than the one asked for. Problems are those of single lines, beside the one that sums up.
type failure struct {
	Status  int
	Problem recon.Problem
	Lines   []recon.Problem
	retry   int // seconds after which to try again, 0 for none
}

func (f *failure) Error() string { return fmt.Sprintf("%d %s", f.Status, f.Problem) }

// fail makes a failure: what to try comes first, then what happened.
func fail(status int, code, try, format string, values ...any) *failure {
	return &failure{Status: status, Problem: recon.Problem{Code: code, Severity: recon.Reject, Message: fmt.Sprintf(format, values...), Try: try}}
}

// at says where in the input the failure is.
func (f *failure) at(where string) *failure {
	f.Problem.Where = where
	return f
}

var (
	// errNoPage answers alike for what does not exist and for what is somebody else's.
	errNoPage  = fail(http.StatusNotFound, "NOT-FOUND", "go back, or start at the first page", "there is nothing here")
	errNobody  = fail(http.StatusUnauthorized, "SIGN-IN", "sign in", "you are not signed in, or your session has ended")
	errDenied  = fail(http.StatusForbidden, "DENIED", "ask an administrator for the role that you need", "your roles do not allow this")
	errForeign = fail(http.StatusForbidden, "ORIGIN", "open the desk itself and try there", "the request comes from another site")
	errForm    = fail(http.StatusForbidden, "FORM-TOKEN", "load the page again and send the form from there", "the form is not of this session")
)

// failureOf turns an error into the failure that the person sees; what is no request's fault is 500, and its text goes to the log alone.
func failureOf(err error) *failure {
	var f *failure
	var refused recon.Refused
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &refused):
		return &failure{Status: statusOf(refused.Class), Problem: refused.Problem}
	case errors.As(err, &large):
		return fail(http.StatusRequestEntityTooLarge, "TOO-LARGE", "send less at once", "the request is larger than %d bytes", large.Limit)
	case errors.Is(err, store.ErrNotFound):
		return errNoPage
	case errors.Is(err, store.ErrFourEyes):
		return fail(http.StatusForbidden, "FOUR-EYES", "ask a colleague who may approve", "it takes two people: nobody settles their own proposal")
	case errors.Is(err, store.ErrStale):
		return fail(http.StatusConflict, "STALE", "look at it as it is now, then decide anew", "somebody changed this in the meantime: nothing was done")
	case errors.Is(err, store.ErrOver):
		return fail(http.StatusConflict, "OVER", "look at it as it is now, then decide anew", "more than what is open by now: nothing was done")
	case errors.Is(err, store.ErrDuplicate):
		return fail(http.StatusConflict, "DUPLICATE", "choose another name, or change the one that is there", "it exists already")
	case errors.Is(err, store.ErrClosed):
		return fail(http.StatusUnprocessableEntity, "CLOSED", "choose a day in an open period", "the books are closed for that day")
	case errors.Is(err, store.ErrLocked):
		return &failure{Status: http.StatusServiceUnavailable, retry: 5,
			Problem: recon.Problem{Code: "BUSY", Severity: recon.Reject, Message: "another run is at work on these books", Try: "try again in a moment"}}
	case errors.Is(err, context.DeadlineExceeded):
		return fail(http.StatusServiceUnavailable, "TIMEOUT", "narrow what you ask for, or try again later", "this took too long and was given up")
	}
	return fail(http.StatusInternalServerError, "FAULT", "try again; if it stays, tell your administrator the number of the request", "something went wrong on our side: nothing was done")
}

func statusOf(class recon.RefusalClass) int {
	switch class {
	case recon.RefusedConflict:
		return http.StatusConflict
	case recon.RefusedForbidden:
		return http.StatusForbidden
	}
	return http.StatusUnprocessableEntity
}

// fails makes an error the answer, logs what is a fault of ours, and writes denied requests into the audit.
func (c *call) fails(err error) {
	f := failureOf(err)
	if f.Status >= http.StatusInternalServerError && f.retry == 0 {
		c.Log.Error("request failed", zap.String("request", c.id), zap.String("route", c.pattern()), zap.Error(err))
	}
	if f.Status == http.StatusForbidden {
		c.denied(f)
	}
	c.reset()
	if f.retry > 0 {
		c.header.Set("Retry-After", fmt.Sprint(f.retry))
	}
	if c.wantsJSON() {
		if f.Status == http.StatusUnauthorized {
			c.header.Set("WWW-Authenticate", `Bearer realm="tieout"`)
		}
		c.status = f.Status
		c.encode(failed{Error: f.Problem, Lines: f.Lines, Request: c.id})
		return
	}
	if f.Status == http.StatusUnauthorized && c.route != nil && c.route.as != public {
		c.signInPage(f)
		return
	}
	c.render("failure", failurePage{Failure: f, Request: c.id})
	c.status = f.Status
}

// failed is a failure as the API answers it.
type failed struct {
	Error   recon.Problem   `json:"error"`
	Lines   []recon.Problem `json:"lines,omitempty"`
	Request string          `json:"request"`
}

// failurePage is what failure.html shows.
type failurePage struct {
	Failure *failure
	Request string
}

// denied keeps in the audit that a person was denied something.
func (c *call) denied(f *failure) {
	if c.person.ID == 0 {
		return
	}
	entity := store.House
	if c.company != nil {
		entity = c.company.ID
	}
	event := store.Event{Verb: "denied", About: c.pattern(), Detail: f.Problem.Code}
	if err := c.Store.SaveEvent(context.WithoutCancel(c.r.Context()), c.act(), entity, event); err != nil {
		c.Log.Error("audit a denial", zap.String("request", c.id), zap.Error(err))
	}
}
