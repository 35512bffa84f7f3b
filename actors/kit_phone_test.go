package actors_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
)

// phone is WhatsApp: it keeps what every guest heard, and fails as told.
type phone struct {
	mu    sync.Mutex
	cond  *sync.Cond
	heard map[string][]hotel.Bubble
	calls map[string][]string // callbacks by guest
	// fail decides an error for a send; the message has arrived all the same when arrives is true.
	fail func(to, callback string, m hotel.Message) (arrives bool, err error)
	read int
	down error         // of Probe
	slow time.Duration // of Send
}

// linger lets a call take its time. One that is cut is in doubt.
func linger(ctx context.Context, mu *sync.Mutex, d *time.Duration) error {
	mu.Lock()
	slow := *d
	mu.Unlock()
	if slow == 0 {
		return nil
	}
	select {
	case <-time.After(slow):
		return nil
	case <-ctx.Done():
		return &hotel.Error{Op: "test", Kind: hotel.InDoubt, Err: ctx.Err()}
	}
}

func newPhone() *phone {
	p := &phone{heard: map[string][]hotel.Bubble{}, calls: map[string][]string{}}
	p.cond = sync.NewCond(&p.mu)
	return p
}

func (p *phone) Send(ctx context.Context, m hotel.Message, callback string) (string, error) {
	if err := linger(ctx, &p.mu, &p.slow); err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.cond.Broadcast()
	to := m.To.Phone
	p.calls[to] = append(p.calls[to], callback)
	if p.fail != nil {
		if arrives, err := p.fail(to, callback, m); err != nil {
			if arrives {
				p.heard[to] = append(p.heard[to], m.Bubble)
			}
			return "", err
		}
	}
	p.heard[to] = append(p.heard[to], m.Bubble)
	return fmt.Sprintf("wamid.%s.%d", to, len(p.calls[to])), nil
}

func (p *phone) MarkRead(context.Context, hotel.PropertyID, string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read++
	return nil
}

func (p *phone) Probe(context.Context, hotel.PropertyID) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.down
}

// await waits until the guest has heard n bubbles, and returns them.
func (p *phone) await(t *testing.T, to string, n int) []hotel.Bubble {
	t.Helper()
	return p.until(t, to, func(b []hotel.Bubble) bool { return len(b) >= n })
}

// until waits for what the guest heard to satisfy ok. The deadline is for a hang only.
func (p *phone) until(t *testing.T, to string, ok func([]hotel.Bubble) bool) []hotel.Bubble {
	t.Helper()
	timer := time.AfterFunc(30*time.Second, p.cond.Broadcast)
	defer timer.Stop()
	deadline := time.Now().Add(30 * time.Second)
	p.mu.Lock()
	defer p.mu.Unlock()
	for !ok(p.heard[to]) {
		if time.Now().After(deadline) {
			require.Fail(t, "not heard in time", "so far: %q", last(texts(p.heard[to]), 5))
		}
		p.cond.Wait()
	}
	return append([]hotel.Bubble(nil), p.heard[to]...)
}

// awaitText waits for a bubble that holds the text.
func (p *phone) awaitText(t *testing.T, to, text string) hotel.Bubble {
	t.Helper()
	has := func(b hotel.Bubble) bool { return strings.Contains(strings.ToLower(b.Text), strings.ToLower(text)) }
	all := p.until(t, to, func(bs []hotel.Bubble) bool {
		for _, b := range bs {
			if has(b) {
				return true
			}
		}
		return false
	})
	for i := len(all) - 1; i >= 0; i-- {
		if has(all[i]) {
			return all[i]
		}
	}
	return hotel.Bubble{}
}

func texts(bs []hotel.Bubble) []string {
	var out []string
	for _, b := range bs {
		out = append(out, b.Text)
	}
	return out
}

func last(s []string, n int) []string { return s[max(0, len(s)-n):] }
