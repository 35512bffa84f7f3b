package qloapps

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/conserje/conserje/hotel"
)

// number is a JSON number, or a string with one in it, or what stands for none
// (null, false, ""): QloApps mixes them all.
type number string

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
	if _, err := strconv.ParseFloat(s, 64); err != nil {
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

func (n number) money(currency string) (hotel.Money, error) {
	if n == "" {
		n = "0"
	}
	if len(n) > 40 {
		return hotel.Money{}, errors.New("an amount is too long")
	}
	return hotel.ParseMoney(string(n), currency)
}

// words is a string, or a translated field: [{"id":1,"value":"..."}]. Numbers and null are taken too.
type words string

// UnmarshalJSON takes all of them; of several languages, the first.
func (w *words) UnmarshalJSON(b []byte) error {
	s := strings.TrimSpace(string(b))
	switch {
	case s == "null" || s == "false":
		*w = ""
	case strings.HasPrefix(s, `"`):
		var plain string
		if err := json.Unmarshal(b, &plain); err != nil {
			return err
		}
		*w = words(plain)
	case strings.HasPrefix(s, "["):
		var languages []struct {
			Value string `json:"value"`
		}
		if err := json.Unmarshal(b, &languages); err != nil {
			return err
		}
		*w = ""
		if len(languages) > 0 {
			*w = words(languages[0].Value)
		}
	case strings.HasPrefix(s, "{"):
		return errors.New("no text")
	default:
		*w = words(s)
	}
	return nil
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

// day reads "2026-12-10 00:00:00"; none of it is the zero Date.
func day(s string) hotel.Date {
	s, _, _ = strings.Cut(s, " ")
	d, err := hotel.ParseDate(s)
	if err != nil {
		return hotel.Date{}
	}
	return d
}
