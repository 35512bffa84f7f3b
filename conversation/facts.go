package conversation

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/conserje/conserje/hotel"
)

// Facts is what the dialogue knows of one property. It is immutable: a change
// makes new Facts, a new Version and a new Dialogue.
type Facts struct {
	Property hotel.PropertyID
	Name     string // the hotel's, as guests know it
	Address  string
	Phone    string
	Zone     *time.Location // nil = UTC
	Country  string         // ISO 3166 alpha-2: decides voseo and how numbers are written
	Currency string         // ISO 4217, for what has no price yet
	Locales  []string       // "es", "en"; the first is the default
	// Knowledge is the hotel's own answers: topic ("wifi", "pets") to language to text.
	Knowledge map[string]map[string]string
	// Policies are said where they matter: "cancellation" before a booking is
	// cancelled and in the read-back, "payment" in the confirmation. Language to text.
	Policies  map[string]map[string]string
	RoomTypes []RoomFact

	// TaxIncluded tells whether the prices of the hotel system hold every tax;
	// when false the guest is told that taxes are paid on top.
	TaxIncluded bool
	NoEmail     bool // who has no e-mail may book all the same, and is mailed nothing
	MaxRooms    int  // of one booking; 0 = 5
	MaxNights   int  // of one booking; 0 = 30
	MaxAhead    int  // days from today to a check-in; 0 = 540

	// Hours is when reception answers. Empty = always.
	Hours []Hours
	// StaffPhones are digits without "+": their messages start no dialogue.
	StaffPhones  []string
	ReceptionURL string // the page where the staff answers guests
	// HandoffResume is how long after the staff's last word the engine answers again; 0 = 2 h.
	HandoffResume time.Duration
	// Quiet is how long more is waited for after a message that is plainly not all; 0 = not at all.
	Quiet time.Duration
	// Templates are what may be said outside the session window, by purpose; see the Purpose constants.
	Templates map[string]hotel.Template
}

// RoomFact is a room type as this hotel's guests may call it.
type RoomFact struct {
	hotel.RoomType
	Names     []string          // "doble", "matrimonial", "twin"; Name itself counts too
	Spoken    map[string]string // what guests read, by language; the hotel system's Name where there is none
	Described map[string]string // by language; Description where there is none
}

// Purposes of Facts.Templates. Params that a template wants are filled by the dialogue.
const (
	PurposeReply  = "reply"  // there is an answer to what the guest wrote; no params
	PurposeBooked = "booked" // a booking is made; params: booking code
)

// Hours is one opening of reception's weekly table. Past midnight, Close is
// before or at Open: it closes on the next day.
type Hours struct {
	Day   time.Weekday
	Open  int // minutes after midnight
	Close int
}

// Version names these Facts: the same facts have the same version.
func (f Facts) Version() string {
	type plain Facts
	zone := f.zone().String()
	f.Zone = nil
	body, err := json.Marshal(struct {
		plain
		Zone string
	}{plain(f), zone})
	if err != nil {
		panic("conversation: facts cannot be hashed: " + err.Error())
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:8])
}

func (f Facts) zone() *time.Location {
	if f.Zone == nil {
		return time.UTC
	}
	return f.Zone
}

// withDefaults fills in what was left zero.
func (f Facts) withDefaults() Facts {
	if f.MaxRooms == 0 {
		f.MaxRooms = 5
	}
	if f.MaxNights == 0 {
		f.MaxNights = 30
	}
	if f.MaxAhead == 0 {
		f.MaxAhead = 540
	}
	if f.HandoffResume == 0 {
		f.HandoffResume = 2 * time.Hour
	}
	if len(f.Locales) == 0 {
		f.Locales = []string{"es", "en"}
	}
	return f
}

// speaks tells whether the hotel answers in lang.
func (f Facts) speaks(lang string) bool { return slices.Contains(f.Locales, lang) }

// expects is the language that a guest is taken to speak until their words say
// otherwise: the one so far, or else the hotel's first. Spanish is what
// understanding supposes by itself, more lightly.
func (f Facts) expects(soFar string) string {
	if soFar == "" && f.Locales[0] != "es" {
		return f.Locales[0]
	}
	return soFar
}

// voseo tells whether Spanish is spoken with 'vos' in a country.
func voseo(country string) bool { return country == "AR" || country == "UY" }

// inLang picks the text of lang, or of the default locale, or any.
func (f Facts) inLang(texts map[string]string, lang string) string {
	if s := texts[lang]; s != "" {
		return s
	}
	for _, l := range f.Locales {
		if s := texts[l]; s != "" {
			return s
		}
	}
	return ""
}
