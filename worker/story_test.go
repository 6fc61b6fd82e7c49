package worker_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/worker"
)

const storyEntity = "story"

// TestStories lives every story through the real pipeline on a database of its own. After each step the books
// must be sound, and what the story expects must be there and nothing else; at its end another run must change nothing.
func TestStories(t *testing.T) {
	stories, err := fixtures.Stories()
	if err != nil {
		t.Fatal(err)
	}
	for _, engine := range engines() {
		t.Run(engine.name, func(t *testing.T) {
			for _, story := range stories {
				t.Run(story.Name, func(t *testing.T) {
					t.Parallel()
					openHouseOn(t, engine, story.Accounts, story.Rules).tell(story)
				})
			}
		})
	}
}

// tell lives a story from its first step to its last.
func (h *house) tell(story fixtures.Story) {
	h.Helper()
	for _, imported := range story.Books {
		h.imports(imported)
	}
	for _, step := range story.Steps {
		h.step = fmt.Sprintf("step %d", step.Number)
		h.live(step)
		h.sound()
		h.expect(step.Expect)
	}
	h.step = "another run"
	if again := h.run(); again.Matched.Applied+again.Matched.Queued > 0 {
		h.Errorf("another run applied %d and queued %d", again.Matched.Applied, again.Matched.Queued)
	}
	h.expect(story.Steps[len(story.Steps)-1].Expect)
	h.backtested()
}

// backtested decides the story again under its own rules: nothing changes, and no person is contradicted.
func (h *house) backtested() {
	h.Helper()
	again, err := h.job.Backtest(h.ctx, h.set)
	h.must(err)
	for _, fault := range again.Faults {
		h.Errorf("backtest: %s", fault.Detail)
	}
	for _, c := range again.Changes {
		h.Errorf("backtest: %s of entry %d: %+v, then %+v", c.What, c.Entry, c.Old, c.New)
	}
}

// house is one story's pipeline with everything around it.
type house struct {
	*testing.T
	ctx   context.Context
	job   *worker.Pipeline
	set   rules.Set
	inbox string
	now   time.Time
	step  string
}

// openHouse makes an empty house on the embedded database.
func openHouse(t *testing.T, accounts []recon.Account, rulesText []byte) *house {
	t.Helper()
	return openHouseOn(t, engines()[0], accounts, rulesText)
}

// openHouseOn makes an empty house with these bank accounts and rules in a temporary folder.
func openHouseOn(t *testing.T, engine engine, accounts []recon.Account, rulesText []byte) *house {
	t.Helper()
	set, problems := rules.Load("rules.yaml", rulesText)
	if len(problems) > 0 {
		t.Fatalf("rules: %v", problems)
	}
	dir := t.TempDir()
	h := &house{T: t, ctx: t.Context(), set: set, inbox: filepath.Join(dir, "inbox"), now: time.Date(2026, 6, 1, 2, 0, 0, 0, time.UTC)}
	if err := os.Mkdir(h.inbox, 0o755); err != nil {
		t.Fatal(err)
	}
	h.job = &worker.Pipeline{
		Store:     engine.open(t),
		Entity:    store.Entity{ID: storyEntity, Name: "Story Ltd", BaseCurrency: "EUR", Accounts: accounts},
		Rules:     set,
		RulesText: string(rulesText),
		Archive:   worker.Archive{Dir: filepath.Join(dir, "archive")},
		Inboxes:   []worker.Inbox{{Path: h.inbox}},
		Exports:   filepath.Join(dir, "out"),
		Actor:     "anna",
		Now:       func() time.Time { return h.now },
		Log:       zap.NewNop(),
	}
	if err := h.job.Prepare(h.ctx); err != nil {
		t.Fatal(err)
	}
	return h
}

// must ends the story at an error of the world.
func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatalf("%s: %v", h.step, err)
	}
}

func (h *house) imports(file fixtures.Import) {
	h.Helper()
	var got worker.Imported
	var err error
	data := bytes.NewReader(file.Data)
	switch file.Kind {
	case fixtures.ImportItems:
		got, err = h.job.ImportItems(h.ctx, data, worker.ItemsImport{Name: file.Name})
	case fixtures.ImportCustomers:
		got, err = h.job.ImportCustomers(h.ctx, data, file.Name, ingest.ImportOptions{})
	case fixtures.ImportInstalments:
		got, err = h.job.ImportInstalments(h.ctx, data, file.Name, ingest.ImportOptions{})
	case fixtures.ImportDisputes:
		got, err = h.job.ImportDisputes(h.ctx, data, file.Name, ingest.ImportOptions{})
	}
	h.must(err)
	if !got.Done() {
		h.Fatalf("%s: %s is not taken: %v", h.step, file.Name, got.Problems)
	}
}

// live does what happens in a step.
func (h *house) live(step fixtures.Step) {
	h.Helper()
	h.now = h.now.AddDate(0, 0, 1)
	for _, file := range step.Imports {
		h.imports(file)
	}
	for _, file := range step.Bank {
		data, err := file.Bytes()
		h.must(err)
		h.drop(file.Name, data)
	}
	h.person(step)
	if step.RunFollows() {
		h.run()
	}
}

