package qloappstest

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
)

// object is a JSON object that keeps the order of its keys, as PHP's arrays do.
type object []field

type field struct {
	key string
	val any
}

// list is a JSON array, or an XML element with children named item.
type list struct {
	item string // name of the children in XML
	api  string // resource that they link to; "" = none
	vals []any
}

func (o object) get(key string) any {
	for _, f := range o {
		if f.key == key {
			return f.val
		}
	}
	return nil
}

// cents rounds to two decimals, as the shop does for each amount.
func cents(x float64) float64 { return math.Round(x*100) / 100 }

// decimal is how a GET shows an amount of the database.
func decimal(x float64) string { return strconv.FormatFloat(x, 'f', 6, 64) }

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// number prints an amount as PHP does: no trailing zeros.
func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

func writeJSON(w *strings.Builder, v any) {
	switch v := v.(type) {
	case nil:
		w.WriteString("null")
	case bool:
		w.WriteString(strconv.FormatBool(v))
	case int:
		w.WriteString(strconv.Itoa(v))
	case float64:
		w.WriteString(number(v))
	case string:
		writeString(w, v)
	case object:
		w.WriteByte('{')
		for i, f := range v {
			if i > 0 {
				w.WriteByte(',')
			}
			writeString(w, f.key)
			w.WriteByte(':')
			writeJSON(w, f.val)
		}
		w.WriteByte('}')
	case list:
		w.WriteByte('[')
		for i, e := range v.vals {
			if i > 0 {
				w.WriteByte(',')
			}
			writeJSON(w, e)
		}
		w.WriteByte(']')
	default:
		panic("qloappstest: no JSON for this type")
	}
}

// writeString escapes as PHP's json_encode does: slashes, and all that is not ASCII.
func writeString(w *strings.Builder, s string) {
	const hex = "0123456789abcdef"
	escape := func(u uint16) {
		w.WriteString(`\u`)
		for shift := 12; shift >= 0; shift -= 4 {
			w.WriteByte(hex[u>>shift&15])
		}
	}
	w.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\' || r == '/':
			w.WriteByte('\\')
			w.WriteRune(r)
		case r == '\n':
			w.WriteString(`\n`)
		case r == '\r':
			w.WriteString(`\r`)
		case r == '\t':
			w.WriteString(`\t`)
		case r >= 0x20 && r < 0x7f:
			w.WriteRune(r)
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			escape(uint16(hi))
			escape(uint16(lo))
		default:
			escape(uint16(r))
		}
	}
	w.WriteByte('"')
}

const xmlHead = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<qloapps xmlns:xlink=\"http://www.w3.org/1999/xlink\">\n"

func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case float64:
		return number(v)
	case spoken:
		return v.in(1)
	default:
		return ""
	}
}

func cdata(v any) string {
	s := text(v)
	if s == "" {
		return ""
	}
	return "<![CDATA[" + strings.ReplaceAll(s, "]]>", "]]]]><![CDATA[>") + "]]>"
}

// writeXML writes an ordinary resource's object: one element a field, translated
// fields with their languages (0 = all), associations as linked lists.
func (s *Server) writeXML(w *strings.Builder, name string, o object, language int) {
	w.WriteString("<" + name + ">\n")
	for _, f := range o {
		if f.key == "associations" {
			s.writeAssociations(w, f.val.(object))
			continue
		}
		w.WriteString("\t<" + f.key + ">")
		if words, ok := f.val.(spoken); ok {
			s.writeSpoken(w, words, language)
		} else {
			w.WriteString(cdata(f.val))
		}
		w.WriteString("</" + f.key + ">\n")
	}
	w.WriteString("</" + name + ">\n")
}

func (s *Server) writeAssociations(w *strings.Builder, assoc object) {
	w.WriteString("<associations>\n")
	for _, f := range assoc {
		l := f.val.(list)
		open := "<" + f.key + ` nodeType="` + l.item + `" api="` + l.api + `"`
		if len(l.vals) == 0 {
			w.WriteString(open + "/>\n")
			continue
		}
		w.WriteString(open + ">\n")
		for _, e := range l.vals {
			o := e.(object)
			w.WriteString("\t<" + l.item + ` xlink:href="` + s.link(l.api, o.get("id")) + "\">\n")
			for _, part := range o {
				w.WriteString("\t<" + part.key + ">" + cdata(part.val) + "</" + part.key + ">\n")
			}
			w.WriteString("\t</" + l.item + ">\n")
		}
		w.WriteString("</" + f.key + ">\n")
	}
	w.WriteString("</associations>\n")
}
