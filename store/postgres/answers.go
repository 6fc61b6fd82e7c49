package postgres

import (
	"context"
	"time"

	"github.com/tieout/tieout/store"
)

// ClaimAnswer claims an idempotency key, or says what became of it.
func (s *Store) ClaimAnswer(ctx context.Context, claim store.Claim) (answer store.Answer, answered bool, err error) {
	err = s.unaudited(ctx, "claim answer", func(c *change) error {
		type known struct {
			digest string
			at     int64
			store.Answer
		}
		k, found, err := first(&c.reading, func(rows *row, k *known) error {
			return rows.Scan(&k.digest, &k.at, (*storedInt)(&k.Status), (*storedList)(&k.Header), &k.Body)
		}, `SELECT digest, at, status, header, body FROM answer WHERE person = ? AND key = ?`, claim.Person, claim.Key)
		switch {
		case err != nil:
			return err
		case found && k.digest != claim.Digest:
			return store.ErrDuplicate
		case found && k.Status != 0:
			answer, answered = k.Answer, true
			return nil
		case found && k.at >= instant(claim.Dead):
			return store.ErrLocked
		}
		_, err = c.exec(`INSERT INTO answer (person, key, digest, at, status, header, body) VALUES (?, ?, ?, ?, 0, '', '')
			ON CONFLICT (person, key) DO UPDATE SET at = excluded.at`, claim.Person, claim.Key, claim.Digest, instant(claim.At))
		return err
	})
	return answer, answered, err
}

// SaveAnswer stores the answer of a claim.
func (s *Store) SaveAnswer(ctx context.Context, person int64, key string, answer store.Answer) error {
	return s.unaudited(ctx, "save answer", func(c *change) error {
		body := answer.Body
		if body == nil {
			body = []byte{}
		}
		return c.must(store.ErrNotFound, `UPDATE answer SET status = ?, header = ?, body = ? WHERE person = ? AND key = ?`,
			answer.Status, joined(answer.Header), body, person, key)
	})
}

// DropClaim gives a claim back.
func (s *Store) DropClaim(ctx context.Context, person int64, key string) error {
	return s.unaudited(ctx, "drop claim", func(c *change) error {
		_, err := c.exec(`DELETE FROM answer WHERE person = ? AND key = ? AND status = 0`, person, key)
		return err
	})
}

// SweepAnswers forgets old answers.
func (s *Store) SweepAnswers(ctx context.Context, before time.Time) error {
	return s.unaudited(ctx, "sweep answers", func(c *change) error {
		_, err := c.exec(`DELETE FROM answer WHERE at < ?`, instant(before))
		return err
	})
}
