package store

import (
	"context"
	"slices"
	"time"
)

// House is the audit chain of what concerns no company's books: people, sessions, tokens. It is the entity "", which no
// configuration can name.
const House = ""

// Role is what a person may do in the books of one company. Roles add up; who has none sees nothing.
type Role string

// Roles, as they are granted and stored.
const (
	Viewer     Role = "viewer"      // reads
	Reviewer   Role = "reviewer"    // reads and decides
	Approver   Role = "approver"    // reads, decides, and approves what others proposed
	RuleEditor Role = "rule_editor" // reads, and changes rules
	Admin      Role = "admin"       // reads, and manages people; never approves
	Auditor    Role = "auditor"     // reads all, the audit log too; changes nothing
	Service    Role = "service"     // a program: reads, uploads, fetches exports
)

// Roles lists every role.
func Roles() []Role { return []Role{Viewer, Reviewer, Approver, RuleEditor, Admin, Auditor, Service} }

// Grant is a role in the books of a company.
type Grant struct {
	Entity string
	Role   Role
}

// Person is somebody who may use the desk, or a program that has tokens.
type Person struct {
	ID      int64
	Login   string // unique, lower case; the actor of what they do
	Name    string // as shown
	Issuer  string // OIDC provider, "" for a local account
	Subject string // the provider's "sub"; an e-mail address is no identity
	// Password is the argon2id hash in its usual text form, "" while there is none.
	Password string
	Disabled bool
	Grants   []Grant // by entity and role
	// Epoch rises with each change that must end sessions: a new password, disabling. Sessions of an older epoch are dead.
	Epoch   int64
	Version int64
	Created time.Time
}

// Has reports whether the person was granted the role in the books of the entity.
func (p Person) Has(entity string, role Role) bool {
	return slices.Contains(p.Grants, Grant{entity, role})
}

// Invitation lets a person set a password once.
type Invitation struct {
	Person  int64
	Code    string // SHA-256 of the code, lower-case hex
	Expires time.Time
}

// People keeps who may use the desk. What changes is written in the audit chain of [House].
type People interface {
	// AddPerson stores a new person and returns their id. ErrDuplicate: the login, or the issuer's subject, is taken.
	AddPerson(ctx context.Context, act Act, person Person) (int64, error)
	// SavePerson stores name, password, grants and whether the person is disabled, and raises the epoch where the password changed or
	// the person was disabled or enabled. ErrStale: not the version that was read; ErrNotFound.
	SavePerson(ctx context.Context, act Act, person Person) error
	// Person returns one person by id. ErrNotFound.
	Person(ctx context.Context, id int64) (Person, error)
	// PersonByLogin returns one person by login. ErrNotFound.
	PersonByLogin(ctx context.Context, login string) (Person, error)
	// PersonBySubject returns the person whom a provider knows by a subject. ErrNotFound.
	PersonBySubject(ctx context.Context, issuer, subject string) (Person, error)
	// People lists everybody by login.
	People(ctx context.Context) ([]Person, error)
	// Invite stores an invitation; the person's former ones are void.
	Invite(ctx context.Context, act Act, invitation Invitation) error
	// Redeem sets the password of the person who was invited with a code, raises the epoch, and voids the code. ErrNotFound: no such
	// code, or it has expired at act.At.
	Redeem(ctx context.Context, act Act, code, password string) (Person, error)
}
