package actors_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/hotel"
)

// TestAfterARestoreBookingsAreLookedUpFirst: the guest's yes waits in the
// backup, and was answered after it: the room is booked already, by a turn that
// the store knows nothing of. Taken again, the turn names the same reference.
func TestAfterARestoreBookingsAreLookedUpFirst(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		restored time.Time
		creates  int
	}{
		"restored":           {time.Now(), 0},
		"restored long ago":  {time.Now().Add(-31 * 24 * time.Hour), 1},
		"never, so it books": {time.Time{}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, func(s *actors.Config) { s.Settings.Restored, s.Settings.SweepAge = c.restored, time.Millisecond })
			h.journey(t, ana)
			h.idle(t)
			const key = "06h0pr0mndomjaqhdcupd49p1k"
			h.pms.set(func(p *pms) {
				stay := hotel.Stay{CheckIn: hotel.NewDate(2027, 12, 10), CheckOut: hotel.NewDate(2027, 12, 12)}
				p.orders = append(p.orders, hotel.Reservation{Reference: hotel.Reference("WA-" + strings.ToUpper(key)), Property: "posada", Order: "77",
					Code: "XKBKNZZZZ", RoomType: hotel.RoomType{ID: "1", Name: "Doble"}, Stay: stay, Rooms: 1, Adults: 2,
					Total: hotel.Money{Minor: 17_000_000, Currency: "ARS"}, Status: hotel.StatusBooked})
			})
			in := inbound(ana, "wamid.yes", "sí")
			body, err := json.Marshal(in)
			require.NoError(t, err)
			_, err = h.store.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{{Key: key, Property: "posada", MessageID: "wamid.yes",
				Aliases: []hotel.Alias{{Kind: hotel.AliasPhone, Value: ana}}, Kind: hotel.KindSaid, Body: body, At: time.Now()}}})
			require.NoError(t, err)

			h.phone.awaitText(t, ana, "XKBKN")
			h.pms.set(func(p *pms) { require.Equal(t, c.creates, p.creates) })
		})
	}
}
