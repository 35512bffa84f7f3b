package mail_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/mail"
)

var place = regexp.MustCompile(`\{[a-z]+\}`)

func places(text string) []string {
	found := place.FindAllString(text, -1)
	slices.Sort(found)
	return found
}

func TestLocalesAreComplete(t *testing.T) {
	t.Parallel()
	all, err := mail.Locales()
	require.NoError(t, err)
	require.Len(t, all, 3, "a new locale needs its golden mails, and its name here")
	en := all["en"]
	for locale, words := range all {
		for key, text := range en {
			require.Contains(t, words, key, locale)
			require.NotEmpty(t, strings.TrimSpace(words[key]), "%s %s", locale, key)
			require.Equal(t, places(text), places(words[key]), "%s %s", locale, key)
		}
		require.Len(t, words, len(en), "%s has words that en has not", locale)
	}
	files, err := filepath.Glob("locales/*.yaml")
	require.NoError(t, err)
	require.Len(t, files, len(all), "a file that nobody reads")
}

func TestEveryWordIsUsed(t *testing.T) {
	t.Parallel()
	var source strings.Builder
	for _, pattern := range []string{"*.go", "templates/*"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, f := range files {
			data, err := os.ReadFile(f)
			require.NoError(t, err)
			source.Write(data)
		}
	}
	all, err := mail.Locales()
	require.NoError(t, err)
	made := regexp.MustCompile(`^(weekday|month)\.\d+$|^(confirmation|cancellation|change)\.|^alert\.(asked|stuck|booking|outage|unanswered|undelivered|engine|parked|unread)(\.text)?$|\.(one|other)$|^lang$`)
	for key := range all["en"] {
		if !made.MatchString(key) {
			require.Contains(t, source.String(), `"`+key+`"`, key)
		}
	}
}

func TestNoVoseoOutsideArgentinaAndNoTuteoInside(t *testing.T) {
	t.Parallel()
	all, err := mail.Locales()
	require.NoError(t, err)
	tuteo := regexp.MustCompile(`(?i)\b(tienes|responde a|escríbenos|puedes|recibes|llámanos|aquí|tú)\b`)
	voseo := regexp.MustCompile(`(?i)(tenés|respondé|escribinos|podés|recibís|acá|\bvos\b)`)
	for key, text := range all["es-AR"] {
		require.NotRegexp(t, tuteo, text, key)
	}
	for key, text := range all["es"] {
		require.NotRegexp(t, voseo, text, key)
	}
}
