package actors_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/hotel"
)

// TestANewerSnapshotIsNeverWrittenOver: after a roll-back too far a guest's
// snapshot may be a newer release's. Its rows stay, and so does the snapshot.
func TestANewerSnapshotIsNeverWrittenOver(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.say("5491150000001", "wamid.1", "Hola")
	h.phone.await(t, "5491150000001", 1)
	h.idle(t)
	require.NoError(t, h.Drain(t.Context()))
	id := h.guest(t)
	before, err := h.store.Guest(t.Context(), id)
	require.NoError(t, err)
	newer := []byte(`{"v":99,"what":"only a newer release knows"}`)
	_, err = h.store.Commit(t.Context(), hotel.TurnCommit{Guest: id, Property: "posada", Version: before.Version, State: newer, At: time.Now()})
	require.NoError(t, err)

	h.start(func(c *actors.Config) { c.Settings.SweepAge = time.Millisecond })
	h.say("5491150000001", "wamid.2", "¿Hay wifi?")
	h.say("5491150000002", "wamid.3", "Hola")
	h.phone.await(t, "5491150000002", 1)
	require.Eventually(t, func() bool { return h.people.heard(hotel.TroubleNewer) > 0 }, 20*time.Second, time.Millisecond)

	require.Equal(t, 1, h.people.heard(hotel.TroubleNewer), "once an hour, however often the guest is tried")
	after, err := h.store.Activate(t.Context(), id, 10)
	require.NoError(t, err)
	require.Equal(t, newer, after.Guest.State)
	require.Equal(t, before.Version+1, after.Guest.Version)
	require.Len(t, after.Pending, 2, "the test's own probe, and what waits for who can read it")
	require.Len(t, h.phone.await(t, "5491150000001", 1), 1)
}
