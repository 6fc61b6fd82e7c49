package review

import (
	"fmt"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func reportRoutes() []route {
	return []route{
		{method: "GET", path: "/e/{entity}/statements", may: mayRead, do: (*call).statementsPage, says: "Statements", nav: "Statements", heavy: true},
		{method: "GET", path: "/e/{entity}/statements.csv", may: mayRead, do: (*call).statementsCSV, says: "Statements as CSV", heavy: true},
		{method: "GET", path: "/e/{entity}/ageing", may: mayRead, do: (*call).ageingPage, says: "Ageing", nav: "Ageing", heavy: true},
		{method: "GET", path: "/e/{entity}/ageing.csv", may: mayRead, do: (*call).ageingCSV, says: "Ageing as CSV", heavy: true},
		{method: "GET", path: "/e/{entity}/runs", may: mayRead, do: (*call).runsPage, says: "Runs", nav: "Runs"},
		{method: "GET", path: "/e/{entity}/runs.csv", may: mayRead, do: (*call).runsCSV, says: "Runs as CSV", heavy: true},
	}
}

// view reads a report from one consistent state of the books.
func (c *call) report(read func(books.View) error) error {
	return c.Store.Snapshot(c.r.Context(), c.company.ID, func(v store.View) error { return read(v) })
}

// statementsData is what statements.html shows.
type statementsData struct {
	Report books.StatementsReport
	Tables []books.Table
}

func (c *call) statements() (report books.StatementsReport, err error) {
	err = c.report(func(v books.View) error {
		report, err = books.Statements(v, books.Cut{})
		return err
	})
	return report, err
}

func (c *call) statementsPage() error {
	report, err := c.statements()
	if err != nil {
		return err
	}
	return c.page("statements", statementsData{Report: report, Tables: report.Tables()})
}

func (c *call) statementsCSV() error {
	report, err := c.statements()
	if err != nil {
		return err
	}
	return c.csv("statements", sheetOf(report.Tables()))
}

// sheetOf puts tables of one form under each other.
func sheetOf(tables []books.Table) (s sheet) {
	for n, t := range tables {
		if n == 0 {
			for _, column := range t.Columns {
				s.head = append(s.head, column.Key)
			}
		}
		for _, row := range t.Rows {
			cells := make([]any, len(row))
			for i, cell := range row {
				if cells[i] = cell; cell == nil {
					cells[i] = ""
				}
			}
			s.add(cells...)
		}
	}
	return s
}

// ageingData is what ageing.html shows.
type ageingData struct {
	AsOf   recon.Date
	Charts []ageingChart
	Tables []books.Table
	CSV    string
}

// ageingChart are the buckets of a currency as bars; lengths are thousandths of the longest.
type ageingChart struct {
	Currency recon.Currency
	Bars     []ageingBar
	Height   int
	Says     string
}

type ageingBar struct {
	Name                string
	Minor, Length       int64
	Y, TextY, ValueX, N int
}

func (c *call) ageing() (report books.AgeingReport, err error) {
	asOf, err := c.day("as_of")
	if err != nil {
		return report, err
	}
	if asOf == 0 {
		asOf = c.today()
	}
	err = c.report(func(v books.View) error {
		report, err = books.Ageing(v, books.Cut{AsOf: asOf}, asOf)
		return err
	})
	return report, err
}

// bucketWords name the buckets of an ageing, in their order.
var bucketWords = []string{"Not due", "1–30 days", "31–60 days", "61–90 days", "Over 90 days"}

func (c *call) ageingPage() error {
	report, err := c.ageing()
	if err != nil {
		return err
	}
	data := ageingData{AsOf: report.AsOf, Tables: report.Tables(), CSV: c.at("ageing.csv") + "?as_of=" + report.AsOf.String()}
	for _, total := range report.Totals {
		data.Charts = append(data.Charts, chartOf(total))
	}
	return c.page("ageing", data)
}

// chartOf draws a row of an ageing.
func chartOf(row books.AgeingRow) ageingChart {
	const step, longest = 34, 560
	chart := ageingChart{Currency: row.Currency}
	most := int64(1)
	for _, minor := range row.OpenMinor {
		most = max(most, minor)
	}
	for n, minor := range row.OpenMinor {
		length := max(0, minor) * longest / most
		chart.Bars = append(chart.Bars, ageingBar{Name: bucketWords[n], Minor: minor, Length: length, Y: n * step, TextY: n*step + 18, ValueX: 118 + int(length), N: n})
		chart.Says += fmt.Sprintf("%s: %s %s. ", bucketWords[n], recon.FormatMinor(minor, row.Currency), row.Currency)
	}
	chart.Height = len(chart.Bars) * step
	return chart
}

func (c *call) ageingCSV() error {
	report, err := c.ageing()
	if err != nil {
		return err
	}
	return c.csv("ageing", sheetOf(report.Tables()))
}

// runRow is a run with how long it took.
type runRow struct {
	store.Run
	Took string
}

func (c *call) runs(limit int) (rows []runRow, err error) {
	runs, err := c.Store.Runs(c.r.Context(), c.company.ID, limit)
	for _, run := range runs {
		row := runRow{Run: run}
		if !run.Finished.IsZero() {
			row.Took = run.Finished.Sub(run.Started).Round(10_000_000).String()
		}
		rows = append(rows, row)
	}
	return rows, err
}

func (c *call) runsPage() error {
	rows, err := c.runs(pageSize)
	if err != nil {
		return err
	}
	return c.page("runs", rows)
}

func (c *call) runsCSV() error {
	rows, err := c.runs(0)
	if err != nil {
		return err
	}
	t := sheet{head: []string{"run", "state", "rules", "actor", "started", "finished", "files", "refused", "held", "entries", "receipts", "applied", "queued", "faults"}}
	for _, r := range rows {
		s := r.Stats
		t.add(r.ID, r.State, r.Rules, r.Actor, r.Started, r.Finished, s.Files, s.Refused, s.Held, s.Entries, s.Receipts, s.Applied, s.Queued, s.Faults)
	}
	return c.csv("runs", t)
}
