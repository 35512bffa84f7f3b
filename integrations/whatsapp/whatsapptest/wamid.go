package whatsapptest

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// Wamid returns a new message id of the shape that Meta's have: it holds the
// guest's phone or user id in clear. Those of guests' messages and of the
// hotel's differ in their ends.
func Wamid(person string, inbound bool) string {
	if len(person) > 255 {
		person = person[:255]
	}
	b := append([]byte{0x1c, 0x18, byte(len(person))}, person...)
	if inbound {
		b = append(append(b, 0x15, 0x02, 0x00, 0x12, 0x18, 0x14), random(10)...)
	} else {
		b = append(append(b, 0x15, 0x02, 0x00, 0x11, 0x18, 0x12), random(9)...)
	}
	return "wamid." + base64.StdEncoding.EncodeToString(append(b, 0))
}

// random returns n random bytes as upper-case hexadecimal.
func random(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return strings.ToUpper(hex.EncodeToString(b))
}
