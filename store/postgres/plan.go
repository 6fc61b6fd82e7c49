package postgres

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// SavePlan applies or queues each decision of a plan. Nearly all plans fit what is stored, so they are carried out without
// a savepoint for each decision; where one does not fit, all is rolled back and done again with savepoints.
func (s *Store) SavePlan(ctx context.Context, act store.Act, plan recon.Plan) (store.PlanReport, error) {
	report, err := s.savePlan(ctx, act, plan, true)
	if errors.Is(err, errUnfit) {
		report, err = s.savePlan(ctx, act, plan, false)
	}
	return report, err
}

func (s *Store) savePlan(ctx context.Context, act store.Act, plan recon.Plan, trusting bool) (report store.PlanReport, err error) {
	err = s.change(ctx, act, plan.Entity, "plan", func(c *change) error {
		report = store.PlanReport{}
		c.trusting = trusting
		p := planChange{judge: newJudge(c), rules: plan.Rules, follows: map[int64]bool{}, report: &report}
		if err := p.load(plan.Decisions); err != nil {
			return err
		}
		for i := range plan.Decisions {
			if err := p.decision(&plan.Decisions[i]); err != nil {
				return err
			}
		}
		if report.Applied+report.Queued == 0 {
			return errNothing
		}
		return p.flush()
	})
	if err != nil {
		return store.PlanReport{}, err
	}
	return report, nil
}

// planChange stores one plan.
type planChange struct {
	*judge
	rules   string
	sources map[recon.Source]*subject
	follows map[int64]bool // receipts of this plan that a return of it takes back, and whether that happened
	report  *store.PlanReport
}

// load reads at once what the decisions are about.
func (p *planChange) load(decisions []recon.Decision) (err error) {
	sources := make([]recon.Source, len(decisions))
	var items []int64
	for i := range decisions {
		sources[i] = decisions[i].Source
		items = itemsOf(decisions[i].Lines, items)
	}
	if p.sources, err = p.subjects(sources); err != nil {
		return err
	}
	return p.know(items)
}

func (p *planChange) decision(d *recon.Decision) error {
	if err := p.cancelled(); err != nil {
		return err
	}
	about, digest := p.sources[d.Source], d.Digest()
	if about != nil && about.state == stateEngine && about.outcome == recon.Queued && about.digest == digest {
		p.report.Unchanged++
		return nil
	}
	if d.Outcome == recon.Reversed && !d.Return && about != nil && about.state == stateEngine && !about.isReturn && len(d.Reverses) == 0 {
		p.follows[d.Source.ID] = false
		p.report.Unchanged++
		return nil
	}
	if p.trusting && (d.Outcome == recon.Reversed || d.Outcome == recon.Cleared) { // they look at balances
		if err := p.carryOutAll(); err != nil {
			return err
		}
	}
	err := store.ErrStale
	if about != nil && about.state == stateEngine && about.isReturn == d.Return {
		err = p.decide(about, &verdict{Decision: *d, digest: digest, rules: p.rules})
	}
	switch {
	case errors.Is(err, errUnfit):
		return err
	case errors.Is(err, store.ErrStale), errors.Is(err, store.ErrOver), errors.Is(err, store.ErrNotFound):
		p.report.Stale = append(p.report.Stale, d.Source)
	case err != nil:
		return err
	case d.Outcome == recon.Queued:
		p.report.Queued++
	default:
		p.report.Applied++
		p.followed(d)
	}
	return nil
}

// followed counts a receipt that was decided with its return. A plan says what becomes of it, and what happens is the
// return's doing: so both happen, or neither.
func (p *planChange) followed(d *recon.Decision) {
	if done, named := p.follows[d.Clears]; d.Return && named && !done {
		p.follows[d.Clears] = true
		p.report.Unchanged--
		p.report.Applied++
	}
}

// Undecided returns receipts and returns without a final decision, and advances whose money is not yet placed.
func (s *Store) Undecided(ctx context.Context, entity string) (receipts []recon.Receipt, returns []recon.Return, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		if receipts, err = r.undecidedReceipts(); err != nil {
			return err
		}
		returns, err = collect(r, scanReturn, selectUndecidedReturns, entity)
		return err
	})
	return receipts, returns, err
}

