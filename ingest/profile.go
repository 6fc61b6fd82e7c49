package ingest

import (
	"embed"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/recon/strict"
)

// Profile is the declared layout of one bank's CSV export. It states everything that a row leaves open (date layout,
// decimal mark, sign, encoding), so that no row is ever guessed at. LoadProfile makes one; the shipped ones are the
// files in the folder profiles.
type Profile struct {
	ID      string `yaml:"id"`      // stands in the format of a document: "csv:<id>"
	Bank    string `yaml:"bank"`    // bank and name of the export
	Country string `yaml:"country"` // ISO 3166-1 alpha-2
	Note    string `yaml:"note"`

	Encodings []string `yaml:"encodings"` // tried in order where there is no byte order mark; default utf-8
	Delimiter string   `yaml:"delimiter"` // "," (default) ";" "|" or tab
	Quote     string   `yaml:"quote"`     // double (default), or none where a quotation mark is plain text

	Preamble       int      `yaml:"preamble"`        // at most so many lines stand before the header
	Header         []string `yaml:"header"`          // the names of the columns in their order; "" for a column without a name
	MoreColumns    bool     `yaml:"more_columns"`    // other columns may stand among those of the header, in any order
	RepeatedHeader bool     `yaml:"repeated_header"` // the header may come again among the rows
	TrailingCell   bool     `yaml:"trailing_cell"`   // rows may end with one delimiter more than the header
	FirstRow       []string `yaml:"first_row"`       // without a header: a regular expression per cell, which the first row must match
	Footer         []string `yaml:"footer"`          // regular expressions; a line that matches one ends the rows

	Columns   Columns `yaml:"columns"`
	Dates     string  `yaml:"dates"` // the layout of every day, such as dd.MM.yyyy
	Amounts   Amounts `yaml:"amounts"`
	Currency  string  `yaml:"currency"` // of all rows, where no column says it
	Status    Status  `yaml:"status"`
	Details   Details `yaml:"details"`    // rows that only tell more about the row before
	Require   Marked  `yaml:"require"`    // what every row says in the layout that this profile is for, and not in its look-alikes
	Opening   Marked  `yaml:"opening"`    // rows that are no movement but state the balance before the first
	Order     string  `yaml:"order"`      // newest_first (default) or oldest_first
	Several   bool    `yaml:"several"`    // the file may hold several accounts or currencies, one statement each
	Around    Around  `yaml:"around"`     // what stands in the lines before the header or after the rows
	OwnDigits int     `yaml:"own_digits"` // digits of the own account number; a shorter one has lost its leading zeros

	openCurrency bool // an inferred profile may leave the currency open; its files are never booked so

	dates    dateLayout
	lines    aroundPatterns
	firstRow []*regexp.Regexp
	footer   []*regexp.Regexp
}

// Columns names the column of each thing; "" where the bank does not send it. A name that the header has twice is
// written with its place: "Divisa#2". Without a header columns are "#1", "#2" …
type Columns struct {
	Booked     string   `yaml:"booked"`
	Value      string   `yaml:"value"`
	Amount     string   `yaml:"amount"`
	Debit      string   `yaml:"debit"` // with credit, in the place of amount
	Credit     string   `yaml:"credit"`
	Direction  string   `yaml:"direction"` // says by a word which way the amount goes
	MoneyIn    []string `yaml:"money_in"`  // its words for money into the account
	MoneyOut   []string `yaml:"money_out"` // and out of it
	Currency   string   `yaml:"currency"`
	Balance    string   `yaml:"balance"`     // of the account after the row
	OwnAccount []string `yaml:"own_account"` // joined where the bank splits it

	Name           []string `yaml:"name"`    // of the other party: the first that is not empty
	Payer          string   `yaml:"payer"`   // the other party's name where money came in
	Payee          string   `yaml:"payee"`   // and where it went out
	Account        []string `yaml:"account"` // of the other party: the first that is not empty
	Text           []string `yaml:"text"`    // each a line of the remittance text
	Additional     []string `yaml:"additional"`
	Structured     []string `yaml:"structured"`
	Documents      []string `yaml:"documents"` // invoice numbers that the payer gave as such
	EndToEnd       string   `yaml:"end_to_end"`
	Mandate        string   `yaml:"mandate"`
	BankID         string   `yaml:"bank_id"`
	EntryReference string   `yaml:"entry_reference"`
	BankCode       string   `yaml:"bank_code"`
	Purpose        string   `yaml:"purpose"`
	Ultimate       string   `yaml:"ultimate"` // ultimate party of the other side
	ReturnReason   string   `yaml:"return_reason"`
	Cheque         string   `yaml:"cheque"`
	Charges        string   `yaml:"charges"` // already contained in the amount
	Fee            string   `yaml:"fee"`     // not contained in it: the account moves by the amount less the fee
	OriginalAmount string   `yaml:"original_amount"`
	OriginalCcy    string   `yaml:"original_currency"`
}

