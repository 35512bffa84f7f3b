package mail

import (
	"sync"
	"time"

	"github.com/conserje/conserje/hotel"
)

// maxFailing bounds what is remembered of single mails; past it only the
// account's own failing counts.
const maxFailing = 10_000

// ofAccount is the entry of the whole account among what fails.
const ofAccount = ""

// health is what is known of one way out: whether it is closed to us, and since
// when it fails, as a whole and for single mails. Memory only: after a restart
// the patience begins anew.
type health struct {
	mu      sync.Mutex
	err     *hotel.Error // why it is closed; nil = open
	until   time.Time    // when a closed way is tried again
	failing map[string]time.Time
}

// closed returns why the way is closed, without asking it: a dead grant must
// not be tried with each mail.
func (h *health) closed(now time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err == nil || !now.Before(h.until) {
		return nil
	}
	e := *h.err
	if e.Kind == hotel.Throttled {
		e.RetryAfter = h.until.Sub(now)
	}
	return &e
}

// settle remembers how a send went, and tells whether it just closed the way.
func (h *health) settle(row string, err error, now time.Time, patience, reopen time.Duration) (closed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		h.err = nil
		delete(h.failing, ofAccount)
		delete(h.failing, row)
		return false
	}
	e := hotel.AsError(err)
	switch e.Kind {
	case hotel.Unauthorised:
		return h.shut(e, now.Add(reopen))
	case hotel.Throttled:
		h.note(row, now)
		if e.Scope == hotel.ScopeNumber && e.RetryAfter > patience {
			return h.shut(e, now.Add(e.RetryAfter))
		}
	case hotel.NotSent, hotel.Transient, hotel.Unavailable:
		h.note(row, now)
	default: // the mail was judged or may have left: the way works for others
		delete(h.failing, row)
	}
	return false
}

func (h *health) shut(e *hotel.Error, until time.Time) bool {
	fresh := h.err == nil || h.err.Code != e.Code
	h.err, h.until = e, until
	return fresh
}

func (h *health) note(row string, now time.Time) {
	for _, key := range []string{ofAccount, row} {
		if _, known := h.failing[key]; !known && len(h.failing) < maxFailing {
			h.failing[key] = now
		}
	}
}

// failedFor tells how long this mail, or the whole account, has been failing.
func (h *health) failedFor(row string, now time.Time) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	var longest time.Duration
	for _, key := range []string{ofAccount, row} {
		if since, ok := h.failing[key]; ok {
			longest = max(longest, now.Sub(since))
		}
	}
	return longest
}
