package chaos_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
	"github.com/conserje/conserje/internal/livetest"
)

const (
	wanters     = 1000
	lateWanters = 100
	wantAhead   = 90 // days to the first of the nights that all want
	wantedAsk   = 4  // times that a guest tries again before they give up
	roomsOfAll  = 20
	roomsForTwo = 16 // without the four for one
	faultsOf100 = 10
)

// ending is how a guest's conversation ended, as the guest was told.
type ending string

const (
	toldBooked ending = "booked"
	toldNone   ending = "nothing free"
	toldDown   ending = "the system is away"
	toldPerson ending = "not booked, a person will see to it"
	toldUnsure ending = "nobody knows, a person will see to it"
	toldNot    ending = "gave up choosing"
)

// A thousand guests want the same twenty rooms for overlapping nights, while one
// call of ten to the hotel system fails in one of all the ways it can: no room is
// sold twice, what each guest was told is the truth, and nothing stays in doubt.
func TestAThousandWantTwentyRooms(t *testing.T) {
	t.Parallel()

	random := seeded(t)
	ctx := within(t, 15*time.Minute)
	w := newWorld(ctx, t)
	w.Start("PMS_TIMEOUT=1", "PMS_RATE=0", "CREATE_SETTLES=4s", "BREAKER_OPEN_FOR=1s")
	w.out.Switch(t, hotelSystem, fmt.Sprintf(`{"strict":true,"faults":{"percent":%d,"seed":%d,"hold_ms":1200}}`, faultsOf100, 1+random.n(1e6)))

	guests := make([]wanter, wanters)
	for n := range guests {
		kind := []string{"la doble", "la doble superior", "la triple", "la suite"}[n%4]
		guests[n] = wanter{w: w, n: n, kind: kind, in: wantAhead + n%5, nights: 1 + n%3}
	}
	wantAll(ctx, guests)
	played := w.played()
	// Three ways befall bookings only, of which there are few: a month later half of them.
	w.out.Switch(t, hotelSystem, fmt.Sprintf(`{"faults":{"percent":50,"kinds":["warning","fatal","status"],"seed":%d,"hold_ms":1200}}`, 1+random.n(1e6)))
	late := make([]wanter, lateWanters)
	for n := range late {
		late[n] = wanter{w: w, n: wanters + n, kind: "la doble", in: wantAhead + 30 + n%5, nights: 1 + n%3}
	}
	wantAll(ctx, late)
	for kind, n := range w.played() {
		played[kind] += n
	}
	w.out.Switch(t, hotelSystem, `{"faults":{"percent":0}}`)
	booked := judgeRooms(ctx, slices.Concat(guests, late))
	require.Greater(t, booked, roomsOfAll, "the hotel sells its rooms")
	t.Logf("faults played: %v", played)
	require.ElementsMatch(t, qloappstest.FaultKinds, slices.Collect(maps.Keys(played)), "it failed in all its ways")
}

// played are the faults of the hotel system since its last switch, by kind.
func (w *world) played() map[string]int {
	w.t.Helper()
	return livetest.Get[map[string]int](w.t, w.Env[hotelSystem]+"/sim/faults")
}

// Two engines that know nothing of each other sell one hotel's last rooms, while
// the hotel system checks, waits and inserts: each room has one guest, and who has none was told so.
func TestTwoEnginesSellOneHotel(t *testing.T) {
	t.Parallel()

	ctx := within(t, 6*time.Minute)
	one, other := newWorld(ctx, t), newWorld(ctx, t)
	other.Env[hotelSystem] = one.Env[hotelSystem]
	for _, w := range []*world{one, other} {
		w.Start("CREATE_SETTLES=4s")
	}
	one.out.Switch(t, hotelSystem, `{"strict":true}`)
	var guests []wanter
	for n := range 60 { // twenty rooms, two weekends
		guests = append(guests, wanter{w: []*world{one, other}[n%2], n: n, kind: "la suite", in: wantAhead + 7*(n/30), nights: 2})
	}
	wantAll(ctx, guests)
	// A crowd that takes whatever is named first runs into what was just sold: after
	// three times a guest is left to a person, so not every room need be sold.
	booked := judgeRooms(ctx, guests)
	require.Greater(t, booked, roomsForTwo)
	require.LessOrEqual(t, booked, 2*roomsForTwo)
	lost := undone(livetest.Get[qloappstest.State](t, one.Env[hotelSystem]+"/sim/state"))
	t.Logf("%d bookings were made and lost their room to the other engine's", lost)
	require.Positive(t, lost, "the engines did not race")
}

// undone are bookings of our guests that were cancelled: none of them asked for it,
// so it was an engine, which had lost its room to the other.
func undone(state qloappstest.State) (n int) {
	for _, b := range state.Bookings {
		if b.Status == "cancelled" && ours.MatchString(b.Guest.Email) {
			n++
		}
	}
	return n
}

// wanter is a guest who wants a room, and how that ended.
type wanter struct {
	w      *world
	n      int
	kind   string
	in     int // days ahead
	nights int
	end    ending
}

