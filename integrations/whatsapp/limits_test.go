package whatsapp_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/whatsapp"
)

func TestLimits(t *testing.T) {
	t.Parallel()

	n := func(count int) string { return strings.Repeat("ñ", count) }
	button := func(id, title string) hotel.Button { return hotel.Button{ID: id, Title: title} }
	buttons := func(text string, b ...hotel.Button) hotel.Bubble { return hotel.Bubble{Text: text, Buttons: b} }
	list := func(label string, rows ...hotel.Row) hotel.Bubble {
		return hotel.Bubble{Text: "x", List: &hotel.List{Button: label, Rows: rows}}
	}
	template := func(name, lang string, params ...string) hotel.Bubble {
		return hotel.Bubble{Template: &hotel.Template{Name: name, Lang: lang, Params: params}}
	}
	ten := make([]hotel.Row, 10)
	for i := range ten {
		ten[i] = hotel.Row{ID: n(i + 1), Title: n(24), Description: n(72)}
	}
	for name, c := range map[string]struct {
		bubble hotel.Bubble
		good   bool
	}{
		"text":                      {hotel.Bubble{Text: n(4096)}, true},
		"long text":                 {hotel.Bubble{Text: n(4097)}, false},
		"empty text":                {hotel.Bubble{Text: " \n"}, false},
		"three buttons":             {buttons(n(1024), button(n(256), n(20)), button("b", "B"), button("c", "C")), true},
		"four buttons":              {buttons("x", button("a", "A"), button("b", "B"), button("c", "C"), button("d", "D")), false},
		"long text with buttons":    {buttons(n(1025), button("a", "A")), false},
		"long button":               {buttons("x", button("a", n(21))), false},
		"long button id":            {buttons("x", button(n(257), "A")), false},
		"empty button":              {buttons("x", button("a", " ")), false},
		"empty button id":           {buttons("x", button("", "A")), false},
		"same titles":               {buttons("x", button("a", "A"), button("b", "A")), false},
		"same ids":                  {buttons("x", button("a", "A"), button("a", "B")), false},
		"ten rows":                  {list(n(20), ten...), true},
		"eleven rows":               {list("x", append(ten[:10:10], hotel.Row{ID: "z", Title: "z"})...), false},
		"no rows":                   {list("x"), false},
		"long list button":          {list(n(21), ten[0]), false},
		"no list button":            {list("", ten[0]), false},
		"long row":                  {list("x", hotel.Row{ID: "a", Title: n(25)}), false},
		"long row id":               {list("x", hotel.Row{ID: n(201), Title: "a"}), false},
		"long description":          {list("x", hotel.Row{ID: "a", Title: "a", Description: n(73)}), false},
		"same row ids":              {list("x", ten[0], ten[0]), false},
		"long section":              {hotel.Bubble{Text: "x", List: &hotel.List{Button: "b", Title: n(25), Rows: ten}}, false},
		"list without text":         {hotel.Bubble{List: &hotel.List{Button: "b", Rows: ten}}, false},
		"long text with list":       {hotel.Bubble{Text: n(4097), List: &hotel.List{Button: "b", Rows: ten}}, false},
		"buttons and list":          {hotel.Bubble{Text: "x", Buttons: []hotel.Button{button("a", "A")}, List: &hotel.List{Button: "b", Rows: ten}}, false},
		"template":                  {template("aviso", "es_AR", "Ana", "4    espacios"), true},
		"template without name":     {template("", "es"), false},
		"template without language": {template("aviso", ""), false},
		"empty parameter":           {template("aviso", "es", ""), false},
		"parameter with line break": {template("aviso", "es", "a\nb"), false},
		"parameter with spaces":     {template("aviso", "es", "a     b"), false},
		"template with text":        {hotel.Bubble{Text: "x", Template: &hotel.Template{Name: "a", Lang: "es"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			err := whatsapp.CheckBubble(c.bubble)
			require.Equal(t, c.good, err == nil, "%v", err)
			if err != nil {
				require.NotContains(t, err.Error(), "ñ", "errors never quote")
			}
		})
	}
}

func TestSendChecksBeforeAnythingLeaves(t *testing.T) {
	t.Parallel()

	c := client(t, "http://127.0.0.1:1") // nobody is there: a request would be NotSent
	for name, m := range map[string]hotel.Message{
		"nobody":           {Property: "sur", Bubble: hotel.Bubble{Text: "x"}},
		"no text":          {Property: "sur", To: hotel.Address{Phone: phone}},
		"user id as phone": {Property: "sur", To: hotel.Address{Phone: "MY.1777000"}, Bubble: hotel.Bubble{Text: "x"}},
	} {
		_, err := c.Send(t.Context(), m, "")
		require.Equal(t, hotel.Invalid, hotel.KindOf(err), name)
	}
	_, err := c.Send(t.Context(), message, strings.Repeat("x", 513))
	require.Equal(t, hotel.Invalid, hotel.KindOf(err))
}

func TestParseBase(t *testing.T) {
	t.Parallel()

	for _, c := range []struct {
		url, fallback string
		base, version string
		expired       bool
	}{
		{"", "", "https://graph.facebook.com", "v26.0", false},
		{"https://graph.facebook.com", "v25.0", "https://graph.facebook.com", "v25.0", false},
		{"https://graph.facebook.com/v18.0/", "v26.0", "https://graph.facebook.com", "v18.0", true},
		{" http://127.0.0.1:9/graph/v27.0 ", "v26.0", "http://127.0.0.1:9/graph", "v27.0", false},
		{"https://graph.facebook.com/vNext", "", "https://graph.facebook.com/vNext", "v26.0", false},
		{"https://graph.facebook.com", "v20.0", "https://graph.facebook.com", "v20.0", true},
		{"v26.0", "", "v26.0", "v26.0", false},
	} {
		base, version, expired := whatsapp.ParseBase(c.url, c.fallback)
		require.Equal(t, c.base, base, c.url)
		require.Equal(t, c.version, version, c.url)
		require.Equal(t, c.expired, expired, c.url)
	}
}

func TestVersionExpiry(t *testing.T) {
	t.Parallel()

	for version, want := range map[string]string{"v18.0": "2026-09-24", "v20.0": "2026-09-24", "v21.0": "2027-01-21", "v22.0": "2027-05-20",
		"v23.0": "2027-10-08", "v24.0": "2028-02-18", "v25.0": "2028-07-29"} {
		end, known := whatsapp.VersionExpiry(version)
		require.True(t, known, version)
		require.Equal(t, want, end.Format(time.DateOnly), version)
	}
	for _, version := range []string{"v26.0", "v27.0", "26.0", "v26", "vx.0", "v26.x", "v0.0", ""} {
		_, known := whatsapp.VersionExpiry(version)
		require.False(t, known, version)
	}
}
