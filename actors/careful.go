package actors

import (
	"context"
	"fmt"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/conserje/conserje/hotel"
)

// A stack overflow or a lack of memory in one conversation kills the process,
// and the next one, which takes the same rows up. After some such deaths turns
// run one by one, each guest named on the disk first; the guest named at the
// next death is parked before anything else is taken up.

// oneByOne begins a guest's message in a careful run, and returns its end.
func (rt *runtime) oneByOne(pid *actor.PID, msg any) func() {
	if rt.witness == nil || !rt.witness.Careful() {
		return nil
	}
	switch msg.(type) {
	case *HandleInput, *Wake, *TakeTurn, *ReadReply, *tick:
	default:
		return nil
	}
	id, _, _ := guestOf(pid)
	rt.single.Lock()
	if err := rt.witness.Enter(id); err != nil {
		rt.log.Error("guest in hand not named", "guest", string(id), "err", err)
	}
	return func() {
		if err := rt.witness.Leave(); err != nil {
			rt.log.Error("guest in hand not taken back", "guest", string(id), "err", err)
		}
		rt.single.Unlock()
	}
}

// suspect parks the guest whose turn was in hand when the run before died, and
// says that this run is careful.
func (rt *runtime) suspect() error {
	if rt.witness == nil {
		return nil
	}
	if rt.witness.Careful() {
		rt.metrics.Careful.Set(1)
		rt.afterFunc(carefulLook, rt.lookCareful)
		rt.log.Warn("the engine died again and again: for some minutes turns run one by one")
		rt.tellOperator(hotel.TroubleUnclean, "", "The engine died again and again within minutes: turns run one by one until it lives.")
	}
	id := rt.witness.Suspect()
	if id == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(rt.ctx, storeTimeout)
	defer cancel()
	a, err := rt.store.Activate(ctx, id, 1)
	switch {
	case hotel.KindOf(err) == hotel.NotFound: // erased
	case err != nil:
		return fmt.Errorf("actors: the guest whose turn killed the engine is not parked: %w", err)
	default:
		if err := rt.park(ctx, id, a.Guest.Property, "death"); err != nil {
			return fmt.Errorf("actors: the guest whose turn killed the engine is not parked: %w", err)
		}
	}
	return rt.witness.Cleared()
}

// carefulLook is how often the metric looks whether a careful run is over.
const carefulLook = time.Minute

func (rt *runtime) lookCareful() {
	if rt.witness.Careful() {
		rt.afterFunc(carefulLook, rt.lookCareful)
		return
	}
	rt.metrics.Careful.Set(0)
}
