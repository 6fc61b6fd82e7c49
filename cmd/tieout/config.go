package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/recon/strict"
	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/worker"
)

// Config is a validated tieout.yaml with the environment over it. Paths are absolute.
type Config struct {
	Path          string // of its file
	Store         string // "sqlite:" and an absolute path, or the URL of a PostgreSQL database; never logged
	StorePassword string // of the database's user, "" where Store has it or none is needed
	Archive       string // folder of every bank file received
	Entities      []EntityConfig
	Schedules     []ScheduleConfig
	Expect        []ExpectConfig
	Notify        NotifyConfig
	Listen        string // host:port of the review desk
	Desk          DeskConfig
	Work          WorkConfig
	Limits        LimitsConfig
}

// EntityConfig is a company whose books are kept.
type EntityConfig struct {
	ID, Name     string
	BaseCurrency recon.Currency
	Accounts     []recon.Account
	Inboxes      []InboxConfig
	Rules        string                       // its rules.yaml, "" for the default rules
	Exports      string                       // folder of its exports
	Profiles     []string                     // files of CSV bank profiles of its own
	Columns      map[string]map[string]string // by import (items, customers …): their header to ours
}

// InboxConfig is a folder that bank files are dropped into.
type InboxConfig struct {
	Path    string
	Settle  time.Duration // how long a file must lie unchanged before it is read
	Account string        // id of the account, where the files do not name it; "" normally
	Profile string        // CSV profile, where the files do not tell; "" normally
}

// ScheduleConfig is one line of the timetable.
type ScheduleConfig struct {
	Name, Entity string
	Cron, Zone   string
	CatchUp      string // one, all, none: what becomes of runs missed while nothing was running
	Overlap      string // skip, queue: what becomes of a run that is due while the previous one goes on
}

// ExpectConfig is a statement that should be there by a time of day.
type ExpectConfig struct {
	Entity, Account string // ids
	Calendar        string // target2, weekdays, daily
	By              string // HH:MM
}

// NotifyConfig says who is told.
type NotifyConfig struct {
	SMTP      string // smtp:// or smtps:// URL, with its password; never logged
	Morning   []string
	Heartbeat string // URL that is called after every good run
	From      string // sender of mail
	Receipts  bool   // customers get a remittance receipt of each payment
	Webhooks  []worker.Webhook
}

// LimitsConfig bounds what is read.
type LimitsConfig struct{ MaxFile int64 } // bytes

// store returns the entity as the store keeps it.
func (e EntityConfig) store() store.Entity {
	return store.Entity{ID: e.ID, Name: e.Name, BaseCurrency: e.BaseCurrency, Accounts: e.Accounts}
}

// loadConfig reads the file at path and lays the environment over it:
//
//	TIEOUT_STORE, TIEOUT_ARCHIVE, TIEOUT_LISTEN           keys of the top level
//	TIEOUT_WORK_LISTEN, TIEOUT_WORK_POLL,
//	TIEOUT_WORK_WORKERS, TIEOUT_WORK_LEASE,
//	TIEOUT_LIMITS_MAX_FILE, TIEOUT_NOTIFY_SMTP,
//	TIEOUT_NOTIFY_MORNING, TIEOUT_NOTIFY_HEARTBEAT        keys of a section; several addresses are parted by commas
//	TIEOUT_ENTITY_ID, …_NAME, …_BASE_CURRENCY, …_RULES,
//	…_EXPORTS                                             keys of the entity, where there is only one
//	TIEOUT_STORE_PASSWORD                                 password of the database's user
//	TIEOUT_STORE_FILE, TIEOUT_STORE_PASSWORD_FILE,
//	TIEOUT_NOTIFY_SMTP_FILE                               files that hold the value, for secrets
//
// An empty variable is as if it were not set; a path in it is relative to the file too. The error is one of the disk.
// With a problem of severity reject the configuration must not be used.
func loadConfig(path string, env func(string) string) (Config, []recon.Problem, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Config{}, nil, fmt.Errorf("read configuration: %w", err)
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return Config{}, nil, fmt.Errorf("place of the configuration: %w", err)
	}
	var doc configDocument
	r := configReader{name: filepath.Base(path), dir: filepath.Dir(absolute)}
	if r.problems = strict.Decode(r.name, data, &doc); len(r.problems) > 0 {
		return Config{}, r.problems, nil
	}
	r.inlineSecrets(doc)
	r.environment(&doc, env)
	config := r.config(doc)
	config.Path = absolute
	return config, r.problems, nil
}
