package postgres

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tieout/tieout/recon"
)

// write collects the rows of a decision that was carried out.
func (j *judge) write(s *subject, d *verdict) error {
	id := key(d.id)
	if err := j.decisions.add(id, j.entity, d.id, string(s.source.Kind), s.source.ID, flag(s.isReturn), string(d.Outcome), string(d.Reason),
		d.Score, d.Margin, d.Customer, d.Clears, joinIDs(d.Reverses), recon.EncodeEvidence(d.Evidence), encodeRejected(d.Rejected),
		joinIDs(d.Rivals), d.ledger, d.note, d.digest, d.rules, j.act.Actor, instant(j.act.At), j.act.Run, s.decision); err != nil {
		return err
	}
	for i, short := range d.Shortfalls {
		if err := j.shortfalls.add(id, j.entity, d.id, i+1, short.Item, short.AmountMinor, short.Why, short.Phrase, day(short.NextDate)); err != nil {
			return err
		}
	}
	for i := range d.Proposals {
		if err := j.proposal(d.id, i+1, &d.Proposals[i]); err != nil {
			return err
		}
	}
	return nil
}

func (j *judge) proposal(decision int64, ordinal int, p *recon.Proposal) error {
	id := key(decision)
	if err := j.proposals.add(id, j.entity, decision, ordinal, string(p.Reason), p.Score, p.Customer, p.DifferenceMinor, p.Clears,
		joinIDs(p.Reverses), recon.EncodeEvidence(p.Evidence)); err != nil {
		return err
	}
	for i, l := range p.Lines {
		if err := j.lines.add(id, j.entity, decision, ordinal, i+1, string(l.Kind), l.Item, l.CreditNote, l.AmountMinor, l.TaxMinor, l.Ledger,
			l.Order); err != nil {
			return err
		}
	}
	return nil
}

// Coded columns of a decision.

func joinIDs(ids []int64) string {
	var b []byte
	for i, id := range ids {
		if i > 0 {
			b = append(b, ' ')
		}
		b = strconv.AppendInt(b, id, 10)
	}
	return string(b)
}

func splitIDs(coded string) ([]int64, error) {
	var ids []int64
	for _, field := range strings.Fields(coded) {
		id, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("coded ids: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func encodeRejected(rejected []recon.Rejection) string {
	var b []byte
	for i, r := range rejected {
		if i > 0 {
			b = append(b, ' ')
		}
		b = append(strconv.AppendInt(b, r.Item, 10), ':')
		b = append(b, r.Reason...)
	}
	return string(b)
}

func decodeRejected(coded string) ([]recon.Rejection, error) {
	var rejected []recon.Rejection
	for _, field := range strings.Fields(coded) {
		number, reason, _ := strings.Cut(field, ":")
		item, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("coded rejections: %w", err)
		}
		rejected = append(rejected, recon.Rejection{Item: item, Reason: recon.Reason(reason)})
	}
	return rejected, nil
}
