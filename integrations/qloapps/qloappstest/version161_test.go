package qloappstest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

// What differs between QloApps 1.6.1 and 1.7.0, side by side.
func TestVersions(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		old                                 bool
		has, lacks, planned, asAdults, unit string
		resource                            int
	}{
		"1.6.1": {old: true, has: `"max_order_date":"2028-11-22","preparation_time":"0000-00-00"`, lacks: `max_checkout_offset`,
			asAdults: `"adults":2,"child":0`, unit: `"unit_price_without_tax":777,"total_tax":31.08`, resource: 200},
		"1.7.0": {has: `"max_checkout_offset":"730"`, lacks: `max_order_date`, planned: `"planned_check_out":"2026-12-12 11:00:00"`,
			asAdults: `"adults":1,"child":0`, unit: `"unit_price_without_tax":1554,"total_tax":62.16`, resource: 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := qloappstest.WorldHotel()
			p.RoomTypes[0].Children = 0
			s := standIn(t, qloappstest.Config{Property: p})
			s.Set(qloappstest.Switches{Strict: true, Old: tt.old})

			_, body := ask(t, s, "GET", "/api/hotels/1?output_format=JSON", "")
			require.Contains(t, body, tt.has)
			require.NotContains(t, body, tt.lacks)
			code, body := ask(t, s, "GET", "/api/extra_services?output_format=JSON", "")
			require.Equal(t, tt.resource, code, body)
			_, body = ask(t, s, "GET", "/api/?output_format=JSON", "")
			require.Equal(t, tt.old, strings.Contains(body, `"extra_services"`) && strings.Contains(body, `"qlo"`))

			book := func(room string) string {
				body := strings.Replace(create("WA-1", "2026-12-10", "2026-12-12"), `"adults":2,"child":0`, room, 1)
				code, answer := ask(t, s, "POST", "/api/bookings?output_format=JSON", body)
				require.Equal(t, 200, code, answer)
				return answer
			}
			require.Contains(t, book(`"adults":1,"child":0,"child_ages":[]`), tt.asAdults)
			require.Contains(t, book(`"adult":1,"adults":1,"child":1,"child_ages":[5]`), `"adults":1,"child":1`, "both are sent: right for both")
			require.Contains(t, book(`"adult":1,"adults":1,"unit_price_without_tax":777`), tt.unit)

			_, body = ask(t, s, "GET", "/api/room_bookings/1?output_format=JSON", "")
			require.Contains(t, body, `"check_out_time":"11:00"`)
			require.Equal(t, tt.planned != "", strings.Contains(body, "planned_check_out"))
			require.Contains(t, body, tt.planned)
		})
	}
}
