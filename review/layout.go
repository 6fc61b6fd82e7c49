package review

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/tieout/tieout/matcher"
	"github.com/tieout/tieout/recon"
)

//go:embed *.html
var templates embed.FS

// view is what the template of a page sees.
type view struct {
	Title     string
	Person    string // name of who has signed in, "" for nobody
	Login     string
	Company   *Company
	Companies []*Company // those whose books the person may see
	Nav       []link
	Token     string // of forms
	Flash     []string
	Demo      bool
	Path      string
	Data      any
	call      *call
}

// May reports whether the person has a right in the books that the page is about, so that pages show only what can be done.
func (v view) May(wanted string) bool {
	entity := ""
	if v.Company != nil {
		entity = v.Company.ID
	}
	return may(v.call.person, entity, right(wanted))
}

// Key is a new idempotency key: each form has its own, for several of a page may be sent one after the other.
func (v view) Key() string { return newKey() }

// link is a word of the navigation.
type link struct {
	Text, Path string
	Here       bool
}

// shared are the templates that every page includes.
var shared = []string{"layout.html", "desk.html", "parts.html"}

// loadPages reads the templates, one set per page: each includes the layout.
func (d *Desk) loadPages() (map[string]*template.Template, error) {
	base, err := template.New("").Funcs(d.functions()).ParseFS(templates, shared...)
	if err != nil {
		return nil, fmt.Errorf("layout: %w", err)
	}
	names, err := fs.Glob(templates, "*.html")
	if err != nil {
		return nil, err
	}
	pages := map[string]*template.Template{}
	for _, name := range names {
		if slices.Contains(shared, name) {
			continue
		}
		copied, err := base.Clone()
		if err != nil {
			return nil, err
		}
		if pages[strings.TrimSuffix(name, ".html")], err = copied.ParseFS(templates, name); err != nil {
			return nil, fmt.Errorf("page %s: %w", name, err)
		}
	}
	return pages, nil
}

// functions are what templates may call.
func (d *Desk) functions() template.FuncMap {
	return template.FuncMap{
		"static": func(name string) (string, error) {
			asset, known := d.static[name]
			if !known {
				return "", fmt.Errorf("there is no file %s", name)
			}
			return "/static/" + name + "?v=" + asset.version, nil
		},
		"money":   func(minor int64, currency recon.Currency) string { return recon.FormatMinor(minor, currency) },
		"instant": func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") },
		"account": recon.MaskAccount,
		"join":    strings.Join,
		"scopes":  Scopes,
		"deref":   func(b *bool) bool { return *b },
		"jobsOf": func(company string, jobs []jobOut) map[string]any {
			return map[string]any{"Company": company, "Jobs": jobs}
		},
		"grouped":     groupedAmount,
		"iban":        groupedAccount,
		"label":       func(code any) string { return label(fmt.Sprint(code)) },
		"kind":        kindWord,
		"why":         matcher.Sentence,
		"exponent":    func(c recon.Currency) int { return c.Exponent() },
		"stripes":     stripes,
		"numeric":     numericColumn,
		"cell":        reportCell,
		"neg":         func(minor int64) int64 { return -minor },
		"abs":         func(minor int64) int64 { return max(minor, -minor) },
		"statusClass": statusClass,
	}
}

// render makes a page the answer. A template that fails is a fault of ours.
func (c *call) render(name string, data any) {
	c.status = http.StatusOK
	c.head().Set("Content-Type", "text/html; charset=utf-8")
	page := c.pages[name]
	if page == nil {
		panic("there is no page " + name)
	}
	if err := page.ExecuteTemplate(&c.answer, "layout", c.view(data)); err != nil {
		panic(fmt.Errorf("page %s: %w", name, err))
	}
}

func (c *call) view(data any) view {
	v := view{Person: c.person.Name, Login: c.person.Login, Company: c.company, Demo: c.Demo != "", Path: c.r.URL.Path, Data: data, call: c}
	if v.Person == "" {
		v.Person = c.person.Login
	}
	if c.route != nil {
		v.Title = c.route.says
	}
	if c.session != nil {
		v.Token, v.Flash = c.session.Form, c.session.Flash
		if len(c.session.Flash) > 0 {
			c.session.Flash, c.session.changed = nil, true
		}
	}
	v.Companies = c.inReach()
	v.Nav = c.navigation()
	return v
}

// inReach are the companies in whose books the person has a role.
func (c *call) inReach() (list []*Company) {
	for i := range c.Companies {
		if belongs(c.person, c.Companies[i].ID) {
			list = append(list, &c.Companies[i])
		}
	}
	return list
}

// navigation lists the pages that the person may open, in the order of the table.
func (c *call) navigation() (links []link) {
	for _, r := range c.order {
		company := c.company
		if r.nav == "" || r.about() && company == nil {
			continue
		}
		entity, to := "", r.path
		if r.about() {
			entity, to = company.ID, strings.Replace(r.path, "{entity}", company.ID, 1)
		}
		if r.may != anyone && !may(c.person, entity, r.may) {
			continue
		}
		links = append(links, link{Text: r.nav, Path: strings.TrimSuffix(to, "{$}"), Here: c.route != nil && path.Clean(r.path) == path.Clean(c.route.path)})
	}
	return links
}
