package review

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/tieout/tieout/recon"
)

// Argon2id with 19 MiB, two passes, one lane: the least that OWASP's password storage guidance asks for. Hashing is bounded to a few at
// once, so that sign-ins cannot eat the machine.
const (
	hashMemory = 19 * 1024 // KiB
	hashPasses = 2
	hashLanes  = 1
	hashLength = 32
	saltLength = 16
	hashAtOnce = 2
	hashWaits  = 5 * time.Second
)

// Length of passwords in characters. All characters are allowed, blanks too.
const (
	shortestPassword = 12
	longestPassword  = 128
)

var hashing = base64.RawStdEncoding

// HashPassword returns the argon2id hash of a password in its usual text form.
func HashPassword(password string) string {
	salt := make([]byte, saltLength)
	rand.Read(salt)
	return encodeHash(salt, deriveKey(password, salt))
}

func encodeHash(salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashPasses, hashLanes, hashing.EncodeToString(salt), hashing.EncodeToString(key))
}

func deriveKey(password string, salt []byte) []byte {
	return argon2.IDKey([]byte(password), salt, hashPasses, hashMemory, hashLanes, hashLength)
}

// checkPassword reports whether a password has the hash. A hash that nobody has takes as long as a real one.
func checkPassword(hash, password string) bool {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 {
		parts = strings.Split(nobodysHash, "$")
	}
	var version, memory, passes, lanes uint32
	_, errVersion := fmt.Sscanf(parts[2], "v=%d", &version)
	_, errCost := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes)
	salt, errSalt := hashing.DecodeString(parts[4])
	wanted, errKey := hashing.DecodeString(parts[5])
	if errVersion != nil || errCost != nil || errSalt != nil || errKey != nil || version != argon2.Version || lanes == 0 || lanes > 255 {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, passes, memory, uint8(lanes), uint32(len(wanted)))
	return subtle.ConstantTimeCompare(got, wanted) == 1 && hash != "" && len(wanted) > 0
}

// nobodysHash is what passwords of unknown people are compared with.
var nobodysHash = encodeHash(make([]byte, saltLength), make([]byte, hashLength))

// inTurn computes a hash when it is its turn: few are computed at once.
func (l *limits) inTurn(ctx context.Context, compute func()) error {
	wait := time.NewTimer(hashWaits)
	defer wait.Stop()
	select {
	case l.hashes <- struct{}{}:
		defer func() { <-l.hashes }()
		compute()
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-wait.C:
		return tooMany(hashWaits)
	}
}

func (l *limits) checkSlowly(ctx context.Context, hash, password string) (right bool, err error) {
	err = l.inTurn(ctx, func() { right = checkPassword(hash, password) })
	return right, err
}

func (l *limits) hashSlowly(ctx context.Context, password string) (hash string, err error) {
	err = l.inTurn(ctx, func() { hash = HashPassword(password) })
	return hash, err
}

// PasswordProblem says why a password is not taken for a person, nil where it is.
func PasswordProblem(password string, about ...string) *recon.Problem {
	reject := func(message, try string) *recon.Problem {
		return &recon.Problem{Code: "PASSWORD", Where: "password", Severity: recon.Reject, Message: message, Try: try}
	}
	switch length := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password):
		return reject("the password is not UTF-8", "type it anew")
	case length < shortestPassword:
		return reject(fmt.Sprintf("the password has fewer than %d characters", shortestPassword), "take several words that do not belong together")
	case length > longestPassword:
		return reject(fmt.Sprintf("the password has more than %d characters", longestPassword), "take a shorter one")
	case commonPassword(password, about):
		return reject("the password is one of those that are tried first", "take several words that do not belong together")
	}
	return nil
}
