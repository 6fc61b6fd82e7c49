package worker

import (
	"context"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

// courier delivers what waits in the outbox while the worker works, beside its rounds: a receiver that does not answer holds up nobody.
type courier struct {
	last  time.Time
	under atomic.Bool // way
}

// courierPause is how long the courier waits between two deliveries.
const courierPause = time.Minute

func (c *courier) look(ctx context.Context, p *Pipeline) {
	now := p.Now()
	if now.Sub(c.last) < courierPause || !c.under.CompareAndSwap(false, true) {
		return
	}
	c.last = now
	go func() {
		defer c.under.Store(false)
		if _, err := p.Deliver(ctx); err != nil && ctx.Err() == nil {
			p.Log.Error("outbox cannot be delivered", zap.Error(err))
		}
	}()
}
