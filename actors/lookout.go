package actors

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/conserje/conserje/hotel"
)

// lookout looks, with each tick of the sweeper, for what whoever runs the
// engine must know: rows that wait too long, an outside or a store that is
// away for long, new dead letters. One tick at a time uses it.
type lookout struct {
	rt       *runtime
	away     time.Time // since when the store does not answer; zero = it does
	letters  int       // open dead letters at the last tick; -1 = not known yet
	newest   int64     // id of the newest seen
	lastTold map[troubleOf]telling
}

// troubleOf is one trouble that lasts.
type troubleOf struct {
	cause    hotel.TroubleCause
	property hotel.PropertyID
}

// telling is when a trouble was told of, and when it was last there.
type telling struct{ told, seen time.Time }

const (
	// forget is how long a trouble must be gone to be a new one when it comes
	// back: a row that is retried is gone for the ticks in which it is out.
	forget = time.Minute
	// settleIn is how long an engine works before old rows are its trouble: what
	// waited while it was down is answered in the first seconds.
	settleIn = 30 * time.Second
	// tellAgain is when a trouble that lasts is told again.
	tellAgain = time.Hour
	// lettersRead is how many new dead letters are told by their reasons.
	lettersRead = 50
)

func newLookout(rt *runtime) *lookout {
	return &lookout{rt: rt, letters: -1, lastTold: map[troubleOf]telling{}}
}

// look looks at everything; err is the store's, when it did not answer this tick.
func (l *lookout) look(ctx context.Context, b hotel.Backlog, err error) {
	now := time.Now()
	l.store(now, err)
	l.outside(now)
	if err != nil {
		return
	}
	l.oldest(now, hotel.TroubleInboxStuck, b.OldestInbox, "The oldest unanswered message")
	what, oldest := "The oldest message, booking or mail that should have left", b.OldestOutbox
	if in := l.doubts(ctx, now, b); !in.IsZero() && (oldest.IsZero() || in.Before(oldest)) {
		what, oldest = "The oldest send in doubt", in
	}
	l.oldest(now, hotel.TroubleOutboxStuck, oldest, what)
	l.deadLetters(ctx, b.DeadLetters)
}

// lasts tells of a trouble when it begins, and again each hour while it lasts.
func (l *lookout) lasts(now time.Time, cause hotel.TroubleCause, property hotel.PropertyID, is bool, what string) {
	key := troubleOf{cause, property}
	last, told := l.lastTold[key]
	if !is {
		if now.Sub(last.seen) >= forget {
			delete(l.lastTold, key)
		}
		return
	}
	last.seen = now
	if told && now.Sub(last.told) < tellAgain {
		l.lastTold[key] = last
		return
	}
	last.told = now
	l.lastTold[key] = last
	l.rt.tellOperator(cause, property, what)
}

// doubts is since when the oldest send in doubt is out; zero when there is none.
func (l *lookout) doubts(ctx context.Context, now time.Time, b hotel.Backlog) time.Time {
	if b.Sending == 0 {
		return time.Time{}
	}
	c, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	d, err := l.rt.store.Doubts(c, now.Add(-l.rt.settings.InDoubtWait))
	if err != nil {
		return time.Time{} // the next tick tells of the store
	}
	return d.Oldest
}

func (l *lookout) store(now time.Time, err error) {
	switch {
	case err == nil:
		l.away = time.Time{}
	case l.away.IsZero():
		l.away = now
	}
	long := !l.away.IsZero() && now.Sub(l.away) >= l.rt.settings.AwayAlert
	l.lasts(now, hotel.TroubleStoreAway, "", long, fmt.Sprintf("The store has not answered for %s; webhooks are refused.", rough(now.Sub(l.away))))
}

func (l *lookout) outside(now time.Time) {
	for id, p := range l.rt.properties {
		pms, graph := p.up.breaker.openFor(now), p.line.breaker.openFor(now)
		l.lasts(now, hotel.TroublePMSAway, id, pms >= l.rt.settings.AwayAlert,
			fmt.Sprintf("The hotel system has not answered for %s; bookings and questions about rooms wait.", rough(pms)))
		l.lasts(now, hotel.TroubleGraphAway, id, graph >= l.rt.settings.AwayAlert,
			fmt.Sprintf("WhatsApp has not answered for %s; messages to guests wait.", rough(graph)))
	}
}

func (l *lookout) oldest(now time.Time, cause hotel.TroubleCause, at time.Time, what string) {
	since := l.rt.readySince()
	old := !at.IsZero() && now.Sub(at) >= l.rt.settings.OldestAlert && !since.IsZero() && now.Sub(since) >= settleIn
	l.lasts(now, cause, "", old, fmt.Sprintf("%s waits for %s.", what, rough(now.Sub(at))))
}

// deadLetters tells of those that are new since the last tick, by reason. What
// was there at the start was told by the engine before, and stands in the status.
func (l *lookout) deadLetters(ctx context.Context, open int) {
	before := l.letters
	if before >= 0 && open <= before {
		l.letters = open
		return
	}
	limit := lettersRead
	if before < 0 {
		limit = 1
	}
	c, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	list, err := l.rt.store.DeadLetters(c, hotel.LetterQuery{Limit: limit})
	if err != nil {
		return // the next tick sees the same rise
	}
	l.letters = open
	reasons := map[hotel.PropertyID]map[string]int{}
	newest := l.newest
	for _, d := range list {
		newest = max(newest, d.ID)
		if before < 0 || d.ID <= l.newest {
			continue
		}
		if reasons[d.Property] == nil {
			reasons[d.Property] = map[string]int{}
		}
		reasons[d.Property][reasonClass(d)]++
	}
	l.newest = newest
	for property, counts := range reasons {
		l.rt.tellOperator(hotel.TroubleDeadLetters, property, "New dead letters: "+listed(counts)+".")
	}
}

// reasonClass is a dead letter's reason without its particulars, which may
// quote what somebody wrote.
func reasonClass(d hotel.DeadLetter) string {
	class, rest, _ := strings.Cut(d.Reason, ":")
	if strings.Contains(class, ".") && !strings.Contains(class, " ") { // where an error was: its kind comes next
		class, _, _ = strings.Cut(rest, ":")
	}
	if e := strings.IndexAny(class, "0123456789+@\""); e >= 0 {
		class = class[:e]
	}
	where := d.Source
	if d.Kind != "" {
		where += " " + string(d.Kind)
	}
	return where + ", " + strings.TrimSpace(class)
}

func listed(counts map[string]int) string {
	var parts []string
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d of %s", counts[reason], reason))
	}
	return strings.Join(parts, "; ")
}

// rough is a duration as people say it.
func rough(d time.Duration) string {
	if d >= 2*time.Hour {
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	if d >= 2*time.Minute {
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d s", int(d.Seconds()))
}

// nobody is the Operator of an engine without one.
type nobody struct{}

func (nobody) Tell(context.Context, hotel.Trouble) error { return errNobody }

var errNobody = &hotel.Error{Op: "actors.operator", Kind: hotel.Invalid, Err: errors.New("nobody is named")}
