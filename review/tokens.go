package review

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// How long invitations last, and tokens at most.
const (
	invitationLasts = 72 * time.Hour
	longestToken    = 366 * 24 * time.Hour
	usualTokenDays  = 90
)

// tokenPrefix tells people and scanners for leaked secrets what a token is.
const tokenPrefix = "tieout_"

// secretHash is how the store knows secrets of 128 bits and more: nobody guesses them, so a plain hash serves.
func secretHash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// NewInvitation makes an invitation with its code, which is shown once.
func NewInvitation(person int64, expires time.Time) (code string, invitation store.Invitation) {
	random := make([]byte, 20)
	rand.Read(random)
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(random)
	var groups []string
	for group := range slices.Chunk([]byte(text), 4) {
		groups = append(groups, string(group))
	}
	return strings.Join(groups, "-"), store.Invitation{Person: person, Code: secretHash(text), Expires: expires}
}

// Scopes lists what a token may be for.
func Scopes() []string {
	return []string{string(mayRead), string(mayDecide), string(mayUndo), string(mayUpload), string(mayEditRules), string(mayManage), string(mayReadAudit)}
}

// NewToken makes a token with its secret, which is shown once. A token never approves: approving needs a person.
func NewToken(person int64, name string, scopes []string, now time.Time, lasts time.Duration) (secret string, token store.Token, err error) {
	refuse := func(where, message, try string) error {
		return recon.Refused{Problem: recon.Problem{Code: "TOKEN", Where: where, Severity: recon.Reject, Message: message, Try: try}}
	}
	switch {
	case strings.TrimSpace(name) == "" || len(name) > 100:
		return "", token, refuse("name", "a token needs a name of up to 100 characters", "say what it is for")
	case lasts <= 0 || lasts > longestToken:
		return "", token, refuse("days", "a token lasts from 1 to 366 days", "make a new one when it has expired")
	case len(scopes) == 0:
		return "", token, refuse("scope", "a token without scope is for nothing", "take some of "+strings.Join(Scopes(), ", "))
	}
	for _, scope := range scopes {
		if !slices.Contains(Scopes(), scope) {
			return "", token, refuse("scope", fmt.Sprintf("there is no scope %q", cutText(scope, 40)), "take some of "+strings.Join(Scopes(), ", "))
		}
	}
	secret = tokenPrefix + newSecret()
	return secret, store.Token{Person: person, Name: strings.TrimSpace(name), Hash: secretHash(secret), Scopes: slices.Compact(slices.Sorted(slices.Values(scopes))), Expires: now.Add(lasts)}, nil
}

// hash hashes a new password in turn.
func (c *call) hash(password string) (string, error) {
	return c.limits.hashSlowly(c.r.Context(), password)
}

// makeToken makes a token for a person from name, scopes and days.
func (c *call) makeToken(p store.Person, name string, scopes []string, days int) (string, int64, error) {
	if c.token != nil {
		return "", 0, fail(http.StatusForbidden, "TOKEN", "sign in as a person", "a token makes no tokens")
	}
	made, token, err := NewToken(p.ID, name, scopes, c.Now(), time.Duration(days)*24*time.Hour)
	if err != nil {
		return "", 0, err
	}
	c.secret = true
	id, err := c.Store.AddToken(c.r.Context(), c.act(), token)
	return made, id, err
}

func (c *call) formToken(p store.Person) (*secret, error) {
	days, err := strconv.Atoi(c.field("days"))
	if err != nil {
		return nil, badInput("days", "a whole number")
	}
	made, _, err := c.makeToken(p, c.field("token_name"), c.form["scope"], days)
	return &secret{Token: made}, err
}

func (c *call) addOwnToken() error {
	made, err := c.formToken(c.person)
	if err != nil {
		return err
	}
	return c.showAccount(http.StatusOK, made, nil)
}

func (c *call) addPersonToken() error {
	return c.withWhole(func(p store.Person) error {
		made, err := c.formToken(p)
		if err != nil {
			return err
		}
		return c.showPerson(made)
	})
}

func (c *call) revokeOwnToken() error {
	if err := c.revokeToken(c.person); err != nil {
		return err
	}
	return c.see("/me", "The token is revoked.")
}

func (c *call) revokePersonToken() error {
	return c.withWhole(func(p store.Person) error {
		if err := c.revokeToken(p); err != nil {
			return err
		}
		return c.see("/people/"+decimal(p.ID), "The token is revoked.")
	})
}

// revokeToken revokes the token in the path, of a person.
func (c *call) revokeToken(p store.Person) error {
	id, err := c.number("token")
	if err != nil {
		return err
	}
	tokens, err := c.Store.Tokens(c.r.Context(), p.ID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(tokens, func(t store.Token) bool { return t.ID == id }) {
		return errNoPage
	}
	return c.Store.RevokeToken(c.r.Context(), c.act(), id)
}

func decimal(id int64) string { return strconv.FormatInt(id, 10) }
