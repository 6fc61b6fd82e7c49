package ingest

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tieout/tieout/recon"
)

const (
	headSize    = 64 << 10 // bytes in which the header must stand
	maxPreamble = 60       // lines before the header
)

// located is a profile that fits a file, and where its rows begin.
type located struct {
	profile *Profile
	names   []string // header of the file, trimmed; made of "" where the bank sends none
	lines   int      // lines before the rows: preamble and header
	// encodings of the file: the one in which the header reads right where that shows, else all of the profile
	encodings []string
	fit       int
}

// How well a profile fits: the order of columns says most.
const (
	noFit = iota
	fitShape
	fitNames
	fitHeader
)

// recognise picks the profile of a file by its header. The profile that the options name is the only candidate where they
// name one; else the user's own go before the shipped ones. Where none fits, or two fit equally well, the problem says
// what was seen.
func recognise(raw string, opts Options) (located, *recon.Problem) {
	own, all := opts.Profiles, append(slices.Clone(opts.Profiles), shipped()...)
	if opts.Profile != "" {
		at := slices.IndexFunc(all, func(p Profile) bool { return p.ID == opts.Profile })
		if at < 0 {
			return located{}, reject("CSV-PROFILE", "", fmt.Sprintf("no profile is called %q", opts.Profile), "use one of: "+profileIDs(all))
		}
		own, all = all[at:at+1], all[at:at+1]
	}
	if unmarkedUTF16(raw) {
		return located{}, unmarkedProblem()
	}
	h := newHead(raw)
	best := fitting(h, own)
	if len(best) == 0 {
		best = fitting(h, all)
	}
	switch {
	case len(best) == 0:
		return located{}, unrecognised(h, all)
	case len(best) > 1:
		return located{fit: best[0].fit}, ambiguous(best)
	}
	return best[0], nil
}

// fitting returns the candidates that fit best, all equally well.
func fitting(h *head, candidates []Profile) (best []located) {
	for i := range candidates {
		found := locate(h, &candidates[i], candidates[i].delimiter())
		switch {
		case found.fit == noFit || len(best) > 0 && found.fit < best[0].fit:
		case len(best) > 0 && found.fit == best[0].fit:
			best = append(best, found)
		default:
			best = []located{found}
		}
	}
	return best
}

func profileIDs(profiles []Profile) string {
	ids := make([]string, len(profiles))
	for i, p := range profiles {
		ids[i] = p.ID
	}
	return strings.Join(ids, ", ")
}

// head is the start of a file as lines, once for each way to decode it.
type head struct {
	raw   string
	lines map[string][]string
}

func newHead(raw string) *head {
	cut := raw[:min(len(raw), headSize)]
	if strings.HasPrefix(cut, bomUTF16LE) || strings.HasPrefix(cut, bomUTF16BE) {
		cut = cut[:len(cut)&^1]
	} else if end := strings.LastIndexAny(cut, "\r\n"); end >= 0 && len(raw) > len(cut) {
		cut = firstLines(cut[:end+1], maxPreamble+1)
	}
	return &head{raw: cut, lines: map[string][]string{}}
}

// firstLines returns text up to the end of its nth line: the rows below are decoded once, when they are read.
func firstLines(text string, n int) string {
	end := 0
	for range n {
		size := strings.IndexByte(text[end:], '\n')
		if size < 0 {
			return text
		}
		end += size + 1
	}
	return text[:end]
}

// decoded returns the first lines. What does not decode shows as U+FFFD here and as a problem when the file is read.
func (h *head) decoded(encoding string) []string {
	lines, known := h.lines[encoding]
	if !known {
		text, problem := decodeText(h.raw, []string{encoding})
		if problem != nil {
			text = strings.ToValidUTF8(h.raw, "\uFFFD")
		}
		lines = strings.Split(unixLines(text), "\n")
		lines = lines[:min(len(lines), maxPreamble+1)]
		h.lines[encoding] = lines
	}
	return lines
}

// locate finds the header of a profile, or its first row, within the lines that may stand before it.
func locate(h *head, p *Profile, delimiter rune) located {
	for _, encoding := range p.Encodings {
		lines := h.decoded(encoding)
		for i, line := range lines[:min(len(lines), p.Preamble+1)] {
			if line == "" {
				continue
			}
			names := headerNames(cutLine(line, delimiter, p.Quote != "none"))
			switch fit := p.fits(names); {
			case fit == noFit:
			case fit == fitShape:
				return located{profile: p, names: make([]string, len(names)), lines: i, encodings: p.Encodings, fit: fit}
			default:
				return located{profile: p, names: names, lines: i + 1, encodings: p.encodingsFor(encoding, line), fit: fit}
			}
		}
	}
	return located{}
}

// encodingsFor returns the encoding in which a header line reads right, where that tells it from the others.
func (p *Profile) encodingsFor(encoding, line string) []string {
	if strings.IndexFunc(line, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return p.Encodings
	}
	return []string{encoding}
}

// cutLine cuts one line; one that cannot be cut is one cell.
func cutLine(line string, delimiter rune, quoted bool) []string {
	if !quoted {
		return strings.Split(line, string(delimiter))
	}
	reader := csv.NewReader(strings.NewReader(line))
	reader.Comma = delimiter
	cells, err := reader.Read()
	if err != nil {
		return []string{line}
	}
	return cells
}

