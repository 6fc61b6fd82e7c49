// Package review is the desk: the pages on which people clear the exception queue, and the HTTP API for all that the pages do.
// Pages are rendered here and work without scripts; static/desk.js only makes them faster.
//
// Words: a *route* is a row of the table in routes.go: method, path, the right it needs, what answers it. A *call* is one request under
// way. A *right* is what a route needs; roles (see [store.Role]) give rights in the books of one company. A *failure* is an answer other
// than the one asked for: a status, a code, a sentence, advice.
//
// A page is a pair of files: queue.go has its routes and handlers, queue.html its template. To add one:
//
//  1. queue.html defines "content" and, where the title is more than the route's says, "title". It sees a [view]; what the handler
//     handed over is .Data. A form that changes something begins with {{template "form" .}}, which writes the token of the session,
//     the idempotency key, and nothing else; what has a version carries it in a field named version.
//  2. queue.go has func queueRoutes() []route; its line in [table] joins it. A route says which right it needs; nothing is open by
//     default. Patterns with {entity} are about the books of one company: the frame finds it, and answers 404 to who has no role in it.
//  3. The handler is a method of [call]. It reads its input by c.number, c.choice, c.text, c.field and so on, which fail with 400 by
//     themselves, and answers by exactly one of c.page, c.see (a redirect with a message), c.json, c.stream. It returns errors as they
//     are: [failureOf] knows those of the store and of the rules (not found 404, stale 409, refused 422); a failure of its own is
//     made by [fail].
//  4. access_test.go has a row for each route and role. The test fails until yours is there.
//
// An API route is the same with kind api: c.read decodes the body strictly into the type that the route names as in, and c.json writes
// the type that it names as out; the OpenAPI document is made from both. Amounts are decimal strings.
//
// What may be repeated safely is the frame's business: a form or API request with an idempotency key that was answered is answered again
// from the store and never done twice. What must not be overwritten is the handler's: it hands the version that the person saw to the store.
//
// Everything changes through [Work], the same functions that the terminal calls, with the person as actor.
package review
