package ingest

import (
	"fmt"
	"strings"

	"github.com/tieout/tieout/recon"
)

// InferredProfile is the id of a profile that Infer made and nobody has confirmed yet. As [Options].Profile it asks for inference
// even where a profile fits.
const InferredProfile = "inferred"

// Sample is one export of a bank that no profile describes.
type Sample struct {
	Name string // of the file, for messages
	Data []byte
}

// Confidence says how well something is proved by the files themselves.
type Confidence string

// Confidences, from best to worst.
const (
	Certain Confidence = "certain" // the files admit no other reading
	Likely  Confidence = "likely"  // the usual meaning, with nothing against it
	Unsure  Confidence = "unsure"  // another reading is as good, or something is missing
)

// Finding is one key of an inferred profile with what speaks for it.
type Finding struct {
	Key        string     `json:"key"`   // of the profile, such as "columns.booked"
	Value      string     `json:"value"` // as a person would say it
	Confidence Confidence `json:"confidence"`
	Evidence   string     `json:"evidence"`
	Matters    bool       `json:"matters"` // were it wrong, amounts or days would be
}

// Inference is a profile proposed from samples, with the evidence for each of its keys.
type Inference struct {
	Profile  Profile
	Findings []Finding
	Rows     int // booked rows that it was drawn from

	found []located // where the rows begin, for each sample
}

// Certain reports whether everything that matters is certain, so that the files may be booked without a person's word.
func (i *Inference) Certain() bool { return len(i.Doubts()) == 0 }

// Doubts returns the findings that matter and are not certain.
func (i *Inference) Doubts() (doubts []Finding) {
	for _, f := range i.Findings {
		if f.Matters && f.Confidence != Certain {
			doubts = append(doubts, f)
		}
	}
	return doubts
}

// fewRows is how many booked rows it takes before anything counts as proved.
const fewRows = 3

// Infer proposes a profile for exports of one bank and one layout. currency is that of the account, where it is known and the
// files may not say it; "" otherwise. Nothing is decided row by row: what Infer cannot prove for all rows it states with a
// lower confidence, and rows that do not fit are problems when the file is read. The problems say why nothing can be
// proposed: undecodable text (CSV-ENCODING, CSV-UTF8, CSV-CONTROL), or no column with days or none with amounts (CSV-PROFILE).
func Infer(currency recon.Currency, samples ...Sample) (Inference, []recon.Problem) {
	texts := make([]sampleText, len(samples))
	for i, sample := range samples {
		text, problem := decodeSample(sample)
		if problem != nil {
			problem.Where = strings.TrimSpace(sample.Name + " " + problem.Where)
			return Inference{}, []recon.Problem{*problem}
		}
		texts[i] = text
	}
	g := bestGrid(texts)
	if g == nil {
		return Inference{}, []recon.Problem{nothingInferred("no line with both a day and an amount, whatever the delimiter")}
	}
	if g.stranger != "" {
		return Inference{}, []recon.Problem{nothingInferred(fmt.Sprintf("%s has another layout than %s", g.stranger, samples[0].Name))}
	}
	inf := newInferrer(g, texts, currency)
	if missing := inf.infer(); missing != "" {
		return Inference{}, []recon.Problem{nothingInferred(missing)}
	}
	return inf.result(), nil
}

func nothingInferred(why string) recon.Problem {
	return recon.Problem{Code: "CSV-PROFILE", Severity: recon.Hold, Message: "no profile can be proposed: " + why,
		Try: "check that this is a bank's export; write a profile by hand after one of those that `tieout profile --list` shows"}
}

// inferrer draws a profile from the rows of a grid, one part after the other: later parts stand on earlier ones.
type inferrer struct {
	grid                  *grid
	texts                 []sampleText
	hint                  recon.Currency
	columns               []columnFacts
	rows                  []gridRow    // booked rows: without pending, opening, total and detail rows
	days                  []recon.Date // of the rows; 0 where the cell is none
	layouts               []dateLayout // that parse all days; more than one where only other evidence can tell
	dayCells              []string
	openings              []gridRow    // rows that state the balance before the first
	dayless               []gridRow    // rows without a day that nothing explains
	details               *columnFacts // the text of rows that belong to the one before
	profile               Profile
	findings              []Finding
	money                 moneyForm
	currencyAt, accountAt int  // columns; -1 without one
	mark                  byte // decimal mark on which all numbers of the file agree, once looked for
	markKnown             bool
	card                  string // what says that this is a card's statement; "" where nothing does
}

func newInferrer(g *grid, texts []sampleText, currency recon.Currency) *inferrer {
	inf := &inferrer{grid: g, texts: texts, hint: currency, rows: g.rows}
	inf.profile = Profile{ID: InferredProfile, Bank: "Unknown bank, inferred from its export", Country: "ZZ"}
	inf.card = cardWord(g)
	return inf
}

// infer fills the profile; it returns what is missing where there can be none.
func (inf *inferrer) infer() string {
	inf.form()
	inf.survey()
	if !inf.dates() {
		return "no column holds a day in each row"
	}
	inf.repeatedHeader()
	inf.openingRows()
	inf.statusColumn()
	inf.currencyColumn()
	inf.ownAccount()
	inf.currency()
	if !inf.amounts() {
		return "no column holds an amount in each row"
	}
	inf.settleLayout()
	inf.openingAmount()
	inf.detailRows()
	inf.sign()
	inf.order()
	inf.describing()
	inf.around()
	inf.footer()
	inf.firstRow()
	return inf.compile()
}

func (inf *inferrer) find(key, value string, confidence Confidence, matters bool, evidence string, values ...any) {
	inf.findings = append(inf.findings, Finding{key, value, confidence, fmt.Sprintf(evidence, values...), matters})
}
