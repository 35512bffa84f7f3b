package whatsapp

import (
	"strconv"
	"strings"
	"time"
)

const (
	// DefaultVersion of the Graph API.
	DefaultVersion = "v26.0"
	// DefaultBase is Meta's Graph API.
	DefaultBase = "https://graph.facebook.com"
	// oldest is the oldest version with an expiry of its own here; those before it are long gone.
	oldest = 20
)

// ParseBase splits a base URL: a version at the end of its path wins over
// fallbackVersion. expired tells that Meta has withdrawn the version by today:
// it then answers as the oldest living one does.
func ParseBase(url, fallbackVersion string) (base, version string, expired bool) {
	base = strings.TrimRight(strings.TrimSpace(url), "/")
	if base == "" {
		base = DefaultBase
	}
	version = fallbackVersion
	if cut := strings.LastIndexByte(base, '/'); cut >= 0 {
		if _, ok := major(base[cut+1:]); ok {
			base, version = strings.TrimRight(base[:cut], "/"), base[cut+1:]
		}
	}
	if version == "" {
		version = DefaultVersion
	}
	end, known := VersionExpiry(version)
	return base, version, known && !time.Now().Before(end)
}

// VersionExpiry tells when Meta withdraws a version of the Graph API, as far as
// it is known.
func VersionExpiry(version string) (end time.Time, known bool) {
	n, ok := major(version)
	if !ok {
		return time.Time{}, false
	}
	day := func(y int, m time.Month, d int) (time.Time, bool) {
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC), true
	}
	switch {
	case n <= oldest:
		return day(2026, time.September, 24)
	case n == 21:
		return day(2027, time.January, 21)
	case n == 22:
		return day(2027, time.May, 20)
	case n == 23:
		return day(2027, time.October, 8)
	case n == 24:
		return day(2028, time.February, 18)
	case n == 25:
		return day(2028, time.July, 29)
	}
	return time.Time{}, false
}

// major reads "v26.0".
func major(version string) (int, bool) {
	digits, ok := strings.CutPrefix(version, "v")
	if !ok {
		return 0, false
	}
	whole, minor, ok := strings.Cut(digits, ".")
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(whole)
	if _, err2 := strconv.Atoi(minor); err != nil || err2 != nil || n < 1 {
		return 0, false
	}
	return n, true
}
