package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tieout/tieout/recon"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func noEnvironment(string) string { return "" }

func environment(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

// writeConfig puts a tieout.yaml into a folder of its own and returns its path.
func writeConfig(t *testing.T, file string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "tieout.yaml")
	if err := os.WriteFile(path, []byte(file), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustLoadConfig(t *testing.T, path string, env func(string) string) Config {
	t.Helper()
	config, problems, err := loadConfig(path, env)
	if err != nil || len(problems) > 0 {
		t.Fatalf("load: %v, %v", err, problems)
	}
	return config
}

const contractConfig = `
store: sqlite:tieout.db            # or postgres://user@host:5432/db
archive: archive/                  # every bank file received, under its SHA-256
entities:
  - id: default
    name: Demo Ltd
    base_currency: EUR
    accounts:
      - {id: main, iban: DE89370400440532013000, currency: EUR, ledger: "1200", proof: optional}
    inboxes:
      - {path: inbox/, settle: 2s}
    rules: rules.yaml
    exports: out/
schedules:
  - {name: nightly, entity: default, cron: "0 2 * * *", zone: Europe/Berlin, catch_up: one, overlap: skip}
expect: [{account: DE89370400440532013000, calendar: target2, by: "07:00"}]
notify: {smtp: "smtp://mail.example:587", morning: [ar@example.com], heartbeat: "https://watch.example/1"}
listen: 127.0.0.1:8080
limits: {max_file: 4GiB}
`

func TestTheConfigurationOfTheContract(t *testing.T) {
	path := writeConfig(t, contractConfig)
	dir := filepath.Dir(path)
	want := Config{
		Store:   "sqlite:" + filepath.Join(dir, "tieout.db"),
		Archive: filepath.Join(dir, "archive"),
		Entities: []EntityConfig{{
			ID: "default", Name: "Demo Ltd", BaseCurrency: "EUR",
			Accounts: []recon.Account{{ID: "main", IBAN: "DE89370400440532013000", Currency: "EUR", Ledger: "1200"}},
			Inboxes:  []InboxConfig{{Path: filepath.Join(dir, "inbox"), Settle: 2 * time.Second}},
			Rules:    filepath.Join(dir, "rules.yaml"), Exports: filepath.Join(dir, "out"),
		}},
		Schedules: []ScheduleConfig{{Name: "nightly", Entity: "default", Cron: "0 2 * * *", Zone: "Europe/Berlin", CatchUp: "one", Overlap: "skip"}},
		Expect:    []ExpectConfig{{Entity: "default", Account: "main", Calendar: "target2", By: "07:00"}},
		Notify:    NotifyConfig{SMTP: "smtp://mail.example:587", Morning: []string{"ar@example.com"}, Heartbeat: "https://watch.example/1", From: "ar@example.com"},
		Path:      path,
		Listen:    "127.0.0.1:8080",
		Desk:      DeskConfig{Hosts: []string{"localhost", "127.0.0.1", "::1"}, Local: true},
		Work:      WorkConfig{Listen: "127.0.0.1:8081", Poll: 2 * time.Second, Workers: 2, Lease: 30 * time.Second},
		Limits:    LimitsConfig{MaxFile: 4 << 30},
	}
	if got := mustLoadConfig(t, path, noEnvironment); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestWhatIsLeftOutHasASafeValue(t *testing.T) {
	path := writeConfig(t, "entities:\n  - {id: a, base_currency: EUR}\n  - {id: b, base_currency: JPY}\n")
	dir := filepath.Dir(path)
	config := mustLoadConfig(t, path, noEnvironment)
	if config.Store != "sqlite:"+filepath.Join(dir, "tieout.db") || config.Archive != filepath.Join(dir, "archive") {
		t.Errorf("store %s, archive %s", config.Store, config.Archive)
	}
	if config.Listen != "127.0.0.1:8080" || config.Limits.MaxFile != 4<<30 {
		t.Errorf("listen %s, limits %+v", config.Listen, config.Limits)
	}
	for i, id := range []string{"a", "b"} {
		if e := config.Entities[i]; e.Name != id || e.Rules != "" || e.Exports != filepath.Join(dir, "out", id) {
			t.Errorf("entity %+v", e)
		}
	}
}

func TestOtherFormsOfAccountsAndColumns(t *testing.T) {
	path := writeConfig(t, `
entities:
  - id: default
    base_currency: CHF
    accounts:
      - {id: giro, iban: ch93 0076 2011 6238 5295 7, currency: CHF, ledger: 1020, proof: required, flip_reversals: true}
      - {id: dollars, iban: CH9300762011623852957, currency: USD, ledger: 1021}
      - {id: old, iban: 0012-345678.9, currency: CHF, ledger: 01022}
    inboxes: [{path: /srv/bank, account: "0012-345678.9", profile: acme, settle: 1m30s}]
    profiles: [profiles/acme.yaml]
    columns: {items: {Rechnung: number, Betrag: amount}}
`)
	entity := mustLoadConfig(t, path, noEnvironment).Entities[0]
	want := []recon.Account{
		{ID: "giro", IBAN: "CH9300762011623852957", Currency: "CHF", Ledger: "1020", ProofRequired: true, FlipReversals: true},
		{ID: "dollars", IBAN: "CH9300762011623852957", Currency: "USD", Ledger: "1021"},
		{ID: "old", IBAN: "0012-345678.9", Currency: "CHF", Ledger: "01022"},
	}
	if !reflect.DeepEqual(entity.Accounts, want) {
		t.Errorf("accounts %+v", entity.Accounts)
	}
	inbox := InboxConfig{Path: "/srv/bank", Settle: 90 * time.Second, Account: "old", Profile: "acme"}
	if !reflect.DeepEqual(entity.Inboxes, []InboxConfig{inbox}) {
		t.Errorf("inboxes %+v", entity.Inboxes)
	}
	if !reflect.DeepEqual(entity.Profiles, []string{filepath.Join(filepath.Dir(path), "profiles", "acme.yaml")}) {
		t.Errorf("profiles %v", entity.Profiles)
	}
	if !reflect.DeepEqual(entity.Columns, map[string]map[string]string{"items": {"Rechnung": "number", "Betrag": "amount"}}) {
		t.Errorf("columns %v", entity.Columns)
	}
	if got := entity.store(); got.ID != "default" || got.BaseCurrency != "CHF" || len(got.Accounts) != 3 {
		t.Errorf("as the store keeps it: %+v", got)
	}
}

func TestTheEnvironmentOverridesTheFile(t *testing.T) {
	path := writeConfig(t, contractConfig)
	dir := filepath.Dir(path)
	config := mustLoadConfig(t, path, environment(map[string]string{
		"TIEOUT_STORE": "sqlite:other/books.db", "TIEOUT_ARCHIVE": "/srv/archive", "TIEOUT_LISTEN": "127.0.0.1:9000",
		"TIEOUT_LIMITS_MAX_FILE": "10MB", "TIEOUT_NOTIFY_SMTP": "smtps://tieout:hunter2@mail.example:465",
		"TIEOUT_NOTIFY_MORNING": "a@example.com, b@example.com", "TIEOUT_NOTIFY_HEARTBEAT": "https://watch.example/2",
		"TIEOUT_ENTITY_ID": "default", "TIEOUT_ENTITY_NAME": "Other Ltd", "TIEOUT_ENTITY_BASE_CURRENCY": "USD",
		"TIEOUT_ENTITY_RULES": "strict.yaml", "TIEOUT_ENTITY_EXPORTS": "exports",
	}))
	if config.Store != "sqlite:"+filepath.Join(dir, "other", "books.db") || config.Archive != "/srv/archive" || config.Listen != "127.0.0.1:9000" {
		t.Errorf("store %s, archive %s, listen %s", config.Store, config.Archive, config.Listen)
	}
	notify := NotifyConfig{SMTP: "smtps://tieout:hunter2@mail.example:465", Morning: []string{"a@example.com", "b@example.com"}, Heartbeat: "https://watch.example/2",
		From: "a@example.com"}
	if config.Limits.MaxFile != 10_000_000 || !reflect.DeepEqual(config.Notify, notify) {
		t.Errorf("limits %+v, notify %+v", config.Limits, config.Notify)
	}
	e := config.Entities[0]
	if e.Name != "Other Ltd" || e.BaseCurrency != "USD" || e.Rules != filepath.Join(dir, "strict.yaml") || e.Exports != filepath.Join(dir, "exports") {
		t.Errorf("entity %+v", e)
	}
}

func TestAFaultInTheEnvironmentNamesTheVariable(t *testing.T) {
	for _, c := range []struct {
		variable, value, file, code string
	}{
		{"TIEOUT_STORE", "mysql://db", contractConfig, "STORE-SCHEME"},
		{"TIEOUT_LIMITS_MAX_FILE", "lots", contractConfig, "CFG-VALUE"},
		{"TIEOUT_ARCHIVE", "inbox", contractConfig, "CFG-PATH"},
		{"TIEOUT_STORE_FILE", "nowhere", contractConfig, "CFG-SECRET"},
		{"TIEOUT_ENTITY_NAME", "A", "entities:\n  - {id: a, base_currency: EUR}\n  - {id: b, base_currency: JPY}\n", "CFG-ENTITY"},
	} {
		_, problems, err := loadConfig(writeConfig(t, c.file), environment(map[string]string{c.variable: c.value}))
		if err != nil || len(problems) == 0 || problems[0].Code != c.code {
			t.Errorf("%s=%s: %v, problems %v, want %s", c.variable, c.value, err, problems, c.code)
			continue
		}
		if p := problems[0]; !strings.Contains(p.Where+p.Message, c.variable) {
			t.Errorf("%s=%s: %+v does not name the variable", c.variable, c.value, p)
		}
	}
}

func TestSecretsInFiles(t *testing.T) {
	file := "notify: {smtp_file: smtp.secret}\nentities:\n  - {id: a, base_currency: EUR}\n"
	for _, c := range []struct {
		content string
		mode    fs.FileMode
		code    string // "" where it is accepted
	}{
		{"smtp://tieout:hunter2@mail.example:587\n", 0o600, ""},
		{"smtp://tieout:hunter2@mail.example:587\n", 0o640, ""},
		{"smtp://tieout:hunter2@mail.example:587\n", 0o644, "CFG-SECRET"},
		{"smtp://tieout:hunter2@mail.example:587\n", 0o602, "CFG-SECRET"},
		{"\n", 0o600, "CFG-SECRET"},
		{"smtp://mail.example\nhunter2\n", 0o600, "CFG-SECRET"},
		{"tieout:hunter2@mail.example", 0o600, "CFG-VALUE"},
	} {
		path := writeConfig(t, file)
		secret := filepath.Join(filepath.Dir(path), "smtp.secret")
		if err := os.WriteFile(secret, []byte(c.content), c.mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(secret, c.mode); err != nil {
			t.Fatal(err)
		}
		config, problems, err := loadConfig(path, noEnvironment)
		switch {
		case err != nil:
			t.Error(err)
		case c.code == "":
			if len(problems) > 0 || config.Notify.SMTP != strings.TrimSpace(c.content) {
				t.Errorf("%q of mode %o: %v, %q", c.content, c.mode, problems, config.Notify.SMTP)
			}
		case len(problems) != 1 || problems[0].Code != c.code || strings.Contains(problems[0].String()+problems[0].Try, "hunter2"):
			t.Errorf("%q of mode %o: %v, want one %s that keeps the secret", c.content, c.mode, problems, c.code)
		}
	}
}

func TestALinkToAnInboxIsThatInbox(t *testing.T) {
	path := writeConfig(t, "entities:\n  - id: a\n    base_currency: EUR\n    inboxes: [{path: inbox}, {path: link}]\n")
	dir := filepath.Dir(path)
	if err := os.Mkdir(filepath.Join(dir, "inbox"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("inbox", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	_, problems, err := loadConfig(path, noEnvironment)
	if err != nil || len(problems) != 1 || problems[0].Code != "CFG-PATH" {
		t.Errorf("%v, problems %v, want one CFG-PATH", err, problems)
	}
}

func TestAMissingConfigurationIsAnError(t *testing.T) {
	_, problems, err := loadConfig(filepath.Join(t.TempDir(), "tieout.yaml"), noEnvironment)
	if !errors.Is(err, fs.ErrNotExist) || problems != nil {
		t.Errorf("%v, problems %v", err, problems)
	}
}

func TestTheTemplateLoads(t *testing.T) {
	two := []recon.Account{
		{ID: "main", IBAN: "DE89370400440532013000", Currency: "EUR", Ledger: "1200"},
		{ID: "account2", IBAN: "001-2345.6", Currency: "USD", Ledger: "assets:bank", ProofRequired: true},
	}
	for _, accounts := range [][]recon.Account{nil, two} {
		for _, name := range []string{"Demo Ltd", "null", `A "B": #1 & Söhne`, "-"} {
			path := writeConfig(t, configTemplate("sqlite:tieout.db", name, "EUR", accounts))
			config := mustLoadConfig(t, path, noEnvironment)
			e := config.Entities[0]
			if e.Name != name || !reflect.DeepEqual(e.Accounts, accounts) || len(e.Inboxes) != 1 || len(config.Schedules) != 1 {
				t.Errorf("%q: %+v", name, e)
			}
		}
	}
	uncommented := strings.NewReplacer("# expect:", "expect:", "# notify:", "notify:", "# profiles:", "profiles:", "# columns:", "columns:").Replace(
		configTemplate("sqlite:tieout.db", "Demo Ltd", "EUR", two))
	config := mustLoadConfig(t, writeConfig(t, uncommented), noEnvironment)
	if len(config.Expect) != 1 || config.Notify.SMTP == "" || len(config.Entities[0].Profiles) != 1 || len(config.Entities[0].Columns["items"]) != 4 {
		t.Errorf("the examples in the comments give %+v", config)
	}
}

func TestAccountsOfTheCommandLine(t *testing.T) {
	accounts, err := parseAccounts([]string{"de89 3704 0044 0532 0130 00:eur", "DE89370400440532013000:USD:assets:bank:usd", "0012345:EUR:"})
	want := []recon.Account{
		{ID: "main", IBAN: "DE89370400440532013000", Currency: "EUR", Ledger: "1200"},
		{ID: "account2", IBAN: "DE89370400440532013000", Currency: "USD", Ledger: "assets:bank:usd"},
		{ID: "account3", IBAN: "0012345", Currency: "EUR", Ledger: "1202"},
	}
	if err != nil || !reflect.DeepEqual(accounts, want) {
		t.Errorf("%+v, %v", accounts, err)
	}
	for _, wrong := range [][]string{
		{"DE89370400440532013000"}, {"DE98370400440532013000:EUR"}, {"DE89370400440532013000:EURO"}, {":EUR"},
		{"DE89370400440532013000:EUR", "DE89370400440532013000:EUR:1300"}, {"0012345:EUR:1200", "0012346:EUR:1200"},
	} {
		if _, err := parseAccounts(wrong); err == nil || strings.Contains(err.Error(), "370400440532013000:EUR,") {
			t.Errorf("%v: error %v", wrong, err)
		}
	}
}

func TestSizes(t *testing.T) {
	for written, want := range map[string]int64{"4GiB": 4 << 30, "1 KiB": 1024, "10MB": 10_000_000, "1000B": 1000, "2TiB": 2 << 40} {
		if got, ok := parseSize(written); !ok || got != want {
			t.Errorf("%s = %d, %v, want %d", written, got, ok, want)
		}
	}
	for _, wrong := range []string{"", "4", "4G", "-1KiB", "0KiB", "1.5GiB", "9999999999TiB", "1_000B", "04KiB"} {
		if got, ok := parseSize(wrong); ok {
			t.Errorf("%q = %d", wrong, got)
		}
	}
}

// TestConfigProblemCatalogue reads each file of the catalogue: it causes the code in its name, and the golden file
// beside it says in which words.
func TestConfigProblemCatalogue(t *testing.T) {
	files, err := filepath.Glob("../../fixtures/problems/config/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no catalogue: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, problems, err := loadConfig(writeConfig(t, string(data)), noEnvironment)
			if err != nil {
				t.Fatal(err)
			}
			if len(problems) == 0 || !strings.HasPrefix(name, problems[0].Code) {
				t.Errorf("the first problem of %v is not of the code in the file's name", problems)
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".golden.json", problems)
		})
	}
}

// golden compares problems with those of a file, or rewrites it.
func golden(t *testing.T, file string, problems []recon.Problem) {
	t.Helper()
	var got bytes.Buffer
	encoder := json.NewEncoder(&got)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(problems); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(got.String(), "hunter2") {
		t.Error("the password stands in a message")
	}
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("problems\n%s\nwant\n%s", got.Bytes(), want)
	}
}
