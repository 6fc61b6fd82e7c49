package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/review"
	"github.com/tieout/tieout/store"
)

func (a *app) userCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "user",
		Short: "People of the review desk",
		Long: `Manages who may use the review desk. Nobody types a password for somebody else: a new person gets a code, enters it at /welcome of the desk and
chooses a password there. The first administrator comes from bootstrap.`,
		Example: "  tieout user bootstrap petra\n  tieout user add paul --role reviewer\n  tieout user list",
	}
	cmd.AddCommand(a.userBootstrap(), a.userAdd(), a.userList(), a.userRoles(), a.userDisable(), a.userEnable(), a.userPasswd())
	return cmd
}

// How long codes made at a terminal last.
const (
	bootstrapLasts = time.Hour
	codeLasts      = 72 * time.Hour
)

// withPeople opens the store for commands about people.
func (a *app) withPeople(ctx context.Context, do func(Config, store.Store) error) (err error) {
	config, err := a.config()
	if err != nil {
		return err
	}
	st, err := openStore(ctx, config, a.logger(), nil)
	if err != nil {
		return errWorld{err}
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	if err := st.Migrate(ctx); err != nil {
		return errWorld{err}
	}
	return worldly(do(config, st))
}

func (a *app) act() store.Act { return store.Act{Actor: a.actor(), At: a.now(), Via: "terminal"} }

// personNamed finds a person by login.
func personNamed(ctx context.Context, st store.Store, login string) (store.Person, error) {
	p, err := st.PersonByLogin(ctx, strings.ToLower(login))
	return p, missing(err, "the person %s", login)
}

func (a *app) userBootstrap() *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:   "bootstrap LOGIN",
		Short: "Make the first administrator",
		Long: `Makes the first administrator of all companies and prints a code that lets them choose a password at /welcome of the desk within the hour. Where there
is an administrator already it does nothing.`,
		Example: "  tieout user bootstrap petra --name \"Petra Lang\"",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withPeople(cmd.Context(), func(config Config, st store.Store) error {
				people, err := st.People(cmd.Context())
				if err != nil {
					return err
				}
				for _, p := range people {
					if slices.ContainsFunc(p.Grants, func(g store.Grant) bool { return g.Role == store.Admin && !p.Disabled }) {
						return recon.Refused{Problem: recon.Problem{Code: "USER-ADMIN", Severity: recon.Reject, Message: "there is an administrator already: " + p.Login,
							Try: "ask them, or make a new code for them: tieout user passwd " + p.Login}}
					}
				}
				p := store.Person{Login: strings.ToLower(args[0]), Name: name}
				for _, entity := range config.Entities {
					p.Grants = append(p.Grants, store.Grant{Entity: entity.ID, Role: store.Admin})
				}
				return a.addPerson(cmd.Context(), config, st, p, bootstrapLasts)
			})
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "`NAME` as shown")
	return cmd
}

// addPerson stores a new person and prints the code of their invitation.
func (a *app) addPerson(ctx context.Context, config Config, st store.Store, p store.Person, lasts time.Duration) (err error) {
	if err := review.CheckPerson(p); err != nil {
		return err
	}
	if p.ID, err = st.AddPerson(ctx, a.act(), p); errors.Is(err, store.ErrDuplicate) {
		return usage("somebody has the login %s already; see: tieout user list", p.Login)
	}
	if err != nil {
		return err
	}
	return a.invite(ctx, config, st, p, lasts)
}

func (a *app) invite(ctx context.Context, config Config, st store.Store, p store.Person, lasts time.Duration) error {
	code, invitation := review.NewInvitation(p.ID, a.now().Add(lasts))
	if err := st.Invite(ctx, a.act(), invitation); err != nil {
		return err
	}
	at := config.Desk.address(config.Listen) + "/welcome"
	return a.print(map[string]any{"login": p.Login, "code": code, "enter_at": at, "expires": invitation.Expires.UTC()}, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "Code for %s, good once until %s UTC:\n  %s\nIt is entered at %s, where a password is chosen (start the desk with: tieout serve).\n",
			p.Login, invitation.Expires.UTC().Format("2006-01-02 15:04"), code, at)
		return err
	})
}

// parseRoles reads ROLE or COMPANY:ROLE; without company it is given in all companies.
func parseRoles(config Config, texts []string) (grants []store.Grant, err error) {
	for _, text := range texts {
		entity, role, named := strings.Cut(text, ":")
		if !named {
			entity, role = "", text
		}
		if !slices.Contains(store.Roles(), store.Role(role)) {
			return nil, usage("--role %s: there is no such role; take one of %v", text, store.Roles())
		}
		known := false
		for _, e := range config.Entities {
			if entity == "" || e.ID == entity {
				known = true
				grants = append(grants, store.Grant{Entity: e.ID, Role: store.Role(role)})
			}
		}
		if !known {
			return nil, usage("--role %s: there is no company %s in the configuration", text, entity)
		}
	}
	return grants, nil
}

func (a *app) userAdd() *cobra.Command {
	var name string
	var roles []string
	cmd := &cobra.Command{
		Use:     "add LOGIN",
		Short:   "Add a person, and print the code with which they choose a password",
		Example: "  tieout user add paul --name \"Paul Weber\" --role reviewer\n  tieout user add robot --role service",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withPeople(cmd.Context(), func(config Config, st store.Store) error {
				grants, err := parseRoles(config, roles)
				if err != nil {
					return err
				}
				return a.addPerson(cmd.Context(), config, st, store.Person{Login: strings.ToLower(args[0]), Name: name, Grants: grants}, codeLasts)
			})
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "`NAME` as shown")
	cmd.Flags().StringArrayVar(&roles, "role", nil, "`ROLE` in all companies, or COMPANY:ROLE (repeatable): viewer, reviewer, approver, rule_editor, admin, auditor, service")
	return cmd
}

