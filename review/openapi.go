package review

import (
	"encoding"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/tieout/tieout/recon"
)

func openapiRoutes() []route {
	return []route{{method: "GET", path: "/api/v1/openapi.json", may: anyone, as: public, do: (*call).openapi, says: "This document"}}
}

func (c *call) openapi() error { return c.json(http.StatusOK, c.document()) }

// document describes the API in OpenAPI 3.1. All of it is read off the table of routes and the types that they name.
func (d *Desk) document() map[string]any {
	paths := map[string]map[string]any{}
	for _, r := range d.order {
		if r.as != api {
			continue
		}
		if paths[r.path] == nil {
			paths[r.path] = map[string]any{}
		}
		paths[r.path][strings.ToLower(r.method)] = operation(r)
	}
	return map[string]any{
		"openapi": "3.1.0",
		"info": map[string]any{"title": "tieout review desk", "version": "1",
			"description": "Everything that the pages do. Amounts are decimal strings, days are YYYY-MM-DD, instants RFC 3339 in UTC. Bodies are strict: " +
				"no unknown key, no key twice, nothing behind the value. What changes something needs an Idempotency-Key; what has versions needs If-Match."},
		"paths": paths,
		"components": map[string]any{
			"schemas":         map[string]any{"Failure": schema(reflect.TypeFor[failed]())},
			"securitySchemes": map[string]any{"token": map[string]any{"type": "http", "scheme": "bearer"}},
		},
		"security": []any{map[string]any{"token": []any{}}},
	}
}

func operation(r *route) map[string]any {
	one := map[string]any{"summary": r.says, "x-right": string(r.may), "responses": responses(r)}
	if parameters := parameters(r); len(parameters) > 0 {
		one["parameters"] = parameters
	}
	switch {
	case r.files:
		one["requestBody"] = map[string]any{"required": true, "content": map[string]any{"multipart/form-data": map[string]any{"schema": map[string]any{
			"type": "object", "properties": map[string]any{"file": map[string]any{"type": "string", "format": "binary"}}, "required": []string{"file"}}}}}
	case r.in != nil:
		one["requestBody"] = map[string]any{"required": true, "content": jsonContent(schema(reflect.TypeOf(r.in)))}
	}
	return one
}

func jsonContent(schema any) map[string]any {
	return map[string]any{"application/json": map[string]any{"schema": schema}}
}

// failures are what every route may answer beside what was asked for.
var failures = []struct {
	status int
	says   string
	when   func(*route) bool
}{
	{http.StatusBadRequest, "the input is malformed", func(*route) bool { return true }},
	{http.StatusUnauthorized, "no token, or one that is not valid any more", func(r *route) bool { return r.may != anyone }},
	{http.StatusForbidden, "roles, scope or the four-eyes rule do not allow it", func(r *route) bool { return r.may != anyone }},
	{http.StatusNotFound, "it does not exist, or is not yours to see", func(*route) bool { return true }},
	{http.StatusConflict, "somebody was faster; the answer says who", (*route).changes},
	{http.StatusRequestEntityTooLarge, "the body is too large", (*route).changes},
	{http.StatusUnsupportedMediaType, "the body is of another type", (*route).changes},
	{http.StatusUnprocessableEntity, "the rules or the books do not allow it", (*route).changes},
	{http.StatusPreconditionRequired, "If-Match is missing", func(r *route) bool { return r.versioned }},
	{http.StatusTooManyRequests, "too many requests; wait as long as Retry-After says", func(*route) bool { return true }},
}

func responses(r *route) map[string]any {
	done := map[string]any{"description": "done"}
	if r.out != nil {
		done["content"] = jsonContent(schema(reflect.TypeOf(r.out)))
	}
	all := map[string]any{"200": done}
	for _, f := range failures {
		if f.when(r) {
			all[fmt.Sprint(f.status)] = map[string]any{"description": f.says, "content": jsonContent(map[string]any{"$ref": "#/components/schemas/Failure"})}
		}
	}
	return all
}

// parameter is one of the query.
type parameter struct{ name, says string }

func parameters(r *route) (all []any) {
	one := func(in, name, says string, required bool) {
		all = append(all, map[string]any{"in": in, "name": name, "description": says, "required": required, "schema": map[string]any{"type": "string"}})
	}
	for _, segment := range segments(r.path) {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			one("path", strings.TrimSuffix(name, "}"), "", true)
		}
	}
	for _, p := range r.query {
		one("query", p.name, p.says, false)
	}
	if r.changes() && !r.files {
		one("header", keyHeader, "a new random key for each new request, the same one for a repeated one", true)
	}
	if r.versioned {
		one("header", "If-Match", "the version that this request is about, in quotes", true)
	}
	return all
}

// schema describes a type as JSON Schema. A field says more of itself with the tag says:"…".
func schema(t reflect.Type) map[string]any {
	switch {
	case t == amountType:
		return map[string]any{"type": "string", "pattern": `^-?[0-9]+(\.[0-9]+)?$`, "description": "an amount in the currency beside it"}
	case t == reflect.TypeFor[recon.Date]():
		return map[string]any{"type": "string", "format": "date"}
	case t == reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		return map[string]any{"type": "string"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return map[string]any{"anyOf": []any{schema(t.Elem()), map[string]any{"type": "null"}}}
	case reflect.Struct:
		return objectSchema(t)
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schema(t.Elem())}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer"}
	}
	panic(fmt.Sprintf("the API cannot describe a %s", t))
}

func objectSchema(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	for _, f := range jsonFields(t) {
		one := schema(f.Type)
		if says := f.Tag.Get("says"); says != "" {
			one["description"] = says
		}
		properties[f.name] = one
		if !f.optional {
			required = append(required, f.name)
		}
	}
	return map[string]any{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}
