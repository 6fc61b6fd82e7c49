package review

import (
	"context"
	"net/http"
	"net/url"

	"go.uber.org/zap"

	"github.com/tieout/tieout/store"
)

// Fields and headers of requests that may come twice.
const (
	keyField  = "idempotency_key"
	keyHeader = "Idempotency-Key"
	keyHit    = "Idempotency-Hit"
)

// idempotencyKey is the key of a request, "" where it needs none. The API demands one of what changes something; forms bring one along.
func (c *call) idempotencyKey() (string, error) {
	if !c.route.changes() || c.person.ID == 0 || c.route.files || c.route.idle {
		return "", nil
	}
	key := c.r.Header.Get(keyHeader)
	if c.form != nil && key == "" {
		key = c.form.Get(keyField)
	}
	switch {
	case key == "" && c.route.as == api:
		return "", fail(http.StatusBadRequest, "IDEMPOTENCY-KEY", "send a new random key with each new request, and the same one when you repeat it",
			"the request has no idempotency key").at(keyHeader)
	case len(key) > 100:
		return "", badInput(keyHeader, "at most 100 characters")
	}
	return key, nil
}

// bodyWithoutToken is what makes two requests the same: the token of the session may differ.
func (c *call) bodyWithoutToken() []byte {
	if c.form == nil {
		return c.body
	}
	rest := url.Values{}
	for name, values := range c.form {
		if name != formToken {
			rest[name] = values
		}
	}
	return []byte(rest.Encode())
}

// again answers as the first time.
func (c *call) again(stored store.Answer) {
	c.status = stored.Status
	for i := 0; i+1 < len(stored.Header); i += 2 {
		c.head().Set(stored.Header[i], stored.Header[i+1])
	}
	c.head().Set(keyHit, "true")
	c.answer.Write(stored.Body)
}

// conclude keeps what was answered to a request that was done. What was not done is given back: done again it may come out otherwise.
func (c *call) conclude(key string, failed error) error {
	ctx := context.WithoutCancel(c.r.Context())
	if failed != nil || c.status >= http.StatusBadRequest || c.stream != nil {
		if err := c.Store.DropClaim(ctx, c.person.ID, key); err != nil {
			c.Log.Warn("a claim stays until it dies", zap.String("request", c.id), zap.Error(err))
		}
		return failed
	}
	answer := store.Answer{Status: c.status, Body: c.answer.Bytes()}
	if answer.Status == 0 {
		answer.Status = http.StatusOK
	}
	for _, name := range []string{"Content-Type", "Location", "ETag"} {
		if value := c.header.Get(name); value != "" {
			answer.Header = append(answer.Header, name, value)
		}
	}
	if c.secret {
		answer = store.Answer{Status: http.StatusConflict, Header: []string{"Content-Type", "text/plain; charset=utf-8"},
			Body: []byte("done already; the secret was shown once and is not kept\n")}
	}
	if err := c.Store.SaveAnswer(ctx, c.person.ID, key, answer); err != nil {
		c.Log.Warn("an answer was not kept", zap.String("request", c.id), zap.Error(err))
	}
	return nil
}
