package redis

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/conserje/conserje/hotel"
)

// What the keys of all engines begin with says how values are framed: engines
// of another frame do not see them.
const frameVersion = "1"

const (
	maxValue = 64 << 10 // bytes: what is larger is not shared
	markSize = 16
	markFor  = 24 * time.Hour // longer than any answer
)

// key is the one builder of keys. Of what it is told only the hash shows.
func (c *Client) key(kind string, parts ...string) string {
	mac := hmac.New(sha256.New, c.hashKey)
	for _, p := range parts {
		mac.Write([]byte(p))
		mac.Write([]byte{0})
	}
	return strings.Join([]string{c.prefix, frameVersion, kind, hex.EncodeToString(mac.Sum(nil)[:16])}, ":")
}

func (c *Client) answerKey(q hotel.Question) string {
	return c.key("answer:"+q.Kind, string(q.Property), q.Text)
}

func (c *Client) markKey(p hotel.PropertyID) string { return c.key("mark", string(p)) }

// newMark names a property's state from now on. It is drawn, not counted: a
// count would begin anew in a Redis that was wiped, and old answers hold again.
func newMark() string {
	var b [markSize]byte
	_, _ = rand.Read(b[:]) // never fails
	return string(b[:])
}

// frame puts an answer behind the mark it was asked under.
func frame(mark string, value []byte) []byte {
	return append([]byte(mark), value...)
}

// unframe returns the answer, unless the frame is none of ours or of another mark.
func unframe(framed []byte, mark string) ([]byte, bool) {
	if len(mark) != markSize || len(framed) <= markSize || len(framed) > markSize+maxValue || string(framed[:markSize]) != mark {
		return nil, false
	}
	return framed[markSize:], true
}
