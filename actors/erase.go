package actors

import (
	"context"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
)

// eraseTimeout bounds the erasure of one guest; the next tick goes on.
const eraseTimeout = 5 * time.Minute

// Erase takes a request to erase a guest in, as an inbox row like all else that
// changes a guest from outside: the guest's turn says goodbye and stops what
// waits, and the rows go when nothing is out. hotel.NotFound: no such guest, or
// it is being erased already.
func (e *Engine) Erase(ctx context.Context, guest hotel.GuestID, by hotel.Erasure) error {
	return e.rt.intake.accept(ctx, hotel.Accept{Owner: e.rt.owner, Arrivals: []hotel.Arrival{by.Arrival(hotel.Key(keys.New()), guest, time.Now())}})
}

// erase deletes guests of whom nothing is under way, one after the other beside
// the sweeper's ticks: a guest's rows may take a while to find.
func (rt *runtime) erase(ids []hotel.GuestID) {
	if len(ids) == 0 || !rt.erasing.CompareAndSwap(false, true) {
		return
	}
	rt.spawn(func(ctx context.Context) {
		defer rt.erasing.Store(false)
		c, cancel := context.WithCancel(ctx)
		defer cancel()
		go func() { // a drain does not wait for it: what is left goes at the next start
			select {
			case <-rt.drain:
				cancel()
			case <-c.Done():
			}
		}()
		for _, id := range ids {
			if c.Err() != nil {
				return
			}
			rt.eraseOne(c, id)
		}
	})
}

func (rt *runtime) eraseOne(ctx context.Context, id hotel.GuestID) {
	c, cancel := context.WithTimeout(ctx, eraseTimeout)
	defer cancel()
	done, err := rt.store.Erase(c, id, time.Now())
	switch kind := hotel.KindOf(err); {
	case err == nil:
		var rows int64
		for _, n := range done.Counts {
			rows += n
		}
		rt.log.Info("guest erased", "guest", string(id), "rows", rows)
		rt.root.Send(rt.guests, &Wake{Guest: id}) // one who is in memory finds nothing, and leaves
	case kind == hotel.NotFound, kind == hotel.Conflict: // another engine was quicker; or something has come up
	case ctx.Err() == nil:
		rt.log.Warn("guest not erased", "guest", string(id), "kind", kind.String(), "err", err)
	}
}

// leave ends the activation of a guest whom the store does not know any more:
// it is erased, and must not come back.
func (g *guest) leave(ctx actor.Context) {
	g.loaded, g.asked, g.open, g.pending, g.taking = false, 0, nil, nil, false
	ctx.Send(g.rt.guests, &Retire{Guest: g.id, Activation: g.activation})
}
