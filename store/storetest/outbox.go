package storetest

import (
	"time"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func message(key string) store.Message {
	return store.Message{Channel: store.Webhook, Target: "erp", Kind: "followup", Key: key, Payload: `{"item":"R1"}`}
}

func (w *world) due(at time.Time) (keys []string) {
	w.Helper()
	messages, err := w.DueMessages(background, entity, at, 10)
	w.must(err)
	for _, m := range messages {
		keys = append(keys, m.Key)
	}
	return keys
}

func outboxStories() []story {
	later := noon.Add(time.Hour)
	return []story{
		{"a message waits until it is taken; its key makes it one", func(w *world) {
			added, err := w.Enqueue(background, w.act(), entity, []store.Message{message("k1"), message("k2"), message("k1")})
			w.must(err)
			w.same("new", added, 2)
			before := w.audits()
			added, err = w.Enqueue(background, w.act(), entity, []store.Message{message("k2")})
			w.must(err)
			w.same("known", []int{added, w.audits()}, []int{0, before})
			all, err := w.DueMessages(background, entity, later, 10)
			w.must(err)
			want := message("k1")
			want.ID, want.Created, want.Due = 1, noon.Add(2e9), noon.Add(2e9)
			w.same("message", all[0], want)
			w.must(w.NoteDelivery(background, w.act(), entity, store.Delivery{Message: 1}))
			w.same("due", w.due(later), []string{"k2"})
			w.fails(w.NoteDelivery(background, w.act(), entity, store.Delivery{Message: 1}), store.ErrStale)
		}},
		{"a failed attempt is made again later, until it is given up", func(w *world) {
			_, err := w.Enqueue(background, w.act(), entity, []store.Message{message("k1")})
			w.must(err)
			w.must(w.NoteDelivery(background, w.act(), entity, store.Delivery{Message: 1, Failure: "503", Due: later}))
			w.same("not yet", w.due(later.Add(-time.Second)), []string(nil))
			w.same("again", w.due(later), []string{"k1"})
			w.must(w.NoteDelivery(background, w.act(), entity, store.Delivery{Message: 1, Failure: "410"}))
			w.same("given up", w.due(later.Add(time.Hour)), []string(nil))
			troubled, err := w.Messages(background, entity, true)
			w.must(err)
			w.same("message", []any{len(troubled), troubled[0].Attempts, troubled[0].Failure, troubled[0].GivenUp}, []any{1, 2, "410", true})
		}},
		{"the same key on another way is another message", func(w *world) {
			mail, other := message("k1"), message("k1")
			mail.Channel, other.Target = store.Mail, "desk"
			added, err := w.Enqueue(background, w.act(), entity, []store.Message{message("k1"), mail, other})
			w.must(err)
			w.same("new", added, 3)
			w.same("limit", len(w.due(later)), 3)
		}},
		{"follow-ups and what tells them are one transaction, once", func(w *world) {
			followups := []store.Followup{{Item: 1, Action: "remind", Digest: "a", Changed: 20260310}, {Item: 2, Action: "pause", Digest: "b", Changed: 20260310}}
			w.must(w.SaveFollowups(background, w.act(), entity, followups, []store.Message{message("k1")}))
			before := w.audits()
			w.must(w.SaveFollowups(background, w.act(), entity, followups, []store.Message{message("k1")}))
			w.same("audit rows", w.audits(), before)
			w.must(w.SaveFollowups(background, w.act(), entity, []store.Followup{{Item: 1, Action: "none", Digest: "c", Changed: 20260311}}, nil))
			got, err := w.Followups(background, entity)
			w.must(err)
			w.same("follow-ups", got, []store.Followup{{Item: 1, Turn: 2, Action: "none", Digest: "c", Changed: 20260311}, {Item: 2, Turn: 1, Action: "pause", Digest: "b", Changed: 20260310}})
			w.same("messages", w.due(later), []string{"k1"})
		}},
	}
}

func exportStories() []story {
	written := func(w *world, kind string) int64 {
		w.Helper()
		batch, ok, err := w.OpenBatch(background, w.act(), entity, kind)
		w.must(err)
		w.same("opened", ok, true)
		w.must(w.MarkWritten(background, w.act(), entity, batch.ID, kind+".csv", "00"))
		return batch.ID
	}
	return []story{
		{"a batch waits until the accounting system has taken it", func(w *world) {
			w.items(invoice("R1", "C1", 1000))
			open, _, err := w.OpenBatch(background, w.act(), entity, "journal")
			w.must(err)
			w.fails(w.TakeBatch(background, w.petra(), entity, open.ID), store.ErrNotFound)
			id := written(w, "applications")
			untaken, err := w.Batches(background, entity, true)
			w.must(err)
			w.same("untaken", []any{len(untaken), untaken[0].ID, untaken[0].File, untaken[0].Taken.IsZero()}, []any{1, id, "applications.csv", true})
			w.must(w.TakeBatch(background, w.petra(), entity, id))
			before := w.audits()
			w.must(w.TakeBatch(background, w.petra(), entity, id))
			w.same("audit rows", w.audits(), before)
			untaken, err = w.Batches(background, entity, true)
			w.must(err)
			w.same("none", len(untaken), 0)
			all, err := w.Batches(background, entity, false)
			w.must(err)
			w.same("taken by", all[0].Taker, "petra")
		}},
		{"what items fell by since a batch was taken", func(w *world) {
			items := w.items(invoice("R1", "C1", 1000), invoice("R2", "C1", 500))
			w.applied(automatic(w.receipt(300), pay(items[0], 300)))
			ids := []int64{items[0].ID, items[1].ID}
			_, ok, err := w.Untaken(background, entity, ids)
			w.must(err)
			w.same("nothing taken yet", ok, false)
			w.must(w.TakeBatch(background, w.petra(), entity, written(w, "applications")))
			w.applied(automatic(w.receipt(200), pay(items[0], 200)), automatic(w.receipt(100), pay(items[1], 100)))
			_, err = w.undo(3)
			w.must(err)
			fell, ok, err := w.Untaken(background, entity, ids)
			w.must(err)
			w.same("since", []any{ok, fell}, []any{true, map[int64]int64{items[0].ID: 200}})
		}},
		{"imports are listed, newest first", func(w *world) {
			w.items(invoice("R1", "C1", 1000))
			w.must(w.SaveItems(background, w.act(), store.ItemChanges{Entity: entity, AsOf: 20260305, Snapshot: true, Count: 7,
				External: []store.Settled{{Item: 1, AmountMinor: 1000, Effective: 20260305}}}))
			feeds, err := w.Feeds(background, entity, 1)
			w.must(err)
			w.same("last", feeds, []store.Feed{{ID: 2, AsOf: 20260305, Snapshot: true, Items: 7, External: 1, Actor: "engine", At: noon.Add(3e9)}})
			feeds, err = w.Feeds(background, entity, 9)
			w.must(err)
			w.same("days", []recon.Date{feeds[0].AsOf, feeds[1].AsOf}, []recon.Date{20260305, 20260301})
		}},
	}
}
