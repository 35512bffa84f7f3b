package whatsapptest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// update is one element of a webhook: a change's value, ready but for its
// number, and what to do once it was taken.
type update struct {
	number Number
	value  map[string]any
	taken  func()
}

// postman posts updates to the engine. Those of a lane leave in order, the next
// when the one before was taken; lanes are parallel.
type postman struct {
	server *Server
	client *http.Client
	mu     sync.Mutex
	lanes  map[string][]update // a lane that is there has a goroutine
	serial int
}

func newPostman(s *Server) *postman {
	return &postman{server: s, lanes: map[string][]update{}, client: &http.Client{
		Timeout:   30 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: 30 * time.Second},
	}}
}

func (p *postman) close() { p.client.CloseIdleConnections() }

// hand takes an update to deliver. With Reorder each has a lane of its own and
// starts after a random wait; with Batch all share one.
func (p *postman) hand(lane string, u update) {
	if p.server.config.WebhookURL == "" {
		return
	}
	sw := p.server.Switches()
	p.mu.Lock()
	defer p.mu.Unlock()
	wait := time.Duration(0)
	switch {
	case sw.Reorder:
		p.serial++
		lane = "alone " + strconv.Itoa(p.serial)
		wait = p.server.between(0, 100*time.Millisecond)
	case sw.Batch > 1:
		lane, wait = "batch", 20*time.Millisecond
	}
	queue, running := p.lanes[lane]
	p.lanes[lane] = append(queue, u)
	if !running && p.server.ctx.Err() == nil {
		p.server.wg.Go(func() { p.run(lane, wait) })
	}
}

// run empties a lane.
func (p *postman) run(lane string, wait time.Duration) {
	if !sleep(p.server.ctx, wait) {
		return
	}
	for {
		batch := p.next(lane, max(1, p.server.Switches().Batch))
		if batch == nil || !p.deliver(batch) {
			return
		}
	}
}

func (p *postman) next(lane string, limit int) []update {
	p.mu.Lock()
	defer p.mu.Unlock()
	queue := p.lanes[lane]
	if len(queue) == 0 {
		delete(p.lanes, lane)
		return nil
	}
	n := min(limit, len(queue))
	p.lanes[lane] = queue[n:]
	return queue[:n:n]
}

// deliver posts until the answer is 200, waiting longer each time. It tells
// false when the server ends.
func (p *postman) deliver(batch []update) bool {
	body := webhookBody(batch)
	for wait := p.server.config.RetryAfter; ; wait = min(2*wait, p.server.config.RetryMost) {
		for p.server.Switches().HoldWebhooks {
			if !sleep(p.server.ctx, 20*time.Millisecond) {
				return false
			}
		}
		if p.once(body) {
			break
		}
		if !sleep(p.server.ctx, wait) {
			return false
		}
	}
	for _, u := range batch {
		if u.taken != nil {
			u.taken()
		}
	}
	if p.server.random.hits(p.server.Switches().DuplicateWebhooks) {
		p.once(body)
	}
	return true
}

// once posts a body and tells whether it was answered 200.
func (p *postman) once(body []byte) bool {
	secret := p.server.config.Secret
	if p.server.Switches().WrongSecret {
		secret += " (wrong)"
	}
	r, err := http.NewRequestWithContext(p.server.ctx, http.MethodPost, p.server.config.WebhookURL, bytes.NewReader(body))
	if err != nil {
		return false
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "facebookexternalua")
	if p.server.config.Secret != "" {
		r.Header.Set("X-Hub-Signature-256", Sign(secret, body))
	}
	resp, err := p.client.Do(r)
	if err != nil {
		return false
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// Subscribe verifies the webhook as Meta does when its URL is saved: the engine
// must echo the challenge to who knows the verify token.
func (s *Server) Subscribe(ctx context.Context, verifyToken string) error {
	challenge := strconv.Itoa(int(s.between(time.Millisecond, time.Hour)))
	query := url.Values{"hub.mode": {"subscribe"}, "hub.challenge": {challenge}, "hub.verify_token": {verifyToken}}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.config.WebhookURL+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	resp, err := s.post.client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK || string(body) != challenge {
		return fmt.Errorf("the webhook did not echo the challenge: HTTP %d", resp.StatusCode)
	}
	return nil
}

// webhookBody writes updates as Meta does, each in an entry of its own.
func webhookBody(batch []update) []byte {
	entries := make([]any, 0, len(batch))
	for _, u := range batch {
		u.value["messaging_product"] = "whatsapp"
		u.value["metadata"] = map[string]string{
			"display_phone_number": digits(u.number.Display), "phone_number_id": u.number.PhoneNumberID,
		}
		account := u.number.Account
		if account == "" {
			account = "100200300400500"
		}
		change := map[string]any{"field": "messages", "value": u.value}
		entries = append(entries, map[string]any{"id": account, "changes": []any{change}})
	}
	body, err := json.Marshal(map[string]any{"object": "whatsapp_business_account", "entry": entries})
	if err != nil {
		panic("whatsapptest: " + err.Error()) // strings and numbers: cannot be
	}
	return Escape(body)
}

// sleep waits and tells whether the context still lives.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