// UndecidedAmong returns those of some receipts, advances and returns that Undecided would return.
func (s *Store) UndecidedAmong(ctx context.Context, entity string, sources []recon.Source, entries []int64) (receipts []recon.Receipt, returns []recon.Return, err error) {
	ids, wanted := []int64{}, map[int64]bool{}
	for _, source := range sources {
		if source.Kind == recon.SourceReceipt {
			ids = append(ids, source.ID)
		} else {
			wanted[source.ID] = true
		}
	}
	err = s.read(ctx, entity, func(r *reading) error {
		own, err := collect(r, scanWaiting, selectReceiptsToDecide+` FROM unnest(?1::bigint[]) AS k(value) JOIN receipt AS r ON r.entity_id = ?2 AND r.id = k.value`+
			joinEntry+joinDecision+` WHERE r.state = 0 AND r.allocated + r.refunded < r.amount ORDER BY r.day, r.id`, ids, entity)
		if err != nil {
			return err
		}
		var advances []waiting
		if len(wanted) > 0 {
			if advances, err = collect(r, scanWaiting, selectWaitingAdvances, entity); err != nil {
				return err
			}
			advances = slices.DeleteFunc(advances, func(w waiting) bool { return !wanted[w.Source.ID] })
		}
		declined, err := r.declined()
		if err != nil {
			return err
		}
		receipts = inOrder(own, advances, declined)
		returns, err = collect(r, scanReturn, selectReturnsToDecide+` FROM unnest(?1::bigint[]) AS k(value) JOIN returned AS t ON t.entity_id = ?2 AND t.id = k.value`+
			joinReturn+` WHERE t.state = 0 ORDER BY t.day, t.id`, entries, entity)
		return err
	})
	return receipts, returns, err
}

// Waiting returns those of some receipts and returns that have money to decide, in anybody's hands.
func (s *Store) Waiting(ctx context.Context, entity string, receipts []int64) (waits []recon.Receipt, returns []recon.Return, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		waits, returns, err = r.waits(receipts)
		return err
	})
	return waits, returns, err
}

func (r *reading) waits(ids []int64) ([]recon.Receipt, []recon.Return, error) {
	receipts, err := collect(r, scanWaiting, selectReceiptsToDecide+` FROM unnest(?1::bigint[]) AS k(value) JOIN receipt AS r ON r.entity_id = ?2 AND r.id = k.value`+
		joinEntry+joinDecision+` WHERE r.clears = 0 AND r.allocated + r.refunded < r.amount ORDER BY r.day, r.id`, ids, r.entity)
	if err != nil {
		return nil, nil, err
	}
	declined, err := r.declined()
	if err != nil {
		return nil, nil, err
	}
	returns, err := collect(r, scanReturn, selectReturnsToDecide+` FROM unnest(?1::bigint[]) AS k(value) JOIN returned AS t ON t.entity_id = ?2 AND t.id = k.value`+
		joinReturn+` WHERE t.state <> 1 ORDER BY t.day, t.id`, ids, r.entity)
	return inOrder(receipts, nil, declined), returns, err
}

// A payment recorded by hand has no entry; what it shows in place of one stands in hand_payment.
const (
	receiptEntry = `coalesce(e.value_day, 0), coalesce(e.bank_reference, ''), coalesce(e.payer_name, ''), coalesce(e.payer_account, ''),
		coalesce(e.ultimate, ''), coalesce(e.structured, ''), coalesce(e.document_numbers, ''), coalesce(e.end_to_end_id, ''),
		coalesce(e.mandate_id, ''), coalesce(e.transaction_id, ''), coalesce(e.text, h.note, ''), coalesce(e.lines, ''), coalesce(e.additional, ''),
		e.original, coalesce(e.original_currency, ''), coalesce(e.charges, 0), coalesce(e.charge_bearer, ''), coalesce(e.cheque, h.cheque, ''),
		coalesce(e.whole, 0), coalesce(s.ties, 0), a.proof_required, CASE WHEN d.outcome = 'queued' THEN d.digest ELSE '' END`
	joinEntry = `
		JOIN account AS a ON a.entity_id = r.entity_id AND a.account_id = r.account_id
		LEFT JOIN entry AS e ON e.entity_id = r.entity_id AND e.id = r.id
		LEFT JOIN statement AS s ON s.entity_id = r.entity_id AND s.id = e.statement
		LEFT JOIN hand_payment AS h ON h.entity_id = r.entity_id AND h.receipt = r.id`
	joinDecision = `
		LEFT JOIN decision AS d ON d.entity_id = r.entity_id AND d.id = r.decision`
	selectReceiptsToDecide = `SELECT 'receipt', r.id, r.id, r.account_id, r.currency, r.amount - r.allocated - r.refunded, r.amount, r.day,
			CASE WHEN r.by_hand = 1 THEN r.customer ELSE '' END, '', ` + receiptEntry
	// What nothing was decided about, and what was and waits in the queue.
	selectUndecidedReceipts = selectReceiptsToDecide + `
		FROM (SELECT x.* FROM fresh_receipts AS f JOIN receipt AS x ON x.entity_id = f.entity_id AND x.id BETWEEN f.first AND f.last AND x.decision = 0
				WHERE f.entity_id = ?1
			UNION ALL
			SELECT x.* FROM queue_case AS q JOIN receipt AS x ON x.entity_id = q.entity_id AND x.id = q.id AND x.decision <> 0
				WHERE q.entity_id = ?1 AND q.open = 1) AS r` + joinEntry + joinDecision + `
		WHERE r.state = 0 AND r.allocated + r.refunded < r.amount ORDER BY r.day, r.id`
	selectWaitingAdvances = `SELECT w.kind, w.id, r.id, r.account_id, w.currency, w.amount - w.allocated, w.amount, r.day,
			w.customer, w.order_number, ` + receiptEntry + `
		FROM holding AS w JOIN receipt AS r ON r.entity_id = w.entity_id AND r.id = w.receipt` + joinEntry + `
		LEFT JOIN decision AS d ON d.entity_id = w.entity_id AND d.id = w.decision
		WHERE w.entity_id = ? AND w.kind = 'advance' AND w.reversed = 0 AND w.allocated < w.amount ORDER BY r.day, w.id`
	selectReturnsToDecide = `SELECT t.id, e.account_id, e.currency, t.amount, t.day, e.bank_reference, e.end_to_end_id, e.original_end_to_end,
			e.mandate_id, e.transaction_id, e.payer_name, e.payer_account, e.text, e.return_reason, e.charges,
			CASE WHEN d.outcome = 'queued' THEN d.digest ELSE '' END`
	joinReturn = `
		JOIN entry AS e ON e.entity_id = t.entity_id AND e.id = t.id
		LEFT JOIN decision AS d ON d.entity_id = t.entity_id AND d.id = t.decision`
	selectUndecidedReturns = selectReturnsToDecide + `
		FROM returned AS t` + joinReturn + `
		WHERE t.entity_id = ? AND t.state = 0 ORDER BY t.day, t.id`
)

