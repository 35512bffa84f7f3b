package hotel

import "time"

// Question names a question to a hotel system, for a cache that engines share.
// Its Text never leaves the process: caches know it by its hash.
type Question struct {
	Property PropertyID
	Kind     string // "availability", "booking", "rooms": of few values
	Text     string
	Lasting  bool // bookings of ours do not change its answer
}

// Recalled is what a shared cache holds for a question.
type Recalled struct {
	Value []byte        // nil = nothing that still holds
	Rest  time.Duration // how much longer Value holds
	Mark  string        // the property's state when it was asked; changes with each booking; "" = not known
}
