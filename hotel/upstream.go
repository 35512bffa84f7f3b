package hotel

import "time"

// Upstream is how one way to the outside stands, for people.
type Upstream struct {
	Destination string     `json:"destination"`        // whatsapp, pms, gmail or smtp
	Property    PropertyID `json:"property,omitempty"` // an account that several share names the first
	Breaker     string     `json:"breaker,omitempty"`  // closed, half_open or open; empty: it has none
	Since       time.Time  `json:"since,omitzero"`     // when the breaker left closed
	Refused     bool       `json:"refused"`            // our token, key or account is not taken
	Code        string     `json:"code,omitempty"`     // the outside's word for that
}

// Doubts are sends whose outcome nobody holds yet.
type Doubts struct {
	Rows   int       `json:"rows"`
	Oldest time.Time `json:"oldest,omitzero"` // claimed
}
