package hotel

import (
	"fmt"
	"math/big"
	"strings"
)

// Money is an amount in minor units (centavos) of an ISO 4217 currency.
type Money struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
}

// exponents of the currencies that do not have two decimals (ISO 4217).
var exponents = map[string]int{
	"CLP": 0, "PYG": 0, "JPY": 0, "KRW": 0, "VND": 0, "ISK": 0, "UGX": 0, "XAF": 0, "XOF": 0,
	"BHD": 3, "JOD": 3, "KWD": 3, "OMR": 3, "TND": 3,
}

// Decimals tells how many decimals the currency has.
func Decimals(currency string) int {
	if n, ok := exponents[strings.ToUpper(currency)]; ok {
		return n
	}
	return 2
}

// ParseMoney reads a decimal number with a dot ("2600.000000"), rounding half
// away from zero to the currency's minor unit.
func ParseMoney(amount, currency string) (Money, error) {
	r, ok := new(big.Rat).SetString(strings.TrimSpace(amount))
	if !ok {
		return Money{}, fmt.Errorf("amount %q is not a decimal number", amount)
	}
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(Decimals(currency))), nil))
	r.Mul(r, scale)
	half := big.NewRat(1, 2)
	if r.Sign() < 0 {
		half.Neg(half)
	}
	r.Add(r, half)
	minor := new(big.Int).Quo(r.Num(), r.Denom())
	if !minor.IsInt64() {
		return Money{}, fmt.Errorf("amount %q is too large", amount)
	}
	return Money{minor.Int64(), strings.ToUpper(currency)}, nil
}

// IsZero tells whether there is no amount.
func (m Money) IsZero() bool { return m.Minor == 0 }

// Times multiplies the amount.
func (m Money) Times(n int) Money { return Money{m.Minor * int64(n), m.Currency} }

// Plus adds other, which must be of the same currency.
func (m Money) Plus(other Money) Money {
	if m.Currency == "" {
		return other
	}
	if other.Currency != "" && other.Currency != m.Currency {
		panic("hotel: adding " + other.Currency + " to " + m.Currency)
	}
	return Money{m.Minor + other.Minor, m.Currency}
}

// String is for logs and tests: "ARS 85000.00". Guests see the locale's format.
func (m Money) String() string {
	n := Decimals(m.Currency)
	sign, minor := "", m.Minor
	if minor < 0 {
		sign, minor = "-", -minor
	}
	digits := fmt.Sprintf("%0*d", n+1, minor)
	if n == 0 {
		return m.Currency + " " + sign + digits
	}
	cut := len(digits) - n
	return m.Currency + " " + sign + digits[:cut] + "." + digits[cut:]
}

// pointDecimals are the Spanish-speaking countries that write 1,234.50 (CLDR).
var pointDecimals = map[string]bool{"MX": true, "GT": true, "HN": true, "SV": true, "NI": true, "PA": true,
	"PR": true, "DO": true, "PE": true, "US": true, "CU": true, "BZ": true}

// In writes an amount as guests of a language in a country write it, with the
// currency's code and never a bare sign: "ARS 85.000", "USD 1,234.50". Whole amounts have no decimals.
func (m Money) In(lang, country string) string {
	thousands, point := ",", "."
	if (lang == "es" || lang == "pt") && !pointDecimals[country] {
		thousands, point = ".", ","
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
		whole += point + part
	}
	return strings.TrimSpace(m.Currency + " " + sign + whole)
}
