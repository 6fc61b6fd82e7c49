package main

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/worker"
)

// configReader turns the document into the configuration and collects what is wrong with it.
type configReader struct {
	name          string     // of the file, for problems
	dir           string     // that relative paths start from
	storePassword configText // of the environment: it has no key of its own
	problems      []recon.Problem
}

func (r *configReader) reject(code string, at configText, message, try string) {
	r.problems = append(r.problems, at.Problem(code, r.name, message, try))
}

func (r *configReader) config(doc configDocument) Config {
	config := Config{
		Store:         r.store(doc),
		StorePassword: r.secret("store_password", r.storePassword, doc.StorePasswordFile).Text,
		Archive:       r.path(doc.Archive, "archive"),
		Notify:        r.notify(doc.Notify),
		Listen:        r.listen(doc.Listen),
		Work:          r.work(doc.Work),
		Limits:        LimitsConfig{MaxFile: r.size(doc.Limits.MaxFile, 4<<30)},
	}
	if len(doc.Entities) == 0 {
		r.reject("CFG-ENTITY", configText{}, "no entity: nobody's books are kept", "add entities: - {id: default, base_currency: EUR, …} as in the file that tieout init writes")
	}
	for _, entity := range doc.Entities {
		config.Entities = append(config.Entities, r.entity(entity, len(doc.Entities) > 1))
	}
	r.distinctEntities(doc.Entities)
	r.distinctAccounts(doc.Entities)
	r.distinctFolders(doc, config)
	config.Desk = r.desk(doc.Desk, doc.Listen, config.Listen, config.Entities)
	config.Schedules = r.schedules(doc.Schedules, config.Entities)
	config.Expect = r.expect(doc.Expect, config.Entities)
	return config
}

