package mail_test

import (
	"bytes"
	"flag"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jhillyerd/enmime/v2"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/mail"
)

var update = flag.Bool("update", false, "rewrite the golden mails")

func TestMain(m *testing.M) {
	flag.Parse()
	goleak.VerifyTestMain(m)
}

var at = time.Date(2026, 11, 23, 15, 4, 5, 0, time.UTC)

func buenosAires(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("America/Argentina/Buenos_Aires")
	require.NoError(t, err)
	return zone
}

func faro(t testing.TB) mail.Hotel {
	t.Helper()
	return mail.Hotel{
		ID: "faro", Name: "Hotel Faro del Río", Address: "Av. Costanera 1200, Colón, Entre Ríos", Phone: "+54 3447 42-1200",
		From: "reservas@hotelfaro.com.ar", ReplyTo: "recepcion@hotelfaro.com.ar",
		StaffEmails: []string{"recepcion@hotelfaro.com.ar", "guardia@hotelfaro.com.ar"}, OperatorEmails: []string{"guardia@conserje.example"},
		Zone: buenosAires(t), Country: "AR", Locales: []string{"es-AR", "en"}, CheckIn: "14:00", CheckOut: "10:00",
		Policies: map[string]string{
			"es": "Podés cancelar sin cargo hasta 48 horas antes de la llegada.\nEl desayuno está incluido, de 7:30 a 10:30.\n",
			"en": "Free cancellation until 48 hours before arrival.\nBreakfast is included, from 7:30 to 10:30.\n",
		},
		MapURL:       "https://www.openstreetmap.org/?mlat=-32.2231&mlon=-58.1446#map=17",
		ReceptionURL: "http://127.0.0.1:8003/reception",
	}
}

func reservation() hotel.Reservation {
	return hotel.Reservation{
		Reference: "CJ-0r9f2k", Property: "faro", Order: "41", Code: "KQXWVUTSR",
		RoomType: hotel.RoomType{ID: "3", Name: "Doble Superior con vista al río"},
		Stay:     hotel.Stay{CheckIn: hotel.NewDate(2026, 12, 3), CheckOut: hotel.NewDate(2026, 12, 6)},
		Rooms:    1, Adults: 2, Children: 1,
		Total: hotel.Money{Minor: 30855000, Currency: "ARS"}, Tax: hotel.Money{Minor: 5355000, Currency: "ARS"},
		Contact: hotel.Contact{FirstName: "Lucía", LastName: "Fernández Ñáñez", Email: "lucia@example.com", Phone: "5493447000000"},
		Status:  hotel.StatusBooked,
	}
}

func composer(t testing.TB) *mail.Composer {
	t.Helper()
	c, err := mail.NewComposer(func() time.Time { return at }, func() string { return "id" })
	require.NoError(t, err)
	return c
}

func read(t testing.TB, raw []byte) *enmime.Envelope {
	t.Helper()
	e, err := enmime.ReadEnvelope(bytes.NewReader(raw))
	require.NoError(t, err)
	require.Empty(t, e.Errors)
	return e
}

func golden(t *testing.T, name string, e *enmime.Envelope) {
	t.Helper()
	for ext, got := range map[string]string{"txt": e.Text, "html": e.HTML} {
		got = strings.ReplaceAll(got, "\r\n", "\n")
		if ext == "txt" {
			got = "Subject: " + e.GetHeader("Subject") + "\n\n" + got
		}
		file := filepath.Join("testdata", name+"."+ext)
		if *update {
			require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err, "write it with -update")
		require.Equal(t, string(want), got)
	}
}

