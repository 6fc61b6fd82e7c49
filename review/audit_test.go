package review_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tieout/tieout/store"
)

// TestAuditLog shows who did what how, narrowed as asked; what was denied too.
func TestAuditLog(t *testing.T) {
	d := newDesk(t)
	viewer := d.as(store.Viewer)
	viewer.wants(viewer.get("/e/nordlicht/audit"), http.StatusForbidden)
	b := d.as(store.Auditor)
	b.wants(b.get("/e/nordlicht/audit"), http.StatusOK, "denied", "GET /e/{entity}/audit DENIED", "role viewer, from 127.0.0.1", "run started")
	b.wants(b.get("/e/nordlicht/audit?actor=viewer&day=2026-04-20"), http.StatusOK, "denied")
	b.wants(b.get("/e/nordlicht/audit?actor=viewer&day=2026-04-21"), http.StatusOK, "Nothing fits.")
	type row struct {
		Seq                           int64
		Actor, Verb, Via, About, Hash string
	}
	rows := decoded[[]row](t, b.api("GET", "/api/v1/e/nordlicht/audit?limit=2", ""))
	if len(rows) != 2 || rows[0].Verb != "denied" || rows[0].Actor != "viewer" || !strings.HasPrefix(rows[0].Via, "desk, session ") || len(rows[0].Hash) != 64 {
		t.Errorf("rows: %+v", rows)
	}
	older := decoded[[]row](t, b.api("GET", "/api/v1/e/nordlicht/audit?limit=1&before="+text(rows[1].Seq), ""))
	if len(older) != 1 || older[0].Seq != rows[1].Seq-1 {
		t.Errorf("older: %+v", older)
	}
	b.wants(b.get("/e/nordlicht/audit?limit=2"), http.StatusOK, "Older")
}

// TestAuditLogOfPeople takes the right in every company.
func TestAuditLogOfPeople(t *testing.T) {
	d := newDesk(t)
	d.as(store.Auditor).wants(d.browser().get("/audit"), http.StatusUnauthorized)
	one := d.browser()
	one.signIn("auditor")
	one.wants(one.get("/audit"), http.StatusForbidden)
	d.personWith("anna", store.Grant{Entity: nordlicht, Role: store.Auditor}, store.Grant{Entity: sister, Role: store.Auditor})
	both := d.browser()
	both.signIn("anna")
	both.wants(both.get("/audit"), http.StatusOK, "signed in", "anna")
}
