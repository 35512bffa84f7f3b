package mail

import "strings"

// base is the language of a locale: "es" of "es-AR".
func base(locale string) string {
	lang, _, _ := strings.Cut(strings.ReplaceAll(locale, "_", "-"), "-")
	return strings.ToLower(lang)
}
