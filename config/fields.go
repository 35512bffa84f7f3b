package config

import (
	"fmt"
	"reflect"
	"strconv"
	"time"
)

// Field is one variable, as the documentation lists it.
type Field struct {
	Name    string // the variable
	Group   string // heading it stands under
	Doc     string
	Default string
	Example string // for what has no default
	Secret  bool
}

// Entry is one variable with its value, redacted, and where it came from.
type Entry struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Source Source `json:"source"`
	File   string `json:"file,omitempty"` // that a secret was read from
}

// slot is a variable's place in a Settings value.
type slot struct {
	Field
	value reflect.Value
}

// slots lists the variables of s in the struct's order. s must be a pointer for the values to be settable.
func slots(s *Settings) []slot {
	var out []slot
	root := reflect.ValueOf(s).Elem()
	for i := range root.NumField() {
		group := root.Type().Field(i)
		for j := range group.Type.NumField() {
			f := group.Type.Field(j)
			value := root.Field(i).Field(j)
			_, secret := value.Interface().(Secret)
			out = append(out, slot{value: value, Field: Field{
				Name: f.Tag.Get("env"), Group: group.Tag.Get("group"), Doc: f.Tag.Get("doc"),
				Example: f.Tag.Get("example"), Secret: secret,
			}})
		}
	}
	return out
}

// Fields lists every variable with its doc and default.
func Fields() []Field {
	defaults := Defaults()
	places := slots(&defaults)
	out := make([]Field, len(places))
	for i, s := range places {
		s.Default = show(s.value)
		out[i] = s.Field
	}
	return out
}

// Entries lists every variable with its value, secrets redacted, and its source.
func (c *Config) Entries() []Entry {
	places := slots(&c.Settings)
	out := make([]Entry, len(places))
	for i, s := range places {
		out[i] = Entry{Name: s.Name, Value: show(s.value), Source: c.Source(s.Name), File: c.files[s.Name]}
	}
	return out
}

// show writes a value as its variable would, secrets redacted and an unset number as nothing.
func show(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case time.Duration:
		return formatDuration(x)
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	default:
		return fmt.Sprint(x)
	}
}
