package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// List is several texts, separated by commas or white space in a variable, a sequence in YAML.
type List []string

// UnmarshalText splits at commas, trims, and drops what is empty.
func (l *List) UnmarshalText(text []byte) error {
	*l = splitList(string(text))
	return nil
}

// MarshalText joins with commas.
func (l List) MarshalText() ([]byte, error) { return []byte(strings.Join(l, ",")), nil }

// MarshalJSON would else use MarshalText: a list stays a list in JSON.
func (l List) MarshalJSON() ([]byte, error) {
	quoted := make([]string, len(l))
	for i, s := range l {
		quoted[i] = strconv.Quote(s)
	}
	return []byte("[" + strings.Join(quoted, ",") + "]"), nil
}

// String joins with commas.
func (l List) String() string { return strings.Join(l, ",") }

func splitList(s string) List {
	var out List
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// Size is a number of bytes, written as 200MB, 1GB or 512KiB.
type Size int64

// sizeUnits are what a size may end with, longest first.
var sizeUnits = []struct {
	name  string
	bytes float64
}{{"KIB", 1 << 10}, {"MIB", 1 << 20}, {"GIB", 1 << 30}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1}, {"", 1}}

// UnmarshalText reads a number with or without a unit.
func (s *Size) UnmarshalText(text []byte) error {
	in := strings.ToUpper(strings.TrimSpace(string(text)))
	for _, unit := range sizeUnits {
		number, ok := strings.CutSuffix(in, unit.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || n*unit.bytes > 1<<60 || n < 0 {
			return fmt.Errorf("%q is no size", in)
		}
		*s = Size(n * unit.bytes)
		return nil
	}
	return fmt.Errorf("%q is no size", in)
}

// String writes what UnmarshalText reads, with the largest unit that keeps it whole.
func (s Size) String() string {
	for _, unit := range []struct {
		name  string
		bytes Size
	}{{"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}} {
		if s >= unit.bytes && s%unit.bytes == 0 {
			return strconv.FormatInt(int64(s/unit.bytes), 10) + unit.name
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

// parseDuration reads 90s, 1h30m, 30d, or a bare number of seconds.
func parseDuration(s string) (time.Duration, error) {
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		return time.Duration(n * float64(time.Second)), nil
	}
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.ParseFloat(days, 64); err == nil {
			return time.Duration(n * 24 * float64(time.Hour)), nil
		}
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("%q is no duration", s)
	}
	return d, nil
}

// formatDuration writes what parseDuration reads, as people write it: 10m, 2h, 30d.
func formatDuration(d time.Duration) string {
	if d == 0 {
		return "0"
	}
	if day := 24 * time.Hour; d >= 2*day && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// parseClock reads HH:MM, or an hour alone, as minutes since midnight; 24:00 is the day's end.
func parseClock(s string) (int, error) {
	hour, minute, found := strings.Cut(strings.TrimSpace(s), ":")
	if !found {
		minute = "00"
	}
	h, errHour := strconv.ParseUint(hour, 10, 8)
	m, errMinute := strconv.ParseUint(minute, 10, 8)
	ok := errHour == nil && errMinute == nil && len(minute) == 2 && m < 60 && (h < 24 || h == 24 && m == 0)
	if !ok {
		return 0, fmt.Errorf("%q is no time of day", s)
	}
	return int(h)*60 + int(m), nil
}
