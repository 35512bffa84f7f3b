package actors

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/conserje/conserje/hotel"
)

// Outside tells how WhatsApp and the hotel system of each property stand.
func (e *Engine) Outside() []hotel.Upstream {
	now := time.Now()
	var out []hotel.Upstream
	for _, id := range slices.Sorted(maps.Keys(e.rt.properties)) {
		p := e.rt.properties[id]
		out = append(out,
			p.line.breaker.upstream("whatsapp", p.pace.isShut(byToken), now),
			p.up.breaker.upstream("pms", p.up.refused.Load(), now))
	}
	return out
}

func (b *breaker) upstream(destination string, refused bool, now time.Time) hotel.Upstream {
	u := hotel.Upstream{Destination: destination, Property: b.property, Breaker: b.state(), Refused: refused}
	if d := b.openFor(now); d > 0 {
		u.Since = now.Add(-d)
	}
	return u
}

// Doubts counts the claims of all engines that are older than a send takes:
// what became of them is not known, and is found out or repeated.
func (e *Engine) Doubts(ctx context.Context) (hotel.Doubts, error) {
	c, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	return e.rt.store.Doubts(c, time.Now().Add(-e.rt.settings.InDoubtWait))
}
