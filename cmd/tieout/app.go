package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/worker"
)

// app is what all verbs share: the streams, the flags of the root, and the outside world.
type app struct {
	out, err    io.Writer
	env         func(string) string
	now         func() time.Time
	configPath  string
	entityID    string
	person      string
	json, quiet bool
}

// config loads the configuration; its problems are wrong configuration (exit code 2).
func (a *app) config() (Config, error) {
	path := a.configPath
	if path == "" {
		path = "tieout.yaml"
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) && a.env("TIEOUT_CONFIG") != "" {
			path = a.env("TIEOUT_CONFIG")
		}
	}
	config, problems, err := loadConfig(path, a.env)
	if errors.Is(err, os.ErrNotExist) {
		return config, fmt.Errorf("no configuration at %s\n  try: tieout init, or --config FILE", path)
	}
	if err != nil {
		return config, err
	}
	return config, a.configProblems(problems)
}

// configProblems says problems of configuration or rules, and fails where one rejects.
func (a *app) configProblems(problems []recon.Problem) error {
	a.say(problems)
	if recon.Worst(problems) == recon.Reject {
		return errors.New("the configuration has faults; nothing was done")
	}
	return nil
}

// say writes problems to standard error, each with its advice.
func (a *app) say(problems []recon.Problem) { say(a.err, "", problems) }

// say writes problems, each with its advice, behind the name of what they are about.
func say(w io.Writer, about string, problems []recon.Problem) {
	for _, problem := range problems {
		fmt.Fprintf(w, "%s%s: %s\n", about, problem.Severity, problem)
		writeDetails(w, "  ", problem)
		if problem.Try != "" {
			fmt.Fprintf(w, "  try: %s\n", problem.Try)
		}
	}
}

// writeDetails writes the lines that show a problem.
func writeDetails(w io.Writer, indent string, problem recon.Problem) {
	if problem.Details != "" {
		fmt.Fprintf(w, "%s%s\n", indent, strings.ReplaceAll(problem.Details, "\n", "\n"+indent))
	}
}

// entity picks the company that a command is about.
func (a *app) entity(config Config) (EntityConfig, error) {
	if a.entityID == "" && len(config.Entities) == 1 {
		return config.Entities[0], nil
	}
	var ids []string
	for _, e := range config.Entities {
		if e.ID == a.entityID {
			return e, nil
		}
		ids = append(ids, e.ID)
	}
	return EntityConfig{}, fmt.Errorf("name the company with --entity: one of %s", strings.Join(ids, ", "))
}

// withPipeline opens the store of the configuration and hands a prepared pipeline to do.
func (a *app) withPipeline(ctx context.Context, do func(*worker.Pipeline) error) error {
	config, err := a.config()
	if err != nil {
		return err
	}
	entity, err := a.entity(config)
	if err != nil {
		return err
	}
	return a.withEntity(ctx, config, entity, do)
}

func (a *app) withEntity(ctx context.Context, config Config, entity EntityConfig, do func(*worker.Pipeline) error) (err error) {
	log := a.logger()
	defer func() { _ = log.Sync() }()
	st, err := openStore(ctx, config, log, nil)
	if err != nil {
		return errWorld{err}
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	bar := newProgress(a)
	defer bar.close()
	p, err := a.pipeline(ctx, config, entity, st, log)
	if err != nil {
		return err
	}
	p.Progress = bar.update
	return worldly(do(p))
}

// pipeline makes the pipeline of an entity and prepares the database for it.
func (a *app) pipeline(ctx context.Context, config Config, entity EntityConfig, st store.Store, log *zap.Logger) (*worker.Pipeline, error) {
	set, text, err := a.rules(entity)
	if err != nil {
		return nil, err
	}
	p := &worker.Pipeline{Store: st, Entity: entity.store(), Rules: set, RulesText: text, Archive: worker.Archive{Dir: config.Archive},
		Exports: entity.Exports, Columns: entity.Columns, MaxFile: config.Limits.MaxFile, Actor: a.actor(), Now: a.now, Log: log,
		Notify: config.notify(entity.ID), Reached: crashPoint(a.env("TIEOUT_CRASH_AT"))}
	for _, inbox := range entity.Inboxes {
		p.Inboxes = append(p.Inboxes, worker.Inbox{Path: inbox.Path, Settle: inbox.Settle, Account: inbox.Account, Profile: inbox.Profile})
	}
	if p.Profiles, err = a.profiles(entity); err != nil {
		return nil, err
	}
	if err := p.Prepare(ctx); err != nil {
		return nil, errWorld{err}
	}
	return p, nil
}

// worldly marks the errors that neither a person's request nor its form explains as failures of the world.
func worldly(err error) error {
	var refused worker.Refused
	var wrong errUsage
	if err == nil || errors.As(err, &refused) || errors.As(err, &wrong) {
		return err
	}
	for _, known := range []error{errLook, store.ErrLocked, store.ErrStale, store.ErrOver, store.ErrClosed} {
		if errors.Is(err, known) {
			return err
		}
	}
	return errWorld{err}
}

// errUsage is an error in what the person wrote.
type errUsage string

func (e errUsage) Error() string { return string(e) }

func usage(format string, values ...any) error { return errUsage(fmt.Sprintf(format, values...)) }

func (a *app) rules(entity EntityConfig) (rules.Set, string, error) {
	if entity.Rules == "" {
		return rules.Default(), rules.Template(entity.BaseCurrency), nil
	}
	text, err := os.ReadFile(entity.Rules)
	if err != nil {
		return rules.Set{}, "", fmt.Errorf("read rules: %w", err)
	}
	set, problems := rules.Load(filepath.Base(entity.Rules), text)
	return set, string(text), a.configProblems(problems)
}

// profiles loads the CSV profiles of the entity's own.
func (a *app) profiles(entity EntityConfig) (profiles []ingest.Profile, err error) {
	for _, path := range entity.Profiles {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read profile: %w", err)
		}
		profile, problems := ingest.LoadProfile(filepath.Base(path), text)
		if err := a.configProblems(problems); err != nil {
			return nil, err
		}
		profiles = append(profiles, profile)
	}
	return profiles, nil
}

// actor is who the history names for what this command does.
func (a *app) actor() string {
	if a.person != "" {
		return a.person
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "unknown"
}

// logger writes JSON lines to standard error: no account numbers, no names, no remittance texts.
func (a *app) logger() *zap.Logger {
	if isTerminal(a.err) {
		return a.loggerFrom(zapcore.WarnLevel)
	}
	return a.loggerFrom(zapcore.InfoLevel)
}

func (a *app) loggerFrom(level zapcore.Level) *zap.Logger {
	if a.quiet {
		level = zapcore.WarnLevel
	}
	encoder := zap.NewProductionEncoderConfig()
	encoder.TimeKey, encoder.EncodeTime = "time", zapcore.RFC3339TimeEncoder
	return zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(encoder), zapcore.AddSync(a.err), level))
}

// print writes a result to standard output: as JSON where asked for, else by text.
func (a *app) print(result any, text func(io.Writer) error) error {
	if !a.json {
		return text(a.out)
	}
	encoder := json.NewEncoder(a.out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(result)
}

// crashPoint kills the process when it reaches a named commit point, as a power cut would: for tests of recovery.
// "K6.after" is the first time it gets there, "K6.after:2" the second.
func crashPoint(at string) func(string) {
	if at == "" {
		return nil
	}
	point, times, _ := strings.Cut(at, ":")
	left, _ := strconv.Atoi(times)
	return func(reached string) {
		if reached != point {
			return
		}
		if left--; left <= 0 {
			_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
			select {} // the signal is on its way
		}
	}
}
