package mail

import (
	"errors"
	netmail "net/mail"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Longest texts that a mail carries, in runes.
const (
	maxName = 80
	maxText = 2000
)

// clean makes one harmless line of a stranger's text: control characters,
// line breaks and runs of spaces become one space, what turns the direction of
// writing goes, and so do the marks of encoded words, which a reader would
// decode. Ordinary text stays as it is.
func clean(s string, limit int) string {
	var b strings.Builder
	space := false
	n := 0
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		if isBidi(r) {
			continue
		}
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			space = b.Len() > 0
			continue
		}
		if n >= limit {
			break
		}
		if space {
			b.WriteByte(' ')
			n++
			space = false
		}
		b.WriteRune(r)
		n++
	}
	return strings.ReplaceAll(b.String(), "=?", "= ?")
}

// cleanLines is clean for text of several lines.
func cleanLines(s string, limit int) []string {
	var lines []string
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	for line := range strings.SplitSeq(s, "\n") {
		line = clean(line, limit)
		if line == "" && (len(lines) == 0 || lines[len(lines)-1] == "") {
			continue
		}
		limit -= utf8.RuneCountInString(line)
		lines = append(lines, line)
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

func isBidi(r rune) bool {
	return r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069' || r == '\uFEFF'
}

var linkLike = regexp.MustCompile(`(?i)://|www\.|@|[\pL\d-]\.[a-z]{2,}(\W|$)`)

// personName is a guest's name, or nothing when it looks like a link: mail
// readers would make one of it, and the hotel an advertiser.
func personName(s string) string {
	s = clean(s, maxName)
	if linkLike.MatchString(s) {
		return ""
	}
	return s
}

var errAddress = errors.New("not a valid e-mail address")

var localPart = regexp.MustCompile("^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}$")

// address returns s as it goes into a header and an envelope: a plain address,
// its domain in ASCII. Whatever needs quoting, names a host by number or
// carries a display name is refused. The error never holds the address.
func address(s string) (string, error) {
	s = strings.TrimSpace(s)
	at := strings.LastIndexByte(s, '@')
	if at < 1 || len(s) > 254 {
		return "", errAddress
	}
	local, domain := s[:at], s[at+1:]
	if !localPart.MatchString(local) {
		return "", errAddress
	}
	domain, err := idna.Lookup.ToASCII(domain)
	if err != nil || !strings.Contains(strings.Trim(domain, "."), ".") || strings.HasSuffix(domain, ".") {
		return "", errAddress
	}
	parsed, err := netmail.ParseAddress(local + "@" + domain)
	if err != nil || parsed.Address != local+"@"+domain {
		return "", errAddress
	}
	return parsed.Address, nil
}
