package main_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/gmail/gmailtest"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
	"github.com/conserje/conserje/integrations/whatsapp/whatsapptest"
)

// guest speaks through the phone stand-in and waits for what is heard.
type guest struct {
	t     *testing.T
	ctx   context.Context
	ps    *phones
	phone string
}

func (r *run) guest(ctx context.Context, ps *phones, phone, name string) *guest {
	r.t.Helper()
	require.NoError(r.t, ps.post(ctx, "/sim/guests", whatsapptest.Guest{Phone: phone, Name: name}))
	return &guest{t: r.t, ctx: ctx, ps: ps, phone: phone}
}

// say types a text and returns the next bubble.
func (g *guest) say(text string) whatsapptest.Message {
	g.t.Helper()
	before := len(g.heard())
	g.typed(whatsapptest.Typed{Type: "text", Text: text})
	return g.next(before)
}

func (g *guest) typed(t whatsapptest.Typed) {
	g.t.Helper()
	require.NoError(g.t, g.ps.post(g.ctx, "/sim/guests/"+g.phone+"/messages", t))
}

// tap taps the button or row that holds the title.
func (g *guest) tap(m whatsapptest.Message, title string) whatsapptest.Message {
	g.t.Helper()
	choices := m.Buttons
	if m.List != nil {
		choices = m.List.Sections[0].Rows
	}
	for _, c := range choices {
		if strings.Contains(c.Title, title) {
			before := len(g.heard())
			g.typed(whatsapptest.Typed{Type: "tap", TapID: c.ID, TapTitle: c.Title, ReplyTo: m.ID})
			return g.next(before)
		}
	}
	require.Fail(g.t, "no such choice", "%s in %+v", title, choices)
	return m
}

func (g *guest) heard() []whatsapptest.Message { return g.ps.Heard(g.phone) }

func (g *guest) next(before int) whatsapptest.Message {
	g.t.Helper()
	m, err := g.ps.Next(g.ctx, g.phone, before)
	require.NoError(g.t, err)
	return m
}

// until waits for a bubble that holds the text.
func (g *guest) until(text string) whatsapptest.Message {
	g.t.Helper()
	for n := 0; ; n++ {
		if m := g.next(n); strings.Contains(strings.ToLower(m.Text), strings.ToLower(text)) {
			return m
		}
	}
}

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

var codeIn = regexp.MustCompile(`\*([A-Z]{9})\*`)

// The journey of the product over real HTTP, without a browser: from the first
// word to the code on the phone, the mail in the inbox, the booking in the hotel.
func TestJourney(t *testing.T) {
	t.Parallel()

	r := newRun(t, build(t))
	r.startEngine()
	ctx := within(t, 2*time.Minute)
	ps := r.listen(ctx)

	t.Run("Spanish", func(t *testing.T) {
		g := r.guest(ctx, ps, "5491155559001", "Ana")
		g.say("Hola, quiero reservar una habitación")
		list := g.say(dates(time.Now(), 100) + ", somos dos")
		require.NotNil(t, list.List, list.Text)
		g.tap(list, "Doble")
		wifi := g.say("¿hay wifi?")
		require.Contains(t, strings.ToLower(wifi.Text), "wifi")
		back := g.say("Ana Pérez, ana.perez@example.com")
		require.NotEmpty(t, back.Buttons, back.Text)
		done := g.tap(back, "Sí")
		r.holds(t, done, "ana.perez@example.com", "Reserva confirmada")
	})
	t.Run("English", func(t *testing.T) {
		g := r.guest(ctx, ps, "447700900901", "Emily")
		day := time.Now().AddDate(0, 0, 130)
		g.say("Hi! I'd like to book a room")
		list := g.say(fmt.Sprintf("from %s to %s, two adults", day.Format("2 January 2006"), day.AddDate(0, 0, 2).Format("2 January 2006")))
		require.NotNil(t, list.List, list.Text)
		g.tap(list, "Double")
		back := g.say("Emily Clark, emily@example.com")
		done := g.tap(back, "Yes")
		r.holds(t, done, "emily@example.com", "confirmed")
	})

	require.NoError(t, r.engine.Process.Signal(syscall.SIGTERM))
	require.NoError(t, r.engine.Wait(), "a drain exits 0: %s", r.log())
	require.NotContains(t, r.log(), "ana.perez", "no guest's data in the log")
	require.NotContains(t, r.log(), "5491155559001")
}

