package review

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/tieout/tieout/recon"
)

func uploadRoutes() []route {
	return []route{
		{method: "GET", path: "/e/{entity}/upload", may: mayUpload, do: (*call).uploadPage, says: "Upload", nav: "Upload"},
		{method: "POST", path: "/e/{entity}/upload", may: mayUpload, as: form, files: true, heavy: true, do: (*call).upload, says: "Take in a file"},
		{method: "POST", path: "/e/{entity}/run", may: mayUpload, as: form, do: (*call).runNow, says: "Run the nightly job now"},
		{method: "POST", path: "/api/v1/e/{entity}/files", may: mayUpload, as: api, files: true, heavy: true, do: (*call).apiUpload,
			says: "Take in a bank file (kind bank), or open items and the like (kind items, customers, instalments, disputes); answers the job", out: jobOut{}},
		{method: "POST", path: "/api/v1/e/{entity}/runs", may: mayUpload, as: api, do: (*call).apiRun, says: "Run the nightly job now; answers the job", out: jobOut{}},
	}
}

// uploadKinds are what may be uploaded.
var uploadKinds = []string{"bank", "items", "customers", "instalments", "disputes"}

// uploadData is what upload.html shows.
type uploadData struct {
	Accounts []recon.Account
	Jobs     []jobOut
	Largest  int64
}

func (c *call) uploadPage() error {
	return c.page("upload", uploadData{Accounts: c.company.Accounts, Jobs: c.jobList(), Largest: c.MaxUpload})
}

// sent is an upload as it arrived: in a folder of its own that is removed when the job has ended.
type sent struct {
	folder, name  string
	kind, account string
}

func (s sent) path() string { return filepath.Join(s.folder, s.name) }

func (s sent) remove() { os.RemoveAll(s.folder) }

// Bounds of the fields beside the file.
const (
	mostParts    = 8
	largestField = 4 << 10
)

// takeUpload reads an upload: a few small fields, then one file. A browser's must begin with the token of the session.
func (c *call) takeUpload() (s sent, err error) {
	reader, err := c.r.MultipartReader()
	if err != nil {
		return s, fail(http.StatusUnsupportedMediaType, "CONTENT-TYPE", "send multipart/form-data", "the body is said to be %q", cutText(c.r.Header.Get("Content-Type"), 60))
	}
	s.kind = uploadKinds[0]
	defer func() {
		if err != nil && s.folder != "" {
			s.remove()
		}
	}()
	for parts := 0; ; parts++ {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return s, unread(err)
		}
		if parts >= mostParts {
			return s, fail(http.StatusBadRequest, "UPLOAD", "send one file with its fields", "the upload has more than %d parts", mostParts)
		}
		if err := c.takePart(&s, part); err != nil {
			return s, err
		}
	}
	if s.folder == "" {
		return s, fail(http.StatusBadRequest, "UPLOAD", "choose a file", "the upload has no file")
	}
	if !slices.Contains(uploadKinds, s.kind) {
		return s, badInput("kind", "one of "+strings.Join(uploadKinds, ", "))
	}
	return s, nil
}

func (c *call) takePart(s *sent, part *multipart.Part) error {
	switch part.FormName() {
	case formToken, "kind", "account", keyField:
		value, err := io.ReadAll(io.LimitReader(part, largestField+1))
		if err != nil {
			return unread(err)
		}
		if len(value) > largestField || part.FileName() != "" {
			return badInput(part.FormName(), "a short text")
		}
		switch part.FormName() {
		case formToken:
			c.uploadToken = string(value)
		case "kind":
			s.kind = string(value)
		case "account":
			s.account = string(value)
		}
		return nil
	case "file":
		if c.token == nil && c.session != nil && c.r.Header.Get(formTokenHeader) == "" && !equal(c.uploadToken, c.session.Form) {
			return errForm
		}
		return c.takeFile(s, part)
	}
	return fail(http.StatusBadRequest, "UPLOAD", "send the fields kind, account and file", "the upload has a part %q", cutText(part.FormName(), 40))
}

func (c *call) takeFile(s *sent, part *multipart.Part) error {
	if s.folder != "" {
		return fail(http.StatusBadRequest, "UPLOAD", "send one after the other", "the upload has two files")
	}
	if part.FileName() == "" {
		return fail(http.StatusBadRequest, "UPLOAD", "choose a file", "the file has no name")
	}
	folder, err := c.scratch()
	if err != nil {
		return err
	}
	s.folder, s.name = folder, plainName(part.FileName())
	file, err := os.OpenFile(s.path(), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("keep an upload: %w", err)
	}
	size, err := io.Copy(file, io.LimitReader(part, c.MaxUpload+1))
	if closed := file.Close(); err == nil && closed != nil {
		return fmt.Errorf("keep an upload: %w", closed)
	}
	if err != nil {
		return unread(err)
	}
	if size > c.MaxUpload {
		return fail(http.StatusRequestEntityTooLarge, "FILE-TOO-LARGE", "split the statement, or raise limits.max_file", "the file is larger than %d bytes", c.MaxUpload)
	}
	return nil
}

// plainName is the name of a file as somebody's machine had it, made safe to be a name here: no folders, no signs that mean something.
func plainName(name string) string {
	if at := strings.LastIndexAny(name, `/\`); at >= 0 {
		name = name[at+1:]
	}
	name = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) || strings.ContainsRune(`<>:"|?*`, c) {
			return '_'
		}
		return c
	}, strings.ToValidUTF8(name, "_"))
	name = strings.TrimLeft(name, ". ")
	for len(name) > 200 {
		name = string([]rune(name)[1:]) // the ending matters more
	}
	if name == "" {
		return "upload"
	}
	return name
}

// beginUpload takes an upload and starts the job that books it.
func (c *call) beginUpload() (*job, error) {
	s, err := c.takeUpload()
	if err != nil {
		return nil, err
	}
	j := &job{Kind: s.kind, Name: s.name}
	work, actor := c.company.Work, c.actor()
	c.start(j, func(ctx context.Context, j *job) error {
		if s.kind == "bank" {
			received, err := work.Ingest(ctx, actor, s.path(), s.account, j.progress)
			j.Received = &received
			return err
		}
		file, err := os.Open(s.path())
		if err != nil {
			return err
		}
		defer file.Close()
		imported, err := work.Import(ctx, actor, s.kind, s.name, file)
		j.Imported = &imported
		return err
	}, s.remove)
	return j, nil
}

func (c *call) upload() error {
	j, err := c.beginUpload()
	if err != nil {
		return err
	}
	return c.see("/e/"+c.company.ID+"/jobs/"+decimal(j.ID), "")
}

func (c *call) apiUpload() error {
	j, err := c.beginUpload()
	if err != nil {
		return err
	}
	return c.json(http.StatusAccepted, viewJob(j))
}

// beginRun starts the nightly job.
func (c *call) beginRun() *job {
	j := &job{Kind: "run"}
	work, actor := c.company.Work, c.actor()
	c.start(j, func(ctx context.Context, j *job) error {
		ran, err := work.Run(ctx, actor, j.progress)
		j.Ran = &ran
		return err
	}, func() {})
	return j
}

func (c *call) runNow() error {
	return c.see("/e/"+c.company.ID+"/jobs/"+decimal(c.beginRun().ID), "")
}

func (c *call) apiRun() error { return c.json(http.StatusAccepted, viewJob(c.beginRun())) }