// userView is a person as --json prints them.
type userView struct {
	Login    string   `json:"login"`
	Name     string   `json:"name"`
	Roles    []string `json:"roles"`
	Provider string   `json:"provider"`
	Password bool     `json:"password"`
	Disabled bool     `json:"disabled"`
}

func (a *app) userList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List people with their roles", Example: "  tieout user list --json", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withPeople(cmd.Context(), func(_ Config, st store.Store) error {
				people, err := st.People(cmd.Context())
				if err != nil {
					return err
				}
				views := make([]userView, len(people))
				for i, p := range people {
					views[i] = userView{Login: p.Login, Name: p.Name, Roles: []string{}, Provider: p.Issuer, Password: p.Password != "", Disabled: p.Disabled}
					for _, g := range p.Grants {
						views[i].Roles = append(views[i].Roles, g.Entity+":"+string(g.Role))
					}
				}
				return a.print(views, func(w io.Writer) error { return writeUsers(w, views) })
			})
		},
	}
}

func writeUsers(w io.Writer, views []userView) error {
	if len(views) == 0 {
		_, err := fmt.Fprintln(w, "Nobody yet. Make the first administrator with: tieout user bootstrap LOGIN")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "LOGIN\tNAME\tROLES\tSTATE")
	for _, v := range views {
		state := "no password yet"
		switch {
		case v.Disabled:
			state = "disabled"
		case v.Provider != "":
			state = "organisation's account"
		case v.Password:
			state = "password"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", v.Login, clean(v.Name), strings.Join(v.Roles, " "), state)
	}
	return t.Flush()
}

// changeUser changes a person and says so.
func (a *app) changeUser(ctx context.Context, login, done string, change func(Config, *store.Person) error) error {
	return a.withPeople(ctx, func(config Config, st store.Store) error {
		p, err := personNamed(ctx, st, login)
		if err != nil {
			return err
		}
		if err := change(config, &p); err != nil {
			return err
		}
		if err := review.CheckPerson(p); err != nil {
			return err
		}
		if err := st.SavePerson(ctx, a.act(), p); err != nil {
			return err
		}
		return a.print(map[string]any{"login": p.Login, "done": done}, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "%s: %s.\n", p.Login, done)
			return err
		})
	})
}

func (a *app) userRoles() *cobra.Command {
	var roles []string
	cmd := &cobra.Command{
		Use: "roles LOGIN", Short: "Give a person these roles, and no others", Example: "  tieout user roles paul --role approver\n  tieout user roles paul --role default:viewer --role sister:reviewer",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.changeUser(cmd.Context(), args[0], "the roles are changed", func(config Config, p *store.Person) (err error) {
				p.Grants, err = parseRoles(config, roles)
				return err
			})
		},
	}
	cmd.Flags().StringArrayVar(&roles, "role", nil, "`ROLE` in all companies, or COMPANY:ROLE (repeatable); none takes all away")
	return cmd
}

func (a *app) userDisable() *cobra.Command {
	return &cobra.Command{
		Use: "disable LOGIN", Short: "End a person's access at once: sessions and tokens are dead", Example: "  tieout user disable paul", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.changeUser(cmd.Context(), args[0], "disabled; sessions and tokens are dead", func(_ Config, p *store.Person) error {
				p.Disabled = true
				return nil
			})
		},
	}
}

func (a *app) userEnable() *cobra.Command {
	return &cobra.Command{
		Use: "enable LOGIN", Short: "Let a disabled person in again", Example: "  tieout user enable paul", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.changeUser(cmd.Context(), args[0], "enabled", func(_ Config, p *store.Person) error {
				p.Disabled = false
				return nil
			})
		},
	}
}

func (a *app) userPasswd() *cobra.Command {
	var stdin bool
	cmd := &cobra.Command{
		Use:     "passwd LOGIN",
		Short:   "Print a code with which a person chooses a new password",
		Long:    `Prints a code with which the person chooses a new password at /welcome of the desk. With --stdin the first line of standard input is the password instead.`,
		Example: "  tieout user passwd paul\n  tieout user passwd paul --stdin < password.txt",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if stdin {
				return a.setPassword(cmd.Context(), args[0], os.Stdin)
			}
			return a.withPeople(cmd.Context(), func(config Config, st store.Store) error {
				p, err := personNamed(cmd.Context(), st, args[0])
				if err != nil {
					return err
				}
				return a.invite(cmd.Context(), config, st, p, codeLasts)
			})
		},
	}
	cmd.Flags().BoolVar(&stdin, "stdin", false, "read the password from standard input")
	return cmd
}

func (a *app) setPassword(ctx context.Context, login string, in io.Reader) error {
	line, err := bufio.NewReader(io.LimitReader(in, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return errWorld{err}
	}
	password := strings.TrimRight(line, "\r\n")
	return a.changeUser(ctx, login, "the password is set; all sessions have ended", func(_ Config, p *store.Person) error {
		if problem := review.PasswordProblem(password, p.Login, p.Name); problem != nil {
			return recon.Refused{Problem: *problem}
		}
		p.Password = review.HashPassword(password)
		return nil
	})
}
