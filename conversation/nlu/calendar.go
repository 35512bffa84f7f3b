package nlu

import (
	"time"

	"github.com/conserje/conserje/hotel"
)

// holiday is a day of the year that guests name instead of a date.
type holiday int32

const (
	christmas holiday = iota
	christmasEve
	easter // the long weekend, Thursday to Sunday
	carnival
	newYear
	newYearEve
)

// daysIn counts the days of a month.
func daysIn(year, month int) int {
	return hotel.NewDate(year, time.Month(month)+1, 0).Day
}

func validDay(year, month, day int) bool {
	return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)
}

// easterSunday is Gauss's rule in Meeus's form.
func easterSunday(year int) hotel.Date {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return hotel.NewDate(year, time.Month(n/31), n%31+1)
}

// days tells when a holiday is in a year, end exclusive.
func (h holiday) days(year int) DateRange {
	day := func(m time.Month, d int) DateRange {
		start := hotel.NewDate(year, m, d)
		return DateRange{start, start.AddDays(1)}
	}
	switch h {
	case christmas:
		return day(time.December, 25)
	case christmasEve:
		return day(time.December, 24)
	case newYear:
		return day(time.January, 1)
	case newYearEve:
		return day(time.December, 31)
	case carnival:
		sunday := easterSunday(year)
		return DateRange{sunday.AddDays(-48), sunday.AddDays(-46)}
	default:
		sunday := easterSunday(year)
		return DateRange{sunday.AddDays(-3), sunday}
	}
}

// monday of the week of d; weeks begin on Monday.
func monday(d hotel.Date) hotel.Date {
	return d.AddDays(-(int(d.Weekday()) + 6) % 7)
}

// weekdayIn is the weekday of the week that begins on that Monday.
func weekdayIn(mon hotel.Date, weekday int) hotel.Date { return mon.AddDays((weekday + 6) % 7) }

// firstMonday begins the first week of a month: the one that holds its fourth day.
func firstMonday(year, month int) hotel.Date {
	return monday(hotel.NewDate(year, time.Month(month), 4))
}

// addMonths keeps the day, or takes the last of a shorter month.
func addMonths(d hotel.Date, n int) hotel.Date {
	first := hotel.NewDate(d.Year, d.Month+time.Month(n), 1)
	first.Day = min(d.Day, daysIn(first.Year, int(first.Month)))
	return first
}

// nextDay is the first day with that day of the month on or after from.
func nextDay(from hotel.Date, day int) hotel.Date {
	y, m := from.Year, int(from.Month)
	for range 14 {
		if validDay(y, m, day) {
			if d := hotel.NewDate(y, time.Month(m), day); !d.Before(from) {
				return d
			}
		}
		if m++; m > 12 {
			y, m = y+1, 1
		}
	}
	return hotel.Date{}
}

// nextDate is the first such day and month on or after from.
func nextDate(from hotel.Date, month, day int) hotel.Date {
	for y := from.Year; y <= from.Year+8; y++ {
		if !validDay(y, month, day) {
			continue
		}
		if d := hotel.NewDate(y, time.Month(month), day); !d.Before(from) {
			return d
		}
	}
	return hotel.Date{}
}

// nextWeekday is the first such weekday strictly after from.
func nextWeekday(from hotel.Date, weekday int) hotel.Date {
	n := (weekday - int(from.Weekday()) + 7) % 7
	if n == 0 {
		n = 7
	}
	return from.AddDays(n)
}

// nextWeekdayDay is the first day of the month that falls on that weekday ('martes 25').
func nextWeekdayDay(from hotel.Date, weekday, day int) hotel.Date {
	d := nextDay(from, day)
	for range 12 {
		if d.IsZero() || int(d.Weekday()) == weekday {
			return d
		}
		d = nextDay(d.AddDays(1), day)
	}
	return nextDay(from, day)
}
