package review

import (
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/tieout/tieout/recon"
)

// How much one browser or program may ask, and how many costly requests are under way at once. The queue is never behind exports and
// uploads: these have a lane of their own.
const (
	requestsPerSecond = 30
	requestsAtOnce    = 120
	costlyAtOnce      = 2
	costlyWaits       = 4 * time.Second
)

// limits keeps the desk usable whoever asks how much.
type limits struct {
	now     func() time.Time
	clients *buckets[netip.Addr]
	costly  chan struct{}
	hashes  chan struct{} // passwords being hashed

	addresses *buckets[netip.Addr] // passwords tried
	attempts  *buckets[attempt]
}

func newLimits(now func() time.Time) *limits {
	return &limits{now: now, clients: newBuckets[netip.Addr](requestsPerSecond, requestsAtOnce),
		costly: make(chan struct{}, costlyAtOnce), hashes: make(chan struct{}, hashAtOnce),
		addresses: newBuckets[netip.Addr](perMinute(addressPerMinute), addressTriesAtOnce),
		attempts:  newBuckets[attempt](perMinute(triesPerMinute), triesAtOnce)}
}

// admit lets a request in at the rate of its address.
func (l *limits) admit(c *call) error {
	if wait := l.clients.take(l.now(), blockOf(c.address)); wait > 0 {
		return tooMany(wait)
	}
	return nil
}

// enter lets a costly request into its lane, and others pass.
func (l *limits) enter(c *call) (release func(), err error) {
	if !c.route.heavy {
		return func() {}, nil
	}
	wait := time.NewTimer(costlyWaits)
	defer wait.Stop()
	select {
	case l.costly <- struct{}{}:
		return func() { <-l.costly }, nil
	case <-c.r.Context().Done():
		return nil, c.r.Context().Err()
	case <-wait.C:
		return nil, tooMany(costlyWaits)
	}
}

func tooMany(wait time.Duration) error {
	seconds := int(wait/time.Second) + 1
	return &failure{Status: http.StatusTooManyRequests, retry: seconds,
		Problem: recon.Problem{Code: "TOO-MANY", Severity: recon.Reject, Message: "too many requests", Try: "wait a moment, then try again"}}
}

// blockOf is what one household or company usually has: an IPv4 address, or the 64 bits that an IPv6 network is known by.
func blockOf(a netip.Addr) netip.Addr {
	if prefix, err := a.Prefix(64); a.Is6() && err == nil {
		return prefix.Addr()
	}
	return a
}

// addressOf is the browser's address: the connection's, or what a trusted proxy says.
func (d *Desk) addressOf(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	address := at.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && d.trusts(address); i-- {
		said, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		address = said.Unmap()
	}
	return address
}

func (d *Desk) trusts(a netip.Addr) bool {
	for _, prefix := range d.Proxies {
		if prefix.Contains(a) {
			return true
		}
	}
	return false
}

// buckets limits how often something happens per key. It remembers so many keys at most; the one idle for longest is forgotten first.
type buckets[K comparable] struct {
	perSecond rate.Limit
	burst     int
	mu        sync.Mutex
	known     map[K]*bucket
}

type bucket struct {
	limiter *rate.Limiter
	used    time.Time
}

const mostBuckets = 10_000

func newBuckets[K comparable](perSecond rate.Limit, burst int) *buckets[K] {
	return &buckets[K]{perSecond: perSecond, burst: burst, known: map[K]*bucket{}}
}

// take takes one from the key's bucket and returns 0, or how long to wait for the next one.
func (b *buckets[K]) take(now time.Time, key K) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	one := b.known[key]
	if one == nil {
		if len(b.known) >= mostBuckets {
			b.forget(now)
		}
		one = &bucket{limiter: rate.NewLimiter(b.perSecond, b.burst)}
		b.known[key] = one
	}
	one.used = now
	reservation := one.limiter.ReserveN(now, 1)
	wait := reservation.DelayFrom(now)
	if wait > 0 {
		reservation.CancelAt(now)
	}
	return wait
}

// forget drops the buckets that are full again, and where none is, the one idle for longest.
func (b *buckets[K]) forget(now time.Time) {
	var oldest K
	at := now.Add(time.Hour)
	for key, one := range b.known {
		if one.limiter.TokensAt(now) >= float64(b.burst) {
			delete(b.known, key)
		} else if one.used.Before(at) {
			oldest, at = key, one.used
		}
	}
	if len(b.known) >= mostBuckets {
		delete(b.known, oldest)
	}
}
