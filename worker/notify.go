package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/matcher"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Notify says who is told after a run, and what should have come. The zero value tells nobody.
type Notify struct {
	SMTP      string   // smtp:// or smtps:// URL with its password, "" for no mail
	From      string   // sender of mail
	Morning   []string // who gets the morning report
	Receipts  bool     // customers get a remittance receipt of each payment that was applied
	Webhooks  []Webhook
	Heartbeat string // URL that is called after every good run
	Expect    []Expected
	Schedules []string // names of the schedules whose skipped runs are said
}

// tell tells after a run what it did: follow-ups and exports to webhooks, the morning report and remittance receipts by mail, and that
// it went well to whoever watches. All but the last goes through the outbox, so a receiver that is away is told later. What fails here is
// logged and never fails the run.
func (p *Pipeline) tell(ctx context.Context, result Result, began time.Time, failure error) {
	for _, told := range []struct {
		what string
		do   func() error
	}{
		{"follow-ups", func() error { return p.tellFollowups(ctx) }},
		{"exports", func() error { return p.tellExports(ctx) }},
		{"morning report", func() error { return p.tellMorning(ctx, result, began, failure) }},
		{"remittance receipts", func() error { return p.tellReceipts(ctx, result) }},
		{"delivery", func() error { _, err := p.Deliver(ctx); return err }},
		{"heartbeat", func() error { return p.heartbeat(ctx, result, failure) }},
	} {
		if err := told.do(); err != nil {
			p.Log.Error("telling failed", zap.String("what", told.what), zap.Error(err))
		}
	}
}

// listens reports whether a webhook wants to be told of a kind.
func (p *Pipeline) listens(kind string) (hooks []Webhook) {
	for _, hook := range p.Notify.Webhooks {
		if hook.wants(kind) {
			hooks = append(hooks, hook)
		}
	}
	return hooks
}

// followupEvent is what a webhook is told about an item.
type followupEvent struct {
	Event     string               `json:"event"`
	ID        string               `json:"id"`
	Entity    string               `json:"entity"`
	AsOf      recon.Date           `json:"as_of"`
	Item      string               `json:"item"`
	Customer  string               `json:"customer"`
	Followups []books.FollowupLine `json:"followups"` // none where the item needs nothing any more
}

// tellFollowups keeps what is to be done about each item, and queues what changed for the webhooks, in one transaction.
func (p *Pipeline) tellFollowups(ctx context.Context) error {
	if len(p.listens("followup")) == 0 {
		return nil
	}
	today := recon.DateOf(p.Now())
	var report books.FollowupReport
	err := p.Store.Snapshot(ctx, p.Entity.ID, func(view store.View) (err error) {
		report, err = books.Followups(view, books.Cut{}, today)
		return err
	})
	if err != nil {
		return err
	}
	kept, err := p.Store.Followups(ctx, p.Entity.ID)
	if err != nil {
		return err
	}
	changed, messages, err := p.changedFollowups(ctx, report, kept)
	if err != nil || len(changed) == 0 {
		return err
	}
	return p.Store.SaveFollowups(ctx, p.act(0), p.Entity.ID, changed, messages)
}

func (p *Pipeline) changedFollowups(ctx context.Context, report books.FollowupReport, kept []store.Followup) (changed []store.Followup, messages []store.Message, err error) {
	before := map[int64]store.Followup{}
	for _, f := range kept {
		before[f.Item] = f
	}
	lines, items, order := map[int64][]books.FollowupLine{}, map[int64]recon.Item{}, []int64{}
	for _, row := range report.Rows {
		if lines[row.Item.ID] == nil {
			order = append(order, row.Item.ID)
		}
		line := row.Line()
		line.DaysOverdue = "" // grows by itself and is no change
		lines[row.Item.ID], items[row.Item.ID] = append(lines[row.Item.ID], line), row.Item
	}
	var done []int64
	for _, f := range kept {
		if lines[f.Item] == nil && f.Action != string(books.ActionDone) {
			done = append(done, f.Item)
		}
	}
	if len(done) > 0 {
		gone, err := p.Store.Items(ctx, p.Entity.ID, store.ItemFilter{IDs: done})
		if err != nil {
			return nil, nil, err
		}
		for _, item := range gone {
			order, items[item.ID] = append(order, item.ID), item
		}
	}
	for _, id := range order {
		digest := planHash([]string{fmt.Sprint(lines[id])})
		if before[id].Digest == digest {
			continue
		}
		action := string(books.ActionDone)
		if len(lines[id]) > 0 {
			action = lines[id][0].Action
		}
		changed = append(changed, store.Followup{Item: id, Action: action, Digest: digest, Changed: report.AsOf})
		event := followupEvent{Event: "followup", ID: fmt.Sprintf("followup-%d-%d", id, before[id].Turn+1), Entity: p.Entity.ID, AsOf: report.AsOf,
			Item: items[id].Number, Customer: items[id].Customer, Followups: append([]books.FollowupLine{}, lines[id]...)}
		told, err := p.webhookMessages("followup", event.ID, event)
		if err != nil {
			return nil, nil, err
		}
		messages = append(messages, told...)
	}
	return changed, messages, nil
}

