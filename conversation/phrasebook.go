package conversation

import (
	"embed"
	"strings"

	"github.com/conserje/conserje/hotel"
)

// The texts live in one file for each language, which people who write well
// can correct without reading Go: "[key]" opens a text, "{name}" is filled in,
// "{querés|quieres}" is the form with vos and the one with tú.
//
//go:embed phrases/*.txt
var phraseFiles embed.FS

// phrasebook is every text in one language and form.
type phrasebook struct {
	lang    string
	country string // decides how numbers are written
	texts   map[string][]segment
}

// segment is a literal, or the name of what is filled in.
type segment struct {
	text string
	hole bool
}

// loadPhrases reads the texts of a language. The files are part of the
// program: one that cannot be read is a programmer's mistake.
func loadPhrases(lang, country string) *phrasebook {
	raw, err := phraseFiles.ReadFile("phrases/" + lang + ".txt")
	if err != nil {
		panic("conversation: no phrases for " + lang)
	}
	book := &phrasebook{lang: lang, country: country, texts: map[string][]segment{}}
	key, lines := "", []string(nil)
	flush := func() {
		if key != "" {
			book.texts[key] = compile(strings.TrimSpace(strings.Join(lines, "\n")), voseo(country))
		}
		lines = nil
	}
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]"):
			flush()
			key = line[1 : len(line)-1]
		default:
			lines = append(lines, line)
		}
	}
	flush()
	return book
}

func compile(text string, voseo bool) []segment {
	var out []segment
	for text != "" {
		before, rest, found := strings.Cut(text, "{")
		if before != "" {
			out = append(out, segment{text: before})
		}
		if !found {
			return out
		}
		inner, after, _ := strings.Cut(rest, "}")
		text = after
		vos, tu, forms := strings.Cut(inner, "|")
		switch {
		case !forms:
			out = append(out, segment{text: inner, hole: true})
		case voseo:
			out = append(out, segment{text: vos})
		default:
			out = append(out, segment{text: tu})
		}
	}
	return out
}

// text fills a phrase in; pairs are names and values.
func (b *phrasebook) text(key string, pairs ...string) string {
	segments, ok := b.texts[key]
	if !ok {
		panic("conversation: no phrase " + key + " in " + b.lang)
	}
	if len(segments) == 1 && !segments[0].hole {
		return segments[0].text
	}
	var out strings.Builder
	for _, seg := range segments {
		if !seg.hole {
			out.WriteString(seg.text)
			continue
		}
		out.WriteString(fill(seg.text, pairs))
	}
	return out.String()
}

// fill finds a hole's value. A hole with a capital begins a sentence.
func fill(hole string, pairs []string) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == hole {
			return pairs[i+1]
		}
		if strings.EqualFold(pairs[i], hole) {
			return capital(pairs[i+1])
		}
	}
	return ""
}

// button makes a reply button with the title of that key.
func (b *phrasebook) button(id, key string) hotel.Button {
	return hotel.Button{ID: id, Title: b.text("button." + key)}
}
