package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/tieout/tieout/review"
	"github.com/tieout/tieout/store"
)

func (a *app) serveCommand() *cobra.Command {
	var demo string
	var work bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "The review desk: clear the exception queue in a browser",
		Long: `Serves the review desk and its HTTP API at listen: of the configuration, until it is interrupted. It speaks TLS where desk: names a certificate; beyond
this machine it refuses to run without TLS. The first administrator comes from: tieout user bootstrap`,
		Example: "  tieout serve\n  tieout serve --work\n  TIEOUT_LISTEN=127.0.0.1:9090 tieout serve",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := a.config()
			if err != nil {
				return err
			}
			if work {
				return a.serveAndWork(cmd.Context(), config, demo)
			}
			return a.serve(cmd.Context(), config, demo)
		},
	}
	cmd.Flags().BoolVar(&work, "work", false, "also do the work of tieout work in this process")
	cmd.Flags().StringVar(&demo, "demo", "", "whoever opens the desk acts as this `PERSON`, without signing in (only in a folder that tieout demo made)")
	return cmd
}

// Bounds of a connection. Uploads and exports may take longer than others: their routes say so.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 60 * time.Second
	idleTimeout   = 2 * time.Minute
	headerBytes   = 32 << 10
	stopWithin    = 10 * time.Second
)

// serve runs the desk until the context ends, then lets the requests under way finish.
func (a *app) serve(ctx context.Context, config Config, demo string) (err error) {
	log := a.logger()
	defer func() { _ = log.Sync() }()
	st, err := openStore(ctx, config, log, nil)
	if err != nil {
		return errWorld{err}
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	settings := review.Config{Store: st, Now: a.now, Log: log, Hosts: config.Desk.Hosts, Secure: config.Desk.Secure(), Proxies: config.Desk.Proxies,
		MaxUpload: config.Limits.MaxFile, Local: config.Desk.Local, OIDC: config.Desk.OIDC, Demo: demo}
	for _, entity := range config.Entities {
		p, err := a.pipeline(ctx, config, entity, st, log)
		if err != nil {
			return err
		}
		settings.Companies = append(settings.Companies, company(p))
	}
	if demo != "" {
		if err := a.demoPerson(ctx, config, st, demo); err != nil {
			return err
		}
	}
	if settings.Scratch, err = scratchFolder(config); err != nil {
		return err
	}
	defer os.RemoveAll(settings.Scratch)
	desk, err := review.New(settings)
	if err != nil {
		return err
	}
	defer func() {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
		defer cancel()
		desk.Close(grace)
	}()
	return a.listenAndServe(ctx, config, desk, log)
}

func (a *app) listenAndServe(ctx context.Context, config Config, desk http.Handler, log *zap.Logger) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", config.Listen)
	if err != nil {
		return errWorld{fmt.Errorf("listen: %w", err)}
	}
	server := &http.Server{Handler: desk, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: headerBytes, ErrorLog: zap.NewStdLog(log)}
	scheme := "http"
	if config.Desk.TLSCert != "" {
		scheme = "https"
	}
	fmt.Fprintf(a.err, "The review desk is at %s://%s/ (stop it with Ctrl-C)\n", scheme, listener.Addr())
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
		defer cancel()
		stopped <- server.Shutdown(grace)
	}()
	if scheme == "https" {
		err = server.ServeTLS(listener, config.Desk.TLSCert, config.Desk.TLSKey)
	} else {
		err = server.Serve(listener)
	}
	if !errors.Is(err, http.ErrServerClosed) {
		return errWorld{fmt.Errorf("serve: %w", err)}
	}
	if err := <-stopped; err != nil {
		return errWorld{fmt.Errorf("requests were cut off: %w", err)}
	}
	return nil
}

// scratchFolder makes the folder for uploads under way, beside the archive that they will go into.
func scratchFolder(config Config) (string, error) {
	if err := os.MkdirAll(config.Archive, 0o700); err != nil {
		return "", errWorld{err}
	}
	folder, err := os.MkdirTemp(config.Archive, ".uploads-*")
	if err != nil {
		return "", errWorld{err}
	}
	return folder, nil
}

// demoPerson makes the person as whom everybody acts in a demo.
func (a *app) demoPerson(ctx context.Context, config Config, st store.Store, login string) error {
	host, _, _ := net.SplitHostPort(config.Listen)
	if _, err := os.Stat(filepath.Join(filepath.Dir(config.Archive), demoMark)); err != nil || !local(host) {
		return usage("--demo lets everybody in: it works on this machine alone, in a folder that tieout demo made")
	}
	if _, err := st.PersonByLogin(ctx, login); !errors.Is(err, store.ErrNotFound) {
		return worldly(err)
	}
	person := store.Person{Login: strings.ToLower(login), Name: login}
	for _, entity := range config.Entities {
		for _, role := range []store.Role{store.Reviewer, store.RuleEditor, store.Admin} {
			person.Grants = append(person.Grants, store.Grant{Entity: entity.ID, Role: role})
		}
	}
	_, err := st.AddPerson(ctx, store.Act{Actor: a.actor(), At: a.now()}, person)
	return worldly(err)
}
