package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/tieout/tieout/recon"
)

// configTemplate returns the commented tieout.yaml that a new folder starts with, for a company called name.
// Without accounts it holds an example of one in a comment.
func configTemplate(store, name string, currency recon.Currency, accounts []recon.Account) string {
	return strings.NewReplacer(
		"{{store}}", yamlText(store),
		"{{name}}", yamlText(name),
		"{{currency}}", string(currency),
		"{{accounts}}", accountLines(accounts),
		"{{expect}}", expectLine(accounts),
	).Replace(tieoutYAML)
}

func accountLines(accounts []recon.Account) string {
	if len(accounts) == 0 {
		return " []\n      # - {id: main, iban: DE89370400440532013000, currency: EUR, ledger: \"1200\", proof: optional}"
	}
	var b strings.Builder
	for _, a := range accounts {
		proof := "optional"
		if a.ProofRequired {
			proof = "required"
		}
		fmt.Fprintf(&b, "\n      - {id: %s, iban: %s, currency: %s, ledger: %s, proof: %s}", yamlText(a.ID), yamlText(a.IBAN), a.Currency, strconv.Quote(a.Ledger), proof)
	}
	return b.String()
}

func expectLine(accounts []recon.Account) string {
	example := "main"
	if len(accounts) > 0 {
		example = accounts[0].ID
	}
	return fmt.Sprintf("# expect: [{account: %s, calendar: target2, by: \"07:00\"}]", example)
}

// plainYAML is what YAML reads as the same text without quotes.
var plainYAML = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*(:[A-Za-z0-9_./-]+)?$`)

// yamlText writes a value as YAML reads it back.
func yamlText(s string) string {
	if plainYAML.MatchString(s) && !strings.EqualFold(s, "null") {
		return s
	}
	return strconv.Quote(s)
}

const tieoutYAML = `# Configuration of tieout. Relative paths start at this file. Every key of the top level can be overridden in the
# environment: store by TIEOUT_STORE, limits.max_file by TIEOUT_LIMITS_MAX_FILE, and, while there is one entity, its
# own by TIEOUT_ENTITY_NAME and so on. Passwords never stand here: set them in the environment, or name
# a file that only its owner reads (store_password_file, notify.smtp_file).

# Where the books are kept: one file (sqlite:tieout.db), or a PostgreSQL database that several workers and desks share
# (postgres://user@host:5432/database, with store_password_file or TIEOUT_STORE_PASSWORD).
store: {{store}}

# Every bank file received, under its SHA-256. Nothing in here is ever changed or deleted.
archive: archive/

entities:
  - id: default
    name: {{name}}
    base_currency: {{currency}}

    # Our bank accounts. iban may also be the bank's own number. ledger is the account in the general ledger that
    # equals the bank's balance. proof: required queues receipts of statements whose balances prove nothing.
    # flip_reversals: true for a bank that flips the sign of reversals. A statement of an account that is not listed
    # is held, never booked to another one.
    accounts:{{accounts}}

    # Folders that bank files are dropped into. A file is read once it has lain unchanged for settle. account (an id)
    # and profile (of a CSV layout) only where the files themselves do not tell.
    inboxes:
      - {path: inbox/, settle: 2s}

    rules: rules.yaml

    # Where the exports for the accounting system are written.
    exports: out/

    # CSV bank profiles of your own, beside those that come with tieout.
    # profiles: [profiles/our-bank.yaml]

    # Headers of your own import files, by import: theirs to ours.
    # columns: {items: {Invoice No: number, Debtor: customer, Total: amount, Curr: currency}}

# The timetable of tieout work: cron lines in a zone. catch_up says what becomes of runs missed while nothing was
# running (one, all, none), overlap what becomes of a run due while the previous one goes on (skip, queue).
schedules:
  - {name: nightly, entity: default, cron: "0 2 * * *", zone: Europe/Berlin, catch_up: one, overlap: skip}

# Statements that should be there in the morning; one that is missing is said. calendar: target2, weekdays or daily.
{{expect}}

# Who is told: the morning list by mail, and a watchdog that is called after every good run.
# notify: {smtp: "smtp://mail.example:587", morning: [ar@example.com], heartbeat: "https://watch.example/tieout"}

# The review desk. Beyond this machine it needs TLS: its own, or that of a proxy in front of it.
listen: 127.0.0.1:8080
# desk:
#   hosts: [tieout.example]                # names under which browsers reach it
#   tls_cert: tls/cert.pem
#   tls_key: tls/key.pem
#   trusted_proxies: [10.0.0.7]            # instead of tls_cert, behind a proxy with TLS
#   local_sign_in: true                    # people sign in with passwords; the first comes from: tieout user bootstrap
#   oidc:                                  # or with the organisation's account; its groups say what they may do
#     {issuer: "https://id.example", client_id: tieout, client_secret_file: oidc.secret, name: Example Ltd, url: "https://tieout.example",
#      roles: [{group: ar-clerks, role: reviewer}, {group: ar-heads, role: approver, entity: default}]}

# tieout work: where its metrics and health are asked for (off for nowhere), and how often it looks at inboxes and schedules. With
# PostgreSQL also workers: how many files and shards this one works on at once, and lease: after which silence another one takes over.
work: {listen: 127.0.0.1:8081, poll: 2s}

limits:
  max_file: 4GiB
`
