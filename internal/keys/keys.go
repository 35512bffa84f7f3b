// Package keys makes the identifiers of rows, guests and engines: UUIDv7 as
// lower-case base32 (RFC 4648's hex alphabet, so that they sort by time).
package keys

import (
	"encoding/base32"
	"strings"

	"github.com/google/uuid"
)

var encoding = base32.HexEncoding.WithPadding(base32.NoPadding)

// New returns a fresh key of 26 characters.
func New() string {
	id := uuid.Must(uuid.NewV7())
	return strings.ToLower(encoding.EncodeToString(id[:]))
}