// drop puts a file into the inbox.
func (h *house) drop(name string, data []byte) {
	h.Helper()
	h.must(os.WriteFile(filepath.Join(h.inbox, name), data, 0o644))
}

// run executes the nightly job; the audit must not object.
func (h *house) run() worker.Result {
	h.Helper()
	result, err := h.job.Run(h.ctx)
	h.must(err)
	for _, fault := range result.Matched.Faults {
		h.Errorf("%s: the audit objects: %s %s", h.step, fault.Code, fault.Detail)
	}
	return result
}

// sound proves every invariant.
func (h *house) sound() {
	h.Helper()
	checks, err := h.job.Verify(h.ctx, true)
	h.must(err)
	for _, check := range checks {
		if !check.OK {
			h.Errorf("%s: %s is broken: %s: %s", h.step, check.ID, check.Name, check.Detail)
		}
	}
}

// person does what one person does in a step, if any does.
func (h *house) person(step fixtures.Step) {
	h.Helper()
	switch {
	case step.Pay != nil:
		p := step.Pay
		_, err := h.job.Pay(h.ctx, worker.HandPayment{Number: p.Item, Amount: p.Amount, Date: p.Date, Account: p.Account, Method: p.Method, Cheque: p.Cheque})
		h.refused(err, p.Refused)
	case step.Resolve != nil:
		_, err := h.job.Resolve(h.ctx, h.request(step.Resolve))
		h.refused(err, step.Resolve.Refused)
	case step.Release != nil:
		h.must(h.job.Store.Release(h.ctx, store.Act{Actor: h.job.Actor, At: h.now}, storyEntity, h.receipt(step.Release.Receipt)))
	case step.Undo != nil:
		h.undo(step.Undo)
	case step.Accept != nil:
		_, err := h.job.Accept(h.ctx, h.file(step.Accept.File), "", step.Accept.Reason)
		h.must(err)
	case step.Act != nil:
		h.act(step.Act)
	}
}

func (h *house) refused(err error, words string) {
	h.Helper()
	switch {
	case words == "":
		h.must(err)
	case err == nil:
		h.Errorf("%s: not refused, expected %q", h.step, words)
	case !strings.Contains(err.Error(), words):
		h.Errorf("%s: refused with %q, expected %q", h.step, err, words)
	}
}

func (h *house) request(r *fixtures.Resolution) worker.Request {
	h.Helper()
	request := worker.Request{Receipt: h.receipt(r.Receipt), Proposal: r.Proposal, Customer: r.Customer, Charge: given(r.Charge), OnAccount: given(r.OnAccount),
		Spread: r.Spread, SetAside: r.SetAside != "", Ledger: r.SetAside, Reason: r.Reason}
	lists := map[recon.Kind]*[]worker.ItemAmount{recon.Payment: &request.Apply, recon.Credit: &request.Credit,
		recon.Discount: &request.Discount, recon.WriteOff: &request.WriteOff}
	for _, line := range r.Lines {
		list := lists[line.Kind]
		*list = append(*list, worker.ItemAmount{Number: line.Item, Amount: line.Amount})
	}
	return request
}

// given is a flag that was written once, or not at all.
func given(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

func (h *house) undo(u *fixtures.Undo) {
	h.Helper()
	receipt := h.receipt(u.Receipt)
	applications, err := h.job.Store.ApplicationsOf(h.ctx, storyEntity, receipt)
	h.must(err)
	numbers := h.numbers()
	var ids []int64
	for _, a := range applications {
		if a.Live() && (u.Item == "" || numbers[a.Item] == u.Item) && (u.Kind == "" || string(a.Kind) == u.Kind) {
			ids = append(ids, a.ID)
		}
	}
	_, err = h.job.Undo(h.ctx, ids, u.Reason)
	h.must(err)
}

// receipt finds the entry with a bank reference.
func (h *house) receipt(reference string) (id int64) {
	h.Helper()
	for found, name := range h.references() {
		if name == reference {
			id = found
		}
	}
	if id == 0 {
		h.Fatalf("%s: there is no entry %s", h.step, reference)
	}
	return id
}

// references maps the ids of the entries to the bank's references.
func (h *house) references() map[int64]string {
	h.Helper()
	references := map[int64]string{}
	h.snapshot(func(view store.View) error {
		for entry, err := range view.Entries() {
			if err != nil {
				return err
			}
			references[entry.ID] = entry.BankReference
		}
		return nil
	})
	return references
}

// numbers maps the ids of the items to their numbers.
func (h *house) numbers() map[int64]string {
	h.Helper()
	items, err := h.job.Store.Items(h.ctx, storyEntity, store.ItemFilter{})
	h.must(err)
	numbers := map[int64]string{}
	for _, item := range items {
		numbers[item.ID] = item.Number
	}
	return numbers
}

func (h *house) file(name string) int64 {
	h.Helper()
	files, err := h.job.Store.Files(h.ctx, storyEntity, 0)
	h.must(err)
	for _, file := range files {
		if file.Name == name {
			return file.ID
		}
	}
	h.Fatalf("%s: there is no file %s", h.step, name)
	return 0
}

func (h *house) snapshot(read func(store.View) error) {
	h.Helper()
	h.must(h.job.Store.Snapshot(h.ctx, storyEntity, read))
}