func TestMails(t *testing.T) {
	t.Parallel()
	c := composer(t)
	for name, edit := range map[string]func(*mail.Hotel, *hotel.Mail){
		"confirmation.es-AR": func(*mail.Hotel, *hotel.Mail) {},
		"confirmation.es": func(h *mail.Hotel, m *hotel.Mail) {
			h.Country, h.Locales, m.Lang = "ES", []string{"es-ES"}, "es"
			m.Reservation.Total, m.Reservation.Tax = hotel.Money{Minor: 123450, Currency: "EUR"}, hotel.Money{}
		},
		"confirmation.en": func(_ *mail.Hotel, m *hotel.Mail) {
			m.Lang, m.Reservation.Rooms, m.Reservation.Children, m.Reservation.Adults = "en", 2, 0, 4
		},
		"confirmation.repeat": func(_ *mail.Hotel, m *hotel.Mail) { m.Repeat = true },
		"cancellation.es-AR":  func(_ *mail.Hotel, m *hotel.Mail) { m.Kind = hotel.MailCancellation },
		"cancellation.en": func(_ *mail.Hotel, m *hotel.Mail) {
			m.Kind, m.Lang = hotel.MailCancellation, "en-GB"
		},
		"confirmation.extras": func(_ *mail.Hotel, m *hotel.Mail) {
			m.Reservation.Extras = []hotel.Extra{{Name: "Desayuno <b>buffet</b>", Total: hotel.Money{Minor: 500000, Currency: "ARS"}},
				{Name: "Cochera", Total: hotel.Money{Minor: 150050, Currency: "ARS"}}}
		},
		"change.es-AR": func(_ *mail.Hotel, m *hotel.Mail) { // moved in place
			m.Kind, m.Before = hotel.MailChange, m.Reservation
			m.Before.Contact = hotel.Contact{}
			m.Before.Stay = hotel.Stay{CheckIn: hotel.NewDate(2026, 12, 1), CheckOut: hotel.NewDate(2026, 12, 3)}
			m.Before.Total.Minor = 20570000
			m.Reservation.Extras = []hotel.Extra{{Name: "Desayuno", Total: hotel.Money{Minor: 500000, Currency: "ARS"}}}
		},
		"change.en": func(_ *mail.Hotel, m *hotel.Mail) { // made anew for other people, under another code
			m.Kind, m.Lang, m.Before = hotel.MailChange, "en", m.Reservation
			m.Before.Code, m.Before.Children, m.Before.RoomType.Name = "ABCDEFGHI", 0, ""
			m.Reservation.Extras = []hotel.Extra{{Name: "Breakfast", Total: hotel.Money{Minor: 500000, Currency: "ARS"}}}
		},
		"change.es": func(h *mail.Hotel, m *hotel.Mail) { // nothing is known of how it was
			h.Country, h.Locales = "ES", []string{"es-ES"}
			m.Kind, m.Lang = hotel.MailChange, "es"
		},
		"confirmation.bare": func(h *mail.Hotel, m *hotel.Mail) {
			*h = mail.Hotel{ID: h.ID, Name: "Hostal", From: h.From}
			m.Lang, m.Reservation.Contact.FirstName, m.Reservation.Contact.LastName = "pt", "", ""
			m.Reservation.Adults, m.Reservation.Children = 1, 0
			m.Reservation.Stay.CheckOut = m.Reservation.Stay.CheckIn.AddDays(1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, m := faro(t), hotel.Mail{Kind: hotel.MailConfirmation, Lang: "es-AR", Reservation: reservation()}
			edit(&h, &m)
			got, err := c.Mail(h, m, h.From)
			require.NoError(t, err)
			golden(t, name, read(t, got.Raw))
		})
	}
}

