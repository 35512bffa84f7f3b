package conversation

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
)

func TestMoney(t *testing.T) {
	t.Parallel()
	es, en := loadPhrases("es", "AR"), loadPhrases("en", "")
	cases := []struct {
		money  hotel.Money
		es, en string
	}{
		{hotel.Money{Minor: 8500000, Currency: "ARS"}, "ARS 85.000", "ARS 85,000"},
		{hotel.Money{Minor: 8500, Currency: "USD"}, "USD 85", "USD 85"},
		{hotel.Money{Minor: 123456789, Currency: "ARS"}, "ARS 1.234.567,89", "ARS 1,234,567.89"},
		{hotel.Money{Minor: 85000, Currency: "CLP"}, "CLP 85.000", "CLP 85,000"},
		{hotel.Money{Minor: 12345, Currency: "KWD"}, "KWD 12,345", "KWD 12.345"},
		{hotel.Money{Minor: -500, Currency: "USD"}, "USD -5", "USD -5"},
		{hotel.Money{Currency: "USD"}, "USD 0", "USD 0"},
		{hotel.Money{Minor: 5, Currency: "USD"}, "USD 0,05", "USD 0.05"},
	}
	for _, c := range cases {
		require.Equal(t, c.es, spaced(es.money(c.money)))
		require.Equal(t, c.en, spaced(en.money(c.money)))
	}
}

func spaced(s string) string {
	out := []rune(s)
	for i, r := range out {
		if r == '\u00a0' {
			out[i] = ' '
		}
	}
	return string(out)
}

func TestStayAndDays(t *testing.T) {
	t.Parallel()
	es, en := loadPhrases("es", "AR"), loadPhrases("en", "")
	today := hotel.NewDate(2026, 11, 24)
	stay := func(in, out hotel.Date) hotel.Stay { return hotel.Stay{CheckIn: in, CheckOut: out} }
	december := stay(hotel.NewDate(2026, 12, 4), hotel.NewDate(2026, 12, 6))
	require.Equal(t, "del viernes 4 al domingo 6 de diciembre (2 noches)", es.stay(december, today))
	require.Equal(t, "from Friday 4 to Sunday 6 December (2 nights)", en.stay(december, today))
	turn := stay(hotel.NewDate(2026, 12, 31), hotel.NewDate(2027, 1, 1))
	require.Equal(t, "del jueves 31 de diciembre al viernes 1 de enero de 2027 (1 noche)", es.stay(turn, today))
	require.Equal(t, "from Thursday 31 December to Friday 1 January 2027 (1 night)", en.stay(turn, today))
}

func TestParty(t *testing.T) {
	t.Parallel()
	es, en := loadPhrases("es", "AR"), loadPhrases("en", "")
	cases := []struct {
		adults, children int
		ages             []int
		es, en           string
	}{
		{1, 0, nil, "1 adulto", "1 adult"},
		{2, 1, nil, "2 adultos y 1 niño", "2 adults and 1 child"},
		{2, 1, []int{5}, "2 adultos y 1 niño (5 años)", "2 adults and 1 child (aged 5)"},
		{2, 1, []int{1}, "2 adultos y 1 niño (1 año)", "2 adults and 1 child (aged 1)"},
		{2, 1, []int{0}, "2 adultos y 1 niño (bebé)", "2 adults and 1 child (an infant)"},
		{2, 3, []int{3, 5, 8}, "2 adultos y 3 niños (3, 5 y 8 años)", "2 adults and 3 children (aged 3, 5 and 8)"},
	}
	for _, c := range cases {
		require.Equal(t, c.es, es.party(c.adults, c.children, c.ages))
		require.Equal(t, c.en, en.party(c.adults, c.children, c.ages))
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]string{
		"":                         {"", ""},
		"ana":                      {"Ana", ""},
		"ana gómez":                {"Ana", "Gómez"},
		"JUAN PÉREZ":               {"Juan", "Pérez"},
		"Juan Pérez García":        {"Juan", "Pérez García"},
		"María José López":         {"María José", "López"},
		"Ana de la Vega":           {"Ana", "de la Vega"},
		"Juan Carlos Pérez García": {"Juan Carlos", "Pérez García"},
		"Tom O'Brien":              {"Tom", "O'Brien"},
		"ludwig van beethoven":     {"Ludwig", "van Beethoven"},
		"Jean-luc mcGregor":        {"Jean-luc", "mcGregor"},
	} {
		first, last := splitName(name)
		require.Equal(t, want, [2]string{first, last}, name)
	}
	require.Equal(t, "Ana Gómez", nameBeforeMail("somos dos. Ana Gómez, ana@correo.test"))
	require.Equal(t, "", nameBeforeMail("para dos, ana@correo.test"))
	require.Equal(t, "", nameBeforeMail("nada"))
	require.True(t, plausibleName("Ana Gómez"))
	require.False(t, plausibleName("Ana"))
	require.False(t, plausibleName("🌸 flor 🌸"))
	require.Equal(t, "Ñandú", capital("ñandú"))
}

