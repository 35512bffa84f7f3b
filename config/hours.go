package config

import (
	"fmt"
	"strings"
	"time"
)

// Week is when people answer: day (mon ... sun) to its spans, as "08:00-13:00,
// 16:00-02:00" or "closed". A day that is not named is closed.
type Week map[string]string

// Span is opening and closing in minutes since midnight. When Close is before
// or at Open it closes on the next day.
type Span struct{ Open, Close int }

var days = map[string]time.Weekday{"sun": time.Sunday, "mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday,
	"thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday}

// end counts past midnight.
func (s Span) end() int {
	if s.Close <= s.Open {
		return s.Close + 24*60
	}
	return s.Close
}

// Spans parses the table; the spans of a day are in its order.
func (w Week) Spans() (map[time.Weekday][]Span, error) {
	out := map[time.Weekday][]Span{}
	for name, text := range w {
		day, ok := days[name]
		if !ok {
			return nil, fmt.Errorf("%q is no day: write mon, tue, wed, thu, fri, sat, sun", name)
		}
		spans, err := parseSpans(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if len(spans) > 0 {
			out[day] = spans
		}
	}
	return out, nil
}

func parseSpans(text string) ([]Span, error) {
	if s := strings.TrimSpace(strings.ToLower(text)); s == "" || s == "closed" {
		return nil, nil
	}
	var out []Span
	for part := range strings.SplitSeq(text, ",") {
		from, to, ok := strings.Cut(part, "-")
		if !ok {
			return nil, fmt.Errorf("%q is no span as 08:00-22:00", strings.TrimSpace(part))
		}
		open, err := parseClock(from)
		if err != nil {
			return nil, err
		}
		shut, err := parseClock(to)
		if err != nil {
			return nil, err
		}
		if n := len(out); n > 0 && out[n-1].end() > open {
			return nil, fmt.Errorf("%q begins before the span ahead of it ends", strings.TrimSpace(part))
		}
		out = append(out, Span{Open: open, Close: shut})
	}
	return out, nil
}

// everyDay is a week of equal days.
func everyDay(from, to string) Week {
	w := Week{}
	for name := range days {
		w[name] = from + "-" + to
	}
	return w
}
