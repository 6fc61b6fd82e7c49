package review_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"strings"
	"testing"

	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/review"
	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/worker"
)

// longWork hands over what goes on after a request was answered, as the program does.
func longWork(work *review.Work, by func(review.Actor) *worker.Pipeline) {
	work.Ingest = func(ctx context.Context, actor review.Actor, path, account string, progress review.Progress) (review.Received, error) {
		p := by(actor)
		p.Progress = progress
		all, _, err := p.Ingest(ctx, []string{path}, account)
		if err != nil || len(all) == 0 {
			return review.Received{}, err
		}
		f := all[0]
		r := review.Received{File: f.File, State: f.State, Duplicate: f.Duplicate, Format: f.Format, New: f.New, Duplicates: f.Duplicates, Problems: f.Problems}
		for _, s := range f.Statements {
			r.Statements = append(r.Statements, s.StatementRow)
		}
		return r, nil
	}
	work.Import = func(ctx context.Context, actor review.Actor, kind, name string, r io.Reader) (review.Imported, error) {
		if kind != "items" {
			return review.Imported{}, fmt.Errorf("the tests import items, not %s", kind)
		}
		i, err := by(actor).ImportItems(ctx, r, worker.ItemsImport{Name: name, Options: ingest.ImportOptions{}})
		return review.Imported{Taken: i.Done(), New: i.New, Changed: i.Changed, Unchanged: i.Unchanged, Problems: i.Problems}, err
	}
	work.Run = func(ctx context.Context, actor review.Actor, progress review.Progress) (review.Ran, error) {
		p := by(actor)
		p.Progress = progress
		result, err := p.Run(ctx)
		return review.Ran{Files: len(result.Received), Applied: result.Matched.Applied, Queued: result.Matched.Queued, TiesOut: result.Report.TiesOut()}, err
	}
}

// part is a part of a form with a file.
type part struct{ name, file, content string }

// uploads sends a form with files.
func (b *browser) uploads(path string, parts ...part) answer {
	b.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, p := range parts {
		disposition := fmt.Sprintf(`form-data; name="%s"`, p.name)
		if p.file != "" {
			disposition += fmt.Sprintf(`; filename="%s"`, p.file)
		}
		into, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {disposition}})
		b.must(err)
		_, err = io.WriteString(into, p.content)
		b.must(err)
	}
	b.must(w.Close())
	return b.do("POST", path, &body, http.Header{"Content-Type": {w.FormDataContentType()}, "Sec-Fetch-Site": {"same-origin"}})
}

func (b *browser) token() part { return part{name: "form_token", content: b.hidden("form_token")} }

// ended follows an upload to its job, hears of it until it ends, and returns the page.
func (b *browser) ended(uploaded answer) answer {
	b.Helper()
	if uploaded.status != http.StatusSeeOther {
		b.Fatalf("upload: %d\n%s", uploaded.status, uploaded.body)
	}
	at := uploaded.header.Get("Location")
	events := b.get(at + "/events")
	if !strings.HasPrefix(events.header.Get("Content-Type"), "text/event-stream") || !strings.Contains(events.body, `"ended":"2026-`) {
		b.Fatalf("events: %s", events.body)
	}
	return b.get(at)
}

// TestUploadOfABankFile goes the way of the inbox: archived, proved, booked; the same again is a duplicate.
func TestUploadOfABankFile(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Reviewer)
	b.wants(b.get("/e/nordlicht/upload"), http.StatusOK, "choose it, or drop it here")
	file := part{"file", "main-2026-04-20.xml", string(demoFile("next/main-2026-04-20.xml"))}
	page := b.ended(b.uploads("/e/nordlicht/upload", b.token(), part{name: "kind", content: "bank"}, file))
	b.wants(page, http.StatusOK, "booked", "camt.053.001.08", "new entries", "ties", "by reviewer")
	b.get("/e/nordlicht/upload")
	b.wants(b.ended(b.uploads("/e/nordlicht/upload", b.token(), file)), http.StatusOK, "duplicate")
	files, err := d.store.Files(t.Context(), nordlicht, 1)
	d.must(err)
	if files[0].Name != "main-2026-04-20.xml" || files[0].State != recon.FileBooked {
		t.Errorf("file: %+v", files[0])
	}
	left, err := os.ReadDir(d.scratch)
	d.must(err)
	for _, entry := range left {
		if strings.HasPrefix(entry.Name(), "upload-") {
			t.Errorf("%s is left", entry.Name())
		}
	}
	b.wants(b.get("/e/nordlicht/jobs"), http.StatusOK, "main-2026-04-20.xml", "booked", "duplicate")
	b.get("/e/nordlicht/upload")
	b.wants(b.ended(b.post("/e/nordlicht/run")), http.StatusOK, "Nightly job", "done")
}

