package alert

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/metrics"
)

// Webhook posts troubles as JSON: {"text", "cause", "property", "at", "repeated"}.
// Chat programs that take incoming webhooks (Slack, Mattermost, Google Chat) show "text".
type Webhook struct {
	url     string
	client  *http.Client
	metrics *metrics.Metrics
	pause   time.Duration
}

const (
	webhookPatience = 5 * time.Second // for one try
	webhookTries    = 4
	webhookPause    = time.Second // before the second try, and then about doubled
	maxPause        = 30 * time.Second
)

// NewWebhook makes the way to an address, which is a secret: no error names it.
func NewWebhook(address string, m *metrics.Metrics) *Webhook {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.IdleConnTimeout = 1, 10*time.Second
	return &Webhook{url: address, metrics: m, pause: webhookPause, client: &http.Client{
		Timeout: webhookPatience, Transport: transport,
		// Where the answer points to was never approved by whoever set the address.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close frees its connection.
func (w *Webhook) Close() { w.client.CloseIdleConnections() }

// message is the body.
type message struct {
	Text     string             `json:"text"`
	Cause    hotel.TroubleCause `json:"cause"`
	Property hotel.PropertyID   `json:"property,omitempty"`
	At       time.Time          `json:"at"`
	Repeated int                `json:"repeated,omitempty"`
}

// Text is a trouble as people read it: what, how often, and what to do.
func Text(t hotel.Trouble) string {
	var b strings.Builder
	b.WriteString("Conserje: ")
	if t.Property != "" {
		fmt.Fprintf(&b, "[%s] ", t.Property)
	}
	b.WriteString(t.Summary)
	if t.Repeated > 0 {
		fmt.Fprintf(&b, " (seen %d more times since it was last told)", t.Repeated)
	}
	b.WriteString(" " + t.Cause.Fix())
	return b.String()
}

// Tell posts a trouble, a few times when the other side is not there.
func (w *Webhook) Tell(ctx context.Context, t hotel.Trouble) error {
	body, err := json.Marshal(message{Text: Text(t), Cause: t.Cause, Property: t.Property, At: t.At.UTC(), Repeated: t.Repeated})
	if err != nil {
		return &hotel.Error{Op: opWebhook, Kind: hotel.Other, Err: err}
	}
	policy := backoff.NewExponentialBackOff()
	policy.InitialInterval, policy.MaxInterval = w.pause, maxPause
	_, err = backoff.Retry(ctx, func() (struct{}, error) { return struct{}{}, w.post(ctx, body) },
		backoff.WithBackOff(policy), backoff.WithMaxTries(webhookTries))
	result := "sent"
	if err != nil {
		result = hotel.KindOf(err).String()
	}
	w.metrics.Sends.WithLabelValues("operator_webhook", result).Inc()
	return err
}

const opWebhook = "alert.Webhook" //nolint:gosec // no credential: where an error was

// post tries once. What a repeat would not change is permanent.
func (w *Webhook) post(ctx context.Context, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return backoff.Permanent(&hotel.Error{Op: opWebhook, Kind: hotel.Unauthorised, Err: errors.New("ALERT_WEBHOOK_URL is no address")})
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := w.client.Do(r)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err // its own text holds the address
		}
		return &hotel.Error{Op: opWebhook, Kind: hotel.Transient, Err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10) // so that the connection is used again
	return judge(resp)
}

// judge tells what an answer means.
func judge(resp *http.Response) error {
	e := &hotel.Error{Op: opWebhook, Kind: hotel.Transient, Code: strconv.Itoa(resp.StatusCode), Err: errors.New(resp.Status)}
	switch {
	case resp.StatusCode >= 200 && resp.StatusCode < 300:
		return nil
	case resp.StatusCode == http.StatusTooManyRequests:
		e.Kind = hotel.Throttled
		if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
			e.RetryAfter = min(time.Duration(s)*time.Second, maxPause)
			return errors.Join(backoff.RetryAfter(int(e.RetryAfter/time.Second)), e)
		}
		return e
	case resp.StatusCode >= 500 || resp.StatusCode == http.StatusRequestTimeout:
		return e
	}
	e.Kind = hotel.Unauthorised // a redirect, a revoked address: a person must mend the setting
	return backoff.Permanent(e)
}
