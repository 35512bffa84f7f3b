package qloappstest

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
)

// tree is a request's content, whichever format it came in: string, json.Number,
// bool, nil, map[string]any or []any.
type tree struct{ v any }

// lists are the elements whose children are a list in XML.
var lists = set([]string{"room_types", "rooms", "services", "child_ages", "cart_rules", "facilities", "room_occupancies", "remarks"})

// parseXML reads the content of the root's first child; the root's name does not matter.
func parseXML(body []byte) (tree, error) {
	d := xml.NewDecoder(bytes.NewReader(body))
	depth := 0
	for {
		tok, err := d.Token()
		if err != nil {
			return tree{}, err
		}
		start, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		if depth++; depth == 2 {
			v, err := element(d, start.Name.Local)
			if err != nil {
				return tree{}, err
			}
			// The rest must be well formed too.
			for {
				if _, err := d.Token(); errors.Is(err, io.EOF) {
					return tree{v}, nil
				} else if err != nil {
					return tree{}, err
				}
			}
		}
	}
}

func element(d *xml.Decoder, name string) (any, error) {
	var words strings.Builder
	var children []any
	fields := map[string]any{}
	for {
		tok, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch tok := tok.(type) {
		case xml.CharData:
			words.Write(tok)
		case xml.StartElement:
			v, err := element(d, tok.Name.Local)
			if err != nil {
				return nil, err
			}
			fields[tok.Name.Local] = v
			children = append(children, v)
		case xml.EndElement:
			switch {
			case lists[name]:
				return children, nil
			case len(children) > 0:
				return fields, nil
			default:
				return strings.TrimSpace(words.String()), nil
			}
		}
	}
}

func parseJSON(body []byte) (tree, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return tree{}, err
	}
	return tree{v}, nil
}

func (t tree) at(path ...string) tree {
	for _, key := range path {
		m, ok := t.v.(map[string]any)
		if !ok {
			return tree{}
		}
		t = tree{m[key]}
	}
	return t
}

func (t tree) has(key string) bool {
	m, ok := t.v.(map[string]any)
	if !ok {
		return false
	}
	_, ok = m[key]
	return ok
}

func (t tree) text() string {
	switch v := t.v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.Itoa(flag(v))
	default:
		return ""
	}
}

func (t tree) int() int {
	n, err := strconv.ParseFloat(t.text(), 64)
	if err != nil {
		return 0
	}
	return int(n)
}

func (t tree) float() (float64, bool) {
	n, err := strconv.ParseFloat(t.text(), 64)
	return n, err == nil
}

// list returns the elements; {"child_age": [5, 7]} and {"child_age": 5} are lists too.
func (t tree) list() []tree {
	switch v := t.v.(type) {
	case []any:
		out := make([]tree, len(v))
		for i, e := range v {
			out[i] = tree{e}
		}
		return out
	case map[string]any:
		if len(v) != 1 {
			return nil
		}
		for _, e := range v {
			if _, ok := e.([]any); ok {
				return tree{e}.list()
			}
			return []tree{{e}}
		}
	}
	return nil
}
