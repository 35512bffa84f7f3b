package qloapps_test

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/qloapps"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bundle is a client with the stand-in that it speaks to.
type bundle struct {
	*qloapps.Client
	sim *qloappstest.Server
	url string
}

var today = hotel.NewDate(2026, time.November, 23)

func clock() time.Time { return time.Date(2026, time.November, 23, 18, 0, 0, 0, time.UTC) }

func serve(t *testing.T, config qloappstest.Config) (*qloappstest.Server, string) {
	t.Helper()
	return serveAt(t, config, clock)
}

func serveAt(t *testing.T, config qloappstest.Config, now func() time.Time) (*qloappstest.Server, string) {
	t.Helper()
	config.Now = now
	sim, err := qloappstest.New(config)
	require.NoError(t, err)
	srv := httptest.NewServer(sim.Handler())
	t.Cleanup(func() {
		require.NoError(t, sim.Close()) // first: it lets go what hangs
		srv.Close()
	})
	return sim, srv.URL
}

func setup(t *testing.T, p qloappstest.Property, changes ...func(*qloapps.Config)) bundle {
	t.Helper()
	sim, url := serve(t, qloappstest.Config{Property: p})
	return bundle{client(t, url, p, changes...), sim, url}
}

func client(t testing.TB, url string, p qloappstest.Property, changes ...func(*qloapps.Config)) *qloapps.Client {
	t.Helper()
	config := qloapps.Config{Property: "posada", BaseURL: url, Key: qloappstest.DemoKey, HotelID: p.ID, Zone: time.UTC,
		Currency: p.Currency, Now: clock}
	for _, change := range changes {
		change(&config)
	}
	c, err := qloapps.New(config)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func stay(from, nights int) hotel.Stay {
	return hotel.Stay{CheckIn: today.AddDays(from), CheckOut: today.AddDays(from + nights)}
}

func request(ref string, roomType int, s hotel.Stay, parties ...hotel.Party) hotel.BookingRequest {
	if len(parties) == 0 {
		parties = []hotel.Party{{Adults: 2}}
	}
	return hotel.BookingRequest{Reference: hotel.Reference(ref), Property: "posada", RoomType: hotel.RoomType{ID: hotel.RoomTypeID(fmt.Sprint(roomType))},
		Stay: s, Parties: parties, Contact: hotel.Contact{FirstName: "Zoë", LastName: "O'Brien", Email: "zoe@example.com", Phone: "+54 9 11 5555-0109"}}
}

// requireKind asserts kind and code of an error.
func requireKind(t *testing.T, err error, kind hotel.Kind, code string) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, kind, hotel.KindOf(err), "%v", err)
	require.Equal(t, code, hotel.AsError(err).Code, "%v", err)
}

func TestAvailabilityPricesWhatWillBeBooked(t *testing.T) {
	t.Parallel()
	for _, p := range []qloappstest.Property{qloappstest.PrimeHotel(), qloappstest.DemoHotel(today), qloappstest.Hotel(3, 2)} {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, p)
			for rooms := 1; rooms <= 2; rooms++ {
				s := stay(40+10*rooms, 3)
				a, err := b.Availability(t.Context(), hotel.AvailabilityQuery{Property: "posada", Stay: s, Rooms: rooms})
				require.NoError(t, err)
				require.Len(t, a.Offers, len(p.RoomTypes))
				for i, o := range a.Offers {
					require.Equal(t, len(p.RoomTypes[i].Rooms), o.Free)
					require.Equal(t, o.Nightly.Times(3*rooms), o.Total)
					r := request(fmt.Sprintf("WA-%d-%d", rooms, i), i+1, s)
					r.Quote = o.Total
					r.Parties = make([]hotel.Party, rooms)
					for k := range r.Parties {
						r.Parties[k] = hotel.Party{Adults: 1}
					}
					made, err := b.Create(t.Context(), r)
					require.NoError(t, err)
					require.Equal(t, o.Total, made.Total)
					require.Equal(t, o.Tax, made.Tax)
					require.Equal(t, rooms, made.Rooms)
					require.Len(t, made.Rows, rooms)
				}
			}
		})
	}
}

func TestReservationReadsBackAsItWasMade(t *testing.T) {
	t.Parallel()
	b := setup(t, qloappstest.PrimeHotel())
	r := request("WA-1", 1, stay(10, 2), hotel.Party{Adults: 2, Children: 1, Ages: []int{5}}, hotel.Party{Adults: 1})
	made, err := b.Create(t.Context(), r)
	require.NoError(t, err)
	require.Regexp(t, `^[A-Z]{9}$`, string(made.Code))
	require.Equal(t, "General Rooms", made.RoomType.Name)
	require.Equal(t, hotel.Money{Minor: 520000, Currency: "USD"}, made.Total)
	require.Equal(t, [2]int{3, 1}, [2]int{made.Adults, made.Children})

	byCode, err := b.ByCode(t.Context(), hotel.BookingCode("  "+string(made.Code)))
	require.NoError(t, err)
	require.Equal(t, made, byCode)

	byRef, err := b.ByReference(t.Context(), "WA-1")
	require.NoError(t, err)
	require.Equal(t, []hotel.Reservation{made}, byRef)

	require.NoError(t, b.Cancel(t.Context(), hotel.CancelRequest{Property: "posada", Order: made.Order}))
	require.NoError(t, b.Cancel(t.Context(), hotel.CancelRequest{Property: "posada", Order: made.Order}), "a repeat is harmless")
	cancelled, err := b.ByCode(t.Context(), made.Code)
	require.NoError(t, err)
	require.Equal(t, hotel.StatusCancelled, cancelled.Status)
	require.Equal(t, made.Total, cancelled.Total)
	byRef, err = b.ByReference(t.Context(), "WA-1")
	require.NoError(t, err)
	require.Empty(t, byRef)
}
