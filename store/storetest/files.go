package storetest

import (
	"time"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func fileStories() []story {
	received := recon.FileRow{Entity: entity, SHA256: "aa11", Name: "a.xml", Size: 3, Received: noon}
	return []story{
		{"a file is known by its content", func(w *world) {
			first, created, err := w.RecordFile(background, w.act(), received)
			w.must(err)
			want := received
			want.ID, want.State, want.Run = 1, recon.FileRecorded, 7
			w.same("created", created, true)
			w.same("file", first, want)
			copied := received
			copied.Name, copied.Received = "copy.xml", noon.Add(time.Hour)
			again, created, err := w.RecordFile(background, w.act(), copied)
			w.must(err)
			want.Sightings = 1
			w.same("created", created, false)
			w.same("file", again, want)
			all, err := w.Files(background, entity, 0)
			w.must(err)
			w.same("files", all, []recon.FileRow{want})
		}},
		{"the original seen again by a run that follows a crash is no sighting", func(w *world) {
			_, _, err := w.RecordFile(background, w.act(), received)
			w.must(err)
			before := w.audits()
			later := received
			later.Received = noon.Add(time.Minute)
			again, created, err := w.RecordFile(background, w.act(), later)
			w.must(err)
			w.same("created", created, false)
			w.same("sightings", again.Sightings, 0)
			w.same("audit rows", w.audits(), before)
			w.must(w.MarkMoved(background, w.act(), entity, again.ID, "done"))
			again, _, err = w.RecordFile(background, w.act(), later)
			w.must(err)
			w.same("sightings", again.Sightings, 1)
			w.same("moved", again.Moved, "done")
		}},
		{"attempts at a file count until it comes to an outcome", func(w *world) {
			file := w.file()
			for want := range 3 {
				got, err := w.NoteAttempt(background, w.act(), entity, file)
				w.must(err)
				w.same("attempts", got, want+1)
			}
			w.must(w.SaveOutcome(background, w.act(), store.Outcome{Entity: entity, File: file, State: recon.FileRefused, Problems: []recon.Problem{{Code: "X", Severity: recon.Reject}}}))
			got, err := w.NoteAttempt(background, w.act(), entity, file)
			w.must(err)
			w.same("attempts", got, 1)
			_, err = w.NoteAttempt(background, w.act(), entity, 99)
			w.fails(err, store.ErrNotFound)
		}},
		{"the same content in another entity is another file", func(w *world) {
			w.must(w.SaveEntity(background, w.act(), store.Entity{ID: sister, Name: "Sister", BaseCurrency: "EUR"}))
			_, _, err := w.RecordFile(background, w.act(), received)
			w.must(err)
			other := received
			other.Entity = sister
			_, created, err := w.RecordFile(background, w.act(), other)
			w.must(err)
			w.same("created", created, true)
		}},
		{"files are listed by id, the last ones newest first", func(w *world) {
			for range 3 {
				w.file()
			}
			all, err := w.Files(background, entity, 0)
			w.must(err)
			last, err := w.Files(background, entity, 2)
			w.must(err)
			w.same("ids", []int64{all[0].ID, all[1].ID, all[2].ID, last[0].ID, last[1].ID}, []int64{1, 2, 3, 3, 2})
		}},
		{"moving is noted once", func(w *world) {
			id := w.file()
			before := w.audits()
			w.must(w.MarkMoved(background, w.act(), entity, id, "done"))
			w.must(w.MarkMoved(background, w.act(), entity, id, "done"))
			w.same("audit rows", w.audits(), before+1)
			w.fails(w.MarkMoved(background, w.act(), entity, 99, "done"), store.ErrNotFound)
		}},
		{"a file that is not there", func(w *world) {
			_, err := w.File(background, entity, 1)
			w.fails(err, store.ErrNotFound)
			w.fails(w.RejectFile(background, w.act(), entity, 1, "no"), store.ErrNotFound)
			w.fails(w.SaveOutcome(background, w.act(), store.Outcome{Entity: entity, File: 1, State: recon.FileRefused}), store.ErrNotFound)
		}},
		{"a refused file keeps its problems and nothing else", func(w *world) {
			problem := recon.Problem{Code: "CAMT-BALANCE", Where: "Stmt[1]", Severity: recon.Reject, Message: "off by 1.00", Try: "ask the bank"}
			o := store.Outcome{Entity: entity, File: w.file(), State: recon.FileRefused, Format: "camt.053.001.08", Problems: []recon.Problem{problem}}
			w.must(w.SaveOutcome(background, w.act(), o))
			detail, err := w.File(background, entity, o.File)
			w.must(err)
			w.same("state", detail.State, recon.FileRefused)
			w.same("format", detail.Format, "camt.053.001.08")
			w.same("problems", detail.Problems, []recon.Problem{problem})
			w.same("statements", len(detail.Statements), 0)
			w.fails(w.RejectFile(background, w.act(), entity, o.File, "no"), store.ErrStale)
			o.State, o.Problems = recon.FileBooked, nil // what refused it was mended
			w.must(w.SaveOutcome(background, w.act(), o))
			w.fails(w.SaveOutcome(background, w.act(), o), store.ErrStale)
		}},
		{"a held file can be rejected, once", func(w *world) {
			o := w.outcome(recon.FileHeld, w.booking("").held())
			w.must(w.RejectFile(background, w.petra(), entity, o.File, "not ours"))
			w.fails(w.RejectFile(background, w.petra(), entity, o.File, "not ours"), store.ErrStale)
			o.State = recon.FileBooked
			w.fails(w.SaveOutcome(background, w.act(), o), store.ErrStale)
			detail, err := w.File(background, entity, o.File)
			w.must(err)
			w.same("state", detail.State, recon.FileRejected)
		}},
	}
}
