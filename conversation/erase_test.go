package conversation_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

// A guest whose turns make the engine fail is erased all the same.
func TestAParkedGuestIsErased(t *testing.T) {
	t.Parallel()
	d := conversation.New(testFacts(t))
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	said := conversation.GuestSaid{Key: "k1", Inbound: hotel.Inbound{From: hotel.Address{Phone: "5492615550101"}, Kind: hotel.InText, Text: "hola", At: now}}
	turn := d.HandOver(conversation.State{Guest: "g"}, []conversation.Input{said, conversation.EraseAsked{Key: "k2", Erasure: hotel.Erasure{By: "marta"}}}, now)

	require.Equal(t, "marta", turn.Erase)
	require.Len(t, turn.Effects, 1, "one goodbye")
	require.NotContains(t, string(turn.State.Encode()), "549261")
	require.Empty(t, turn.Said)
	turn.State.Version++
	require.Empty(t, d.HandOver(turn.State, []conversation.Input{said}, now).Effects, "and then silence")
}
