package qloappstest

import (
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Faults are random troubles over the whole traffic. What the n-th call of a
// method and resource gets follows from Seed alone, however calls of other kinds
// fall between: a run can be played again.
type Faults struct {
	Percent int      `json:"percent"` // of all calls, 0 to 100
	Seed    uint64   `json:"seed"`
	Kinds   []string `json:"kinds,omitempty"` // these alone; empty = FaultKinds
	// HoldMS is how long a call that hangs is held at most, if its client does not
	// give up before; 0 = 3 s. It is cut then.
	HoldMS int `json:"hold_ms"`
	SlowMS int `json:"slow_ms"` // how long a slow call waits; 0 = 500
}

// The kinds of random faults. The last three befall writes of bookings and of
// their states only; other calls draw from those before.
const (
	FaultCutBefore = "cut_before" // the connection is cut, nothing is done
	FaultHang      = "hang"       // no answer, nothing is done
	FaultHangAfter = "hang_after" // it is done, no answer
	FaultLate      = "late"       // no answer, and it is done when the client has given up
	FaultCutAfter  = "cut_after"  // it is done, then the connection is cut
	FaultProxy502  = "proxy_502"  // a proxy's answer, nothing is done
	FaultProxy504  = "proxy_504"  // a proxy's answer, and it is done: the proxy did not wait
	FaultSlow      = "slow"       // answered late
	FaultWarning   = "warning"    // it is done; PHP's warning is answered with 500
	FaultFatal     = "fatal"      // 200 "Fatal error", nothing is done
	FaultStatus    = "status"     // 200 "Invalid new order status", nothing is done
)

// FaultKinds are all of them.
var FaultKinds = []string{FaultCutBefore, FaultHang, FaultHangAfter, FaultLate, FaultCutAfter, FaultProxy502, FaultProxy504, FaultSlow,
	FaultWarning, FaultFatal, FaultStatus}

func (f Faults) check() error {
	if f.Percent < 0 || f.Percent > 100 || f.HoldMS < 0 || f.SlowMS < 0 {
		return fmt.Errorf("qloappstest: faults: percent is from 0 to 100, hold_ms and slow_ms are not negative")
	}
	for _, k := range f.Kinds {
		if !slices.Contains(FaultKinds, k) {
			return fmt.Errorf("qloappstest: no fault is called %q", k)
		}
	}
	return nil
}

func (f Faults) equal(g Faults) bool {
	return f.Percent == g.Percent && f.Seed == g.Seed && f.HoldMS == g.HoldMS && f.SlowMS == g.SlowMS && slices.Equal(f.Kinds, g.Kinds)
}

// kinds are those that a call can have; a lenient PHP keeps its warnings to itself.
func (f Faults) kinds(method, resource string, strict bool) []string {
	some := f.Kinds
	if len(some) == 0 {
		some = FaultKinds
	}
	write := resource == "bookings" && (method == http.MethodPost || method == http.MethodPut)
	state := resource == "order_histories" && method == http.MethodPost
	return slices.DeleteFunc(slices.Clone(some), func(k string) bool {
		switch k {
		case FaultWarning:
			return !write || !strict
		case FaultFatal, FaultStatus:
			return !write && !state
		}
		return false
	})
}

// draw is the fault of the n-th call of a kind; "" = none.
func (f Faults) draw(method, resource string, n int, strict bool) string {
	if f.Percent == 0 {
		return ""
	}
	h := fnv.New64a()
	fmt.Fprintf(h, "%s %s %d", method, resource, n)
	r := rand.New(rand.NewPCG(f.Seed, h.Sum64()))
	kinds := f.kinds(method, resource, strict)
	if r.IntN(100) >= f.Percent || len(kinds) == 0 {
		return ""
	}
	return kinds[r.IntN(len(kinds))]
}

// as are the switches that play a fault.
func (f Faults) as(kind string, calm Switches) Switches {
	calm.drawn, calm.hold = kind, time.Duration(f.HoldMS)*time.Millisecond
	if calm.hold == 0 {
		calm.hold = 3 * time.Second
	}
	switch kind {
	case FaultCutBefore:
		calm.Down = true
	case FaultHang:
		calm.Hang = true
	case FaultHangAfter:
		calm.HangAfter = true
	case FaultCutAfter:
		calm.CutAfter = true
	case FaultProxy502:
		calm.Error = http.StatusBadGateway
	case FaultSlow:
		calm.SlowMS = f.SlowMS
		if calm.SlowMS == 0 {
			calm.SlowMS = 500
		}
	case FaultWarning:
		calm.BookedBut500 = true
	case FaultFatal:
		calm.Odd200 = true
	}
	return calm // what is left is known by its name: late, proxy_504, status
}

// tally counts calls and the faults that were played.
type tally struct {
	mu     sync.Mutex
	calls  map[string]int
	played map[string]int
}

// next counts a call of a kind and returns which one it is, from 0.
func (t *tally) next(method, resource string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.calls == nil {
		t.calls = map[string]int{}
	}
	n := t.calls[method+" "+resource]
	t.calls[method+" "+resource]++
	return n
}

func (t *tally) note(kind string) {
	if kind == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.played == nil {
		t.played = map[string]int{}
	}
	t.played[kind]++
}

func (t *tally) clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls, t.played = nil, nil
}

// Played tells how many random faults of each kind were played since Faults were
// set. A draw that had no effect does not count: a booking that is refused
// anyway stores nothing that a warning could hide.
func (s *Server) Played() map[string]int {
	s.tally.mu.Lock()
	defer s.tally.mu.Unlock()
	played := map[string]int{}
	maps.Copy(played, s.tally.played)
	return played
}
