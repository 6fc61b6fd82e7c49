package main

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"

	"github.com/tieout/tieout/review"
)

// hostName is what may stand in the Host header of a browser.
var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)

// DeskConfig says how the review desk is reached and how people sign in.
type DeskConfig struct {
	Hosts    []string       // host names under which browsers reach it
	TLSCert  string         // certificate file, "" where it speaks plain HTTP
	TLSKey   string         // its key
	Proxies  []netip.Prefix // reverse proxies that speak TLS with browsers
	Insecure bool           // plain HTTP on a network, although passwords can be read there
	Local    bool           // people may sign in with a password
	OIDC     *review.OIDC   // the organisation's sign-in, nil where there is none
}

// Secure reports whether browsers reach the desk over TLS.
func (d DeskConfig) Secure() bool { return d.TLSCert != "" || len(d.Proxies) > 0 }

// address is where browsers find the desk, as far as the configuration tells.
func (d DeskConfig) address(listen string) string {
	host, port, _ := net.SplitHostPort(listen)
	if len(d.Hosts) > 0 && !local(host) {
		host = d.Hosts[0]
	}
	if len(d.Proxies) > 0 {
		return "https://" + host
	}
	scheme := "http"
	if d.Secure() {
		scheme = "https"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

type deskDoc struct {
	Hosts       []configText `yaml:"hosts"`
	TLSCert     configText   `yaml:"tls_cert"`
	TLSKey      configText   `yaml:"tls_key"`
	Proxies     []configText `yaml:"trusted_proxies"`
	Insecure    configText   `yaml:"insecure"`
	LocalSignIn configText   `yaml:"local_sign_in"`
	OIDC        oidcDoc      `yaml:"oidc"`
}

func (r *configReader) desk(doc deskDoc, listenAt configText, listen string, entities []EntityConfig) DeskConfig {
	desk := DeskConfig{Insecure: r.flag("insecure", doc.Insecure), Local: !doc.LocalSignIn.Given() || r.flag("local_sign_in", doc.LocalSignIn),
		OIDC: r.oidc(doc.OIDC, entities)}
	if doc.TLSCert.Given() != doc.TLSKey.Given() {
		r.reject("CFG-DESK", anyOf(doc.TLSCert, doc.TLSKey), "tls_cert and tls_key go together", "name both files")
	} else if doc.TLSCert.Given() {
		desk.TLSCert, desk.TLSKey = r.path(doc.TLSCert, ""), r.path(doc.TLSKey, "")
	}
	for _, at := range doc.Proxies {
		desk.Proxies = append(desk.Proxies, r.network(at))
	}
	if desk.OIDC == nil && !desk.Local {
		r.reject("CFG-DESK", doc.LocalSignIn, "nobody could sign in", "add oidc:, or leave local_sign_in out")
	}
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return desk // said already
	}
	for _, at := range doc.Hosts {
		if at.Text == "" || net.ParseIP(at.Text) == nil && !hostName.MatchString(at.Text) {
			r.reject("CFG-DESK", at, fmt.Sprintf("host %q", clip(at.Text)), "write a host name without scheme and port, such as tieout.example")
		}
		desk.Hosts = append(desk.Hosts, at.Text)
	}
	if local(host) {
		desk.Hosts = append(desk.Hosts, "localhost", "127.0.0.1", "::1")
	} else {
		r.reachable(doc, desk, listenAt, host)
	}
	if host != "" && !slices.Contains(desk.Hosts, host) && !net.ParseIP(host).IsUnspecified() {
		desk.Hosts = append(desk.Hosts, host)
	}
	return desk
}

// reachable refuses what would show passwords and books to everybody on the network.
func (r *configReader) reachable(doc deskDoc, desk DeskConfig, listen configText, host string) {
	if !desk.Secure() && !desk.Insecure {
		r.reject("CFG-LISTEN", listen, fmt.Sprintf("listen %q is open to the network without TLS", clip(listen.Text)),
			"add desk: {tls_cert: …, tls_key: …}, or desk: {trusted_proxies: […]} behind a proxy with TLS; desk: {insecure: true} takes the risk")
	}
	if ip := net.ParseIP(host); len(doc.Hosts) == 0 && (host == "" || ip != nil && ip.IsUnspecified()) {
		r.reject("CFG-DESK", listen, "the desk does not know under which names it is reached", "add desk: {hosts: [tieout.example]}")
	}
}

// local reports whether only this machine reaches a host.
func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (r *configReader) network(at configText) netip.Prefix {
	if prefix, err := netip.ParsePrefix(at.Text); err == nil {
		return prefix.Masked()
	}
	address, err := netip.ParseAddr(at.Text)
	if err != nil {
		r.reject("CFG-DESK", at, fmt.Sprintf("trusted proxy %q is no address and no network", clip(at.Text)), "write for example 10.0.0.7 or 10.0.0.0/24")
		return netip.Prefix{}
	}
	return netip.PrefixFrom(address, address.BitLen())
}
