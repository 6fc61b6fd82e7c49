package review

import (
	"context"
	"io"
	"net/netip"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
	"github.com/tieout/tieout/store"
)

// Config is what a desk needs, all of it handed in.
type Config struct {
	Store     store.Store
	Companies []Company // whose books are reviewed, by id
	Now       func() time.Time
	Log       *zap.Logger
	Hosts     []string       // host names under which the desk is reached, without port
	Secure    bool           // browsers reach it over TLS, its own or a proxy's
	Proxies   []netip.Prefix // whose word about the browser's address is taken
	MaxUpload int64          // bytes of a bank file
	Scratch   string         // folder for uploads under way, that only we may read
	Local     bool           // people may sign in with a password
	OIDC      *OIDC          // the organisation's sign-in, nil where there is none
	Demo      string         // login of the person as whom everybody acts, "" normally
}

// Company is an entity and what can be done to its books.
type Company struct {
	store.Entity
	Rules rules.Set // in force
	Work  Work
}

// Actor is who does something, and how.
type Actor struct {
	Login string
	Via   string // session, role and address, for the audit
}

// Work are the worker's functions, the same that the terminal calls. What they refuse is a [recon.Refused].
type Work struct {
	Resolve     func(ctx context.Context, actor Actor, request recon.Request) (recon.Done, error)
	Preview     func(ctx context.Context, actor Actor, request recon.Request) (recon.Preview, error)
	Offers      func(ctx context.Context, detail store.DecisionDetail) (recon.Offers, error)
	Assign      func(ctx context.Context, actor Actor, receipt int64, person string) error
	Snooze      func(ctx context.Context, actor Actor, receipt int64, until recon.Date) error
	Note        func(ctx context.Context, actor Actor, receipt int64, text string) error
	Part        func(ctx context.Context, actor Actor, receipt, version int64, items []string, reason string) error // the receipt does not pay these items
	Release     func(ctx context.Context, actor Actor, receipt int64) error
	Pay         func(ctx context.Context, actor Actor, payment recon.HandPayment) (recon.PaidByHand, error)
	Undo        func(ctx context.Context, actor Actor, applications []int64, reason string) (recon.Done, error)
	UndoReceipt func(ctx context.Context, actor Actor, receipt int64, reason string) (recon.Done, error)
	Approve     func(ctx context.Context, actor Actor, proposal int64) (recon.Done, error)
	Decline     func(ctx context.Context, actor Actor, proposal int64, reason string) error
	Withdraw    func(ctx context.Context, actor Actor, proposal int64, reason string) error
	// Ingest takes a bank file as if it lay in an inbox. store.ErrLocked while another run is at work.
	Ingest func(ctx context.Context, actor Actor, path, account string, progress Progress) (Received, error)
	// Import takes items, customers, instalments or disputes.
	Import func(ctx context.Context, actor Actor, kind, name string, r io.Reader) (Imported, error)
	// Run does the nightly job. store.ErrLocked while another run is at work.
	Run func(ctx context.Context, actor Actor, progress Progress) (Ran, error)
	// ApproveAlias and DeclineAlias decide what decisions of people suggest of a customer's accounts and names.
	ApproveAlias func(ctx context.Context, actor Actor, alias int64, reason string) (recon.AliasRow, error)
	DeclineAlias func(ctx context.Context, actor Actor, alias int64, reason string) (recon.AliasRow, error)
	// Backtest decides the past again under other rules and stores nothing; nil where it cannot be done.
	Backtest BacktestFunc
}

// company returns the company with an id, nil where there is none.
func (d *Desk) company(id string) *Company {
	at := slices.IndexFunc(d.Companies, func(c Company) bool { return c.ID == id })
	if at < 0 {
		return nil
	}
	return &d.Companies[at]
}