func (p *Profile) fits(names []string) int {
	switch {
	case len(p.FirstRow) > 0:
		if p.fitsFirstRow(names) {
			return fitShape
		}
	case slices.Equal(names, p.Header):
		return fitHeader
	case p.MoreColumns && len(missing(p.Header, names)) == 0:
		return fitNames
	}
	return noFit
}

func (p *Profile) fitsFirstRow(cells []string) bool {
	if len(cells) != len(p.firstRow) {
		return false
	}
	for i, pattern := range p.firstRow {
		if !pattern.MatchString(cells[i]) {
			return false
		}
	}
	return true
}

// missing returns what of wanted is not among names.
func missing(wanted, names []string) (list []string) {
	for _, name := range wanted {
		if !slices.Contains(names, name) {
			list = append(list, name)
		}
	}
	return list
}

// unrecognised says why no candidate fits: another delimiter, a doubled column, or an unknown bank.
func unrecognised(h *head, candidates []Profile) *recon.Problem {
	for i := range candidates {
		p := &candidates[i]
		for _, delimiter := range delimiters {
			if found := locate(h, p, delimiter); found.fit > fitShape && delimiter != p.delimiter() {
				return reject("CSV-COLUMNS", rowPlace(found.lines), fmt.Sprintf("1 column, expected %d with delimiter %s; the header of profile %s is here with %s",
					len(p.Header), delimiterName(p.delimiter()), p.ID, delimiterName(delimiter)),
					"export again and do not save the file from a spreadsheet, or make a profile with this delimiter")
			}
		}
	}
	near := nearest(h, candidates)
	if near.profile == nil && len(candidates) == 1 {
		near.profile, near.lacks = &candidates[0], candidates[0].Header
	}
	if near.profile != nil && len(near.lacks) == 0 && near.doubled != "" {
		return reject("CSV-DUP-HEADER", rowPlace(near.row), fmt.Sprintf("column %q stands twice; profile %s has it once", near.doubled, near.profile.ID),
			"export again with the bank's standard columns")
	}
	return near.problem()
}

// nearMiss is the header line of a file that shares most names with a profile.
type nearMiss struct {
	profile *Profile
	seen    []string
	row     int
	shared  int
	lacks   []string
	doubled string
}

func nearest(h *head, candidates []Profile) nearMiss {
	best := nearMiss{seen: firstCells(h)}
	for i := range candidates {
		p := &candidates[i]
		for _, encoding := range p.Encodings {
			for at, line := range h.decoded(encoding) {
				names := headerNames(cutLine(line, p.delimiter(), p.Quote != "none"))
				lacks := missing(p.Header, names)
				miss := nearMiss{p, names, at + 1, len(p.Header) - len(lacks), lacks, doubledName(names)}
				if miss.better(best) {
					best = miss
				}
			}
		}
	}
	return best
}

// better reports whether a profile lacks the smaller part of its header, then shares more.
func (m nearMiss) better(than nearMiss) bool {
	if m.shared < 2 || than.profile == nil {
		return m.shared >= 2
	}
	ours, theirs := len(m.lacks)*len(than.profile.Header), len(than.lacks)*len(m.profile.Header)
	return ours < theirs || ours == theirs && m.shared > than.shared
}

// firstCells shows the first line with text, cut at the delimiter that occurs most.
func firstCells(h *head) []string {
	for _, line := range h.decoded("utf-8") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		best := delimiters[0]
		for _, delimiter := range delimiters[1:] {
			if strings.Count(line, string(delimiter)) > strings.Count(line, string(best)) {
				best = delimiter
			}
		}
		return headerNames(cutLine(line, best, true))
	}
	return nil
}

func (m nearMiss) problem() *recon.Problem {
	message := fmt.Sprintf("no profile fits; headers seen %s", quotedNames(m.seen))
	switch {
	case m.profile == nil:
	case len(m.lacks) > 0:
		message += fmt.Sprintf("; closest profile %s lacks %s", m.profile.ID, quotedNames(m.lacks))
	default:
		message += fmt.Sprintf("; closest profile %s has these in another order or not all of them: %s", m.profile.ID, quotedNames(missing(m.seen, m.profile.Header)))
	}
	return &recon.Problem{Code: "CSV-PROFILE", Where: rowPlace(max(m.row, 1)), Severity: recon.Hold, Message: message,
		Try: "name the bank's profile with profile: for this folder, or let `tieout profile` propose one from the file"}
}

const maxShown = 300 // characters of headers in a message

func quotedNames(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("%q", shown(name))
	}
	text := strings.Join(quoted, ", ")
	if characters := []rune(text); len(characters) > maxShown {
		text = string(characters[:maxShown]) + "…"
	}
	return "[" + text + "]"
}

func ambiguous(fitting []located) *recon.Problem {
	ids := make([]string, len(fitting))
	for i, found := range fitting {
		ids[i] = found.profile.ID
	}
	return &recon.Problem{Code: "CSV-PROFILE", Where: rowPlace(fitting[0].lines), Severity: recon.Hold,
		Message: fmt.Sprintf("several profiles fit: %s", strings.Join(ids, ", ")), Try: "name the right one with profile: for this folder"}
}
