package conversation

import (
	"time"

	"github.com/conserje/conserje/hotel"
)

// opening is one concrete opening of the table.
type opening struct{ from, to time.Time }

// openings lists those that begin on a day.
func (f Facts) openings(day hotel.Date) []opening {
	var out []opening
	for _, h := range f.Hours {
		if h.Day != day.Weekday() {
			continue
		}
		closes := h.Close
		if closes <= h.Open {
			closes += 24 * 60 // past midnight
		}
		// Through the calendar, not by adding hours: days of a clock change are not 24 h long.
		out = append(out, opening{day.At(0, h.Open, f.zone()), day.At(0, closes, f.zone())})
	}
	return out
}

// onDuty tells whether reception is there.
func (f Facts) onDuty(now time.Time) bool {
	if len(f.Hours) == 0 {
		return true
	}
	today := hotel.DateOf(now.In(f.zone()))
	for _, day := range []hotel.Date{today.AddDays(-1), today} {
		for _, o := range f.openings(day) {
			if !now.Before(o.from) && now.Before(o.to) {
				return true
			}
		}
	}
	return false
}

// nextOpen is when reception opens next after now.
func (f Facts) nextOpen(now time.Time) time.Time {
	today := hotel.DateOf(now.In(f.zone()))
	for i := range 8 {
		var first time.Time
		for _, o := range f.openings(today.AddDays(i)) {
			if o.from.After(now) && (first.IsZero() || o.from.Before(first)) {
				first = o.from
			}
		}
		if !first.IsZero() {
			return first
		}
	}
	return now
}

// dutyFrom is from when on someone of reception can have seen what came at an instant.
func (f Facts) dutyFrom(at time.Time) time.Time {
	if f.onDuty(at) {
		return at
	}
	return f.nextOpen(at)
}
