package qloappstest

import (
	"strconv"
	"strings"
)

// spoken is a translated field: its text in each active language of the shop.
// With one language JSON has the plain text, with several a list of {id, value}.
type spoken []string

var english = Language{ISO: "en", Name: "English (English)"}

func (p Property) languages() []Language {
	if len(p.Languages) == 0 {
		return []Language{english}
	}
	return p.Languages
}

// say puts a text and its translations into the order of the shop's languages.
func (p Property) say(text string, translations map[string]Text, part func(Text) string) spoken {
	var words spoken
	for i, l := range p.languages() {
		t := part(translations[l.ISO])
		if i == 0 || t == "" {
			t = text
		}
		words = append(words, t)
	}
	return words
}

func name(t Text) string { return t.Name }

func description(t Text) string { return t.Description }

// alike is a text that has no translation.
func (p Property) alike(text string) spoken { return p.say(text, nil, name) }

// in is the text in one language, by its id; the default's for an id that is none.
func (w spoken) in(id int) string {
	if id < 1 || id > len(w) {
		return w[0]
	}
	return w[id-1]
}

// language reads the parameter: 0 = all of them, refused when the shop has none with that id.
func (s *Server) language(c *call) (int, *answer) {
	param := c.URL.Query().Get("language")
	if param == "" {
		return 0, nil
	}
	id, err := strconv.Atoi(strings.Trim(param, "[]"))
	if err != nil || id < 1 || id > len(s.config.Property.languages()) {
		a := c.refuse(400, problem{81, "language is not available"})
		return 0, &a
	}
	return id, nil
}

// translate gives the translated fields of an object the form in which JSON has them.
func translate(o object, language int) object {
	var out object
	for _, f := range o {
		words, ok := f.val.(spoken)
		switch {
		case f.key == "associations":
			if f.val = linked(f.val.(object)); f.val == nil {
				continue
			}
		case !ok:
		case language != 0 || len(words) == 1:
			f.val = words.in(language)
		default:
			all := list{}
			for k, w := range words {
				all.vals = append(all.vals, object{{"id", k + 1}, {"value", w}})
			}
			f.val = all
		}
		out = append(out, f)
	}
	return out
}

// linked leaves out the associations that have nothing in them: JSON does, XML does not.
func linked(all object) any {
	var some object
	for _, f := range all {
		if len(f.val.(list).vals) > 0 {
			some = append(some, f)
		}
	}
	if some == nil {
		return nil
	}
	return some
}

// writeSpoken writes a translated field's languages; 0 = all.
func (s *Server) writeSpoken(w *strings.Builder, words spoken, language int) {
	for k, text := range words {
		if language != 0 && language != k+1 {
			continue
		}
		id := strconv.Itoa(k + 1)
		w.WriteString(`<language id="` + id + `" xlink:href="` + s.link("languages", id) + `">` + cdata(text) + "</language>")
	}
}