// webhookMessages is an event for each webhook that wants it.
func (p *Pipeline) webhookMessages(kind, key string, event any) (messages []store.Message, err error) {
	for _, hook := range p.listens(kind) {
		payload, err := json.Marshal(event)
		if err != nil {
			return nil, fmt.Errorf("write event: %w", err)
		}
		messages = append(messages, store.Message{Channel: store.Webhook, Target: hook.Name, Kind: kind, Key: key, Payload: string(payload)})
	}
	return messages, nil
}

// exportEvent is what a webhook is told about a written export.
type exportEvent struct {
	Event  string `json:"event"`
	ID     string `json:"id"`
	Entity string `json:"entity"`
	Batch  int64  `json:"batch"`
	Kind   string `json:"kind"`
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
}

// tellExports tells of written batches that were not taken yet. The same batch has the same id, however often it is told.
func (p *Pipeline) tellExports(ctx context.Context) error {
	if len(p.listens("export")) == 0 {
		return nil
	}
	batches, err := p.Store.Batches(ctx, p.Entity.ID, true)
	if err != nil {
		return err
	}
	var messages []store.Message
	for _, b := range batches {
		event := exportEvent{"export", fmt.Sprintf("export-%d", b.ID), p.Entity.ID, b.ID, b.Kind, b.File, b.SHA256}
		told, err := p.webhookMessages("export", event.ID, event)
		if err != nil {
			return err
		}
		messages = append(messages, told...)
	}
	_, err = p.Store.Enqueue(ctx, p.act(0), p.Entity.ID, messages)
	return err
}

// Morning reports a run with what people want to know in the morning.
func (p *Pipeline) Morning(ctx context.Context, run books.RunFacts, failure error) (report books.MorningReport, err error) {
	facts, err := p.morningFacts(ctx, run, failure)
	if err != nil {
		return report, err
	}
	err = p.Store.Snapshot(ctx, p.Entity.ID, func(view store.View) error {
		state, err := books.Load(view)
		if err != nil {
			return err
		}
		if facts.Missing, err = p.missingStatements(state); err != nil {
			return err
		}
		report, err = books.Morning(state, p.Rules, facts, matcher.Sentence)
		return err
	})
	return report, err
}

func (p *Pipeline) morningFacts(ctx context.Context, run books.RunFacts, failure error) (facts books.MorningFacts, err error) {
	facts.Company, facts.Run = firstText(p.Entity.Name, p.Entity.ID), run
	if failure != nil {
		facts.Failure = failure.Error()
	}
	feeds, err := p.Store.Feeds(ctx, p.Entity.ID, 1)
	if err != nil {
		return facts, err
	}
	if len(feeds) > 0 {
		facts.FeedAsOf = feeds[0].AsOf
	}
	batches, err := p.Store.Batches(ctx, p.Entity.ID, true)
	if err != nil {
		return facts, err
	}
	for _, b := range batches {
		facts.Untaken = append(facts.Untaken, b.File)
	}
	messages, err := p.Store.Messages(ctx, p.Entity.ID, true)
	if err != nil {
		return facts, err
	}
	for _, m := range messages {
		if m.Attempts > 0 || m.GivenUp {
			facts.Unsent++
		}
	}
	if facts.Skipped, err = p.skippedRuns(ctx, run); err != nil {
		return facts, err
	}
	facts.Refunds, err = p.Store.Refunds(ctx, p.Entity.ID, true)
	return facts, err
}

