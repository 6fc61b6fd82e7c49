package review

import (
	"context"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func rulesRoutes() []route {
	return []route{
		{method: "GET", path: "/e/{entity}/rules", may: mayRead, do: (*call).rulesPage, says: "Rules", nav: "Rules"},
		{method: "POST", path: "/e/{entity}/rules/backtest", may: mayEditRules, as: form, idle: true, heavy: true, do: (*call).backtest, says: "See what other rules would have decided"},
	}
}

// Backtest is what other rules would have decided of the receipts of the past. Nothing of it is stored.
type Backtest struct {
	Problems []recon.Problem // of the rules; with a reject among them nothing was decided
	Counts   []BacktestCount
	Changes  []BacktestChange // the first ones
	Receipts int              // looked at
	Changed  int              // decided otherwise
}

// BacktestCount is how many receipts would go from one outcome to another.
type BacktestCount struct {
	Name     string
	Receipts int
}

// BacktestChange is a receipt that would be decided otherwise.
type BacktestChange struct {
	Receipt  int64
	Was, Now string
}

// BacktestFunc decides the past again under other rules.
type BacktestFunc func(ctx context.Context, rules []byte) (Backtest, error)

// rulesData is what rules.html shows.
type rulesData struct {
	InForce  string
	Versions []store.RulesVersion
	Shown    *store.RulesVersion
	Text     string // to test
	Result   *Backtest
	Can      bool // a backtest can be made
}

func (c *call) rulesOf() (data rulesData, err error) {
	data = rulesData{InForce: c.company.Rules.Version, Can: c.company.Work.Backtest != nil}
	if data.Versions, err = c.Store.RulesVersions(c.r.Context(), c.company.ID); err != nil {
		return data, err
	}
	wanted := c.search("version")
	if wanted == "" {
		wanted = data.InForce
	}
	for i := range data.Versions {
		if data.Versions[i].Version == wanted {
			data.Shown = &data.Versions[i]
			data.Text = data.Versions[i].Text
		}
	}
	if data.Shown == nil && c.search("version") != "" {
		return data, errNoPage
	}
	return data, nil
}

func (c *call) rulesPage() error {
	data, err := c.rulesOf()
	if err != nil {
		return err
	}
	return c.page("rules", data)
}

func (c *call) backtest() error {
	data, err := c.rulesOf()
	if err != nil {
		return err
	}
	if !data.Can {
		return errNoPage
	}
	data.Text = c.form.Get("rules")
	result, err := c.company.Work.Backtest(c.r.Context(), []byte(data.Text))
	if err != nil {
		return err
	}
	data.Result = &result
	return c.page("rules", data)
}
