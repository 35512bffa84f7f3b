package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/gmail/gmailtest"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

// plainHotel is a hotel of no country's own, whose room types are the hotel system's.
const plainHotel = `id: prime
name: The Hotel Prime
country: US
currency: %s
locales: [es, en]
zone: UTC
whatsapp: { phone_number_id: "%s" }
pms: { services: [%s] }
`

var totalIn = regexp.MustCompile(`Total(?: nuevo)?:? ?\*?([A-Z]{3} [\d.,]+\d)`)

// What is quoted on the phone is what the booking costs in the hotel system and
// what the confirmation says, on the phone and by mail, to the cent: two rooms with
// a child in one, services priced with the room and beside it, a second currency.
// A change of dates is as exact.
func TestQuoteBookingAndMailAgreeToTheCent(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		currency, services, extra string
		rate                      float64
	}{
		"services with the room": {"USD", "", "", 1},
		"services beside it":     {"USD", "6, 9", "Breakfast", 1},
		"second currency":        {"EUR", "6", "Internet", 0.9},
		"odd rate":               {"BRL", "9", "Breakfast", 5.4321},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			ctx := within(t, 2*time.Minute)
			p := qloappstest.PrimeHotel()
			if c.currency != p.Currency {
				p.Currencies = []qloappstest.Currency{{ISO: c.currency, Rate: c.rate}}
			}
			sim, err := qloappstest.New(qloappstest.Config{Property: p})
			require.NoError(t, err)
			url, err := sim.Start("127.0.0.1:0")
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, sim.Close()) })
			r := newRun(t, build(t))
			r.env["PMS_BASE_URL"], r.env["PMS_API_KEY"] = url, qloappstest.DemoKey

			file := filepath.Join(t.TempDir(), "prime.yaml")
			require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, plainHotel, c.currency, r.env["WHATSAPP_PHONE_NUMBER_ID"], c.services), 0o600))
			r.Hotel = file
			r.startEngine()
			ps := r.listen(ctx)

			g := r.guest(ctx, ps, "5491155559101", "Ana")
			g.say("Hola")
			list := g.say("quiero reservar " + dates(time.Now(), 70) + ", 2 habitaciones, 3 adultos y un nene de 5 años")
			require.NotNil(t, list.List, list.Text)
			g.tap(list, "Delux")
			back := g.say("Ana Pérez, ana.perez@example.com")
			quoted := total(t, back.Text)
			require.Contains(t, back.Text, c.extra)
			done := g.tap(back, "Sí")
			code := codeIn.FindStringSubmatch(done.Text)
			require.NotNil(t, code, done.Text)
			require.Equal(t, quoted, total(t, done.Text), "quote and confirmation")
			booked := booking(t, sim, code[1])
			require.Equal(t, quoted, said(t, booked.Total, c.currency), "quote and booking: %v", booked.Total)
			require.Len(t, booked.Rooms, 2)
			require.Contains(t, r.mailed(t, code[1], "confirmada"), quoted, "quote and mail")

			read := g.say("quiero cambiar la fecha de mi reserva, del " + oneDay(time.Now().AddDate(0, 0, 84)) + " al " + oneDay(time.Now().AddDate(0, 0, 87)))
			changed := total(t, read.Text)
			require.NotEqual(t, quoted, changed, "a night more costs more")
			after := g.tap(read, "Sí")
			require.Equal(t, changed, total(t, after.Text), "read-back and result of the change")
			moved := booking(t, sim, code[1])
			require.NotEqual(t, booked.CheckIn, moved.CheckIn)
			require.Equal(t, changed, said(t, moved.Total, c.currency), "read-back and booking: %v", moved.Total)
			require.Contains(t, r.mailed(t, code[1], "cambi"), changed, "read-back and mail")
		})
	}
}

func oneDay(d time.Time) string {
	months := []string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"}
	return fmt.Sprintf("%d de %s de %d", d.Day(), months[d.Month()-1], d.Year())
}

// plainSpaces takes the ones that keep a line together for plain ones.
func plainSpaces(s string) string { return strings.ReplaceAll(s, "\u00a0", " ") }

func total(t *testing.T, text string) string {
	t.Helper()
	m := totalIn.FindAllStringSubmatch(plainSpaces(text), -1)
	require.NotEmpty(t, m, text)
	return m[len(m)-1][1]
}

// said is an amount as a Spanish text has it.
func said(t *testing.T, amount float64, currency string) string {
	t.Helper()
	m, err := hotel.ParseMoney(fmt.Sprintf("%.4f", amount), currency)
	require.NoError(t, err)
	return m.In("es", "US")
}

func booking(t *testing.T, sim *qloappstest.Server, code string) qloappstest.StateBooking {
	t.Helper()
	for _, b := range sim.State().Bookings {
		if b.Code == code && b.Status == "booked" {
			return b
		}
	}
	require.Fail(t, "no such booking", code)
	return qloappstest.StateBooking{}
}

// mailed waits for the mail about a booking whose subject holds a word, and returns its text.
func (r *run) mailed(t *testing.T, code, word string) (text string) {
	t.Helper()
	require.Eventually(t, func() bool {
		for _, m := range get[struct{ Mails []gmailtest.Mail }](t, r.env["GMAIL_API_URL"]+"/sim/mails").Mails {
			if strings.Contains(m.Subject, code) && strings.Contains(strings.ToLower(m.Subject), word) {
				text = plainSpaces(get[gmailtest.Content](t, r.env["GMAIL_API_URL"]+"/sim/mails/"+m.ID).Text)
				return true
			}
		}
		return false
	}, 20*time.Second, 50*time.Millisecond, "a mail about %s that says %q", code, word)
	return text
}
