package whatsapp

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// cursor reads a JSON text that is known to be valid, once, from left to right.
// A value of another type than asked for is skipped and reads as empty: Meta
// and the tools around it write numbers for strings and leave objects out.
//
//	if c.enter('{') {
//		for c.more('}') {
//			switch string(c.key()) {
//			case "id":
//				id = c.text()
//			default:
//				c.skip()
//			}
//		}
//	}
type cursor struct {
	b []byte
	i int
}

// peek returns the next byte that is no white space, 0 at the end.
func (c *cursor) peek() byte {
	for ; c.i < len(c.b); c.i++ {
		if b := c.b[c.i]; b > ' ' {
			return b
		}
	}
	return 0
}

// enter steps into the next value when it opens with that bracket; else it skips it.
func (c *cursor) enter(open byte) bool {
	if c.peek() == open {
		c.i++
		return true
	}
	c.skip()
	return false
}

// more steps to the next member, or over the closing bracket.
func (c *cursor) more(closing byte) bool {
	b := c.peek()
	if b == ',' {
		c.i++
		return true
	}
	if b == closing || b == 0 {
		c.i++
		return false
	}
	return true
}

// key returns the member's name and steps over the colon. It is a view.
func (c *cursor) key() []byte {
	c.peek()
	name := c.word()
	c.peek()
	c.i++ // the colon
	return name
}

// skip steps over one value.
func (c *cursor) skip() {
	switch c.peek() {
	case '"':
		c.raw()
	case '{', '[':
		c.skipNested()
	default:
		c.literal()
	}
}

func (c *cursor) skipNested() {
	for depth := 0; c.i < len(c.b); {
		switch c.b[c.i] {
		case '"':
			c.raw()
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		c.i++
		if depth == 0 {
			return
		}
	}
}

// raw steps over a string and returns what is between its quotes, a view.
func (c *cursor) raw() []byte {
	c.i++
	start := c.i
	for {
		n := bytes.IndexByte(c.b[c.i:], '"')
		if n < 0 { // cannot be: the text is valid
			c.i = len(c.b)
			return c.b[start:]
		}
		end := c.i + n
		c.i = end + 1
		if !escaped(c.b[start:end]) {
			return c.b[start:end]
		}
	}
}

// escaped tells whether what follows s is escaped: s ends in an odd run of backslashes.
func escaped(s []byte) bool {
	n := len(s)
	for n > 0 && s[n-1] == '\\' {
		n--
	}
	return (len(s)-n)%2 == 1
}

// literal steps over a number, true, false or null and returns it, a view.
func (c *cursor) literal() []byte {
	start := c.i
	for c.i < len(c.b) {
		switch b := c.b[c.i]; {
		case b <= ' ', b == ',', b == '}', b == ']', b == ':':
			return c.b[start:c.i]
		}
		c.i++
	}
	return c.b[start:]
}

// word reads a scalar to compare or parse at once: a view unless it has
// escapes. null, objects and arrays read as empty.
func (c *cursor) word() []byte {
	switch c.peek() {
	case '"':
		s := c.raw()
		if bytes.IndexByte(s, '\\') < 0 {
			return s
		}
		return unescape(nil, s)
	case '{', '[':
		c.skipNested()
		return nil
	case 'n':
		c.literal()
		return nil
	default:
		return c.literal()
	}
}

// text reads a scalar to keep: a copy, and valid UTF-8.
func (c *cursor) text() string {
	if c.peek() != '"' {
		return string(c.word())
	}
	s := c.raw()
	if bytes.IndexByte(s, '\\') >= 0 {
		var room [256]byte
		if len(s) <= len(room) {
			s = unescape(room[:0], s)
		} else {
			s = unescape(make([]byte, 0, len(s)), s)
		}
	}
	if utf8.Valid(s) {
		return string(s)
	}
	return strings.ToValidUTF8(string(s), "\uFFFD")
}

// unescape appends s without its escapes. Half a surrogate pair, and NUL, which
// is no text and which databases refuse, become U+FFFD.
func unescape(dst, s []byte) []byte {
	for len(s) > 0 {
		n := bytes.IndexByte(s, '\\')
		if n < 0 {
			return append(dst, s...)
		}
		dst = append(dst, s[:n]...)
		var r rune
		r, s = escape(s[n+1:])
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// escape reads the escape after a backslash and returns the rest.
func escape(s []byte) (rune, []byte) {
	switch s[0] {
	case 'b':
		return '\b', s[1:]
	case 'f':
		return '\f', s[1:]
	case 'n':
		return '\n', s[1:]
	case 'r':
		return '\r', s[1:]
	case 't':
		return '\t', s[1:]
	case 'u':
		r, rest := hex4(s[1:]), s[5:]
		if r == 0 {
			return utf8.RuneError, rest
		}
		if !utf16.IsSurrogate(r) {
			return r, rest
		}
		if len(rest) >= 6 && rest[0] == '\\' && rest[1] == 'u' {
			if pair := utf16.DecodeRune(r, hex4(rest[2:])); pair != utf8.RuneError {
				return pair, rest[6:]
			}
		}
		return utf8.RuneError, rest
	default:
		return rune(s[0]), s[1:]
	}
}

func hex4(s []byte) (r rune) {
	for _, b := range s[:4] {
		switch {
		case b <= '9':
			r = r<<4 | rune(b-'0')
		default:
			r = r<<4 | rune(b|0x20-'a'+10)
		}
	}
	return r
}
