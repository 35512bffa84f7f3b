package actors_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/hotel"
)

// slowWord is a store whose settlements are known to the caller only after the
// guest has said something else, and that turn has claimed the lane.
type slowWord struct {
	actors.Store
	mu      sync.Mutex
	settled func() // once, after the next settlement that begins, and before its answer
	claimed chan struct{}
}

func (s *slowWord) Settle(ctx context.Context, c hotel.Settlement) (hotel.SettleResult, error) {
	s.mu.Lock()
	then := s.settled
	s.settled = nil
	s.mu.Unlock()
	r, err := s.Store.Settle(ctx, c)
	if then != nil {
		then()
	}
	return r, err
}

func (s *slowWord) Commit(ctx context.Context, t hotel.TurnCommit) (hotel.TurnCommitted, error) {
	done, err := s.Store.Commit(ctx, t)
	if len(done.Claimed) > 0 {
		s.claimed <- struct{}{}
	}
	return done, err
}

// A quick guest's next turn claims the lane before the sender hears that the
// row before was settled: the bubble leaves at once, not with the sweeper.
func TestRowClaimedWhileTheOneBeforeIsBeingSettledLeavesAtOnce(t *testing.T) {
	t.Parallel()

	var store *slowWord
	h := open(t, func(c *actors.Config) {
		store = &slowWord{Store: c.Store, claimed: make(chan struct{}, 1000)}
		c.Store = store
		c.Settings.SweepEvery = time.Hour // nobody comes to help
	})
	for i := range 100 {
		h.idle(t) // the settlement before has begun
		before := len(h.phone.await(t, ana, 0))
		store.mu.Lock()
		store.settled = func() {
			<-store.claimed
			h.say(ana, fmt.Sprintf("wamid.%d.b", i), "¿Hay wifi?")
			<-store.claimed
		}
		store.mu.Unlock()
		h.say(ana, fmt.Sprintf("wamid.%d.a", i), "¿Hay wifi?")
		require.Len(t, h.phone.await(t, ana, before+2), before+2)
	}
}
