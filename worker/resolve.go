package worker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Refused is a request of a person that the rules or the books do not allow: nothing was done.
type Refused struct{ recon.Problem }

// Error says what was refused and what to try.
func (r Refused) Error() string { return r.Problem.String() + "; " + r.Try }

func refuse(code, where, try, format string, values ...any) error {
	return Refused{recon.Problem{Code: code, Where: where, Severity: recon.Reject, Message: fmt.Sprintf(format, values...), Try: try}}
}

// ItemAmount is an amount of an item as a person wrote it.
type ItemAmount struct{ Number, Amount string }

// Request is what a person wants done with a queued receipt: a proposal, or amounts by item.
type Request struct {
	Receipt   int64
	Version   int64        // of the case as the person saw it, 0 = as it is now
	Proposal  int          // from 1; 0 = the amounts below
	Apply     []ItemAmount // what items fall by: money and credit notes together
	Credit    []ItemAmount // credit notes to use
	Discount  []ItemAmount
	WriteOff  []ItemAmount
	Charge    []string // withheld by banks on the way: each is booked on one of the items of Apply
	OnAccount []string
	Spread    []string // items that the whole receipt fills from top to bottom; the surplus is kept on account
	SetAside  bool     // it is no receipt
	Ledger    string   // account of what is set aside
	Customer  string   // whose money it is, where nothing else tells
	Reason    string
	NextDate  recon.Date
}

// Resolve carries out a person's decision on a queued receipt. It fails with [Refused] where the amounts do not fit.
func (p *Pipeline) Resolve(ctx context.Context, request Request) (decision int64, err error) {
	detail, err := p.Store.Decision(ctx, p.Entity.ID, request.Receipt)
	if errors.Is(err, store.ErrNotFound) {
		return 0, refuse("QUEUE-UNKNOWN", "", "list the queue with: tieout queue", "receipt %d is not in the queue", request.Receipt)
	}
	if err != nil {
		return 0, err
	}
	if detail.Case == nil {
		return 0, refuse("QUEUE-DECIDED", "", "see tieout explain; undo it first to decide anew",
			"receipt %d was decided already by %s at %s", request.Receipt, detail.Actor, detail.At.UTC().Format("2006-01-02 15:04:05"))
	}
	resolution := store.Resolution{Entity: p.Entity.ID, Receipt: request.Receipt, Version: request.Version,
		Customer: firstText(request.Customer, detail.Case.Customer), SetAside: request.SetAside, Ledger: request.Ledger, Reason: request.Reason}
	if resolution.Version == 0 {
		resolution.Version = detail.Case.Version
	}
	if err := p.knownCustomer(ctx, request.Customer); err != nil {
		return 0, err
	}
	if err := p.fill(ctx, &resolution, request, detail); err != nil {
		return 0, err
	}
	if resolution.Lessons, err = p.lessons(ctx, resolution, detail); err != nil {
		return 0, err
	}
	resolution.Digest = digest(resolution)
	return p.Store.Resolve(ctx, p.act(0), resolution)
}

// knownCustomer refuses a customer whom nobody has imported: money would be kept for nobody.
func (p *Pipeline) knownCustomer(ctx context.Context, code string) error {
	if code == "" {
		return nil
	}
	customers, err := p.Store.Customers(ctx, p.Entity.ID)
	if err != nil {
		return fmt.Errorf("load customers: %w", err)
	}
	if !slices.ContainsFunc(customers, func(c recon.Customer) bool { return c.Code == code }) {
		return refuse("CUST-UNKNOWN", "--customer", "write the code as it was imported, or import the customer first: tieout import customers", "there is no customer %q", code)
	}
	return nil
}

func firstText(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

func (p *Pipeline) fill(ctx context.Context, resolution *store.Resolution, request Request, detail store.DecisionDetail) error {
	switch {
	case request.SetAside:
		return nil
	case request.Proposal > 0:
		return takeProposal(resolution, request.Proposal, detail.Decision.Proposals)
	case detail.Case.Return:
		return refuse("QUEUE-RETURN", "", "choose the receipt it takes back with --proposal N, or set it aside", "a returned payment is not applied to items")
	}
	desk := allocation{p: p, currency: detail.Case.Currency, receiptMinor: detail.Case.AmountMinor}
	lines, shortfalls, err := desk.lines(ctx, request)
	if err != nil {
		return err
	}
	resolution.Lines, resolution.Shortfalls = lines, shortfalls
	resolution.Customer = firstText(request.Customer, desk.customer, resolution.Customer)
	if len(request.OnAccount) > 0 && resolution.Customer == "" {
		return refuse("QUEUE-CUSTOMER", "", "say whose money it is: --customer CODE", "money on account needs a customer and the payer is unknown")
	}
	return nil
}

func takeProposal(resolution *store.Resolution, number int, proposals []recon.Proposal) error {
	if number > len(proposals) {
		return refuse("QUEUE-PROPOSAL", "", "see them with: tieout queue show", "there is no proposal %d, this case has %d", number, len(proposals))
	}
	chosen := proposals[number-1]
	resolution.Lines, resolution.Clears, resolution.Reverses = chosen.Lines, chosen.Clears, chosen.Reverses
	resolution.Customer = firstText(chosen.Customer, resolution.Customer)
	return nil
}

// digest is equal for equal resolutions of one state of a case: a repeated click is one effect.
func digest(r store.Resolution) string {
	d := recon.Decision{Customer: r.Customer, Lines: r.Lines, Reverses: r.Reverses, Clears: r.Clears}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d|%d|%v|%s|%s|%s", r.Receipt, r.Version, r.SetAside, r.Ledger, r.Reason, d.Digest()))
	return hex.EncodeToString(sum[:16])
}
