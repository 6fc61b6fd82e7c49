package postgres

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Undo reverses live applications by counter-entries on their own day, or the first open one.
func (s *Store) Undo(ctx context.Context, act store.Act, entity string, applications []int64, reason string) (counters []int64, err error) {
	err = s.change(ctx, act, entity, "undo", func(c *change) error {
		if len(applications) == 0 {
			return errNothing
		}
		u := undoing{judge: newJudge(c), reason: reason, concerned: map[recon.Source]bool{}, decisions: map[int64]bool{}}
		if counters, err = u.reverseAll(applications); err != nil {
			return err
		}
		if err := u.tell(); err != nil {
			return err
		}
		if err := u.reconsiderAll(); err != nil {
			return err
		}
		return u.flush()
	})
	if err != nil {
		return nil, err
	}
	return counters, nil
}

// undoing takes applications back on a person's word.
type undoing struct {
	*judge
	reason    string
	concerned map[recon.Source]bool // whose money came free
	decisions map[int64]bool        // that made what is undone
}

// reverseAll goes from the latest to the earliest, so that money put on account is given back by its uses first.
func (u *undoing) reverseAll(ids []int64) ([]int64, error) {
	origins, err := u.applicationsByID(ids)
	if err != nil {
		return nil, err
	}
	dependents, err := u.dependents(origins)
	if err != nil {
		return nil, err
	}
	if len(dependents) > 0 {
		if origins, err = u.applicationsByID(append(ids[:len(ids):len(ids)], dependents...)); err != nil {
			return nil, err
		}
	}
	var counters []int64
	for _, a := range origins {
		id, err := u.reverse(a, a.Original, recon.ReasonUndone, u.reason, 0)
		if err != nil {
			return nil, err
		}
		counters = append(counters, id)
		if err := u.remember(a, origins); err != nil {
			return nil, err
		}
		if err := u.note(a); err != nil {
			return nil, err
		}
	}
	return counters, nil
}

// remember parts the receipt from the item, and where a difference was taken back without the payment that it explained, the
// item from differences of that kind: no later receipt brings it back.
func (u *undoing) remember(a origin, all []origin) error {
	if a.receipt == 0 || a.Item == 0 {
		return nil
	}
	with := slices.ContainsFunc(all, func(o origin) bool {
		return o.receipt == a.receipt && o.Item == a.Item && (o.Kind == recon.Payment || o.Kind == recon.Credit)
	})
	if a.Kind.Dependent() && !with {
		if err := u.refuse(a.Item, a.Kind); err != nil {
			return err
		}
	}
	return u.decline(a.receipt, a.Item)
}

// dependents returns what goes with payments that are taken back: what their decision said of the item beside them, and
// all that the receipt's decisions said of it where nothing of the receipt pays the item any more.
func (u *undoing) dependents(origins []origin) (ids []int64, err error) {
	for _, paid := range origins {
		if paid.Kind != recon.Payment && paid.Kind != recon.Credit || paid.receipt == 0 {
			continue
		}
		siblings, err := u.liveOn(paid.receipt, paid.Item)
		if err != nil {
			return nil, err
		}
		alone := !slices.ContainsFunc(siblings, func(a recon.Application) bool {
			named := slices.ContainsFunc(origins, func(o origin) bool { return o.ID == a.ID })
			return !named && (a.Kind == recon.Payment || a.Kind == recon.Credit)
		})
		for _, a := range siblings {
			if a.Kind.Dependent() && (alone || paid.Kind == recon.Payment && a.Decision == paid.Decision) {
				ids = append(ids, a.ID)
			}
		}
	}
	return ids, nil
}

// liveOn returns the live applications of a receipt to an item.
func (r *reading) liveOn(receipt, item int64) ([]recon.Application, error) {
	return collect(r, scanApplication, selectApplications+`FROM application AS a
		WHERE a.entity_id = ? AND a.receipt = ? AND a.receipt > 0 AND a.item = ?`+notReversed+` ORDER BY a.id`, r.entity, receipt, item)
}

// note remembers what has to be decided anew: the receipt or the money held, and the return that sent money back.
func (u *undoing) note(a origin) error {
	switch {
	case a.Source.Kind == recon.SourceReceipt || a.Source.Kind == recon.SourceOnAccount || a.Source.Kind == recon.SourceAdvance:
		u.concerned[a.Source] = true
	case a.receipt != 0:
		u.concerned[recon.Source{Kind: recon.SourceReceipt, ID: a.receipt}] = true
	}
	if a.Kind == recon.Refund {
		back, err := u.number(`SELECT source_id FROM decision WHERE entity_id = ? AND id = ? AND is_return = 1`, u.entity, a.Decision)
		if err != nil {
			return err
		}
		if back != 0 {
			u.concerned[recon.Source{Kind: recon.SourceReceipt, ID: back}] = true
		}
	}
	if u.decisions[a.Decision] {
		return nil
	}
	u.decisions[a.Decision] = true
	return u.closeDisputes(a.Decision)
}

// reconsiderAll puts back into the queue what has money again.
func (u *undoing) reconsiderAll() error {
	sources := slices.SortedFunc(maps.Keys(u.concerned), func(a, b recon.Source) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	abouts, err := u.subjects(sources)
	if err != nil {
		return err
	}
	for _, source := range sources {
		about := abouts[source]
		if about == nil || about.free == 0 || about.source.Kind == recon.SourceOnAccount && about.decision == 0 {
			continue
		}
		if err := u.reconsider(about, recon.ReasonUndone, u.reason); err != nil {
			return err
		}
	}
	return nil
}
