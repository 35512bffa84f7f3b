package conversation

import "time"

// Dialogue is the conversation of one property. It is immutable and safe for concurrent use.
type Dialogue struct {
	facts   Facts
	version string
}

// New builds the dialogue of a property.
func New(f Facts) *Dialogue {
	return &Dialogue{facts: f.withDefaults(), version: f.Version()}
}

// Facts returns what the dialogue was built from, defaults filled in.
func (d *Dialogue) Facts() Facts { return d.facts }

// Take returns the state after the inputs and the effects that they call for.
// It never changes s, and gives the same turn for the same arguments. When the
// turn has a Read, the caller may take again with the same inputs and
// ReadAnswered appended.
func (d *Dialogue) Take(s State, inputs []Input, now time.Time) Turn {
	return Turn{State: s.clone(), property: d.facts.Property, facts: d.version}
}
