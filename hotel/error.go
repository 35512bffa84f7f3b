package hotel

import (
	"errors"
	"time"
)

// Kind is the class of an error. Callers decide by the kind, never by the text.
type Kind uint8

// The kinds.
const (
	Other        Kind = iota // unclassified: treat as Transient, and look at it
	Transient                // try again later
	NotSent                  // the request certainly did not leave: try again later, the attempt does not count
	Throttled                // refused for pace; RetryAfter tells when, see Scope
	InDoubt                  // the request may have left; its outcome is unknown
	Invalid                  // will never succeed as it is
	NotFound                 // what was named does not exist
	Unauthorised             // credentials or configuration: stop this destination, keep its rows, alert a person
	Conflict                 // somebody else was first: reload and take again
	SoldOut                  // the hotel system has no such room left
	WindowClosed             // the 24 h session window is over: only templates may be sent
	Unavailable              // the upstream, or the store, is away
)

var kindNames = [...]string{"other", "transient", "not_sent", "throttled", "in_doubt", "invalid", "not_found",
	"unauthorised", "conflict", "sold_out", "window_closed", "unavailable"}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// Scope tells whom a Throttled or Unauthorised error concerns.
type Scope uint8

// The scopes.
const (
	ScopeRow    Scope = iota // this row only
	ScopePair                // this number and this guest
	ScopeNumber              // everything of this number, account or property
)

// Error is an error at a room's edge: where, which kind, why.
type Error struct {
	Op         string        // where, as "whatsapp.Send"
	Kind       Kind          // the class
	Code       string        // the outside's own code ("131047"), for logs and dead letters; may be empty
	Scope      Scope         // whom it concerns
	RetryAfter time.Duration // not before; 0 = unknown
	Err        error         // the cause; must not hold guests' data or secrets
}

func (e *Error) Error() string {
	s := e.Op + ": " + e.Kind.String()
	if e.Code != "" {
		s += " " + e.Code
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf tells the kind of err: the outermost *Error's, or Other.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Other
}

// AsError returns the outermost *Error of err, or a new one of kind Other around it.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Kind: Other, Err: err}
}
