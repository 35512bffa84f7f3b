package qloapps

import (
	"encoding/json"
	"errors"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"github.com/conserje/conserje/hotel"
)

// number is a JSON number, or a string with one in it, or what stands for none
// (null, false, ""): QloApps mixes them all.
type number string

// numberForm is a decimal number of a size that amounts and ids have: what is
// computed exactly must not be a million digits long.
var numberForm = regexp.MustCompile(`^[+-]?(\d{1,20}(\.\d{0,20})?|\.\d{1,20})([eE][+-]?\d{1,2})?$`)

// UnmarshalJSON takes all of them.
func (n *number) UnmarshalJSON(b []byte) error {
	s := strings.TrimSpace(string(b))
	switch {
	case s == "null" || s == "false":
		*n = ""
		return nil
	case s == "true":
		*n = "1"
		return nil
	case strings.HasPrefix(s, `"`):
		var inner string
		if err := json.Unmarshal(b, &inner); err != nil {
			return err
		}
		s = strings.TrimSpace(inner)
	}
	if s == "" {
		*n = ""
		return nil
	}
	if !numberForm.MatchString(s) {
		return errors.New("no number")
	}
	*n = number(s)
	return nil
}

func (n number) int() int {
	i, err := strconv.Atoi(string(n))
	if err != nil {
		f, _ := strconv.ParseFloat(string(n), 64) // "1.000000"; "" is 0
		return int(f)
	}
	return i
}

// rat is the number itself; none is 0.
func (n number) rat() (*big.Rat, error) {
	if n == "" {
		return new(big.Rat), nil
	}
	r, ok := new(big.Rat).SetString(string(n))
	if !ok {
		return nil, errors.New("an amount cannot be read")
	}
	return r, nil
}

// money is the amount in a currency, rounded to its minor unit.
func (n number) money(currency string) (hotel.Money, error) {
	if n == "" {
		n = "0"
	}
	return hotel.ParseMoney(string(n), currency)
}

// words is a string, or a translated field: [{"id":1,"value":"..."}]. Numbers and null are taken too.
type words string

// UnmarshalJSON takes all of them; of several languages, the first.
func (w *words) UnmarshalJSON(b []byte) error {
	var t translated
	if err := t.UnmarshalJSON(b); err != nil {
		return err
	}
	*w = words(t.in(0))
	return nil
}

// translated is a field in several languages, by their ids, or, of a shop with
// one active language, in that one.
type translated struct {
	plain string
	by    map[int]string
	first int // id of the language that stands first
}

// UnmarshalJSON takes both forms, numbers and null.
func (t *translated) UnmarshalJSON(b []byte) error {
	*t = translated{}
	s := strings.TrimSpace(string(b))
	switch {
	case s == "null" || s == "false":
	case strings.HasPrefix(s, `"`):
		return json.Unmarshal(b, &t.plain)
	case strings.HasPrefix(s, "["):
		var languages []struct {
			ID    number `json:"id"`
			Value words  `json:"value"`
		}
		if err := json.Unmarshal(b, &languages); err != nil {
			return err
		}
		for i, l := range languages {
			if t.by == nil {
				t.by = map[int]string{}
			}
			if i == 0 {
				t.first = l.ID.int()
			}
			t.by[l.ID.int()] = string(l.Value)
		}
	case strings.HasPrefix(s, "{"):
		return errors.New("no text")
	default:
		t.plain = s
	}
	return nil
}

// in is the text in a language, or else in the first one.
func (t translated) in(language int) string {
	if text, ok := t.by[language]; ok {
		return text
	}
	if t.by == nil {
		return t.plain
	}
	return t.by[t.first]
}

// every is the text by ISO code, of the active languages that have one; show
// makes it plain.
func (t translated) every(active []language, show func(string) string) map[string]string {
	all := map[string]string{}
	for _, l := range active {
		text, ok := t.by[l.id]
		if !ok && len(active) == 1 {
			text = t.in(l.id)
		}
		if text = show(text); text != "" {
			all[l.iso] = text
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// keyed is an object whose keys are ids, or a list, empty mostly: only its size matters.
type keyed int

// UnmarshalJSON counts.
func (k *keyed) UnmarshalJSON(b []byte) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(b, &object); err == nil {
		*k = keyed(len(object))
		return nil
	}
	var all []json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		return err
	}
	*k = keyed(len(all))
	return nil
}

// many is a list, or null, or one element alone.
type many[T any] []T

// UnmarshalJSON takes all of them.
func (m *many[T]) UnmarshalJSON(b []byte) error {
	s := strings.TrimSpace(string(b))
	*m = nil
	switch {
	case strings.HasPrefix(s, "["):
		var all []T
		if err := json.Unmarshal(b, &all); err != nil {
			return err
		}
		*m = all
		return nil
	case strings.HasPrefix(s, "{"):
		var one T
		if err := json.Unmarshal(b, &one); err != nil {
			return err
		}
		*m = many[T]{one}
	}
	return nil
}

// childAges are JSON in a string ("[5]", or "[\"5\"]" when they came by
// XML), a list, or nothing. What is not understood is none.
type childAges []int

// UnmarshalJSON takes them all.
func (a *childAges) UnmarshalJSON(b []byte) error {
	*a = nil
	var inner string
	if json.Unmarshal(b, &inner) == nil {
		b = []byte(inner)
	}
	var all []number
	if json.Unmarshal(b, &all) == nil {
		for _, n := range all {
			*a = append(*a, n.int())
		}
	}
	return nil
}

// day reads "2026-12-10 00:00:00"; none of it is the zero Date.
func day(s string) hotel.Date {
	s, _, _ = strings.Cut(s, " ")
	d, err := hotel.ParseDate(s)
	if err != nil {
		return hotel.Date{}
	}
	return d
}