// wantAll plays all guests at once, and waits until nothing is out any more.
func wantAll(ctx context.Context, guests []wanter) {
	var all sync.WaitGroup
	for i := range guests {
		all.Go(func() {
			g := &guests[i]
			var err error
			g.end, err = g.want(ctx)
			assert.NoError(g.w.t, err, "guest %d", g.n)
		})
	}
	all.Wait()
	for i := range guests {
		if i == 0 || guests[i].w != guests[i-1].w && i == 1 {
			guests[i].w.stillForGuests(ctx)
		}
	}
}

// stillForGuests waits until nothing that concerns guests is out: alerts of an
// outage to the staff are joined for five minutes.
func (w *world) stillForGuests(ctx context.Context) {
	w.t.Helper()
	var lines string
	for ctx.Err() == nil {
		if lines = w.waiting(ctx); strings.Count(lines, "\n") == strings.Count(lines, " alert in staff:") {
			return
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	require.Fail(w.t, "rows wait", "%s\n%s", lines, w.Log())
}

// want plays a guest who wants a room: who is offered another one takes it, who
// is told to try again does, some times.
func (g *wanter) want(ctx context.Context) (ending, error) {
	w, n := g.w, g.n
	in := time.Now().AddDate(0, 0, g.in)
	ask := fmt.Sprintf("quiero reservar %s %s para 2 adultos a nombre de Ana Pérez, %s", g.kind, nightsFrom(in, g.nights), email(n))
	if err := w.phones.Join(ctx, phone(n), "Ana"); err != nil {
		return "", err
	}
	say := ask
	for heard, tries := 0, 0; ; heard++ {
		if say != "" {
			if err := w.phones.Type(ctx, phone(n), say); err != nil {
				return "", err
			}
		}
		m, err := w.phones.Next(ctx, phone(n), heard)
		if err != nil {
			return "", err
		}
		var end ending
		say, end = reply(m.Text, ask, &tries)
		if end != "" {
			return end, nil
		}
	}
}

// reply is what the guest says to a bubble, or how it ended; neither = it waits for more.
func reply(text, ask string, tries *int) (say string, end ending) {
	again := func(say string, or ending) (string, ending) {
		if *tries++; *tries > wantedAsk {
			return "", or
		}
		return say, ""
	}
	switch {
	case codeIn.MatchString(text):
		return "", toldBooked
	case strings.Contains(text, "la revisa una persona"):
		return "", toldUnsure
	case strings.Contains(text, "una persona te escribe"):
		return "", toldPerson
	case strings.Contains(text, "onfirmo la reserva"), strings.Contains(text, "¿La confirmo?"):
		return "sí", ""
	case strings.Contains(text, "tengo esto libre"):
		return again("1", toldNot)
	case strings.Contains(text, "nada libre"):
		return "", toldNone
	case strings.Contains(text, "no me está respondiendo"):
		return again(ask, toldDown)
	}
	return "", "" // still at it
}

// judgeRooms compares what stands in the hotel system with what each guest was
// told last, and tells how many bookings stand. The engines are killed.
func judgeRooms(ctx context.Context, guests []wanter) int {
	t := guests[0].w.t
	t.Helper()
	state := livetest.Get[qloappstest.State](t, guests[0].w.Env[hotelSystem]+"/sim/state")
	type night struct {
		room int
		day  string
	}
	sold := map[night]int{} // -> order
	live := map[string][]string{}
	for _, b := range state.Bookings {
		for _, r := range b.Rooms {
			for d := r.CheckIn; r.Active && d < r.CheckOut; d = nextDay(t, d) {
				at := night{r.Room, d}
				assert.Zero(t, sold[at], "room %s is sold twice for %s: orders %d and %d", r.Number, d, sold[at], b.Order)
				sold[at] = b.Order
			}
		}
		if b.Status == "booked" && ours.MatchString(b.Guest.Email) {
			live[b.Guest.Email] = append(live[b.Guest.Email], b.Code)
		}
	}
	counts, worlds := map[ending]int{}, map[*world]bool{}
	for _, g := range guests {
		counts[g.end]++
		worlds[g.w] = true
		told := map[string]bool{}
		for _, m := range g.w.phones.Heard(phone(g.n)) {
			for _, code := range codeIn.FindAllString(m.Text, -1) {
				told[strings.Trim(code, "*")] = true
			}
		}
		assert.ElementsMatch(t, live[email(g.n)], slices.Collect(maps.Keys(told)), "guest %d, who was told: %s", g.n, g.end)
	}
	for w := range worlds {
		store, err := w.store(ctx)
		require.NoError(t, err)
		assert.Zero(t, store.Letters, "dead letters, such as: %s", store.Reason)
	}
	assert.Zero(t, counts[toldUnsure], "every doubt is resolved")
	for _, end := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%4d guests: %s", counts[end], end)
	}
	t.Logf("%d bookings stand", len(live))
	return len(live)
}

func nextDay(t *testing.T, d string) string {
	t.Helper()
	at, err := time.Parse(time.DateOnly, d[:10])
	require.NoError(t, err)
	return at.AddDate(0, 0, 1).Format(time.DateOnly)
}
