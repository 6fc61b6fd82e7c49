package review

import (
	"net/netip"
	"time"

	"golang.org/x/time/rate"
)

// How often passwords may be tried: per account from one address, and from one address for whatever accounts. An account is never
// locked: whoever guesses at it from elsewhere does not keep its owner out.
const (
	triesAtOnce        = 5
	triesPerMinute     = 2
	addressTriesAtOnce = 20
	addressPerMinute   = 20
)

// attempt is an account tried from an address.
type attempt struct {
	login   string
	address netip.Addr
}

// tryPassword counts one attempt, and refuses it where there were too many.
func (l *limits) tryPassword(now time.Time, login string, address netip.Addr) error {
	block := blockOf(address)
	if wait := l.addresses.take(now, block); wait > 0 {
		return tooMany(wait)
	}
	if wait := l.attempts.take(now, attempt{cutText(login, 100), block}); wait > 0 {
		return tooMany(wait)
	}
	return nil
}

func perMinute(n int) rate.Limit { return rate.Limit(float64(n) / 60) }
