package mail

import (
	"strings"

	"github.com/conserje/conserje/hotel"
)

// pointDecimals are the Spanish-speaking countries that write 1,234.50 (CLDR).
var pointDecimals = map[string]bool{"MX": true, "GT": true, "HN": true, "SV": true, "NI": true, "PA": true,
	"PR": true, "DO": true, "PE": true, "US": true, "CU": true, "BZ": true}

// money writes an amount as the locale does, with the currency's code and never
// a bare sign: "ARS 85.000", "USD 1,234.50". Whole amounts have no decimals.
func money(m hotel.Money, lang, country string) string {
	thousands, decimal := ",", "."
	if lang == "es" && !pointDecimals[country] {
		thousands, decimal = ".", ","
	}
	_, number, _ := strings.Cut(m.String(), " ")
	sign := ""
	if rest, negative := strings.CutPrefix(number, "-"); negative {
		sign, number = "-", rest
	}
	whole, part, _ := strings.Cut(number, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + thousands + whole[i:]
	}
	if strings.Trim(part, "0") != "" {
		whole += decimal + part
	}
	return strings.TrimSpace(m.Currency + " " + sign + whole)
}

// base is the language of a locale: "es" of "es-AR".
func base(locale string) string {
	lang, _, _ := strings.Cut(strings.ReplaceAll(locale, "_", "-"), "-")
	return strings.ToLower(lang)
}