// TestUploadOfWhatIsWrong shows the same problems as the inbox.
func TestUploadOfWhatIsWrong(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Reviewer)
	b.get("/e/nordlicht/upload")
	b.wants(b.ended(b.uploads("/e/nordlicht/upload", b.token(), part{"file", "../../etc/x.xml", `<!DOCTYPE x><Document/>`})), http.StatusOK, "refused", "XML-DTD", "x.xml")
	b.get("/e/nordlicht/upload")
	items := part{"file", "items.csv", "number,customer,currency,amount\nR-1,K-NOBODY,EUR,1.00\n"}
	b.wants(b.ended(b.uploads("/e/nordlicht/upload", b.token(), part{name: "kind", content: "items"}, items)), http.StatusOK, "not taken")
}

// TestH14Uploads are refused for what they are, before anything is kept.
func TestH14Uploads(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Reviewer)
	b.get("/e/nordlicht/upload")
	file := part{"file", "a.csv", "x"}
	bomb := []part{b.token()}
	for range 20 {
		bomb = append(bomb, part{name: "kind", content: "bank"})
	}
	for name, c := range map[string]struct {
		parts  []part
		status int
		says   string
	}{
		"no file":          {[]part{b.token()}, http.StatusBadRequest, "the upload has no file"},
		"no name":          {[]part{b.token(), {name: "file", content: "x"}}, http.StatusBadRequest, "the file has no name"},
		"two files":        {[]part{b.token(), file, file}, http.StatusBadRequest, "the upload has two files"},
		"too many parts":   {append(bomb, file), http.StatusBadRequest, "more than 8 parts"},
		"a large field":    {[]part{b.token(), {name: "kind", content: strings.Repeat("x", 5000)}, file}, http.StatusBadRequest, "kind is not a short text"},
		"an unknown field": {[]part{b.token(), {name: "path", content: "/etc"}, file}, http.StatusBadRequest, "the upload has a part"},
		"an unknown kind":  {[]part{b.token(), {name: "kind", content: "postings"}, file}, http.StatusBadRequest, "kind is not one of bank"},
		"a large file":     {[]part{b.token(), {"file", "a.csv", strings.Repeat("x", 1<<20+1)}}, http.StatusRequestEntityTooLarge, "larger than 1048576 bytes"},
		"a huge body":      {[]part{b.token(), {"file", "a.csv", strings.Repeat("x", 3<<20)}}, http.StatusRequestEntityTooLarge, ""},
		"no token":         {[]part{file}, http.StatusForbidden, "the form is not of this session"},
		"token too late":   {[]part{file, b.token()}, http.StatusForbidden, "the form is not of this session"},
	} {
		t.Run(name, func(t *testing.T) {
			own := *b
			own.desk = &desk{TB: t, Desk: d.Desk, store: d.store, server: d.server, clock: d.clock}
			own.wants(own.uploads("/e/nordlicht/upload", c.parts...), c.status, c.says)
		})
	}
	urlencoded := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "X-Form-Token": {b.hidden("form_token")}}
	b.wants(b.do("POST", "/e/nordlicht/upload", strings.NewReader("file=x"), urlencoded), http.StatusUnsupportedMediaType)
	if files, err := d.store.Files(t.Context(), nordlicht, 0); err != nil || len(files) != 3 {
		t.Errorf("files: %v, %v", files, err)
	}
}

// TestUploadByAProgram answers the job, which is asked for until it has ended.
func TestUploadByAProgram(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Admin)
	b.get("/people")
	robot := d.person("robot", store.Service)
	made := decoded[struct{ Secret string }](t, b.api("POST", "/api/v1/people/"+text(robot.ID)+"/tokens", `{"name":"upload","scopes":["read","upload"],"days":1}`))
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	into, err := w.CreateFormFile("file", "main-2026-04-20.xml")
	d.must(err)
	_, err = into.Write(demoFile("next/main-2026-04-20.xml"))
	d.must(err)
	d.must(w.Close())
	p := d.browser()
	answered := p.do("POST", "/api/v1/e/nordlicht/files", &body, http.Header{"Content-Type": {w.FormDataContentType()}, "Authorization": {"Bearer " + made.Secret}})
	p.wants(answered, http.StatusAccepted, `"kind":"bank"`)
	id := decoded[struct{ ID int64 }](t, answered).ID
	d.Close(t.Context()) // waits for the job
	p.wants(d.program(made.Secret, "GET", "/api/v1/e/nordlicht/jobs/"+text(id), ""), http.StatusOK, `"outcome":"booked"`, `"ties":true`, `"opening":"`)
	p.wants(d.program(made.Secret, "GET", "/api/v1/e/nordlicht/jobs/999", ""), http.StatusNotFound)
}
