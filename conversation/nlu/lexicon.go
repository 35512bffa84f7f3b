package nlu

import "strings"

// language indexes what is kept per language.
type language uint8

const (
	spanish language = iota
	english
	portuguese
	foreign // fr, de, it ...: answered as "und"
	languages
)

var languageNames = [languages]string{"es", "en", "pt", "und"}

// sense is what a word is to the slot grammar in one language.
type sense struct {
	kind senseKind
	val  int32
}

type senseKind uint8

// The senses.
const (
	noSense  senseKind = iota
	sMonth             // val 1-12
	sWeekday           // val 0-6, Sunday first
	sDay               // today, tomorrow: val is the offset in days
	sUnit              // val is a unit
	sNumber            // val
	sOrdinal           // val
	sArticle           // "un", "a": a one that is seldom meant as a number
	sThe               // "el", "the"
	sThis              // "este", "this"
	sNext              // "próximo", "next"
	sLast              // "pasado", "last"
	sAnd               // "y", "and"
	sTo                // "al", "hasta", "to", "through"
	sFrom              // "del", "desde", "from"
	sBetween           // "entre"
	sOf                // "de", "of"
	sIn                // "en", "dentro", "in"
	sOn                // "on"
	sAfter             // "después", "after"
	sPart              // "principios", "mediados", "fines": val 0, 1, 2
	sHoliday           // val is a holiday
	sSuffix            // of an ordinal in digits: "th", "ro", "º"
)

const (
	unitDay int32 = iota
	unitNight
	unitWeek
	unitMonth
	unitYear
	unitWeekend
	unitFortnight
	unitHalfMonth // quincena
)

// entry is what the lexicon knows of a folded word.
type entry struct {
	senses   [portuguese + 1]sense
	concepts set
	weight   [languages]int8 // evidence for each language
	shared   bool            // its senses hold in the other languages too
	phrase   bool            // a phrase begins with it
}

// phrase is a concept of several words.
type phrase struct {
	rest     []string // after the first
	concepts set
	weight   [languages]int8
}

// lexicon is everything known of words, built once.
type lexicon struct {
	byWord  map[string]*stored
	stems   map[string]*entry // "reserv": matches what begins so
	phrases map[string][]phrase
	near    map[string][]string // a word less one letter -> words
}

type stored struct {
	key string
	entry
}

// noEntry is of what no lexicon knows; it is never changed.
var noEntry entry

// words is never changed after it was built.
var words = buildLexicon()

const (
	minStem  = 3
	minTypo  = 5
	maxTypos = 24 // longer words are not corrected
)

// find looks a folded word up: as it is, then by its longest stem, then with one edit.
func (l *lexicon) find(w string) (*entry, bool) {
	if s, ok := l.byWord[w]; ok {
		return &s.entry, true
	}
	for n := len(w); n >= minStem; n-- {
		if e, ok := l.stems[w[:n]]; ok {
			return e, true
		}
	}
	if key := l.correct(w); key != "" {
		return &l.byWord[key].entry, true
	}
	return &noEntry, false
}

// intern is find for bytes; the key of a known word costs no allocation.
func (l *lexicon) intern(w []byte) (string, *entry, bool) {
	if s, ok := l.byWord[string(w)]; ok {
		return s.key, &s.entry, true
	}
	key := string(w)
	e, ok := l.find(key)
	return key, e, ok
}

func buildLexicon() *lexicon {
	l := &lexicon{byWord: map[string]*stored{}, stems: map[string]*entry{}, phrases: map[string][]phrase{}, near: map[string][]string{}}
	l.addSenses()
	l.addConcepts()
	l.addFunctionWords()
	l.addCorrections()
	return l
}

// change edits the entry of a word or, with a trailing star, of a stem.
func (l *lexicon) change(w string, edit func(*entry)) {
	if stem, ok := strings.CutSuffix(w, "*"); ok {
		if l.stems[stem] == nil {
			l.stems[stem] = &entry{}
		}
		edit(l.stems[stem])
		return
	}
	if l.byWord[w] == nil {
		l.byWord[w] = &stored{key: w}
	}
	edit(&l.byWord[w].entry)
}

func (l *lexicon) sense(lang language, kind senseKind, val int32, shared bool, list string) {
	for w := range strings.FieldsSeq(list) {
		l.change(w, func(e *entry) {
			e.senses[lang] = sense{kind, val}
			e.shared = e.shared || shared
			if e.weight[lang] == 0 {
				e.weight[lang] = 2
			}
		})
	}
}

// concept gives every word of the list the concept. Words of a phrase are joined by "_".
func (l *lexicon) concept(lang language, c concept, list string) {
	for w := range strings.FieldsSeq(list) {
		first, rest, many := strings.Cut(w, "_")
		if !many {
			l.change(w, func(e *entry) {
				e.concepts = e.concepts.with(c)
				if e.weight[lang] == 0 {
					e.weight[lang] = 2
				}
			})
			continue
		}
		p := phrase{rest: strings.Split(rest, "_"), concepts: set{}.with(c)}
		p.weight[lang] = 2
		l.phrases[first] = append(l.phrases[first], p)
		l.change(first, func(e *entry) { e.phrase = true })
	}
}

// inherit gives exact words the concepts of their stem, so that neither hides the other.
func (l *lexicon) inherit() {
	for w, s := range l.byWord {
		for n := len(w); n >= minStem; n-- {
			if e, ok := l.stems[w[:n]]; ok {
				if s.concepts == (set{}) && s.senses == [portuguese + 1]sense{} {
					s.concepts = e.concepts
				}
				break
			}
		}
	}
}

// Knows tells whether a word means something here as it is written, so that it is hardly a code.
func Knows(word string) bool {
	var buf [64]rune
	folded := buf[:0]
	for _, r := range word {
		if f := fold(r); f != 0 {
			folded = append(folded, f)
		}
	}
	w := string(folded)
	if _, ok := words.byWord[w]; ok {
		return true
	}
	for n := len(w); n >= minStem; n-- {
		if _, ok := words.stems[w[:n]]; ok {
			return true
		}
	}
	return false
}
