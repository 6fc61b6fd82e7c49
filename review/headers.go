package review

import (
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// policy lets a page load what the desk itself serves, and nothing else; no page of anybody else may frame it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// headers go with every answer.
func (d *Desk) headers(h http.Header, id string) {
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
	h.Set("X-Request-Id", id)
	if d.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// acceptable judges a request as such, before anybody asks who sent it: host, path, origin, rate, and whether there is such a route.
func (d *Desk) acceptable(c *call) error {
	if !d.ourHost(c.r.Host) {
		return fail(http.StatusMisdirectedRequest, "HOST", "use the address that your administrator gave you; it stands in tieout.yaml under desk: hosts", "this desk is not %q", cutText(c.r.Host, 100))
	}
	if !plainPath(c.r) {
		return fail(http.StatusBadRequest, "PATH", "go back to the page that you came from", "the address is malformed")
	}
	if err := d.limits.admit(c); err != nil {
		return err
	}
	if err := d.find(c); err != nil {
		return err
	}
	if err := d.origins.Check(c.r); err != nil {
		return errForeign
	}
	return nil
}

// ourHost reports whether a request is meant for this desk: another name would be somebody's who makes browsers take us for themselves.
func (d *Desk) ourHost(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	return slices.ContainsFunc(d.Hosts, func(ours string) bool { return strings.EqualFold(strings.Trim(name, "[]"), ours) })
}

// plainPath refuses paths that two programs may read differently.
func plainPath(r *http.Request) bool {
	path, raw := r.URL.Path, strings.ToLower(r.URL.EscapedPath())
	if !strings.HasPrefix(path, "/") || !utf8.ValidString(path) || strings.ContainsFunc(path, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		return false
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return false
		}
	}
	if strings.Contains(path, "//") || strings.Contains(path, `\`) {
		return false
	}
	if _, err := url.ParseQuery(r.URL.RawQuery); err != nil {
		return false
	}
	return !strings.Contains(raw, "%2f") && !strings.Contains(raw, "%5c") && len(r.URL.RawQuery) <= 8192 && utf8.ValidString(r.URL.RawQuery)
}

// attachment is the header of a download, with the name quoted as RFC 6266 and RFC 8187 have it.
func attachment(name string) string {
	clean := strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || strings.ContainsRune(`/\`, c) {
			return '_'
		}
		return c
	}, strings.ToValidUTF8(name, "_"))
	return mime.FormatMediaType("attachment", map[string]string{"filename": clean})
}

func cutText(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}
