package hotel_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
)

func TestAmountsAsGuestsWriteThem(t *testing.T) {
	t.Parallel()

	for _, c := range []struct {
		amount        int64
		currency      string
		lang, country string
		want          string
	}{
		{8_500_000, "ARS", "es", "AR", "ARS 85.000"},
		{123_450, "USD", "es", "AR", "USD 1.234,50"},
		{123_450, "USD", "es", "US", "USD 1,234.50"},
		{123_450, "MXN", "es", "MX", "MXN 1,234.50"},
		{123_450, "USD", "en", "AR", "USD 1,234.50"},
		{123_450, "BRL", "pt", "BR", "BRL 1.234,50"},
		{1_234_567, "CLP", "es", "CL", "CLP 1.234.567"},
		{-5, "USD", "en", "US", "USD -0.05"},
		{123_450, "EUR", "es", "ES", "EUR 1.234,50"},
		{123_456_789, "MXN", "es", "MX", "MXN 1,234,567.89"},
		{1_234_000, "KWD", "es", "AR", "KWD 1.234"},
		{1_234, "KWD", "es", "AR", "KWD 1,234"},
		{-8_500, "ARS", "es", "AR", "ARS -85"},
		{99_900, "ARS", "es", "AR", "ARS 999"},
		{0, "ARS", "en", "", "ARS 0"},
		{0, "ARS", "es", "", "ARS 0"},
	} {
		require.Equal(t, c.want, hotel.Money{Minor: c.amount, Currency: c.currency}.In(c.lang, c.country))
	}
}
