package worker

import (
	"context"
	"encoding/json"
	"sync"

	"golang.org/x/sync/errgroup"
)

// SideBySide are hands within this process: so many units of a run at once, each on connections of its own. It needs a database that
// several may write to.
func SideBySide(workers int) Hands { return &side{workers: workers} }

type side struct {
	workers int
	alone   sync.Mutex
}

// Do does the units.
func (s *side) Do(ctx context.Context, p *Pipeline, run int64, _ string, units []Unit) ([]json.RawMessage, error) {
	results := make([]json.RawMessage, len(units))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(s.workers)
	for i, unit := range units {
		group.Go(func() error {
			result, err := p.doUnit(ctx, run, unit)
			if err != nil {
				return err
			}
			results[i], err = json.Marshal(result)
			return err
		})
	}
	return results, group.Wait()
}

// Alone lets one unit after the other judge what a statement is to those of its account.
func (s *side) Alone(ctx context.Context, p *Pipeline, _ []string, do func(context.Context, *Pipeline) error) error {
	s.alone.Lock()
	defer s.alone.Unlock()
	return do(ctx, p)
}
