package hotel

import (
	"strconv"
	"strings"
	"time"
)

// LetterQuery chooses dead letters, newest first. Zero fields choose all.
type LetterQuery struct {
	All    bool      // closed ones too
	Reason string    // part of the reason, whatever its case
	Before time.Time // died at that instant or before it
	After  time.Time // died after it
	Limit  int
}

// Replay asks to put a dead letter back.
type Replay struct {
	ID int64
	At time.Time
	// Again takes one in doubt, too: it may have been sent already.
	Again bool
	// Window is when the guest's session window ends, as the dialogue counts it
	// now; zero = what the bubble was written with counts.
	Window time.Time
}

// Next is the key of a dead row's next life: "k" becomes "k/r1", "k/r1" becomes "k/r2".
func (k Key) Next() Key {
	base, n := k.life()
	return Key(base + "/r" + strconv.Itoa(n+1))
}

// Replayed tells whether the row was a dead letter before.
func (k Key) Replayed() bool {
	_, n := k.life()
	return n > 0
}

// life splits a key into the first life's and how often it was replayed.
func (k Key) life() (base string, n int) {
	base = string(k)
	if i := strings.LastIndex(base, "/r"); i >= 0 {
		if was, err := strconv.Atoi(base[i+2:]); err == nil && was > 0 {
			return base[:i], was
		}
	}
	return base, 0
}
