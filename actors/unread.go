package actors

import (
	"time"

	"github.com/conserje/conserje/hotel"
)

// unreadEvery is how often a person is told that snapshots are not readable.
const unreadEvery = time.Hour

// unreadable is a snapshot that this build does not read: a newer release wrote
// it. The guest takes no turn, so nothing is written over it; its rows stay
// and are answered by a build that reads it. Until then a person must know.
func (rt *runtime) unreadable(guest hotel.GuestID, property hotel.PropertyID, err error) {
	rt.log.Error("snapshot not readable: its guest's rows wait for a newer release", "guest", string(guest), "err", err)
	now, last := time.Now().UnixNano(), rt.unread.Load()
	if now-last < unreadEvery.Nanoseconds() || !rt.unread.CompareAndSwap(last, now) {
		return
	}
	rt.tellOperator(hotel.TroubleNewer, property, "A guest's conversation was written by a newer release, which this one cannot read: nobody answers that guest.")
}