func TestSurnameProof(t *testing.T) {
	t.Parallel()
	require.True(t, sameSurname("fernandez", "Fernández Ríos"))
	require.True(t, sameSurname("Julia Fernández Ríos", "Fernández Ríos"))
	require.True(t, sameSurname("de la vega", "de la Vega"))
	require.False(t, sameSurname("ríos", "Fernández Ríos"))
	require.False(t, sameSurname("de", "de la Vega"))
	require.False(t, sameSurname("", "Gómez"))
	require.False(t, sameSurname("Gómez", ""))
	for text, want := range map[string][2]string{
		"QWERTYUIO Fernández":                  {"QWERTYUIO", "Fernández"},
		"código qwertyuio, apellido Rodriguez": {"QWERTYUIO", "Rodriguez"},
		"QWERTYUIO":                            {"QWERTYUIO", ""},
		"Rodriguez":                            {"", "Rodriguez"},
		"my code is QWERTYUIO and surname de la Vega": {"QWERTYUIO", "la Vega"},
		"Gómez": {"", "Gómez"},
	} {
		code, name := proofIn(strings.Fields(text), false)
		require.Equal(t, want, [2]string{string(code), name}, text)
	}
	code, name := proofIn([]string{"FERNANDEZ"}, true)
	require.Equal(t, [2]string{"", "FERNANDEZ"}, [2]string{string(code), name})
}

func TestHours(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("AR", -3*60*60)
	f := Facts{Zone: zone, Hours: []Hours{
		{time.Tuesday, 8 * 60, 12 * 60}, {time.Tuesday, 16 * 60, 2 * 60}, // past midnight
		{time.Thursday, 9*60 + 30, 18 * 60},
	}}
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, zone) } // the 24th is a Tuesday
	for instant, duty := range map[time.Time]bool{
		at(24, 7, 59): false, at(24, 8, 0): true, at(24, 12, 0): false, at(24, 16, 0): true, at(24, 23, 59): true,
		at(25, 1, 59): true, at(25, 2, 0): false, at(26, 9, 29): false, at(26, 9, 30): true,
	} {
		require.Equal(t, duty, f.onDuty(instant), instant)
	}
	require.Equal(t, at(24, 16, 0), f.nextOpen(at(24, 13, 0)))
	require.Equal(t, at(26, 9, 30), f.nextOpen(at(25, 3, 0)))
	require.Equal(t, time.Date(2026, 12, 1, 8, 0, 0, 0, zone), f.nextOpen(at(26, 19, 0)))
	require.Equal(t, at(26, 9, 30), f.dutyFrom(at(25, 3, 0)))
	require.True(t, Facts{}.onDuty(at(24, 3, 0)))
	require.Equal(t, at(24, 3, 0), Facts{}.nextOpen(at(24, 3, 0)))

	es, en := loadPhrases("es", "AR"), loadPhrases("en", "")
	require.Equal(t, "hoy a las 16:00", es.when(at(24, 16, 0), at(24, 13, 0)))
	require.Equal(t, "mañana jueves a las 9:30", es.when(at(26, 9, 30), at(25, 3, 0)))
	require.Equal(t, "on Tuesday 1 December at 8:00", en.when(time.Date(2026, 12, 1, 8, 0, 0, 0, zone), at(26, 19, 0)))
}

func TestClock(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 13, 0, 0, 0, time.UTC)
	in := func(sent time.Time) hotel.Inbound { return hotel.Inbound{SentAt: sent, At: now} }
	require.Equal(t, now, clock(in(time.Time{})))
	require.Equal(t, now, clock(in(now.Add(time.Minute))))
	require.Equal(t, now, clock(in(now.Add(-9*24*time.Hour))))
	require.Equal(t, now.Add(-7*24*time.Hour), clock(in(now.Add(-7*24*time.Hour))))
}

func TestSplitText(t *testing.T) {
	t.Parallel()
	head, rest := splitText("uno\ndos\ntres", 9)
	require.Equal(t, [2]string{"uno\ndos", "tres"}, [2]string{head, rest})
	head, rest = splitText("abcdef", 4)
	require.Equal(t, [2]string{"abcd", "ef"}, [2]string{head, rest})
	require.Equal(t, "Doble con…", clip("Doble con vista", 10))
}
