package qloapps_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
)

// BenchmarkAvailability reads an answer of 40 room types with 20 free rooms
// each, without a network: what is left is the client's own work.
func BenchmarkAvailability(b *testing.B) {
	room := `"%":{"id_room":"%","room_num":"A-%","duration":"","associations":{"room_occupancies":[]}},`
	roomType := `{"id_room_type":%,"base_price":1000,"base_price_with_tax":1300,"total_price":2000,"total_price_with_tax":2600,"name":"General","rooms":{"available":{` +
		strings.TrimSuffix(strings.Repeat(room, 20), ",") + `},"unavailable":[],"booked":[],"partially_available":[]}},`
	var s strings.Builder
	for i, part := range strings.Split(strings.Repeat(roomType, 40), "%") {
		if i > 0 {
			s.WriteString("1")
		}
		s.WriteString(part)
	}
	body := `{"hotel_ari":{"id_hotel":"1","currency":"USD","room_types":[` + strings.TrimSuffix(s.String(), ",") + `]}}`
	c := scriptedClient(b, scripted{"POST hotel_ari": body})
	defer c.Close()
	q := hotel.AvailabilityQuery{Stay: stay(1, 2), Rooms: 1}
	_, err := c.Availability(b.Context(), q)
	require.NoError(b, err)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Availability(b.Context(), q); err != nil {
			b.Fatal(err)
		}
	}
}
