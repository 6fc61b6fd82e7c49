package worker

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"go.uber.org/zap"

	"github.com/tieout/tieout/store"
)

// Webhook is another system that is told over HTTP. Each request carries its id in the header Idempotency-Key, which stays the same
// however often it is sent, and in Tieout-Signature "t=SECONDS,v1=HEX": the HMAC-SHA256, by the secret, of SECONDS, a dot and the body.
type Webhook struct {
	Name   string
	URL    string
	Secret string
	Kinds  []string // followup, export; none means all
}

func (w Webhook) wants(kind string) bool { return len(w.Kinds) == 0 || slices.Contains(w.Kinds, kind) }

// Bounds of delivery.
const (
	deliveryBatch    = 100
	deliveryTimeout  = 15 * time.Second
	deliveryAttempts = 24 // then it is given up: with pauses of up to six hours that is several days
	longestDelay     = 6 * time.Hour
)

// Delivered counts what a delivery did.
type Delivered struct{ Sent, Failed int }

// Deliver sends what waits in the outbox and is due. What fails is tried again later, with growing pauses.
func (p *Pipeline) Deliver(ctx context.Context) (done Delivered, err error) {
	if p.Notify.SMTP == "" && len(p.Notify.Webhooks) == 0 {
		return done, nil
	}
	messages, err := p.Store.DueMessages(ctx, p.Entity.ID, p.Now(), deliveryBatch)
	if err != nil {
		return done, fmt.Errorf("load outbox: %w", err)
	}
	for _, m := range messages {
		if ctx.Err() != nil {
			return done, ctx.Err()
		}
		delivery := store.Delivery{Message: m.ID}
		if failure := p.send(ctx, m); failure != nil {
			delivery.Failure = failure.Error()
			if m.Attempts+1 < deliveryAttempts {
				delivery.Due = p.Now().Add(pause(m.Attempts))
			}
			done.Failed++
			p.Log.Warn("message not delivered", zap.Int64("message", m.ID), zap.String("kind", m.Kind), zap.Int("attempt", m.Attempts+1))
		} else {
			done.Sent++
		}
		if err := p.Store.NoteDelivery(ctx, p.act(0), p.Entity.ID, delivery); err != nil && !errors.Is(err, store.ErrStale) {
			return done, fmt.Errorf("note delivery: %w", err)
		}
	}
	return done, nil
}

// pause before the next attempt doubles from one minute on.
func pause(attempts int) time.Duration {
	return min(time.Minute<<min(attempts, 10), longestDelay)
}

func (p *Pipeline) send(ctx context.Context, m store.Message) error {
	ctx, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	if m.Channel == store.Mail {
		var l letter
		if err := json.Unmarshal([]byte(m.Payload), &l); err != nil {
			return fmt.Errorf("read mail: %w", err)
		}
		return p.mail(ctx, l, m.Key)
	}
	at := slices.IndexFunc(p.Notify.Webhooks, func(w Webhook) bool { return w.Name == m.Target })
	if at < 0 {
		return fmt.Errorf("webhook %s is not configured", m.Target)
	}
	return p.post(ctx, p.Notify.Webhooks[at], m)
}

// post sends a message to a webhook. Any answer of the 200s takes it.
func (p *Pipeline) post(ctx context.Context, hook Webhook, m store.Message) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, bytes.NewReader([]byte(m.Payload)))
	if err != nil {
		return errors.New("the webhook's URL cannot be read")
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "tieout")
	request.Header.Set("Idempotency-Key", m.Key)
	request.Header.Set("Tieout-Event", m.Kind)
	request.Header.Set("Tieout-Signature", Signature(hook.Secret, p.Now(), []byte(m.Payload)))
	return call(request)
}

// Signature signs a body at an instant, as webhooks check it.
func Signature(secret string, at time.Time, body []byte) string {
	seconds := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(seconds + "."))
	mac.Write(body)
	return "t=" + seconds + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

// call sends a request and takes an answer of the 200s for a success. Redirects are not followed: they could lead anywhere. Errors never
// name the URL, which may hold a secret.
func call(request *http.Request) error {
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		if request.Context().Err() != nil {
			return errors.New("no answer in time")
		}
		return errors.New("no connection")
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16))
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("answered %d", response.StatusCode)
	}
	return nil
}

// heartbeat tells whoever watches that a run went well: its silence is the alarm.
func (p *Pipeline) heartbeat(ctx context.Context, result Result, failure error) error {
	if p.Notify.Heartbeat == "" || failure != nil || result.Failed() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.Notify.Heartbeat, nil)
	if err != nil {
		return errors.New("the heartbeat's URL cannot be read")
	}
	return call(request)
}
