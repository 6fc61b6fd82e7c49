package worker

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// longestNote is how many characters a note may have.
const longestNote = 4000

// Assign gives a case to a person, "" to nobody. It is [Refused] where the case is not open.
func (p *Pipeline) Assign(ctx context.Context, receipt int64, person string) error {
	return notOpen(receipt, p.Store.Assign(ctx, p.act(0), p.Entity.ID, receipt, person))
}

// Snooze puts a case out of sight before a day, 0 back into sight. It is [Refused] where the case is not open or the day is not to come.
func (p *Pipeline) Snooze(ctx context.Context, receipt int64, until recon.Date) error {
	if today := recon.DateOf(p.Now()); until != 0 && until <= today {
		return refuse("SNOOZE-DAY", "", "name a day after today", "%s is not to come, today is %s", until, today)
	}
	return notOpen(receipt, p.Store.Snooze(ctx, p.act(0), p.Entity.ID, receipt, until))
}

// Note adds a note to a receipt or return; it stays for ever. store.ErrNotFound where there is none.
func (p *Pipeline) Note(ctx context.Context, receipt int64, text string) error {
	text = strings.TrimSpace(text)
	switch n := utf8.RuneCountInString(text); {
	case text == "":
		return refuse("NOTE-TEXT", "", "write something", "the note is empty")
	case n > longestNote:
		return refuse("NOTE-TEXT", "", "shorten it", "the note has %d characters, more than %d", n, longestNote)
	}
	return p.Store.AddNote(ctx, p.act(0), p.Entity.ID, receipt, text)
}

func notOpen(receipt int64, err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return refuse("QUEUE-UNKNOWN", "", "list the queue with: tieout queue", "receipt %d is not in the queue", receipt)
	}
	return err
}
