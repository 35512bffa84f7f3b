package whatsapp_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/whatsapp/whatsapptest"
)

// TestCodes goes through Meta's table: every code, by way of the simulator.
func TestCodes(t *testing.T) {
	t.Parallel()

	row, pair, number := hotel.ScopeRow, hotel.ScopePair, hotel.ScopeNumber
	for _, c := range []struct {
		kind  hotel.Kind
		scope hotel.Scope
		after time.Duration
		codes []int
	}{
		{hotel.Unauthorised, number, 0, []int{190, 3, 10, 200, 299, 131005, 33, 131045, 133010, 368, 131031, 131037, 131042, 133006}},
		{hotel.Transient, row, 0, []int{1, 2, 131000, 131016, 133004}},
		{hotel.Transient, row, time.Minute, []int{131057}},
		{hotel.Throttled, number, time.Second, []int{4, 80007, 130429}},
		{hotel.Throttled, number, 5 * time.Minute, []int{131048, 131064}},
		{hotel.Throttled, pair, 4 * time.Second, []int{131056}},
		{hotel.WindowClosed, row, 0, []int{131047}},
		{hotel.Invalid, row, 0, []int{100, 130472, 130497, 131008, 131009, 131021, 131026, 131030, 131049, 131050, 131051, 131052, 131053, 131055,
			131062, 131063, 132000, 132001, 132005, 132007, 132012, 132015, 132016, 132018, 132068, 132069, 135000, 137000, 999999}},
	} {
		for _, code := range c.codes {
			t.Run(strconv.Itoa(code), func(t *testing.T) {
				t.Parallel()

				s, url := meta(t)
				s.Switch(func(sw *whatsapptest.Switches) { sw.FailCodes = []int{code} })
				_, err := client(t, url).Send(t.Context(), message, "k/0#1")
				e := discreet(t, err)
				require.Equal(t, c.kind, e.Kind)
				require.Equal(t, c.scope, e.Scope)
				require.Equal(t, c.after, e.RetryAfter)
				require.Equal(t, strconv.Itoa(code), e.Code)
				require.Equal(t, "whatsapp.Send", e.Op)
				require.Len(t, s.Thread(phone), 1, "nothing reached the phone")
			})
		}
	}
}

func TestOddAnswers(t *testing.T) {
	t.Parallel()

	quoting := `"message":"bad ` + secretly + `","error_data":{"details":"` + phone + `"},"fbtrace_id":"` + strings.Repeat("A", 99) + `"`
	for name, c := range map[string]struct {
		status int
		header string
		body   string
		kind   hotel.Kind
		code   string
		after  time.Duration
	}{
		"token, code 0":              {401, "", `{"error":{"code":0}}`, hotel.Unauthorised, "0", 0},
		"unknown code, 500":          {500, "", `{"error":{"code":777}}`, hotel.Transient, "777", 0},
		"unknown code, transient":    {400, "", `{"error":{"code":777,"is_transient":true}}`, hotel.Transient, "777", 0},
		"texts that quote":           {400, "", `{"error":{"code":100,` + quoting + `}}`, hotel.Invalid, "100", 0},
		"throttled with a time":      {400, "Retry-After: 30", `{"error":{"code":130429}}`, hotel.Throttled, "130429", 30 * time.Second},
		"odd retry time":             {400, "Retry-After: tomorrow", `{"error":{"code":130429}}`, hotel.Throttled, "130429", time.Second},
		"502 in HTML":                {502, "", `<html>` + secretly + `</html>`, hotel.InDoubt, "http_502", 0},
		"503 empty":                  {503, "Retry-After: 7", ``, hotel.InDoubt, "http_503", 7 * time.Second},
		"500 with other JSON":        {500, "", `{"message":"oops"}`, hotel.InDoubt, "http_500", 0},
		"proxy says 429":             {429, "", `slow down`, hotel.Throttled, "http_429", time.Second},
		"proxy says 408":             {408, "", ``, hotel.Transient, "http_408", 0},
		"proxy says 400":             {400, "", ``, hotel.Invalid, "http_400", 0},
		"proxy says 413":             {413, "", ``, hotel.Invalid, "http_413", 0},
		"wrong address":              {404, "", `not here`, hotel.Unauthorised, "http_404", 0},
		"redirect is not followed":   {302, "Location: http://127.0.0.1:1/", ``, hotel.Unauthorised, "http_302", 0},
		"201":                        {201, "", `{}`, hotel.InDoubt, "http_201", 0},
		"200 but no JSON":            {200, "", secretly, hotel.InDoubt, "odd_answer", 0},
		"200 without an id":          {200, "", `{"messages":[{}]}`, hotel.InDoubt, "odd_answer", 0},
		"200 without messages":       {200, "", `{}`, hotel.InDoubt, "odd_answer", 0},
		"200 with more than we read": {200, "", `{"x":"` + strings.Repeat("x", 70<<10) + `"}`, hotel.InDoubt, "odd_answer", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			_, err := client(t, fixed(t, c.status, c.header, c.body)).Send(t.Context(), message, "k/0#1")
			e := discreet(t, err)
			require.Equal(t, c.kind, e.Kind)
			require.Equal(t, c.code, e.Code)
			require.Equal(t, c.after, e.RetryAfter)
		})
	}
}
