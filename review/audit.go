package review

import (
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tieout/tieout/store"
)

func auditRoutes() []route {
	query := []parameter{{"before", "number of the row after which to go on, towards older ones"}, {"limit", "rows, at most 500"}, {"actor", "login of who acted"},
		{"verb", "what was done"}, {"day", "on which, in UTC"}}
	return []route{
		{method: "GET", path: "/e/{entity}/audit", may: mayReadAudit, do: (*call).auditPage, says: "Audit log", nav: "Audit log", query: query},
		{method: "GET", path: "/audit", may: mayReadAudit, do: (*call).auditPage, says: "Audit log of people", query: query},
		{method: "GET", path: "/api/v1/e/{entity}/audit", may: mayReadAudit, as: api, do: (*call).apiAudit, says: "The audit log of a company, newest first", query: query, out: []auditOut{}},
		{method: "GET", path: "/api/v1/audit", may: mayReadAudit, as: api, do: (*call).apiAudit, says: "The audit log of people, sessions and tokens, newest first", query: query, out: []auditOut{}},
	}
}

// auditOut is an audit row in words. Its hash covers the canonical text and the hash before it.
type auditOut struct {
	Seq     int64     `json:"seq"`
	At      time.Time `json:"at"`
	Actor   string    `json:"actor"`
	Run     int64     `json:"run" says:"0 outside runs"`
	Verb    string    `json:"verb"`
	Via     string    `json:"via" says:"session or token, role, address; empty for the engine"`
	Things  []string  `json:"things" says:"what became of what: noun, first to last id, number, hash"`
	About   string    `json:"about" says:"of events that changed no books"`
	Detail  string    `json:"detail"`
	Hash    string    `json:"hash"`
	Written string    `json:"canonical" says:"the text that the hash covers"`
}

// viewAudit reads the canonical text of a row: a line each, the first word says what it is.
func viewAudit(e store.AuditEntry) auditOut {
	row := auditOut{Seq: e.Seq, Things: []string{}, Hash: hex.EncodeToString(e.Hash), Written: string(e.Canonical)}
	for line := range strings.Lines(string(e.Canonical)) {
		word, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch word {
		case "v1", "entity", "seq":
		case "at":
			row.At, _ = time.Parse(time.RFC3339Nano, rest)
		case "actor":
			row.Actor = unquoted(rest)
		case "run":
			row.Run, _ = strconv.ParseInt(rest, 10, 64)
		case "verb":
			row.Verb = rest
		case "via":
			row.Via = unquoted(rest)
		default:
			row.Things = append(row.Things, strings.TrimSpace(line))
		}
	}
	if e.Event != nil {
		row.About, row.Detail = e.Event.About, e.Event.Detail
	}
	return row
}

func unquoted(text string) string {
	if plain, err := strconv.Unquote(text); err == nil {
		return plain
	}
	return text
}

// audits reads a page of the log that the route is about. That of people shows those of every company: it takes the right in all of them.
func (c *call) audits() (filter store.AuditFilter, rows []auditOut, err error) {
	entity := store.House
	if c.company != nil {
		entity = c.company.ID
	} else {
		for i := range c.Companies {
			if !may(c.person, c.Companies[i].ID, mayReadAudit) {
				return filter, nil, errDenied
			}
		}
	}
	before, err := c.count("before", 0, 0, 1<<53)
	if err != nil {
		return filter, nil, err
	}
	if filter.Limit, err = c.count("limit", 100, 1, 500); err != nil {
		return filter, nil, err
	}
	if filter.Day, err = c.day("day"); err != nil {
		return filter, nil, err
	}
	filter.Before, filter.Actor, filter.Verb = int64(before), c.search("actor"), c.search("verb")
	log, err := c.Store.AuditLog(c.r.Context(), entity, filter)
	rows = make([]auditOut, len(log))
	for i, e := range log {
		rows[i] = viewAudit(e)
	}
	return filter, rows, err
}

// auditData is what audit.html shows.
type auditData struct {
	Filter store.AuditFilter
	Rows   []auditOut
	Older  string // address of the next page, "" on the last one
	People bool   // it is the log of people
}

func (c *call) auditPage() error {
	filter, rows, err := c.audits()
	if err != nil {
		return err
	}
	data := auditData{Filter: filter, Rows: rows, People: c.company == nil}
	if len(rows) == filter.Limit && rows[len(rows)-1].Seq > 1 {
		next := c.r.URL.Query()
		next.Set("before", decimal(rows[len(rows)-1].Seq))
		data.Older = c.r.URL.Path + "?" + next.Encode()
	}
	return c.page("audit", data)
}

func (c *call) apiAudit() error {
	_, rows, err := c.audits()
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, rows)
}

// exported keeps in the audit that a person took data out: every download of books calls it.
func (c *call) exported(what string) error {
	return c.Store.SaveEvent(c.r.Context(), c.act(), c.company.ID, store.Event{Verb: "export read", About: what})
}
