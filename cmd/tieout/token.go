package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/review"
	"github.com/tieout/tieout/store"
)

func (a *app) tokenCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "token",
		Short:   "Tokens with which programs use the HTTP API",
		Example: "  tieout token add robot --name \"nightly upload\" --scope read --scope upload\n  tieout token list",
	}
	cmd.AddCommand(a.tokenAdd(), a.tokenList(), a.tokenRevoke())
	return cmd
}

func (a *app) tokenAdd() *cobra.Command {
	var name string
	var scopes []string
	var days int
	cmd := &cobra.Command{
		Use:     "add LOGIN",
		Short:   "Make a token for a person or program; it is printed this once",
		Long:    "Makes a token that acts for a person within its scopes: " + strings.Join(review.Scopes(), ", ") + ". Approving needs a person: there is no scope for it.",
		Example: "  tieout token add robot --name \"nightly upload\" --scope read --scope upload --days 90",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withPeople(cmd.Context(), func(_ Config, st store.Store) error {
				p, err := personNamed(cmd.Context(), st, args[0])
				if err != nil {
					return err
				}
				secret, token, err := review.NewToken(p.ID, name, scopes, a.now(), time.Duration(days)*24*time.Hour)
				if err != nil {
					return err
				}
				id, err := st.AddToken(cmd.Context(), a.act(), token)
				if err != nil {
					return err
				}
				return a.print(map[string]any{"id": id, "login": p.Login, "token": secret, "expires": token.Expires.UTC()}, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "Token %d of %s, until %s; it is shown this once:\n  %s\nSend it as: Authorization: Bearer TOKEN\n",
						id, p.Login, token.Expires.UTC().Format(time.DateOnly), secret)
					return err
				})
			})
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "what it is for")
	cmd.Flags().StringArrayVar(&scopes, "scope", nil, "what it may be used for (repeatable)")
	cmd.Flags().IntVar(&days, "days", 90, "`DAYS` that it lasts, at most 366")
	return cmd
}

// tokenView is a token as --json prints it.
type tokenView struct {
	ID      int64      `json:"id"`
	Login   string     `json:"login"`
	Name    string     `json:"name"`
	Scopes  []string   `json:"scopes"`
	Created time.Time  `json:"created"`
	Expires time.Time  `json:"expires"`
	Used    *time.Time `json:"used"`
	Revoked bool       `json:"revoked"`
}

func (a *app) tokenList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List tokens: whose, what for, until when, last used", Example: "  tieout token list --json", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withPeople(cmd.Context(), func(_ Config, st store.Store) error {
				tokens, err := st.Tokens(cmd.Context(), 0)
				if err != nil {
					return err
				}
				views := make([]tokenView, len(tokens))
				for i, t := range tokens {
					p, err := st.Person(cmd.Context(), t.Person)
					if err != nil {
						return err
					}
					views[i] = tokenView{ID: t.ID, Login: p.Login, Name: t.Name, Scopes: t.Scopes, Created: t.Created, Expires: t.Expires, Revoked: t.Revoked}
					if !t.Used.IsZero() {
						views[i].Used = &t.Used
					}
				}
				return a.print(views, func(w io.Writer) error { return a.writeTokens(w, views) })
			})
		},
	}
}

func (a *app) writeTokens(w io.Writer, views []tokenView) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tLOGIN\tNAME\tSCOPES\tEXPIRES\tLAST USED\tSTATE")
	for _, v := range views {
		used, state := "never", "good"
		if v.Used != nil {
			used = v.Used.Format("2006-01-02 15:04")
		}
		switch {
		case v.Revoked:
			state = "revoked"
		case !a.now().Before(v.Expires):
			state = "expired"
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", v.ID, v.Login, clean(v.Name), strings.Join(v.Scopes, " "), v.Expires.Format(time.DateOnly), used, state)
	}
	return t.Flush()
}

func (a *app) tokenRevoke() *cobra.Command {
	return &cobra.Command{
		Use: "revoke ID", Short: "End a token for good", Example: "  tieout token revoke 3", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := number(args[0])
			if err != nil {
				return err
			}
			return a.withPeople(cmd.Context(), func(_ Config, st store.Store) error {
				if err := st.RevokeToken(cmd.Context(), a.act(), id); err != nil {
					return missing(err, "token %d", id)
				}
				return a.print(map[string]any{"revoked": id}, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "Token %d is revoked.\n", id)
					return err
				})
			})
		},
	}
}
