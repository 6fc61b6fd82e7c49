package review

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/tieout/tieout/recon"
)

func progressRoutes() []route {
	return []route{
		{method: "GET", path: "/e/{entity}/jobs", may: mayRead, do: (*call).jobsPage, says: "Jobs", nav: "Jobs"},
		{method: "GET", path: "/e/{entity}/jobs/{job}", may: mayRead, do: (*call).jobPage, says: "Job"},
		{method: "GET", path: "/e/{entity}/jobs/{job}/events", may: mayRead, do: (*call).jobEvents, says: "Progress of a job, as it goes on"},
		{method: "GET", path: "/api/v1/e/{entity}/jobs", may: mayRead, as: api, do: (*call).apiJobs, says: "Jobs of this desk, newest first", out: []jobOut{}},
		{method: "GET", path: "/api/v1/e/{entity}/jobs/{job}", may: mayRead, as: api, do: (*call).apiJob, says: "A job: how far it is, and what became of it", out: jobOut{}},
	}
}

// jobOut is a job as pages and the API show it.
type jobOut struct {
	ID       int64           `json:"id"`
	Kind     string          `json:"kind" says:"bank, items, customers, instalments, disputes or run"`
	Name     string          `json:"name" says:"of the file"`
	Actor    string          `json:"actor"`
	Began    time.Time       `json:"began"`
	Ended    *time.Time      `json:"ended" says:"null while it goes on"`
	Stage    string          `json:"stage"`
	Done     int             `json:"done"`
	Total    int             `json:"total"`
	Outcome  string          `json:"outcome" says:"booked, held, refused, duplicate, taken, not taken, done or failed; empty while it goes on"`
	File     int64           `json:"file" says:"id of the bank file, 0 for none"`
	Format   string          `json:"format"`
	Proofs   []proofOut      `json:"statements"`
	Counts   []countOut      `json:"counts"`
	Problems []recon.Problem `json:"problems"`
}

// proofOut is how a statement proves itself: opening + booked = closing.
type proofOut struct {
	Account  string         `json:"account"`
	ID       string         `json:"id"`
	Opening  *amount        `json:"opening"`
	Booked   amount         `json:"booked"`
	Closing  *amount        `json:"closing"`
	Currency recon.Currency `json:"currency"`
	Ties     *bool          `json:"ties" says:"null where nothing can be proved"`
	Held     bool           `json:"held"`
}

type countOut struct {
	What  string `json:"what"`
	Count int    `json:"count"`
}

func viewJob(j *job) jobOut {
	state, _ := j.now()
	out := jobOut{ID: j.ID, Kind: j.Kind, Name: j.Name, Actor: j.Actor, Began: j.Began.UTC(), Stage: state.Stage, Done: state.Done, Total: state.Total,
		Proofs: []proofOut{}, Counts: []countOut{}, Problems: []recon.Problem{}}
	if state.Ended.IsZero() {
		return out
	}
	ended := state.Ended.UTC()
	out.Ended = &ended
	switch {
	case state.Failure != nil:
		out.Outcome, out.Problems = "failed", []recon.Problem{state.Failure.Problem}
	case j.Received != nil:
		out.received(*j.Received)
	case j.Imported != nil:
		out.imported(*j.Imported)
	case j.Ran != nil:
		out.ran(*j.Ran)
	}
	return out
}

func (out *jobOut) received(r Received) {
	out.Outcome, out.File, out.Format, out.Problems = string(r.State), r.File, r.Format, append(out.Problems, r.Problems...)
	if r.Duplicate {
		out.Outcome = "duplicate"
	}
	out.Counts = []countOut{{"new entries", r.New}, {"entries known already", r.Duplicates}, {"entries not booked by the bank yet", r.Pending}}
	for _, s := range r.Statements {
		out.Proofs = append(out.Proofs, viewProof(s))
	}
}

