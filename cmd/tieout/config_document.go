package main

import (
	"strings"

	"github.com/tieout/tieout/recon/strict"
)

// The layout of tieout.yaml. Values stay as they are written until a check has looked at them.

type configText = strict.Scalar

type configDocument struct {
	Store     configText `yaml:"store"`
	StoreFile configText `yaml:"store_file"`
	// StorePasswordFile holds the password alone, where store says the rest.
	StorePasswordFile configText    `yaml:"store_password_file"`
	Archive           configText    `yaml:"archive"`
	Entities          []entityDoc   `yaml:"entities"`
	Schedules         []scheduleDoc `yaml:"schedules"`
	Expect            []expectDoc   `yaml:"expect"`
	Notify            notifyDoc     `yaml:"notify"`
	Listen            configText    `yaml:"listen"`
	Desk              deskDoc       `yaml:"desk"`
	Work              workDoc       `yaml:"work"`
	Limits            limitsDoc     `yaml:"limits"`
}

type entityDoc struct {
	ID           configText                               `yaml:"id"`
	Name         configText                               `yaml:"name"`
	BaseCurrency configText                               `yaml:"base_currency"`
	Accounts     []accountDoc                             `yaml:"accounts"`
	Inboxes      []inboxDoc                               `yaml:"inboxes"`
	Rules        configText                               `yaml:"rules"`
	Exports      configText                               `yaml:"exports"`
	Profiles     []configText                             `yaml:"profiles"`
	Columns      map[configText]map[configText]configText `yaml:"columns"`
}

type accountDoc struct {
	ID            configText `yaml:"id"`
	IBAN          configText `yaml:"iban"`
	Currency      configText `yaml:"currency"`
	Ledger        configText `yaml:"ledger"`
	Proof         configText `yaml:"proof"`
	FlipReversals configText `yaml:"flip_reversals"`
}

type inboxDoc struct {
	Path    configText `yaml:"path"`
	Settle  configText `yaml:"settle"`
	Account configText `yaml:"account"`
	Profile configText `yaml:"profile"`
}

type scheduleDoc struct {
	Name    configText `yaml:"name"`
	Entity  configText `yaml:"entity"`
	Cron    configText `yaml:"cron"`
	Zone    configText `yaml:"zone"`
	CatchUp configText `yaml:"catch_up"`
	Overlap configText `yaml:"overlap"`
}

type expectDoc struct {
	Account  configText `yaml:"account"`
	Calendar configText `yaml:"calendar"`
	By       configText `yaml:"by"`
}

type notifyDoc struct {
	SMTP      configText   `yaml:"smtp"`
	SMTPFile  configText   `yaml:"smtp_file"`
	Morning   []configText `yaml:"morning"`
	Heartbeat configText   `yaml:"heartbeat"`
	From      configText   `yaml:"from"`
	Receipts  configText   `yaml:"receipts"`
	Webhooks  []webhookDoc `yaml:"webhooks"`
}

type webhookDoc struct {
	Name       configText   `yaml:"name"`
	URL        configText   `yaml:"url"`
	SecretFile configText   `yaml:"secret_file"`
	Kinds      []configText `yaml:"kinds"`
}

type limitsDoc struct {
	MaxFile configText `yaml:"max_file"`
}

// environment lays the variables over the document.
func (r *configReader) environment(doc *configDocument, env func(string) string) {
	for _, key := range []struct {
		name   string
		target *configText
		other  *configText // the other way to give the same value, which the variable replaces too
	}{
		{"STORE", &doc.Store, &doc.StoreFile},
		{"STORE_FILE", &doc.StoreFile, &doc.Store},
		{"STORE_PASSWORD", &r.storePassword, &doc.StorePasswordFile},
		{"STORE_PASSWORD_FILE", &doc.StorePasswordFile, &r.storePassword},
		{"ARCHIVE", &doc.Archive, nil},
		{"LISTEN", &doc.Listen, nil},
		{"WORK_LISTEN", &doc.Work.Listen, nil},
		{"WORK_POLL", &doc.Work.Poll, nil},
		{"WORK_WORKERS", &doc.Work.Workers, nil},
		{"WORK_LEASE", &doc.Work.Lease, nil},
		{"LIMITS_MAX_FILE", &doc.Limits.MaxFile, nil},
		{"NOTIFY_SMTP", &doc.Notify.SMTP, &doc.Notify.SMTPFile},
		{"NOTIFY_SMTP_FILE", &doc.Notify.SMTPFile, &doc.Notify.SMTP},
		{"NOTIFY_HEARTBEAT", &doc.Notify.Heartbeat, nil},
		{"DESK_OIDC_CLIENT_SECRET", &doc.Desk.OIDC.ClientSecret, &doc.Desk.OIDC.ClientSecretFile},
	} {
		if override(key.target, key.name, env) && key.other != nil && key.other.Source == "" {
			*key.other = configText{}
		}
	}
	if addresses := (configText{}); override(&addresses, "NOTIFY_MORNING", env) {
		doc.Notify.Morning = nil
		for address := range strings.SplitSeq(addresses.Text, ",") {
			doc.Notify.Morning = append(doc.Notify.Morning, configText{Text: strings.TrimSpace(address), Source: addresses.Source})
		}
	}
	r.entityEnvironment(doc, env)
}

func (r *configReader) entityEnvironment(doc *configDocument, env func(string) string) {
	var entity entityDoc
	if len(doc.Entities) == 1 {
		entity = doc.Entities[0]
	}
	for _, key := range []struct {
		name   string
		target *configText
	}{
		{"ENTITY_ID", &entity.ID},
		{"ENTITY_NAME", &entity.Name},
		{"ENTITY_BASE_CURRENCY", &entity.BaseCurrency},
		{"ENTITY_RULES", &entity.Rules},
		{"ENTITY_EXPORTS", &entity.Exports},
	} {
		if override(key.target, key.name, env) && len(doc.Entities) != 1 {
			r.reject("CFG-ENTITY", *key.target, "set, but the configuration has more than one entity or none", "unset it and write the value in the file")
		}
	}
	if len(doc.Entities) == 1 {
		doc.Entities[0] = entity
	}
}

func override(target *configText, name string, env func(string) string) bool {
	variable := "TIEOUT_" + name
	value := env(variable)
	if value == "" {
		return false
	}
	*target = configText{Text: value, Source: "environment variable " + variable}
	return true
}
