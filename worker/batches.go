package worker

import "context"

// TakeBatch notes that the accounting system has taken a written batch. It fails with store.ErrNotFound where no such batch is written.
func (p *Pipeline) TakeBatch(ctx context.Context, batch int64) error {
	return p.Store.TakeBatch(ctx, p.act(0), p.Entity.ID, batch)
}