// plainID is what may stand in paths, URLs and on a command line without quotes.
var plainID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$`)

func (r *configReader) id(code, what string, at, place configText) string {
	if !at.Given() {
		r.reject(code, place, what+" without its name", "add it: letters, digits, - and _")
	} else if !plainID.MatchString(at.Text) {
		r.reject(code, at, fmt.Sprintf("%s %q: at most 40 letters, digits, - and _", what, clip(at.Text)), "rename it")
	}
	return at.Text
}

func (r *configReader) entity(doc entityDoc, several bool) EntityConfig {
	place := anyOf(doc.ID, doc.Name, doc.BaseCurrency, doc.Rules, doc.Exports)
	entity := EntityConfig{
		ID:           r.id("CFG-ENTITY", "entity id", doc.ID, place),
		Name:         doc.Name.Text,
		BaseCurrency: recon.Currency(doc.BaseCurrency.Text),
		Columns:      r.columns(doc.Columns),
	}
	if entity.Name == "" {
		entity.Name = entity.ID
	}
	if !entity.BaseCurrency.Known() {
		r.reject("CFG-ENTITY", anyOf(doc.BaseCurrency, place), fmt.Sprintf("base_currency %q is no currency", clip(doc.BaseCurrency.Text)), "write an ISO 4217 code such as EUR")
	}
	for _, account := range doc.Accounts {
		entity.Accounts = append(entity.Accounts, r.account(account))
	}
	for _, inbox := range doc.Inboxes {
		entity.Inboxes = append(entity.Inboxes, r.inbox(inbox, entity.Accounts))
	}
	if doc.Rules.Given() {
		entity.Rules = r.path(doc.Rules, "")
	}
	for _, profile := range doc.Profiles {
		entity.Profiles = append(entity.Profiles, r.path(profile, ""))
	}
	folder := "out"
	if several && plainID.MatchString(entity.ID) {
		folder = "out/" + entity.ID
	}
	entity.Exports = r.path(doc.Exports, folder)
	return entity
}

func (r *configReader) distinctEntities(docs []entityDoc) {
	seen := map[string]configText{}
	for _, doc := range docs {
		if earlier, twice := seen[doc.ID.Text]; twice && doc.ID.Given() {
			r.reject("CFG-ENTITY", doc.ID, fmt.Sprintf("entity %q stands already at %s", clip(doc.ID.Text), earlier.Where(r.name)), "give it an id of its own")
		}
		seen[doc.ID.Text] = doc.ID
	}
}

func (r *configReader) inbox(doc inboxDoc, accounts []recon.Account) InboxConfig {
	inbox := InboxConfig{Settle: r.duration("settle", doc.Settle, 2*time.Second, time.Hour), Profile: doc.Profile.Text}
	if !doc.Path.Given() {
		r.reject("CFG-PATH", anyOf(doc.Account, doc.Profile, doc.Settle), "an inbox without path", "add path: inbox/")
	} else {
		inbox.Path = r.path(doc.Path, "")
	}
	if doc.Account.Given() {
		inbox.Account = r.accountID(doc.Account, accounts)
	}
	return inbox
}

// imports are the kinds of import whose headers may be mapped.
var imports = []string{"items", "customers", "instalments", "disputes"}

func (r *configReader) columns(doc map[configText]map[configText]configText) map[string]map[string]string {
	if len(doc) == 0 {
		return nil
	}
	columns := map[string]map[string]string{}
	for _, kind := range slices.SortedFunc(maps.Keys(doc), byLine) {
		if !slices.Contains(imports, kind.Text) {
			r.reject("CFG-VALUE", kind, fmt.Sprintf("columns of %q", clip(kind.Text)), "take any of "+strings.Join(imports, ", "))
			continue
		}
		columns[kind.Text] = map[string]string{}
		for theirs, ours := range doc[kind] {
			columns[kind.Text][theirs.Text] = ours.Text
		}
	}
	return columns
}

func byLine(a, b configText) int {
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text))
}

func (r *configReader) listen(at configText) string { return r.address(at, "127.0.0.1:8080") }

// address reads a host and port to listen at.
func (r *configReader) address(at configText, usual string) string {
	if !at.Given() {
		return usual
	}
	_, port, err := net.SplitHostPort(at.Text)
	if n, wrong := strconv.ParseUint(port, 10, 16); err != nil || wrong != nil || n == 0 {
		r.reject("CFG-VALUE", at, fmt.Sprintf("listen %q is no host and port", clip(at.Text)), "write for example "+usual)
	}
	return at.Text
}

func (r *configReader) notify(doc notifyDoc) NotifyConfig {
	notify := NotifyConfig{SMTP: r.smtp(doc), Heartbeat: doc.Heartbeat.Text}
	for _, at := range doc.Morning {
		if _, err := mail.ParseAddress(at.Text); err != nil {
			r.reject("CFG-VALUE", at, fmt.Sprintf("%q is no e-mail address", clip(at.Text)), "write for example ar@example.com")
		}
		notify.Morning = append(notify.Morning, at.Text)
	}
	if doc.Heartbeat.Given() {
		if u, err := url.Parse(doc.Heartbeat.Text); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			r.reject("CFG-VALUE", doc.Heartbeat, "heartbeat is no http or https URL", `write for example "https://watch.example/tieout"`)
		}
	}
	notify.From = firstGiven(doc.From.Text, notify.Morning)
	if doc.From.Given() {
		if _, err := mail.ParseAddress(doc.From.Text); err != nil {
			r.reject("CFG-VALUE", doc.From, fmt.Sprintf("%q is no e-mail address", clip(doc.From.Text)), "write for example tieout@example.com")
		}
	}
	notify.Receipts = doc.Receipts.Given() && r.oneOf("receipts", doc.Receipts, "no", "yes", "true", "false") != "no" && doc.Receipts.Text != "false"
	notify.Webhooks = r.webhooks(doc.Webhooks)
	return notify
}

// firstGiven is a text, else the first of others, "" where there is none.
func firstGiven(text string, others []string) string {
	if text == "" && len(others) > 0 {
		return others[0]
	}
	return text
}

// webhooks reads who is told over HTTP. Each has a secret of its own: what is not signed could come from anybody.
func (r *configReader) webhooks(docs []webhookDoc) (hooks []worker.Webhook) {
	names := map[string]bool{}
	for _, doc := range docs {
		place := anyOf(doc.Name, doc.URL, doc.SecretFile)
		hook := worker.Webhook{Name: r.id("CFG-VALUE", "webhook name", doc.Name, place), URL: doc.URL.Text,
			Secret: r.secret("secret", configText{}, doc.SecretFile).Text}
		if names[hook.Name] {
			r.reject("CFG-VALUE", doc.Name, fmt.Sprintf("webhook %q stands twice", clip(hook.Name)), "give it a name of its own")
		}
		names[hook.Name] = true
		if u, err := url.Parse(doc.URL.Text); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			r.reject("CFG-VALUE", place, "url of a webhook is no http or https URL", `write for example url: "https://erp.example/tieout"`)
		}
		if !doc.SecretFile.Given() {
			r.reject("CFG-SECRET", place, "a webhook without secret_file", "name a file with a long random text as its only line; the receiver checks the signature with it")
		}
		for _, kind := range doc.Kinds {
			hook.Kinds = append(hook.Kinds, r.oneOf("kinds", kind, "followup", "export"))
		}
		hooks = append(hooks, hook)
	}
	return hooks
}

func (r *configReader) expect(docs []expectDoc, entities []EntityConfig) []ExpectConfig {
	var all []ExpectConfig
	for _, doc := range docs {
		place := anyOf(doc.Account, doc.Calendar, doc.By)
		e := ExpectConfig{Calendar: r.oneOf("calendar", doc.Calendar, "target2", "weekdays", "daily"), By: doc.By.Text}
		if _, err := time.Parse("15:04", e.By); err != nil || len(e.By) != len("07:00") {
			r.reject("CFG-VALUE", anyOf(doc.By, place), fmt.Sprintf("by %q is no time of day", clip(e.By)), `write for example by: "07:00"`)
		}
		found := 0
		for _, entity := range entities {
			if account, ok := findAccount(entity.Accounts, doc.Account.Text); ok {
				e.Entity, e.Account = entity.ID, account.ID
				found++
			}
		}
		switch {
		case found > 1:
			r.reject("CFG-ACCOUNT", place, fmt.Sprintf("expected account %s belongs to several entities", masked(doc.Account.Text)), "name it by its IBAN")
		case found == 0:
			r.reject("CFG-ACCOUNT", place, fmt.Sprintf("expected account %s is not configured", masked(doc.Account.Text)), "name an account of an entity by its IBAN or id")
		}
		all = append(all, e)
	}
	return all
}

// oneOf reads a word out of a few; the first one is the default.
func (r *configReader) oneOf(key string, at configText, words ...string) string {
	if !at.Given() {
		return words[0]
	}
	if !slices.Contains(words, at.Text) {
		r.reject("CFG-VALUE", at, fmt.Sprintf("%s %q", key, clip(at.Text)), "take one of "+strings.Join(words, ", "))
	}
	return at.Text
}

func (r *configReader) duration(key string, at configText, usual, most time.Duration) time.Duration {
	if !at.Given() {
		return usual
	}
	d, err := time.ParseDuration(at.Text)
	if err != nil || d < 0 || d > most {
		r.reject("CFG-VALUE", at, fmt.Sprintf("%s %q, expected a duration from 0s to %s", key, clip(at.Text), most), fmt.Sprintf("write for example %s: %s", key, usual))
	}
	return d
}

// size reads a number of bytes such as 4GiB.
func (r *configReader) size(at configText, usual int64) int64 {
	if !at.Given() {
		return usual
	}
	size, ok := parseSize(at.Text)
	if !ok || size < 1<<10 {
		r.reject("CFG-VALUE", at, fmt.Sprintf("max_file %q is no size of at least 1KiB", clip(at.Text)), "write for example 500MiB or 4GiB")
	}
	return size
}

var sizeForm = regexp.MustCompile(`^([1-9][0-9]{0,9}) ?(B|KiB|MiB|GiB|TiB|kB|MB|GB|TB)$`)

// parseSize reads a whole number with a unit: KiB, MiB … of 1024, kB, MB … of 1000.
func parseSize(s string) (int64, bool) {
	parts := sizeForm.FindStringSubmatch(s)
	if parts == nil {
		return 0, false
	}
	n, err := strconv.ParseInt(parts[1], 10, 64)
	unit := map[string]int64{"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
		"kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}[parts[2]]
	const most = 1 << 60
	return n * unit, err == nil && n <= most/unit
}

// anyOf returns the first value that is given, so that a problem has a line.
func anyOf(values ...configText) configText {
	for _, v := range values {
		if v.Given() {
			return v
		}
	}
	return configText{}
}

// clip keeps a message short where somebody pasted a page into a value.
func clip(s string) string {
	const longest = 40
	if runes := []rune(s); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return s
}