func TestAlerts(t *testing.T) {
	t.Parallel()
	c := composer(t)
	const guest = hotel.GuestID("06f3k2m9p8q7r6s5t4v3w2x1y0")
	for name, tc := range map[string]struct {
		alert  hotel.Alert
		guests []hotel.GuestID
		to     []string
	}{
		"alert.asked": {hotel.Alert{Guest: guest, Cause: hotel.CauseAsked, Lang: "es-AR",
			Summary: "Lucía Fernández, +54 9 3447 00-0000\n\nQuiere 3 habitaciones para un casamiento, del 3 al 6 de diciembre."},
			nil, []string{"recepcion@hotelfaro.com.ar", "guardia@hotelfaro.com.ar"}},
		"alert.outage": {hotel.Alert{Cause: hotel.CauseOutage, Lang: "es-AR"},
			[]hotel.GuestID{guest, "06f3k2m9p8q7r6s5t4v3w2x1y1"}, []string{"recepcion@hotelfaro.com.ar", "guardia@hotelfaro.com.ar"}},
		"alert.operator": {hotel.Alert{Guest: guest, Cause: hotel.CauseUnanswered, Lang: "en", Operator: true, Summary: "Waits since 14:10."},
			nil, []string{"guardia@conserje.example"}},
		"alert.engine": {hotel.Alert{Cause: hotel.CauseEngine, Lang: "en", Operator: true,
			Summary: "[faro] The hotel system has not answered for 5 min.\nCheck that it answers."}, nil, []string{"guardia@conserje.example"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tc.alert.Property = "faro"
			got, err := c.Alert(faro(t), tc.alert, tc.guests, "reservas@hotelfaro.com.ar")
			require.NoError(t, err)
			require.Equal(t, tc.to, got.To)
			golden(t, name, read(t, got.Raw))
		})
	}
}

func TestAnAlertNamesAHundredGuestsShortly(t *testing.T) {
	t.Parallel()
	guests := make([]hotel.GuestID, 100)
	for i := range guests {
		guests[i] = hotel.GuestID("guest-" + strings.Repeat("x", 20))
	}
	got, err := composer(t).Alert(faro(t), hotel.Alert{Cause: hotel.CauseOutage, Lang: "en"}, guests, "a@b.test")
	require.NoError(t, err)
	e := read(t, got.Raw)
	require.Equal(t, 50, strings.Count(e.Text, "guest-"))
	require.Contains(t, e.Text, "Guests (100)")
	require.Contains(t, e.Text, "and 50 more")
	require.Contains(t, e.GetHeader("Subject"), "100 guests")
	got, err = composer(t).Alert(faro(t), hotel.Alert{Cause: hotel.CauseOutage, Lang: "en"}, nil, "a@b.test")
	require.NoError(t, err)
	require.Equal(t, "The hotel system does not answer · Hotel Faro del Río", got.Subject)
}

