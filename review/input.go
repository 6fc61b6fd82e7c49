package review

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tieout/tieout/recon"
)

// What handlers read. Each of these fails with 400 and the name of what is wrong; ids in paths fail with 404.

// number is the id that stands in the path at a wildcard.
func (c *call) number(wildcard string) (int64, error) {
	id, err := strconv.ParseInt(c.r.PathValue(wildcard), 10, 64)
	if err != nil || id <= 0 {
		return 0, errNoPage
	}
	return id, nil
}

// count is a whole number in the query, between bounds; usual where it is not given.
func (c *call) count(name string, usual, least, most int) (int, error) {
	text := c.r.URL.Query().Get(name)
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, badInput(name, "a whole number from "+strconv.Itoa(least)+" to "+strconv.Itoa(most))
	}
	return n, nil
}

// choice is one of the words allowed in the query, the first where it is not given.
func (c *call) choice(name string, allowed ...string) (string, error) {
	text := c.r.URL.Query().Get(name)
	if text == "" {
		return allowed[0], nil
	}
	if !slices.Contains(allowed, text) {
		return "", badInput(name, "one of "+strings.Join(slices.DeleteFunc(slices.Clone(allowed), func(s string) bool { return s == "" }), ", "))
	}
	return text, nil
}

// longestSearch is where a search text is cut, in characters.
const longestSearch = 200

// search is a text to look for, cut to a fair length.
func (c *call) search(name string) string {
	text := strings.TrimSpace(strings.ToValidUTF8(c.r.URL.Query().Get(name), ""))
	if utf8.RuneCountInString(text) > longestSearch {
		text = string([]rune(text)[:longestSearch])
	}
	return text
}

// day is a date in the query, zero where it is not given.
func (c *call) day(name string) (recon.Date, error) { return readDay(name, c.r.URL.Query().Get(name)) }

func readDay(name, text string) (day recon.Date, err error) {
	if text == "" {
		return 0, nil
	}
	if err := day.UnmarshalText([]byte(text)); err != nil {
		return 0, badInput(name, "a day such as 2026-03-31")
	}
	return day, nil
}

// field is a field of the form, without blanks around it.
func (c *call) field(name string) string { return strings.TrimSpace(c.form.Get(name)) }

// formDay is a date in the form, zero where it is empty.
func (c *call) formDay(name string) (recon.Date, error) { return readDay(name, c.field(name)) }

// version is the version that the person saw: of the form's field, or of the header If-Match. The frame has seen to it that it is there.
func (c *call) version() int64 { return c.seen }

// takeVersion reads the version that a request is about: 428 where there is none.
func (c *call) takeVersion() error {
	if !c.route.versioned {
		return nil
	}
	text := c.r.Header.Get("If-Match")
	if c.form != nil {
		text = c.field("version")
	}
	if text == "" {
		return fail(http.StatusPreconditionRequired, "VERSION", `send the version that you saw: If-Match: "7", or the field version of the form`, "the request does not say which version it is about")
	}
	version, err := strconv.ParseInt(strings.Trim(text, `"`), 10, 64)
	if err != nil || version <= 0 {
		return badInput("version", "a whole number")
	}
	c.seen = version
	return nil
}

// etag tells which version an API answer shows.
func (c *call) etag(version int64) {
	c.head().Set("ETag", strconv.Quote(strconv.FormatInt(version, 10)))
}

// badInput says what was expected of an input.
func badInput(name, expected string) error {
	return fail(http.StatusBadRequest, "INPUT", "send "+expected, "%s is not %s", name, expected).at(name)
}
