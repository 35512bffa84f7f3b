package qloapps

import (
	"bytes"
	"errors"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/conserje/conserje/hotel"
)

// lax takes what PHP writes: a key twice, bytes that are no UTF-8.
var lax = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// number is a JSON number, or a string with one in it, or what stands for none
// (null, false, ""): QloApps mixes them all.
type number string

// numberForm is a decimal number of a size that amounts and ids have: what is
// computed exactly must not be a million digits long.
var numberForm = regexp.MustCompile(`^[+-]?(\d{1,20}(\.\d{0,20})?|\.\d{1,20})([eE][+-]?\d{1,2})?$`)

// UnmarshalJSONFrom takes all of them.
func (n *number) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*n = ""
	var s string
	switch d.PeekKind() {
	case 'n', 'f':
		return d.SkipValue()
	case 't':
		*n = "1"
		return d.SkipValue()
	case '"', '0':
		token, err := d.ReadToken()
		if err != nil {
			return err
		}
		s = strings.TrimSpace(token.String())
	default:
		return errors.Join(d.SkipValue(), errors.New("no number"))
	}
	if s == "" {
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

// UnmarshalJSONFrom takes all of them; of several languages, the first.
func (w *words) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	var t translated
	if err := t.UnmarshalJSONFrom(d); err != nil {
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

// UnmarshalJSONFrom takes both forms, numbers and null.
func (t *translated) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*t = translated{}
	switch d.PeekKind() {
	case 'n', 'f':
		return d.SkipValue()
	case '"', '0', 't':
		token, err := d.ReadToken()
		if err != nil {
			return err
		}
		t.plain = token.String()
		return nil
	case '[', '{':
	default:
		return errors.Join(d.SkipValue(), errors.New("no text"))
	}
	var languages many[struct {
		ID    number `json:"id"`
		Value words  `json:"value"`
	}]
	if err := json.UnmarshalDecode(d, &languages); err != nil {
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

// UnmarshalJSONFrom counts.
func (k *keyed) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*k = 0
	var each int // values an element is made of
	switch d.PeekKind() {
	case 'n':
		return d.SkipValue()
	case '{':
		each = 2
	case '[':
		each = 1
	default:
		return errors.Join(d.SkipValue(), errors.New("neither object nor list"))
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	values := 0
	for ; d.PeekKind() != '}' && d.PeekKind() != ']'; values++ {
		if err := d.SkipValue(); err != nil {
			return err
		}
	}
	*k = keyed(values / each)
	_, err := d.ReadToken()
	return err
}

// many is a list, or null, or one element alone, or an object whose keys are
// numbers: so PHP writes a list with gaps.
type many[T any] []T

// UnmarshalJSONFrom takes all of them.
func (m *many[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*m = nil
	switch d.PeekKind() {
	case '[':
		return json.UnmarshalDecode(d, (*[]T)(m))
	case '{':
		whole, err := d.ReadValue()
		if err != nil {
			return err
		}
		elements, numbered := gapped(whole)
		if !numbered {
			elements = []jsontext.Value{whole}
		}
		*m = make(many[T], len(elements))
		for i, e := range elements {
			if err := json.Unmarshal(e, &(*m)[i], lax); err != nil {
				return err
			}
		}
		return nil
	default:
		return d.SkipValue()
	}
}

// gapped are the values of an object whose keys are all numbers, in its order.
func gapped(object jsontext.Value) (values []jsontext.Value, numbered bool) {
	d := jsontext.NewDecoder(bytes.NewBuffer(object), lax)
	if _, err := d.ReadToken(); err != nil {
		return nil, false
	}
	for d.PeekKind() == '"' {
		key, err := d.ReadToken()
		if err != nil {
			return nil, false
		}
		if _, err := strconv.ParseUint(key.String(), 10, 32); err != nil {
			return nil, false
		}
		v, err := d.ReadValue()
		if err != nil {
			return nil, false
		}
		values = append(values, v.Clone())
	}
	return values, len(values) > 0
}

// optional reads an object; what stands there instead when PHP has none ([],
// false, null, "") is the zero T.
func optional[T any](d *jsontext.Decoder, to *T) error {
	if d.PeekKind() != '{' {
		var none T
		*to = none
		return d.SkipValue()
	}
	return json.UnmarshalDecode(d, to)
}

// childAges are JSON in a string ("[5]", or "[\"5\"]" when they came by
// XML), a list, or nothing. What is not understood is none.
type childAges []int

// UnmarshalJSONFrom takes them all.
func (a *childAges) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*a = nil
	text, err := d.ReadValue()
	if err != nil {
		return err
	}
	if text.Kind() == '"' {
		if text, err = jsontext.AppendUnquote(nil, text); err != nil {
			return err
		}
	}
	var all []number
	if json.Unmarshal(text, &all, lax) == nil {
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