// Status says by a word of the bank whether a row is booked. A word in none of the lists is a problem.
type Status struct {
	Column  string   `yaml:"column"`
	Booked  []string `yaml:"booked"`  // "*" is every word that the other lists do not have, as for a column of days
	Pending []string `yaml:"pending"` // counted, not read
	Ignored []string `yaml:"ignored"` // declined, reverted: counted, not read
}

// Marked names rows by what one column says.
type Marked struct {
	Column string   `yaml:"column"`
	Equals []string `yaml:"equals"`
	Amount string   `yaml:"amount"` // column that holds the amount; default the balance
}

// Details names the rows that belong to the one before: all columns of empty are empty in them, all of filled are not.
type Details struct {
	Empty  []string `yaml:"empty"`
	Filled []string `yaml:"filled"`
}

// Around finds things in the lines before the header and after the rows, each by a regular expression with one group.
type Around struct {
	Account  string `yaml:"account"`
	Currency string `yaml:"currency"`
	Opening  string `yaml:"opening"`
	Closing  string `yaml:"closing"`
}

type aroundPatterns struct{ account, currency, opening, closing *regexp.Regexp }

//go:embed profiles/*.yaml
var profileFiles embed.FS

var shipped = sync.OnceValue(loadShipped)

// Profiles returns the profiles of real banks that come with tieout, in the order of their ids.
func Profiles() []Profile { return slices.Clone(shipped()) }

func loadShipped() []Profile {
	files, err := profileFiles.ReadDir("profiles")
	if err != nil {
		panic(fmt.Sprintf("embedded profiles: %v", err))
	}
	var profiles []Profile
	for _, file := range files {
		data, err := profileFiles.ReadFile(path.Join("profiles", file.Name()))
		if err != nil {
			panic(fmt.Sprintf("embedded profile %s: %v", file.Name(), err))
		}
		profile, problems := LoadProfile(file.Name(), data)
		if len(problems) > 0 {
			panic(fmt.Sprintf("embedded profile %s", problems[0]))
		}
		profiles = append(profiles, profile)
	}
	slices.SortFunc(profiles, func(a, b Profile) int { return strings.Compare(a.ID, b.ID) })
	return profiles
}

// LoadProfile reads a profile from YAML and compiles it. Problems carry the codes of package strict and CFG-PROFILE, and
// name is the place they show; a profile with problems cannot be used.
func LoadProfile(name string, data []byte) (Profile, []recon.Problem) {
	var p Profile
	if problems := strict.Decode(name, data, &p); len(problems) > 0 {
		return Profile{}, problems
	}
	p.defaults()
	check := profileCheck{name: name, profile: &p}
	check.all()
	return p, check.problems
}

func (p *Profile) defaults() {
	if len(p.Encodings) == 0 {
		p.Encodings = []string{"utf-8"}
	}
	for _, field := range []struct {
		text  *string
		value string
	}{
		{&p.Delimiter, ","}, {&p.Quote, "double"}, {&p.Order, "newest_first"}, {&p.Amounts.Decimal, "."},
		{&p.Amounts.Sign, "before"}, {&p.Amounts.Debit, "positive"},
	} {
		if *field.text == "" {
			*field.text = field.value
		}
	}
}

// delimiters are those that a CSV file may have.
var delimiters = []rune{',', ';', '\t', '|'}

func (p *Profile) delimiter() rune {
	if p.Delimiter == "tab" {
		return '\t'
	}
	return rune(p.Delimiter[0])
}

func (p *Profile) width() int { return max(len(p.Header), len(p.FirstRow)) }

// column returns the index of a named column among names, and -1 where it is not there. "#3" is the third column,
// "Divisa#2" the second of two with that name.
func column(names []string, wanted string) int {
	if at := slices.Index(names, wanted); at >= 0 {
		return at
	}
	name, place, numbered := strings.Cut(wanted, "#")
	n, err := strconv.Atoi(place)
	if !numbered || err != nil || n < 1 {
		return -1
	}
	for i, candidate := range names {
		if candidate == name || name == "" {
			if n--; n == 0 {
				return i
			}
		}
	}
	return -1
}