// waiting is a receipt to decide and the receipt behind it, which differs where it is an advance.
type waiting struct {
	recon.Receipt
	behind int64
}

func scanWaiting(rows *row, w *waiting) error {
	var e entryScan
	var ties int64
	var standing sql.NullString
	err := rows.Scan((*string)(&w.Source.Kind), &w.Source.ID, &w.behind, &w.AccountID, (*string)(&w.Currency), &w.AmountMinor, &w.TotalMinor,
		(*storedDay)(&w.Booked), &w.Customer, &w.Order, (*storedDay)(&w.Value), &w.BankReference, &w.Payer.Name, &w.Payer.Account, &w.Ultimate,
		(*storedList)(&w.Structured), (*storedList)(&w.DocumentNumbers), &w.EndToEndID, &w.MandateID, &w.TransactionID, &w.Text,
		(*storedList)(&w.Lines), &w.Additional, &e.original, &e.originalCurrency, &w.ChargesMinor, &w.ChargeBearer, &w.Cheque,
		(*storedFlag)(&w.Whole), &ties, (*storedFlag)(&w.ProofRequired), &standing)
	w.Original, w.Proof, w.Standing = e.money(), recon.Proof(ties), standing.String
	return err
}

func scanReturn(rows *row, t *recon.Return) error {
	return rows.Scan(&t.EntryID, &t.AccountID, (*string)(&t.Currency), &t.AmountMinor, (*storedDay)(&t.Booked), &t.BankReference, &t.EndToEndID,
		&t.OriginalEndToEnd, &t.MandateID, &t.TransactionID, &t.Counterparty.Name, &t.Counterparty.Account, &t.Text, &t.Reason, &t.ChargesMinor,
		&t.Standing)
}

func (r *reading) undecidedReceipts() ([]recon.Receipt, error) {
	receipts, err := collect(r, scanWaiting, selectUndecidedReceipts, r.entity)
	if err != nil {
		return nil, err
	}
	advances, err := collect(r, scanWaiting, selectWaitingAdvances, r.entity)
	if err != nil {
		return nil, err
	}
	declined, err := r.declined()
	if err != nil {
		return nil, err
	}
	return inOrder(receipts, advances, declined), nil
}

// declined returns the items that people took back from receipts that are to be decided.
func (r *reading) declined() (map[int64][]int64, error) {
	declined := map[int64][]int64{}
	err := r.each(func(rows *row) error {
		var receipt, item int64
		err := rows.Scan(&receipt, &item)
		declined[receipt] = append(declined[receipt], item)
		return err
	}, `SELECT receipt, item FROM declined WHERE entity_id = ? ORDER BY receipt, item`, r.entity)
	return declined, err
}

// inOrder merges receipts and advances by booking day and id.
func inOrder(receipts, advances []waiting, declined map[int64][]int64) []recon.Receipt {
	all := make([]recon.Receipt, 0, len(receipts)+len(advances))
	take := func(w *waiting) {
		w.Declined = declined[w.behind]
		all = append(all, w.Receipt)
	}
	for i := range receipts {
		for len(advances) > 0 && advances[0].Booked < receipts[i].Booked {
			take(&advances[0])
			advances = advances[1:]
		}
		take(&receipts[i])
	}
	for i := range advances {
		take(&advances[i])
	}
	return all
}