// skippedRuns names the runs that were due since the run before this one, and were skipped.
func (p *Pipeline) skippedRuns(ctx context.Context, run books.RunFacts) (skipped []string, err error) {
	since := run.Started.Add(-24 * time.Hour)
	for _, schedule := range p.Notify.Schedules {
		ticks, err := p.Store.Ticks(ctx, p.Entity.ID, schedule, shownTicks)
		if err != nil {
			return nil, err
		}
		for _, tick := range ticks {
			if tick.Outcome == store.TickSkipped && tick.Due.After(since) {
				skipped = append(skipped, fmt.Sprintf("%s of %s: %s", schedule, tick.Due.UTC().Format("2006-01-02 15:04 UTC"), tick.Reason))
			}
		}
	}
	return skipped, nil
}

// shownTicks is how many of the last due times of a schedule are looked at.
const shownTicks = 50

// missingStatements names the accounts whose statements should reach further.
func (p *Pipeline) missingStatements(view books.View) (missing []books.MissingStatement, err error) {
	rows, err := view.Statements()
	if err != nil {
		return nil, err
	}
	last := map[string]recon.Date{}
	for _, s := range rows {
		if !s.Held {
			last[s.AccountID] = max(last[s.AccountID], s.To, s.LastBooked)
		}
	}
	now := p.Now()
	for _, e := range p.Notify.Expect {
		if due := e.dueStatement(recon.DateOf(now), now.Format("15:04")); last[e.Account] < due {
			missing = append(missing, books.MissingStatement{Account: e.Account, Day: due, Last: last[e.Account]})
		}
	}
	return missing, nil
}

// letter is a mail as the outbox keeps it.
type letter struct {
	To      string `json:"to"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	HTML    string `json:"html"`
}

func (p *Pipeline) tellMorning(ctx context.Context, result Result, began time.Time, failure error) error {
	if p.Notify.SMTP == "" || len(p.Notify.Morning) == 0 {
		return nil
	}
	facts := books.RunFacts{Run: result.Run, Started: began, AsOf: firstDay(p.AsOf, recon.DateOf(p.Now()))}
	report, err := p.Morning(ctx, facts, failure)
	if err != nil {
		return err
	}
	var text, page bytes.Buffer
	if err := firstError(books.WriteTables(&text, books.FormatText, report.Tables()...), books.WriteTables(&page, books.FormatHTML, report.Tables()...)); err != nil {
		return err
	}
	var messages []store.Message
	for _, to := range p.Notify.Morning {
		message, err := mailMessage("morning", fmt.Sprintf("morning-%d", result.Run), letter{to, "tieout " + report.Subject(), text.String(), page.String()})
		if err != nil {
			return err
		}
		messages = append(messages, message)
	}
	_, err = p.Store.Enqueue(ctx, p.act(0), p.Entity.ID, messages)
	return err
}

func mailMessage(kind, key string, l letter) (store.Message, error) {
	payload, err := json.Marshal(l)
	if err != nil {
		return store.Message{}, fmt.Errorf("write mail: %w", err)
	}
	return store.Message{Channel: store.Mail, Target: l.To, Kind: kind, Key: key, Payload: string(payload)}, nil
}

// tellReceipts thanks customers for the payments that the run applied, and says to what.
func (p *Pipeline) tellReceipts(ctx context.Context, result Result) error {
	if p.Notify.SMTP == "" || !p.Notify.Receipts || result.Run == 0 {
		return nil
	}
	var receipts []books.Remittance
	err := p.Store.Snapshot(ctx, p.Entity.ID, func(view store.View) (err error) {
		receipts, err = books.Remittances(view, result.Run)
		return err
	})
	if err != nil {
		return err
	}
	var messages []store.Message
	for _, r := range receipts {
		subject, text := r.Letter(firstText(p.Entity.Name, p.Entity.ID))
		message, err := mailMessage("receipt", fmt.Sprintf("receipt-%d", r.Decision), letter{To: r.Email, Subject: subject, Text: text})
		if err != nil {
			return err
		}
		messages = append(messages, message)
	}
	if len(messages) == 0 {
		return nil
	}
	_, err = p.Store.Enqueue(ctx, p.act(0), p.Entity.ID, messages)
	return err
}
