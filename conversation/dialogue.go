package conversation

import (
	"slices"
	"time"

	"github.com/conserje/conserje/conversation/nlu"
)

// Dialogue is the conversation of one property. It is immutable and safe for concurrent use.
type Dialogue struct {
	facts     Facts
	version   string
	phrases   map[string]*phrasebook
	roomNames []nlu.RoomName
}

// languages are those that there are texts for.
var languages = []string{"es", "en"}

// New builds the dialogue of a property. Locales without texts are left out;
// when none is left the hotel speaks them all.
func New(f Facts) *Dialogue {
	d := &Dialogue{version: f.Version(), phrases: map[string]*phrasebook{}}
	f = f.withDefaults()
	f.Locales = slices.DeleteFunc(slices.Clone(f.Locales), func(l string) bool { return !slices.Contains(languages, l) })
	if len(f.Locales) == 0 {
		f.Locales = languages
	}
	d.facts = f
	for _, lang := range f.Locales {
		d.phrases[lang] = loadPhrases(lang, f.Country)
	}
	for _, r := range f.RoomTypes {
		d.roomNames = append(d.roomNames, nlu.NewRoomName(r.ID, r.allNames()...))
	}
	return d
}

// Facts returns what the dialogue was built from, defaults filled in.
func (d *Dialogue) Facts() Facts { return d.facts }

// Version names the facts, as Turn.Commit records it.
func (d *Dialogue) Version() string { return d.version }

// Take returns the state after the inputs and the effects that they call for.
// It never changes s, and gives the same turn for the same arguments. When the
// turn has a Read, the caller may take again with the same inputs and
// ReadAnswered appended.
func (d *Dialogue) Take(s State, inputs []Input, now time.Time) Turn { return d.take(s, inputs, now) }
