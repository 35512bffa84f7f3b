package transport

import (
	"context"
	"time"

	"github.com/conserje/conserje/hotel"
)

// Verifier tells whether a webhook was signed with the app's secret.
type Verifier interface {
	// Verify checks the X-Hub-Signature-256 header against the raw body, in
	// constant time. It keeps neither.
	Verify(signature string, body []byte) bool
}

// Decoder reads a webhook's body: every element of it. now is the arrival. An
// error means that the body will never be understood. It keeps nothing of body,
// which is used again when the handler has returned.
type Decoder func(body []byte, now time.Time) (hotel.Webhook, error)

// Intake commits what a webhook brought.
type Intake interface {
	// Accept returns nil when everything is committed. Unavailable: the store is
	// away, nothing is known to be written. Invalid: these rows will never be
	// taken. A repeat writes nothing twice.
	Accept(ctx context.Context, messages []hotel.Inbound, receipts []hotel.Receipt, dead []hotel.DeadLetter) error
}

// Gate is the inbox's high-water mark.
type Gate interface {
	// Full tells whether new messages must wait outside. It is asked once for
	// each webhook that holds messages, so it reads memory, not the store.
	Full() bool
}

// Check tells whether something that the engine needs answers.
type Check func(ctx context.Context) error