func TestEveryCauseAndLocaleHasItsAlert(t *testing.T) {
	t.Parallel()
	for _, cause := range []hotel.AlertCause{hotel.CauseAsked, hotel.CauseStuck, hotel.CauseBooking, hotel.CauseOutage,
		hotel.CauseUnanswered, hotel.CauseUndelivery, hotel.CauseEngine, hotel.CauseParked, hotel.CauseUnread} {
		for _, lang := range []string{"es", "en", "es-AR"} {
			_, err := composer(t).Alert(faro(t), hotel.Alert{Cause: cause, Lang: lang, Summary: "x", Operator: true},
				[]hotel.GuestID{"a", "b"}, "a@b.test")
			require.NoError(t, err, "%s %s", cause, lang)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	got, err := composer(t).Mail(faro(t), hotel.Mail{Kind: hotel.MailConfirmation, Lang: "es", Reservation: reservation()},
		"reservas@hotelfaro.com.ar")
	require.NoError(t, err)
	msg, err := netmail.ReadMessage(bytes.NewReader(got.Raw))
	require.NoError(t, err)
	e := read(t, got.Raw)
	for name, want := range map[string]string{
		"Date":           "Mon, 23 Nov 2026 12:04:05 -0300",
		"From":           `Hotel Faro del Río <reservas@hotelfaro.com.ar>`,
		"To":             `Lucía Fernández Ñáñez <lucia@example.com>`,
		"Reply-To":       `Hotel Faro del Río <recepcion@hotelfaro.com.ar>`,
		"Subject":        "Reserva confirmada KQXWVUTSR · Hotel Faro del Río",
		"Message-Id":     "<id@hotelfaro.com.ar>",
		"Auto-Submitted": "auto-generated",
		"X-Booking-Ref":  "CJ-0r9f2k",
		"Mime-Version":   "1.0",
	} {
		require.Equal(t, want, e.GetHeader(name), name)
		require.Len(t, msg.Header[name], 1, name)
	}
	require.Len(t, msg.Header, 10, "these and the content type: no user agent, no repeat: %v", msg.Header)
	for line := range strings.SplitSeq(string(got.Raw), "\r\n") {
		require.LessOrEqual(t, len(line), 998)
		require.NotContains(t, line, "\n", "CRLF line ends only")
		require.Less(t, strings.IndexFunc(line, func(r rune) bool { return r > 126 }), 0, "7 bit only: %q", line)
	}
	require.Equal(t, "reservas@hotelfaro.com.ar", got.From)
	require.Equal(t, []string{"lucia@example.com"}, got.To)
}

func TestReservationsThatAreNotOursCarryTheirCode(t *testing.T) {
	t.Parallel()
	r := reservation()
	r.Reference = ""
	got, err := composer(t).Mail(faro(t), hotel.Mail{Kind: hotel.MailCancellation, Reservation: r, Repeat: true}, "a@b.test")
	require.NoError(t, err)
	e := read(t, got.Raw)
	require.Equal(t, "KQXWVUTSR", e.GetHeader("X-Booking-Ref"))
	require.Equal(t, "true", e.GetHeader("X-Booking-Repeat"))
}

func TestWhatCannotBeWritten(t *testing.T) {
	t.Parallel()
	c, h := composer(t), faro(t)
	for _, email := range []string{"", "ana", "ana@", "@example.com", "ana@example", "ana@@example.com", "ana@example.com, eva@example.com",
		"Ana <ana@example.com>", "ana@example.com\r\nBcc: eva@example.com", "ana@[10.0.0.1]", `"a b"@example.com`, "añá@example.com",
		"ana@exam ple.com", "a..b@example.com", "ana@example.com.", strings.Repeat("a", 65) + "@example.com", "ana@example.com>",
		"ana@" + strings.Repeat("x", 260) + ".com"} {
		r := reservation()
		r.Contact.Email = email
		_, err := c.Mail(h, hotel.Mail{Kind: hotel.MailConfirmation, Reservation: r}, h.From)
		require.Equal(t, hotel.Invalid, hotel.KindOf(err), "%q", email)
		if email != "" {
			require.NotContains(t, err.Error(), email)
		}
	}
	_, err := c.Mail(h, hotel.Mail{Kind: "party", Reservation: reservation()}, h.From)
	require.Equal(t, hotel.Invalid, hotel.KindOf(err))
	_, err = c.Mail(h, hotel.Mail{Kind: hotel.MailConfirmation, Reservation: reservation()}, "nobody")
	require.Equal(t, hotel.Unauthorised, hotel.KindOf(err))
	h.ReplyTo = "nobody"
	_, err = c.Mail(h, hotel.Mail{Kind: hotel.MailConfirmation, Reservation: reservation()}, h.From)
	require.Equal(t, hotel.Unauthorised, hotel.KindOf(err))
	_, err = c.Alert(h, hotel.Alert{Cause: "no such cause"}, nil, h.From)
	require.Equal(t, hotel.Invalid, hotel.KindOf(err))
	h.StaffEmails = []string{"nobody"}
	_, err = c.Alert(h, hotel.Alert{Cause: hotel.CauseAsked}, nil, h.From)
	require.Equal(t, hotel.Invalid, hotel.KindOf(err))
	h.StaffEmails = nil
	_, err = c.Alert(h, hotel.Alert{Cause: hotel.CauseAsked}, nil, h.From)
	require.Equal(t, hotel.Invalid, hotel.KindOf(err))
}

func TestInternationalDomainsBecomeASCII(t *testing.T) {
	t.Parallel()
	r := reservation()
	r.Contact.Email = " ana@peñón.example "
	got, err := composer(t).Mail(faro(t), hotel.Mail{Kind: hotel.MailConfirmation, Reservation: r}, "a@b.test")
	require.NoError(t, err)
	require.Equal(t, []string{"ana@xn--pen-8mak.example"}, got.To)
}

func TestHostileNames(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ first, last, shown string }{
		"header injection":  {"Ana\r\nBcc: eva@x", "Paz", ""},
		"line breaks":       {"Ana\r\n\r\nMaría", "Paz\x00\t", "Ana María Paz"},
		"encoded word":      {"=?utf-8?q?Eva?=", "Paz", "= ?utf-8?q?Eva?= Paz"},
		"direction marks":   {"\u202eanA", "Paz\ufeff", "anA Paz"},
		"HTML":              {"<script>alert(1)</script>", "Paz", "<script>alert(1)</script> Paz"},
		"quotes":            {`Ana "la" \`, "Paz, <x>", `Ana "la" \ Paz, <x>`},
		"a link":            {"Gane https://evil.example/x", "Ya", ""},
		"a bare link":       {"Gane en evil.com", "Ya", ""},
		"not UTF-8":         {"An\xffa", "Paz", "An\uFFFDa Paz"},
		"very long":         {strings.Repeat("ñ", 2000), "", strings.Repeat("ñ", 80)},
		"ordinary initials": {"J. R. R.", "O'Higgins-Pérez", "J. R. R. O'Higgins-Pérez"},
		"family":            {"👨‍👩‍👧", "Paz", "👨‍👩‍👧 Paz"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := reservation()
			r.Contact.FirstName, r.Contact.LastName = tc.first, tc.last
			got, err := composer(t).Mail(faro(t), hotel.Mail{Kind: hotel.MailConfirmation, Lang: "en", Reservation: r}, "a@b.test")
			require.NoError(t, err)
			checkHarmless(t, got.Raw, tc.shown)
		})
	}
}

// checkHarmless reads a mail back: the recipient is as given, and there is no
// header but ours.
func checkHarmless(t testing.TB, raw []byte, shown string) {
	t.Helper()
	e := read(t, raw)
	to, err := e.AddressList("To")
	require.NoError(t, err)
	require.Len(t, to, 1)
	require.Equal(t, "lucia@example.com", to[0].Address)
	require.Equal(t, shown, to[0].Name)
	allowed := []string{"Auto-Submitted", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Reply-To", "Subject", "To",
		"X-Booking-Ref"}
	require.ElementsMatch(t, allowed, e.GetHeaderKeys())
	require.NotContains(t, e.HTML, "<script")
	require.NotContains(t, e.HTML, "ZgotmplZ")
	if shown != "" && !strings.ContainsAny(shown, "<>&\"'+\x00`") {
		require.Contains(t, e.HTML, shown)
		require.Contains(t, e.Text, shown)
	}
	for line := range strings.SplitSeq(string(raw), "\r\n") {
		require.LessOrEqual(t, len(line), 998)
	}
}

func FuzzCompose(f *testing.F) {
	f.Add("Ana\r\nBcc: x@y.z", "Paz", "Doble\nX: y", "CODE\r\n", "R\r\nX: 1", "Hotel \"x\", <y>")
	f.Add("=?utf-8?b?QQ==?=", "\u202e", strings.Repeat("x ", 500), "{{.}}", "</td>", "Ñandú =?")
	f.Add("a@b.com", "javascript:alert(1)", "\x00\xff", "", "", "H")
	c := composer(f)
	h := faro(f)
	f.Fuzz(func(t *testing.T, first, last, room, code, ref, name string) {
		h := h
		h.Name = name
		if h.Validate() != nil {
			return
		}
		r := reservation()
		r.Contact.FirstName, r.Contact.LastName, r.RoomType.Name = first, last, room
		r.Code, r.Reference = hotel.BookingCode(code), hotel.Reference("r"+ref)
		got, err := c.Mail(h, hotel.Mail{Kind: hotel.MailConfirmation, Lang: "en", Reservation: r}, h.From)
		require.NoError(t, err)
		checkHarmless(t, got.Raw, mail.Holder(r.Contact))
		e := read(t, got.Raw)
		require.Equal(t, mail.Clean("r"+ref, 80), e.GetHeader("X-Booking-Ref"))
		from, err := e.AddressList("From")
		require.NoError(t, err)
		require.Equal(t, mail.Clean(name, 80), from[0].Name)
		require.Equal(t, got.Subject, e.GetHeader("Subject"))
		require.Contains(t, e.Text, mail.Clean(room, 80))
	})
}
