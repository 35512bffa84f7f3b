package whatsapp

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strings"
	"sync"
)

const signaturePrefix = "sha256="

// Verifier checks webhook signatures. It is safe for concurrent use.
type Verifier struct {
	keyed bool
	macs  sync.Pool // of *mac: setting up the key costs more than hashing a short body
}

// mac is one keyed hash with the room it needs, so that Verify allocates nothing.
type mac struct {
	hash hash.Hash
	text [2 * sha256.Size]byte
	want [sha256.Size]byte
	got  [sha256.Size]byte
}

// NewVerifier returns a Verifier for an app secret. With an empty secret no
// signature is good: anybody could make one.
func NewVerifier(secret string) *Verifier {
	key := []byte(secret)
	v := &Verifier{keyed: len(key) > 0}
	v.macs.New = func() any { return &mac{hash: hmac.New(sha256.New, key)} }
	return v
}

// Verify tells whether the X-Hub-Signature-256 header is the signature of
// exactly these body bytes. It takes the same time wherever they differ.
func (v *Verifier) Verify(signatureHeader string, body []byte) bool {
	digits, ok := strings.CutPrefix(signatureHeader, signaturePrefix)
	if !ok || !v.keyed || len(digits) != 2*sha256.Size {
		return false
	}
	m := v.macs.Get().(*mac)
	defer v.macs.Put(m)
	copy(m.text[:], digits)
	if _, err := hex.Decode(m.want[:], m.text[:]); err != nil {
		return false
	}
	m.hash.Reset()
	m.hash.Write(body)
	return hmac.Equal(m.hash.Sum(m.got[:0]), m.want[:])
}
