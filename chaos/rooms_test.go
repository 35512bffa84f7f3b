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
	wantAhead   = 90 // days to the first of the nights that all want
	wantedAsk   = 4  // times that a guest tries again before they give up
	roomsOfAll  = 20
	faultsOf100 = 10
)

// ending is how a guest's conversation ended, as the guest was told.
type ending string

const (
	toldBooked ending = "booked"
	toldNone   ending = "nothing free"
	toldDown   ending = "the system is away"
	toldPerson ending = "a person will see to it"
	toldNot    ending = "gave up choosing"
)

// A thousand guests want the same twenty rooms for overlapping nights, while one
// call of ten to the hotel system fails in one of all the ways it can: no room is
// sold twice, each guest's last word is the truth, and nothing stays in doubt.
func TestAThousandWantTwentyRooms(t *testing.T) {
	t.Parallel()

	random := seeded(t)
	ctx := within(t, 15*time.Minute)
	w := newWorld(ctx, t)
	w.Start("PMS_TIMEOUT=2", "PMS_RATE=0", "CREATE_SETTLES=4s", "BREAKER_OPEN_FOR=1s")
	w.out.Switch(t, hotelSystem, fmt.Sprintf(`{"strict":true,"faults":{"percent":%d,"seed":%d}}`, faultsOf100, 1+random.n(1e6)))

	ends := make([]ending, wanters)
	var all sync.WaitGroup
	for n := range ends {
		all.Go(func() {
			var err error
			ends[n], err = w.want(ctx, n)
			assert.NoError(t, err, "guest %d", n)
		})
	}
	all.Wait()
	w.still(ctx)
	w.out.Switch(t, hotelSystem, `{"strict":true}`)
	w.Kill()
	w.judgeRooms(ctx, ends)
}

// want plays a guest who wants a room: who is offered another one takes it, who
// is told to try again does, some times.
func (w *world) want(ctx context.Context, n int) (ending, error) {
	kind := []string{"la doble", "la doble superior", "la triple", "la suite"}[n%4]
	in := time.Now().AddDate(0, 0, wantAhead+n%5)
	ask := fmt.Sprintf("quiero reservar %s %s para 2 adultos a nombre de Ana Pérez, %s", kind, nightsFrom(in, 1+n%3), email(n))
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
		end := ending("")
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
	case strings.Contains(text, "una persona te escribe"), strings.Contains(text, "la revisa una persona"):
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

// judgeRooms compares what stands in the hotel system with what each guest was told last.
func (w *world) judgeRooms(ctx context.Context, ends []ending) {
	t := w.t
	t.Helper()
	state := livetest.Get[qloappstest.State](t, w.Env["PMS_BASE_URL"]+"/sim/state")
	type night struct {
		room int
		day  string
	}
	sold := map[night]int{} // -> order
	live := map[string][]string{}
	for _, b := range state.Bookings {
		for _, r := range b.Rooms {
			if !r.Active {
				continue
			}
			for d := r.CheckIn; d < r.CheckOut; d = nextDay(t, d) {
				at := night{r.Room, d}
				assert.Zero(t, sold[at], "room %s is sold twice for %s: orders %d and %d", r.Number, d, sold[at], b.Order)
				sold[at] = b.Order
			}
		}
		if b.Status == "booked" && ours.MatchString(b.Guest.Email) {
			live[b.Guest.Email] = append(live[b.Guest.Email], b.Code)
		}
	}
	counts := map[ending]int{}
	for n, end := range ends {
		counts[end]++
		var told []string
		for _, m := range w.phones.Heard(phone(n)) {
			for _, code := range codeIn.FindAllString(m.Text, -1) {
				if told = append(told, strings.Trim(code, "*")); len(told) > 1 && told[0] == told[1] {
					told = told[:1]
				}
			}
		}
		assert.ElementsMatch(t, live[email(n)], told, "guest %d, who was told: %s", n, end)
	}
	store, err := w.store(ctx)
	require.NoError(t, err)
	assert.Zero(t, store.Letters, "dead letters, such as: %s", store.Reason)
	assert.Zero(t, counts[toldPerson], "guests of whose booking nobody knew")
	assert.Greater(t, len(live), roomsOfAll, "the hotel sells its rooms")
	for _, end := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%4d guests: %s", counts[end], end)
	}
	t.Logf("%d bookings stand; faults played: %v", len(live), livetest.Get[map[string]int](t, w.Env["PMS_BASE_URL"]+"/sim/faults"))
}

func nextDay(t *testing.T, d string) string {
	t.Helper()
	at, err := time.Parse(time.DateOnly, d[:10])
	require.NoError(t, err)
	return at.AddDate(0, 0, 1).Format(time.DateOnly)
}
