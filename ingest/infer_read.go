package ingest

import (
	"fmt"
	"strings"

	"github.com/tieout/tieout/recon"
)

// recogniseOrInfer finds the profile of a file, or draws one from the file itself where none fits. The problem beside a profile
// says that it was inferred, and how surely; without a profile it says why the file cannot be read.
func recogniseOrInfer(name, raw string, opts Options) (located, *recon.Problem) {
	var unknown *recon.Problem
	if opts.Profile != InferredProfile {
		found, problem := recognise(raw, opts)
		if problem == nil || problem.Code != "CSV-PROFILE" || opts.Profile != "" || found.fit != noFit {
			return found, problem // read, refused, or several profiles fit
		}
		unknown = problem
	}
	inference, problems := Infer(opts.Currency, Sample{Name: name, Data: []byte(raw)})
	switch {
	case len(problems) == 0:
		return inference.found[0], inference.problem(unknown)
	case unknown != nil && problems[0].Code == "CSV-PROFILE":
		unknown.Message += "; " + problems[0].Message
		return located{}, unknown
	}
	problems[0].Where = strings.TrimSpace(strings.TrimPrefix(problems[0].Where, name))
	return located{}, &problems[0]
}

// problem tells what was inferred: a warning where everything that matters is certain, else the file is held.
func (i *Inference) problem(unknown *recon.Problem) *recon.Problem {
	said := "read by inference"
	if unknown != nil {
		said = unknown.Message + "; " + said
	}
	p := &recon.Problem{Code: "CSV-PROFILE", Where: rowPlace(max(i.found[0].lines, 1)), Severity: recon.Warn, Message: said + ", everything that matters is certain: " + i.summary(),
		Try: "write the profile down with `tieout profile FILE --out PROFILE.yaml` and name it under profiles:, so that later files are read in the same way"}
	if doubts := i.Doubts(); len(doubts) > 0 {
		p.Severity = recon.Hold
		p.Message = said + ", not certain of " + doubtText(doubts)
		p.Try = "let `tieout profile` propose a profile, correct it and name it under profiles:; or accept the file after comparing it with the bank"
	}
	return p
}

const maxDoubts = 4 // in a message

func doubtText(doubts []Finding) string {
	var list []string
	for _, d := range doubts[:min(len(doubts), maxDoubts)] {
		text := d.Key
		if d.Value != "" {
			text += " " + shown(d.Value)
		}
		list = append(list, fmt.Sprintf("%s (%s)", text, d.Evidence))
	}
	if len(doubts) > maxDoubts {
		list = append(list, fmt.Sprintf("%d more", len(doubts)-maxDoubts))
	}
	return strings.Join(list, "; ")
}

// summary names the columns and layouts that days and amounts were read by.
func (i *Inference) summary() string {
	p := &i.Profile
	parts := []string{fmt.Sprintf("days %s in %q", p.Dates, p.Columns.Booked)}
	if p.Columns.Amount != "" {
		parts = append(parts, fmt.Sprintf("amounts in %q", p.Columns.Amount))
	} else {
		parts = append(parts, fmt.Sprintf("debits in %q, credits in %q", p.Columns.Debit, p.Columns.Credit))
	}
	return strings.Join(append(parts, fmt.Sprintf("decimal mark %q", p.Amounts.Decimal)), ", ")
}

// FittingProfile returns the id of the profile, of one's own or a shipped one, that a file is recognised by; "" where none is.
func FittingProfile(data []byte, own []Profile) string {
	if len(data) == 0 {
		return ""
	}
	found, problem := recognise(string(data[:min(len(data), headSize+1)]), Options{Profiles: own})
	if problem != nil {
		return ""
	}
	return found.profile.ID
}
