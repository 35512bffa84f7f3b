// Package oracle judges a run: what guests said and heard, what the hotels
// hold, and what the engine's drained store says must fit together.
//
//	said --wamid--> inbox row --turn--> outbox row --key--> heard
//	                               \--> booking, once for each yes
//
// It knows the promises, not the engine: it reads rows, and believes no counter.
package oracle

import (
	"fmt"
	"slices"
)

// Said is one message of a guest.
type Said struct {
	ID    string // wamid
	Acked bool   // answered 200
}

// Heard is one bubble that reached a guest.
type Heard struct {
	Key string // outbox key that travelled with it
}

// Guest is one guest's view of the run: messages in the order in which they
// were said, each after the answer to the one before; bubbles as they came.
type Guest struct {
	Said      []Said
	Heard     []Heard
	Email     string // under which it books; unique
	Agreed    bool   // said yes to a read-back
	Confirmed bool   // heard a booking's code
}

// Evidence is everything that is known of a run.
type Evidence struct {
	Guests   []Guest
	Bookings []string // the e-mail of each live booking in the hotels
	Store    Store
	// Whole is false for a run that was cut before its turns were done: then
	// only what was promised with the 200 is judged.
	Whole bool
	// Talks is set when the engine had reasons to say more than answers, as that
	// something takes long: then bubbles beyond them are not judged.
	Talks bool
	// Doubts is set when sends were left in doubt: a bubble may then be heard as
	// often as it was attempted, and not more often.
	Doubts bool
	// Buries is set when the outside failed in a way that ends in dead letters:
	// then each of these must have its reason.
	Buries bool
}

// Check is one promise: how often it was looked at, and how often it was broken.
type Check struct {
	Name    string `json:"name"`
	Seen    int    `json:"seen"`
	Broken  int    `json:"broken"`
	Example string `json:"example,omitempty"`
}

// Verdict is what the oracle says.
type Verdict struct {
	Checks []Check `json:"checks"`
}

// OK tells whether every promise held, and that something was looked at.
func (v Verdict) OK() bool {
	seen := 0
	for _, c := range v.Checks {
		if c.Broken > 0 {
			return false
		}
		seen += c.Seen
	}
	return seen > 0
}

// String is one line for people.
func (v Verdict) String() string {
	if v.OK() {
		n := 0
		for _, c := range v.Checks {
			n += c.Seen
		}
		return fmt.Sprintf("all promises held (%d checks)", n)
	}
	out := "BROKEN:"
	for _, c := range v.Checks {
		if c.Broken > 0 {
			out += fmt.Sprintf(" %s: %d of %d (%s);", c.Name, c.Broken, c.Seen, c.Example)
		}
	}
	return out
}

// Judge looks at every promise.
func Judge(e Evidence) Verdict {
	j := newJudge(e)
	checks := []Check{j.durable(), j.known()}
	if e.Whole {
		checks = append(checks, j.consumed(), j.carried(), j.heardOnce(), j.answered(), j.inOrder(), j.booked(), j.letters())
	}
	if e.Whole && !e.Talks {
		checks = append(checks, j.spurious())
	}
	return Verdict{Checks: checks}
}

// judge holds the evidence, indexed.
type judge struct {
	Evidence
	byID    map[string][]InboxRow // rows of messages, by wamid
	inbox   map[string]InboxRow   // by key
	says    map[string]OutboxRow  // bubbles, by key
	answers map[string][]int64    // anchors of a store's guest's bubbles, rising
	owner   map[string]int        // a store's guest -> Guests
}

func newJudge(e Evidence) *judge {
	j := &judge{Evidence: e, byID: map[string][]InboxRow{}, inbox: map[string]InboxRow{}, says: map[string]OutboxRow{},
		answers: map[string][]int64{}, owner: map[string]int{}}
	for _, r := range e.Store.Inbox {
		j.inbox[r.Key] = r
		if r.Kind == "said" {
			j.byID[r.ID] = append(j.byID[r.ID], r)
		}
	}
	for n, g := range e.Guests {
		for _, s := range g.Said {
			for _, r := range j.byID[s.ID] {
				j.owner[r.Guest] = n
			}
		}
	}
	for _, r := range e.Store.Outbox {
		if r.Kind == "say" {
			j.says[r.Key] = r
			j.answers[r.Guest] = append(j.answers[r.Guest], j.anchor(r))
		}
	}
	for _, a := range j.answers {
		slices.Sort(a)
	}
	return j
}

// anchor is the order of the last inbox row that a bubble answers: its key
// begins with that row's key. A turn without rows answers all that came before it.
func (j *judge) anchor(r OutboxRow) int64 {
	if row, ok := j.inbox[parent(r.Key)]; ok {
		return row.Order
	}
	return r.Order
}

// parent strips the last "/n" of a key.
func parent(key string) string {
	for i := len(key) - 1; i >= 0; i-- {
		if key[i] == '/' {
			return key[:i]
		}
	}
	return ""
}

func (c *Check) look(good bool, format string, args ...any) {
	c.Seen++
	if good {
		return
	}
	if c.Broken++; c.Broken == 1 {
		c.Example = fmt.Sprintf(format, args...)
	}
}
