package review

import "github.com/tieout/tieout/store"

func homeRoutes() []route {
	return []route{
		{method: "GET", path: "/{$}", may: signedIn, do: (*call).homePage, says: "Companies"},
		{method: "GET", path: "/e/{entity}/{$}", may: mayRead, do: (*call).companyPage, says: "Overview", nav: "Overview"},
	}
}

// homePage leads to the books; who may see those of one company only is led there at once.
func (c *call) homePage() error {
	if books := c.inReach(); len(books) == 1 {
		return c.see("/e/"+books[0].ID+"/", "")
	}
	return c.page("home", nil)
}

func (c *call) companyPage() error {
	counts, err := c.Store.CaseCounts(c.r.Context(), c.company.ID, store.CaseFilter{})
	if err != nil {
		return err
	}
	cases := 0
	for _, count := range counts {
		cases += count.Cases
	}
	return c.page("company", cases)
}
