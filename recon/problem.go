package recon

import "fmt"

// Severity says what a problem does to the thing it was found in.
type Severity string

// Severities, from worst to mildest.
const (
	Reject Severity = "reject" // the file is refused whole, nothing of it is stored
	Hold   Severity = "hold"   // kept for a person to accept or reject, nothing of it is booked
	Warn   Severity = "warn"   // accepted; somebody should know
)

// Problem is a fault in somebody's data. Codes are stable: users and tests rely on them.
// Messages name what was seen (account numbers masked) and what was expected; Try says what to do.
type Problem struct {
	Code     string   `json:"code"`
	Where    string   `json:"where"` // line and column, row, or element path
	Severity Severity `json:"severity"`
	Message  string   `json:"message"`
	Try      string   `json:"try"`
	Details  string   `json:"details,omitempty"` // further lines that show it, parted by line feeds
}

// String writes the problem on one line, without its advice.
func (p Problem) String() string {
	if p.Where == "" {
		return fmt.Sprintf("%s: %s", p.Code, p.Message)
	}
	return fmt.Sprintf("%s at %s: %s", p.Code, p.Where, p.Message)
}

// Worst returns the worst severity among problems, and "" where there are none.
func Worst(problems []Problem) Severity {
	var worst Severity
	for _, p := range problems {
		if p.Severity == Reject || worst == "" || worst == Warn {
			worst = p.Severity
		}
	}
	return worst
}
