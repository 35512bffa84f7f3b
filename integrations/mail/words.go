package mail

import (
	"embed"
	"fmt"
	"maps"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/conserje/conserje/hotel"
)

//go:embed locales/*.yaml
var localeFiles embed.FS

// words are the texts of one locale, by key. A text may have places to fill: {code}.
type words map[string]string

// locales reads every embedded file: "es", "en", and "es-AR", which is "es"
// with the words that differ.
func locales() (map[string]words, error) {
	all := map[string]words{}
	for _, name := range []string{"en", "es", "es-AR"} {
		data, err := localeFiles.ReadFile("locales/" + name + ".yaml")
		if err != nil {
			return nil, err
		}
		w := words{}
		if parent, ok := all[base(name)]; ok {
			maps.Copy(w, parent)
		}
		var own words // the decoder empties a map before it fills it
		if err := yaml.Unmarshal(data, &own); err != nil {
			return nil, fmt.Errorf("locale %s: %w", name, err)
		}
		maps.Copy(w, own)
		all[name] = w
	}
	return all, nil
}

// say fills a text's places from pairs of name and value.
func (w words) say(key string, pairs ...any) (string, error) {
	text, ok := w[key]
	if !ok {
		return "", fmt.Errorf("no words for %q", key)
	}
	filled := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		filled = append(filled, "{"+fmt.Sprint(pairs[i])+"}", fmt.Sprint(pairs[i+1]))
	}
	return strings.NewReplacer(filled...).Replace(text), nil
}

// count says how many: key + ".one" or ".other".
func (w words) count(key string, n int) (string, error) {
	if n == 1 {
		return w.say(key+".one", "n", n)
	}
	return w.say(key+".other", "n", n)
}

// date is a day in words, with its weekday.
func (w words) date(d hotel.Date) (string, error) {
	weekday, err := w.say(fmt.Sprintf("weekday.%d", d.Weekday()))
	if err != nil {
		return "", err
	}
	month, err := w.say(fmt.Sprintf("month.%d", d.Month))
	if err != nil {
		return "", err
	}
	return w.say("date", "weekday", weekday, "day", d.Day, "month", month, "year", d.Year)
}