func viewProof(s recon.StatementRow) proofOut {
	money := func(minor int64) amount { return amount(recon.FormatMinor(minor, s.Currency)) }
	proof := proofOut{Account: s.AccountID, ID: s.BankID, Currency: s.Currency, Held: s.Held, Booked: money(s.CreditMinor - s.DebitMinor)}
	if s.Opening != nil {
		opening := money(s.Opening.AmountMinor)
		proof.Opening = &opening
	}
	if s.Closing != nil {
		closing := money(s.Closing.AmountMinor)
		proof.Closing = &closing
	}
	if s.Ties != recon.Unproved {
		ties := s.Ties == recon.Ties
		proof.Ties = &ties
	}
	return proof
}

func (out *jobOut) imported(i Imported) {
	out.Outcome, out.Problems = "not taken", append(out.Problems, i.Problems...)
	if i.Taken {
		out.Outcome = "taken"
	}
	out.Counts = []countOut{{"new", i.New}, {"changed", i.Changed}, {"unchanged", i.Unchanged}, {"settled elsewhere", i.Settled}, {"advances applied", i.Advances}}
}

func (out *jobOut) ran(r Ran) {
	out.Outcome = "done"
	out.Counts = []countOut{{"files", r.Files}, {"files refused", r.Refused}, {"files held", r.Held}, {"receipts applied", r.Applied}, {"receipts queued", r.Queued}}
	if r.Faults > 0 {
		out.Problems = append(out.Problems, recon.Problem{Code: "AUDIT", Severity: recon.Reject, Message: "the audit objects to the plan: nothing of it was saved", Try: "tell whoever looks after tieout; tieout match --dry-run shows it"})
	}
	if !r.TiesOut {
		out.Problems = append(out.Problems, recon.Problem{Code: "VERIFY", Severity: recon.Reject, Message: "not all proofs hold", Try: "tieout verify names the broken ones"})
	}
}

func (c *call) jobList() (list []jobOut) {
	for _, j := range c.jobs.of(c.company.ID) {
		list = append(list, viewJob(j))
	}
	return list
}

// jobsData is what jobs.html shows.
type jobsData struct {
	Jobs  []jobOut
	Going bool
}

func (c *call) jobsPage() error {
	data := jobsData{Jobs: c.jobList()}
	for _, j := range data.Jobs {
		data.Going = data.Going || j.Ended == nil
	}
	return c.page("jobs", data)
}

// jobOf is the job in the path.
func (c *call) jobOf() (*job, error) {
	id, err := c.number("job")
	if err != nil {
		return nil, err
	}
	j := c.jobs.find(c.company.ID, id)
	if j == nil {
		return nil, errNoPage
	}
	return j, nil
}

func (c *call) jobPage() error {
	j, err := c.jobOf()
	if err != nil {
		return err
	}
	return c.page("job", viewJob(j))
}

func (c *call) apiJobs() error {
	return c.json(http.StatusOK, append([]jobOut{}, c.jobList()...))
}

func (c *call) apiJob() error {
	j, err := c.jobOf()
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, viewJob(j))
}

// How often at most a browser hears of a job, and how long one connection lasts: browsers come again by themselves.
const (
	eventEvery = 200 * time.Millisecond
	eventsLast = 2 * time.Minute
)

// jobEvents tells a browser how far a job is while it goes on, as server-sent events. The page without script loads itself anew instead.
func (c *call) jobEvents() error {
	j, err := c.jobOf()
	if err != nil {
		return err
	}
	c.head().Set("Content-Type", "text/event-stream; charset=utf-8")
	connection := http.NewResponseController(c.w)
	c.stream = func(w io.Writer) error {
		if err := connection.SetWriteDeadline(time.Now().Add(eventsLast + time.Minute)); err != nil {
			return err
		}
		enough := time.NewTimer(eventsLast)
		defer enough.Stop()
		for {
			_, changed := j.now()
			view := viewJob(j)
			data, err := json.Marshal(view)
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(w, "data: %s\n\n", data); err != nil {
				return nil // the browser has left
			}
			if err := connection.Flush(); err != nil || view.Ended != nil {
				return nil
			}
			select {
			case <-changed:
				time.Sleep(eventEvery)
			case <-enough.C:
				return nil
			case <-c.r.Context().Done():
				return nil
			case <-c.jobs.ctx.Done():
				return nil
			}
		}
	}
	return nil
}
