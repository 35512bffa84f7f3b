package mail

import (
	"errors"
	"maps"
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
	row     int          // failures without a success between them
	failing map[string]failure
}

// failure is a row of failures without a success between them.
type failure struct{ since, last time.Time }

// A way that has failed trip times in a row, or past the patience, is left
// alone: it may be taking mails without saying so, and each try would leave one
// more in doubt. Then it is probed, by no mail, until it answers.
const (
	trip       = 5
	probeEvery = 30 * time.Second
)

// closed returns why the way is closed, without asking it: a dead grant must
// not be tried with each mail. probe tells the one caller that may ask whether a
// way that was away answers again.
func (h *health) closed(now time.Time) (err error, probe bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err == nil {
		return nil, false
	}
	if !now.Before(h.until) {
		if h.err.Code != codeAway {
			return nil, false
		}
		probe, h.until = true, now.Add(probeEvery)
	}
	e := *h.err
	if e.Kind != hotel.Unauthorised {
		e.RetryAfter = h.until.Sub(now)
	}
	return &e, probe
}

// open ends an outage. What is known of single mails stays.
func (h *health) open() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.err, h.row = nil, 0
	delete(h.failing, ofAccount)
}

// settle remembers how a send went, and tells whether it just closed the way.
func (h *health) settle(row string, err error, now time.Time, patience, reopen time.Duration) (closed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		h.err, h.row = nil, 0
		delete(h.failing, ofAccount)
		delete(h.failing, row)
		return false
	}
	e := hotel.AsError(err)
	switch e.Kind {
	case hotel.Unauthorised:
		return h.shut(e, now.Add(reopen))
	case hotel.Throttled:
		h.note(ofAccount, now, patience)
		h.note(row, now, patience)
		if e.Scope == hotel.ScopeNumber && e.RetryAfter > patience {
			return h.shut(e, now.Add(e.RetryAfter))
		}
	case hotel.NotSent, hotel.Transient, hotel.Unavailable:
		h.note(ofAccount, now, patience)
		h.note(row, now, patience)
	case hotel.InDoubt: // says nothing of this mail, but much of the way
		h.note(ofAccount, now, patience)
	default: // the mail was judged: the way works
		h.row = 0
		delete(h.failing, ofAccount)
		delete(h.failing, row)
		return false
	}
	if e.Kind != hotel.Throttled {
		h.row++
	}
	if f := h.failing[ofAccount]; h.err == nil && (h.row >= trip || now.Sub(f.since) >= patience) {
		h.err = &hotel.Error{Op: e.Op, Kind: hotel.NotSent, Code: codeAway, Err: errAway}
		h.until = now.Add(probeEvery)
	}
	return false
}

// codeAway marks a mail that was not tried, since its way has been failing.
const codeAway = "mail_away"

var errAway = errors.New("not tried: the way has been failing")

func (h *health) shut(e *hotel.Error, until time.Time) bool {
	fresh := h.err == nil || h.err.Code != e.Code
	h.err, h.until = e, until
	return fresh
}

// note counts a failure: since the first of them, unless that was a spell of its own.
func (h *health) note(key string, now time.Time, patience time.Duration) {
	f, known := h.failing[key]
	switch {
	case !known && key != ofAccount && len(h.failing) >= maxFailing:
		maps.DeleteFunc(h.failing, func(k string, f failure) bool { return k != ofAccount && now.Sub(f.last) > patience })
		return
	case !known || now.Sub(f.last) > 2*patience:
		f.since = now
	}
	f.last = now
	h.failing[key] = f
}

// failedFor tells how long this mail, or the whole account, has been failing.
func (h *health) failedFor(row string, now time.Time) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	var longest time.Duration
	for _, key := range []string{ofAccount, row} {
		if f, ok := h.failing[key]; ok {
			longest = max(longest, now.Sub(f.since))
		}
	}
	return longest
}