// holds checks that a confirmation's code stands in the hotel and in a mail.
func (r *run) holds(t *testing.T, done whatsapptest.Message, email, subject string) {
	t.Helper()
	m := codeIn.FindStringSubmatch(done.Text)
	require.NotNil(t, m, done.Text)
	found := false
	for _, b := range get[qloappstest.State](t, r.env["PMS_BASE_URL"]+"/sim/state").Bookings {
		found = found || b.Code == m[1] && b.Status == "booked" && b.Guest.Email == email
	}
	require.True(t, found, "booking %s in the hotel", m[1])
	require.Eventually(t, func() bool {
		for _, mail := range get[struct{ Mails []gmailtest.Mail }](t, r.env["GMAIL_API_URL"]+"/sim/mails").Mails {
			if mail.To[0] == email && strings.Contains(mail.Subject, m[1]) && strings.Contains(mail.Subject, subject) {
				return true
			}
		}
		return false
	}, 20*time.Second, 20*time.Millisecond, "mail to the guest")
}

func (r *run) switches(t *testing.T, server, body string) {
	t.Helper()
	res, err := http.Post(r.env[server]+"/sim/switches", "application/json", strings.NewReader(body))
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	text, _ := io.ReadAll(res.Body)
	require.Equal(t, http.StatusOK, res.StatusCode, "%s", text)
}

// Ten guests race for the last room of the real system's stand-in, which sells
// it as often as it is asked in time: one is confirmed, nine are offered something else.
func TestRaceForTheLastRoom(t *testing.T) {
	t.Parallel()

	r := newRun(t, build(t))
	r.startEngine()
	ctx := within(t, 2*time.Minute)
	ps := r.listen(ctx)
	in := time.Now().AddDate(0, 0, 150)
	fill := fmt.Sprintf(`{"room_type":2,"check_in":%q,"check_out":%q,"leave":1}`, in.Format(time.DateOnly), in.AddDate(0, 0, 2).Format(time.DateOnly))
	res, err := http.Post(r.env["PMS_BASE_URL"]+"/sim/fill", "application/json", strings.NewReader(fill))
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.NoError(t, res.Body.Close())

	var guests []*guest
	for i := range 10 {
		g := r.guest(ctx, ps, fmt.Sprintf("549115557%04d", i), "Ana")
		g.say("quiero una habitación doble " + dates(time.Now(), 150) + " para 2 adultos")
		g.say("doble")
		g.say(fmt.Sprintf("Ana Pérez, ana%d@example.com", i))
		guests = append(guests, g)
	}
	before := make([]int, len(guests))
	for i, g := range guests {
		before[i] = len(g.heard())
		g.typed(whatsapptest.Typed{Type: "text", Text: "sí"})
	}
	confirmed := 0
	for i, g := range guests {
		if m := g.next(before[i]); codeIn.MatchString(m.Text) {
			confirmed++
		} else {
			assert.True(t, m.List != nil || strings.Contains(m.Text, "ARS"), "something else is offered: %s", m.Text)
		}
	}
	require.Equal(t, 1, confirmed)
	active := 0
	for _, b := range get[qloappstest.State](t, r.env["PMS_BASE_URL"]+"/sim/state").Bookings {
		if b.Status == "booked" && b.CheckIn == in.Format(time.DateOnly) && strings.HasPrefix(b.Guest.Email, "ana") {
			active++
		}
	}
	require.Equal(t, 1, active, "the stand-in ends with one active booking")
}
