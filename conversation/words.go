package conversation

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/conserje/conserje/hotel"
)

// day is "viernes 4 de diciembre", with the year when it is not the year of today.
func (b *phrasebook) day(d, today hotel.Date) string {
	if d.IsZero() {
		return "…" // a row of somebody else without its dates
	}
	key := "day"
	if d.Year != today.Year {
		key = "day.year"
	}
	return b.text(key, "weekday", b.weekday(d.Weekday()), "day", strconv.Itoa(d.Day), "month", b.month(d.Month), "year", strconv.Itoa(d.Year))
}

// stay is "del viernes 4 al domingo 6 de diciembre (2 noches)".
func (b *phrasebook) stay(s hotel.Stay, today hotel.Date) string {
	from := b.day(s.CheckIn, today)
	if s.CheckIn.Month == s.CheckOut.Month && s.CheckIn.Year == s.CheckOut.Year {
		from = b.text("day.short", "weekday", b.weekday(s.CheckIn.Weekday()), "day", strconv.Itoa(s.CheckIn.Day))
	}
	return b.text("stay", "from", from, "to", b.day(s.CheckOut, today), "nights", b.count("night", s.Nights()))
}

func (b *phrasebook) weekday(d time.Weekday) string { return b.text("weekday." + strconv.Itoa(int(d))) }
func (b *phrasebook) month(m time.Month) string     { return b.text("month." + strconv.Itoa(int(m))) }

// count is "1 noche" or "2 noches".
func (b *phrasebook) count(noun string, n int) string {
	if n == 1 {
		return b.text(noun + ".one")
	}
	return b.text(noun+".many", "n", strconv.Itoa(n))
}

// number is "dos": how many bookings are made together.
func (b *phrasebook) number(n int) string {
	if n < 2 || n > maxMix {
		return strconv.Itoa(n)
	}
	return b.text("number." + strconv.Itoa(n))
}

// party is "2 adultos y 1 niño (5 años)".
func (b *phrasebook) party(adults, children int, ages []int) string {
	if children == 0 {
		return b.count("adult", adults)
	}
	out := b.text("and", "a", b.count("adult", adults), "b", b.count("child", children))
	if len(ages) == 0 {
		return out
	}
	spelled := make([]string, len(ages))
	for i, age := range ages {
		spelled[i] = strconv.Itoa(age)
		if age == 0 {
			spelled[i] = b.text("infant")
		}
	}
	key := "ages"
	if len(ages) == 1 && ages[0] == 0 {
		key = "ages.infant"
	} else if len(ages) == 1 && ages[0] == 1 {
		key = "ages.one"
	}
	return out + " " + b.text(key, "ages", b.list(spelled))
}

// list is "a, b y c".
func (b *phrasebook) list(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return b.text("and", "a", strings.Join(items[:last], ", "), "b", items[last])
}

// money is "ARS 85.000", in the language's format; decimals only when there are any.
func (b *phrasebook) money(m hotel.Money) string {
	return strings.Replace(m.In(b.lang, b.country), " ", "\u00a0", 1)
}

// extras is "Desayuno (ARS 5.000) y Cochera (ARS 2.000)".
func (b *phrasebook) extras(all []hotel.Extra) string {
	named := make([]string, len(all))
	for i, x := range all {
		named[i] = b.text("extra", "name", x.Name, "total", b.money(x.Total))
	}
	return b.list(named)
}

// when is "hoy a las 8:00", "mañana miércoles a las 8:00" or "el lunes 30 de noviembre a las 8:00".
func (b *phrasebook) when(at, now time.Time) string {
	day, today := hotel.DateOf(at), hotel.DateOf(now)
	clock := strconv.Itoa(at.Hour()) + ":" + at.Format("04")
	switch day.DaysSince(today) {
	case 0:
		return b.text("when.today", "time", clock)
	case 1:
		return b.text("when.tomorrow", "weekday", b.weekday(day.Weekday()), "time", clock)
	}
	return b.text("when.later", "day", b.day(day, today), "time", clock)
}

// clip cuts s to at most n runes, with an ellipsis when something is lost.
func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	runes := []rune(s)
	return strings.TrimRight(string(runes[:n-1]), " ,.;") + "…"
}
