package review

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/tieout/tieout/recon"
)

// bulkData is what became of cases that were accepted together.
type bulkData struct {
	Rows               []bulkRow
	Done, Proposed, No int
}

// bulkRow is one of them.
type bulkRow struct {
	Receipt  int64
	Path     string
	Proposal int64 // waits for a second person
	Why      string
	Refused  *recon.Problem
}

// mostAtOnce bounds how many cases are accepted together.
const mostAtOnce = 200

// acceptMany accepts the first proposal of each case that was ticked, each for itself: what is refused leaves the others alone. A
// proposal is taken as it was on the page, or not at all.
func (c *call) acceptMany() error {
	ticked := c.form["case"]
	switch {
	case len(ticked) == 0:
		return fail(http.StatusUnprocessableEntity, "NOTHING-TICKED", "tick the cases whose first proposal is right", "no case is ticked")
	case len(ticked) > mostAtOnce:
		return badInput("case", "at most "+strconv.Itoa(mostAtOnce)+" cases at once")
	}
	bulk := &bulkData{}
	for _, text := range ticked {
		receipt, version, err := readTicked(text)
		if err != nil {
			return err
		}
		row := bulkRow{Receipt: receipt, Path: c.at("cases", receipt)}
		done, err := c.company.Work.Resolve(c.r.Context(), c.actor(), recon.Request{Receipt: receipt, Version: version, Proposal: 1})
		var refused recon.Refused
		switch {
		case errors.As(err, &refused):
			row.Refused = &refused.Problem
			bulk.No++
		case err != nil:
			return err
		case done.Proposal != 0:
			row.Proposal, row.Why = done.Proposal, done.Why
			bulk.Proposed++
		default:
			bulk.Done++
		}
		bulk.Rows = append(bulk.Rows, row)
	}
	view, query, err := c.queueView()
	if err != nil {
		return err
	}
	data, err := c.queueOf(view, query)
	if err != nil {
		return err
	}
	data.Bulk = bulk
	return c.page("queue", data)
}

// readTicked reads the id and the version of a case that was ticked.
func readTicked(text string) (receipt, version int64, err error) {
	id, of, _ := strings.Cut(text, ":")
	receipt, badID := strconv.ParseInt(id, 10, 64)
	version, badVersion := strconv.ParseInt(of, 10, 64)
	if badID != nil || badVersion != nil || receipt <= 0 || version <= 0 {
		return 0, 0, badInput("case", "the id and version of a case, as the page wrote them")
	}
	return receipt, version, nil
}
