package review

import (
	"net/http"
	"slices"
)

// kind says how a route takes its input and gives its answer.
type kind int

const (
	page   kind = iota // GET, answers HTML
	form               // POST of a form on a page, answers a redirect or the page again
	api                // JSON in and out
	public             // GET of a file that everybody may have
)

// route is a row of the table from which the mux, the OpenAPI document and the test of who may do what are made.
type route struct {
	method string
	path   string // pattern of http.ServeMux; {entity} is the company
	may    right
	as     kind
	do     func(*call) error
	says   string // what it does, one line; the title of a page
	nav    string // word in the navigation, "" where it is not there
	fresh  bool   // the person must have proved who they are a short while ago
	heavy  bool   // costs much: few at once
	files  bool   // the body is an upload
	idle   bool   // it changes nothing, however often it is asked: it needs no idempotency key
	in     any    // value of the type that the body of an API request has, nil for none
	out    any    // value of the type that an API answer has, nil for none
	query  []parameter

	// versioned says that the request must name the version that it is about: a field of the form, or If-Match.
	versioned bool
}

// table lists every route.
func table() []route {
	return slices.Concat(
		homeRoutes(),
		queueRoutes(),
		caseRoutes(),
		approvalRoutes(),
		itemRoutes(),
		customerRoutes(),
		reportRoutes(),
		rulesRoutes(),
		loginRoutes(),
		oidcRoutes(),
		accountRoutes(),
		uploadRoutes(),
		progressRoutes(),
		peopleRoutes(),
		peopleAPIRoutes(),
		auditRoutes(),
		casesAPIRoutes(),
		booksAPIRoutes(),
		staticRoutes(),
		openapiRoutes(),
	)
}

// pattern is how the mux knows a route.
func (r route) pattern() string { return r.method + " " + r.path }

// changes reports whether the route may change something.
func (r route) changes() bool { return r.method != http.MethodGet }

// about reports whether the route is about the books of one company.
func (r route) about() bool { return slices.Contains(segments(r.path), "{entity}") }

// Route is a row of the table as others may know it.
type Route struct {
	Pattern string // method and path
	Says    string
}

// Routes lists every route of the desk.
func (d *Desk) Routes() (list []Route) {
	for _, r := range d.order {
		list = append(list, Route{r.pattern(), r.says})
	}
	return list
}
