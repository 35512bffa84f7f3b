package qloapps

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/conserje/conserje/hotel"
)

// What QloApps takes of a guest. What it does not take makes it die with an empty
// 500, so it is fitted here; the guest's own words go into the remark.
const (
	maxName   = 32
	maxPhone  = 32
	maxRemark = 1000 // of a private order message, by far
)

// refusedInName is what QloApps' isName refuses: everything else stays as it is,
// accents, apostrophes and every script. Beyond the BMP is what its tables do not hold.
func refusedInName(r rune) bool {
	return r >= '0' && r <= '9' || strings.ContainsRune(`!<>,;?=+()@#"°{}_$%:`, r) || unicode.IsControl(r) || r > 0xFFFF || r == utf8.RuneError
}

// fitName makes a name that QloApps takes; empty when nothing of it is left. lost
// tells whether more than white space is missing.
func fitName(s string) (fitted string, lost bool) {
	whole := strings.Join(strings.Fields(s), " ")
	kept := strings.Map(func(r rune) rune {
		if refusedInName(r) {
			return ' '
		}
		return r
	}, whole)
	kept = shorten(strings.Join(strings.Fields(kept), " "), maxName)
	return kept, kept != whole
}

// shorten cuts to so many characters, between words when the last one is short.
func shorten(s string, limit int) string {
	all := []rune(s)
	if len(all) <= limit {
		return s
	}
	cut := string(all[:limit])
	if i := strings.LastIndexByte(cut, ' '); i > 0 && all[limit] != ' ' && utf8.RuneCountInString(cut[:i]) >= limit/2 {
		cut = cut[:i]
	}
	return strings.TrimSpace(cut)
}

// fitPhone keeps digits, + - . ( ) and spaces; empty when there is no digit.
func fitPhone(s string) (fitted string, lost bool) {
	kept := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', strings.ContainsRune("+-.()", r):
			return r
		case unicode.IsSpace(r):
			return ' '
		}
		lost = true
		return -1
	}, s)
	kept = strings.Join(strings.Fields(kept), " ")
	if len(kept) > maxPhone {
		kept = strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' || r == '+' {
				return r
			}
			return -1
		}, kept)
	}
	if len(kept) > maxPhone {
		kept, lost = kept[:maxPhone], true
	}
	if !strings.ContainsFunc(kept, unicode.IsDigit) {
		return "", kept != "" || lost
	}
	return kept, lost
}

// fitRemark joins what the front desk shall read: one line, without tags, which
// QloApps would strip, and without what its tables show as a question mark.
func fitRemark(parts ...string) string {
	var lines []string
	for _, p := range parts {
		p = strings.Map(func(r rune) rune {
			switch {
			case r == '<' || r == '>' || unicode.IsControl(r) || r == utf8.RuneError:
				return ' '
			case r > 0xFFFF:
				return -1
			}
			return r
		}, p)
		if p = strings.Join(strings.Fields(p), " "); p != "" {
			lines = append(lines, p)
		}
	}
	return shorten(strings.Join(lines, " | "), maxRemark)
}

// sameName tells whether two people are one, whatever the case and the accents.
func sameName(a, b hotel.Contact) bool {
	return folded(a.FirstName+" "+a.LastName) == folded(b.FirstName+" "+b.LastName)
}

func folded(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case unicode.IsLetter(r):
			return unicode.ToLower(r)
		}
		return ' '
	}, norm.NFD.String(s))
	return strings.Join(strings.Fields(s), " ")
}

// madeUp is the address under which a guest without an e-mail stands; empty when
// the hotel does not allow it, or nobody is named.
func (c *Client) madeUp(guest hotel.GuestID) string {
	local := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(string(guest)))
	if c.config.NoEmailDomain == "" || local == "" || len(local) > 64 {
		return ""
	}
	return local + "@" + c.config.NoEmailDomain
}

// email hides made-up addresses: who stands under one has none.
func (c *Client) email(stored string) string {
	if d := c.config.NoEmailDomain; d != "" && strings.HasSuffix(strings.ToLower(stored), "@"+d) {
		return ""
	}
	return stored
}
