package sqlite

import (
	"database/sql"
	"iter"

	"github.com/tieout/tieout/recon"
)

const (
	selectReceived = selectReceiptsToDecide + ` FROM receipt AS r` + joinEntry + joinDecision + ` WHERE r.entity_id = ? AND r.by_hand = 0 ORDER BY r.day, r.id`
	selectReturned = selectReturnsToDecide + ` FROM returned AS t` + joinReturn + ` WHERE t.entity_id = ? ORDER BY t.day, t.id`
)

// Received yields every receipt of the bank as if nothing of it were decided.
func (v view) Received() iter.Seq2[recon.Receipt, error] {
	return func(yield func(recon.Receipt, error) bool) {
		declined, err := v.r.declined()
		if err != nil {
			yield(recon.Receipt{}, err)
			return
		}
		for w, err := range stream(v.r, func(rows *sql.Rows, w *waiting) error {
			*w = waiting{}
			return scanWaiting(rows, w)
		}, selectReceived, v.r.entity) {
			w.AmountMinor, w.Standing, w.Declined = w.TotalMinor, "", declined[w.behind]
			if !yield(w.Receipt, err) {
				return
			}
		}
	}
}

// TakenBack yields every return.
func (v view) TakenBack() iter.Seq2[recon.Return, error] {
	return func(yield func(recon.Return, error) bool) {
		for t, err := range stream(v.r, scanReturn, selectReturned, v.r.entity) {
			t.Standing = ""
			if !yield(t, err) {
				return
			}
		}
	}
}
