package main_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/gmail/gmailtest"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

// The real binary, with stand-ins in a process that is not killed: 200
// conversations at once, the engine killed by SIGKILL at five random instants.
// What each guest hears must equal what they hear in a calm run; nothing is
// booked twice, no mail goes twice but one that says so, nothing is left over.
func TestKilledFiveTimesEveryGuestHearsTheSame(t *testing.T) {
	t.Parallel()

	binary := build(t)
	calm := play(t, binary, 0, 0)
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("KILL_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		require.NoError(t, err, "KILL_SEED")
		seed = n
	}
	t.Logf("seed %d (KILL_SEED=%d repeats it)", seed, seed)
	killed := play(t, binary, 5, seed)
	for phone, want := range calm.heard {
		assert.Equal(t, want, killed.heard[phone], "guest %s", phone)
	}
}

const (
	conversations = 200
	bookings      = 40 // of them; Gmail takes 60 mails a minute of one account
)

// script is what a guest says; each line waits for the answer to the one before.
func script(i, bookings int, today time.Time) []string {
	if i >= bookings {
		return []string{"Hola", "¿Hay wifi?", "¿A qué hora es el check-in?", "¿Tienen lugar " + dates(today, 200+i%20) + " para 2 adultos?", "Gracias, ¿aceptan mascotas?"}
	}
	return []string{"Hola", "quiero reservar " + dates(today, 60+3*i) + " para 2 adultos", "la doble",
		fmt.Sprintf("Ana Pérez, ana%d@example.com", i), "sí", "¿Hay wifi?"}
}

// dates says two nights, from so many days ahead, as a guest would.
func dates(today time.Time, ahead int) string {
	return "del " + oneDay(today.AddDate(0, 0, ahead)) + " al " + oneDay(today.AddDate(0, 0, ahead+2))
}

// result is what a run left in the outside.
type result struct{ heard map[string][]string }

func play(t *testing.T, binary string, kills int, seed uint64) result {
	t.Helper()
	r := newRun(t, binary)
	r.startEngine()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	phones := r.listen(ctx)

	today := time.Now()
	var talking sync.WaitGroup
	for i := range conversations {
		talking.Go(func() { phones.talk(ctx, t, fmt.Sprintf("54911%08d", i), script(i, bookings, today)) })
	}
	done := make(chan struct{})
	go func() { talking.Wait(); close(done) }()
	rnd := rand.New(rand.NewPCG(seed, 1))
	for range kills {
		select {
		case <-time.After(time.Duration(100+rnd.IntN(1200)) * time.Millisecond): // the random instant itself
		case <-done:
		}
		r.killEngine()
		r.startEngine()
	}
	<-done
	require.NoError(t, ctx.Err(), "conversations did not end in time")
	r.settled(ctx)
	r.check(t, bookings)
	return result{heard: phones.Transcripts()}
}

// check looks at the outside: one booking a booker, no mail twice but in doubt, no dead letter.
func (r *run) check(t *testing.T, bookings int) {
	t.Helper()
	booked := map[string]int{}
	for _, b := range get[qloappstest.State](t, r.env["PMS_BASE_URL"]+"/sim/state").Bookings {
		if b.Status == "booked" && strings.HasPrefix(b.Guest.Email, "ana") {
			booked[b.Guest.Email]++
		}
	}
	for i := range bookings {
		assert.Equal(t, 1, booked[fmt.Sprintf("ana%d@example.com", i)], "live bookings of guest %d", i)
	}
	mails := map[string][]bool{}
	for _, m := range get[struct{ Mails []gmailtest.Mail }](t, r.env["GMAIL_API_URL"]+"/sim/mails").Mails {
		mails[m.Ref] = append(mails[m.Ref], m.Repeat)
	}
	assert.Len(t, mails, bookings, "one confirmation for each booking")
	for ref, repeats := range mails {
		said := 0
		for _, repeat := range repeats {
			if repeat {
				said++
			}
		}
		assert.GreaterOrEqual(t, said, len(repeats)-1, "mail of %s went twice and does not say so", ref)
	}
	out, err := r.command("deadletters", "list", "--json")
	require.NoError(t, err, "%s", out)
	assert.Contains(t, []string{"[]", "null"}, strings.TrimSpace(string(out)), "dead letters")
}
