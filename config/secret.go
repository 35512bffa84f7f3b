package config

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a text that never shows itself: every way of printing it says
// [redacted]. Fields of this type must be exported, or fmt would go around its
// methods; a test walks the whole configuration and checks that.
type Secret string

// Reveal returns the text itself, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

// IsZero tells whether there is no secret.
func (s Secret) IsZero() bool { return s == "" }

// mask is what may be shown: nothing of an empty secret, or the fact that there is one.
func (s Secret) mask() string {
	if s == "" {
		return ""
	}
	return redacted
}

// String returns [redacted], or "" when there is no secret.
func (s Secret) String() string { return s.mask() }

// GoString keeps %#v from showing the text.
func (s Secret) GoString() string { return `"` + s.mask() + `"` }

// Format keeps every verb, %x and %d too, from showing the text.
func (s Secret) Format(f fmt.State, verb rune) {
	out := s.mask()
	if verb == 'q' || verb == 'v' && f.Flag('#') {
		out = s.GoString()
	}
	_, _ = io.WriteString(f, out) // fmt's State never fails
}

// MarshalText writes the mask, for JSON, XML and every other encoder of texts.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.mask()), nil }

// MarshalJSON writes the mask.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + s.mask() + `"`), nil }

// MarshalYAML writes the mask.
func (s Secret) MarshalYAML() (any, error) { return s.mask(), nil }

// LogValue writes the mask to logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.mask()) }
