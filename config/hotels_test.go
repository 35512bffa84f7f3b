package config_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/config"
)

const smallHotel = `id: mar
name: Hotel del Mar
locales: [es]
whatsapp:
  phone_number_id: 106540352242922
  token_env: TOKEN_MAR
pms:
  type: qloapps
  base_url: https://mar.example.com/api
  key_env: KEY_MAR
business_hours:
  fri: 08:00-13:00, 20:00-02:00
  sun: closed
room_types:
  1: {names: {es: [Simple]}}
  10: {names: {es: [Suite]}}
  2: {names: {es: [Doble]}}
knowledge:
  wifi: {es: Hay.}
`

func TestHotelFromYAML(t *testing.T) {
	t.Parallel()

	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "mar.yaml"), []byte(smallHotel), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "notes.txt"), []byte("not a hotel"), 0o600))
	c, err := load(t, "HOTEL_CONFIG="+folder, "TOKEN_MAR=tok", "KEY_MAR="+key, "COUNTRY=ar",
		"WHATSAPP_BUSINESS_ACCOUNT_ID=waba", "STAFF_EMAILS=r@example.com")
	require.NoError(t, err)
	require.Len(t, c.Properties, 1)
	p, ok := c.Property("mar")
	require.True(t, ok)
	require.Equal(t, "106540352242922", p.WhatsApp.PhoneNumberID)
	require.Equal(t, "tok", p.WhatsApp.Token.Reveal())
	require.Equal(t, "waba", p.WhatsApp.Portfolio)
	require.Equal(t, "https://mar.example.com", p.PMS.BaseURL)
	require.Equal(t, key, p.PMS.Key.Reveal())
	require.Equal(t, 1, p.PMS.HotelID)
	require.Equal(t, "AR", p.Country)
	require.Equal(t, []string{"r@example.com"}, p.Staff.Emails)
	require.Equal(t, []string{"1", "2", "10"}, p.RoomTypeIDs())
	spans, err := p.BusinessHours.Spans()
	require.NoError(t, err)
	require.Equal(t, map[time.Weekday][]config.Span{time.Friday: {{Open: 480, Close: 780}, {Open: 1200, Close: 120}}}, spans)
	_, ok = c.Property("nobody")
	require.False(t, ok)
}

// TestHotelMistakes: each mistake is named with file, line and field.
func TestHotelMistakes(t *testing.T) {
	t.Parallel()

	const top = "id: mar\nname: Hotel del Mar\nlocales: [es, en]\n"
	for name, tt := range map[string]struct{ yaml, want string }{
		"unknown field":    {top + "adress: x\n", `h.yaml:4: unknown field "adress"`},
		"duplicate field":  {top + "name: x\n", "h.yaml:4: "},
		"not yaml":         {"a: [", "h.yaml:1: "},
		"no id":            {"name: X\n", "h.yaml:1: id: is no id"},
		"no name":          {"id: x\n", "h.yaml:1: name: is empty"},
		"zone":             {top + "zone: Nowhere\n", "h.yaml:4: zone: is no time zone"},
		"map":              {top + "map: here\n", "h.yaml:4: map: is no address"},
		"check in":         {top + "check_in: 25:00\n", "h.yaml:4: check_in: is no time of day"},
		"day":              {top + "business_hours:\n  lun: 08:00-12:00\n", "h.yaml:5: business_hours.lun: \"lun\" is no day"},
		"span":             {top + "business_hours:\n  mon: 8\n", "h.yaml:5: business_hours.mon"},
		"span start":       {top + "business_hours:\n  mon: x-9\n", "h.yaml:5: business_hours.mon"},
		"span end":         {top + "business_hours:\n  mon: 8-30\n", "h.yaml:5: business_hours.mon"},
		"overlap":          {top + "business_hours:\n  mon: 08:00-13:00, 12:00-14:00\n", "begins before the span ahead of it ends"},
		"staff mail":       {top + "staff:\n  emails: [nobody]\n", "h.yaml:5: staff.emails: holds what is no e-mail"},
		"staff number":     {top + "staff:\n  whatsapp: [+54 9 294]\n", "h.yaml:5: staff.whatsapp: holds what is no number"},
		"topic":            {top + "knowledge:\n  wify: {es: a, en: b}\n", "h.yaml:5: knowledge.wify: is no topic"},
		"missing text":     {top + "knowledge:\n  wifi:\n    es: a\n", "h.yaml:5: knowledge.wifi: has no text for en"},
		"other language":   {top + "policies:\n  pets:\n    es: a\n    en: b\n    pt: c\n", "h.yaml:8: policies.pets.pt: is no language"},
		"room name":        {top + "room_types:\n  \"1\":\n    names: {es: [Simple]}\n", "h.yaml:6: room_types.1.names: has no name for en"},
		"room description": {"id: m\nname: M\nlocales: [es]\nroom_types:\n  1:\n    names: {es: [S]}\n    description: {en: x}\n", "h.yaml:7: room_types.1.description: has no text for es"},
		"room limits":      {"id: m\nname: M\nroom_types:\n  1:\n    max_adults: 3\n    max_guests: 2\n", "h.yaml:4: room_types.1: max_adults"},
		"limit":            {top + "max_rooms: -1\n", "h.yaml:4: max_rooms: is below zero"},
		"template":         {top + "templates:\n  hello: {name: x, lang: es}\n", "h.yaml:5: templates.hello: is no purpose"},
		"template name":    {top + "templates:\n  reply: {name: x}\n", "h.yaml:5: templates.reply: lacks"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.ParseProperty(config.Document{Name: "h.yaml", Data: []byte(tt.yaml)})
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func hotelYAML(id, number string) config.Document {
	return config.Document{Name: id + ".yaml",
		Data: []byte("id: " + id + "\nname: H\nwhatsapp: {phone_number_id: \"" + number + "\"}\n")}
}

func TestSeveralHotels(t *testing.T) {
	t.Parallel()

	hotels := func(env []string, docs ...config.Document) (*config.Config, error) {
		return config.Load(config.Options{Env: env, Hotels: docs})
	}
	c, err := hotels(nil, hotelYAML("a", "1"), hotelYAML("b", "2"))
	require.NoError(t, err)
	require.Equal(t, "a", c.Default().ID, "without the environment's number the first file's")

	c, err = hotels([]string{"WHATSAPP_PHONE_NUMBER_ID=2"}, hotelYAML("a", "1"), hotelYAML("b", "2"))
	require.NoError(t, err)
	require.Equal(t, "b", c.Default().ID, "the environment's number names it")
	require.Len(t, c.Properties, 2)

	c, err = hotels([]string{"WHATSAPP_PHONE_NUMBER_ID=3"}, hotelYAML("a", "1"), hotelYAML("b", "2"))
	require.NoError(t, err)
	require.Equal(t, config.EnvironmentID, c.Default().ID, "a number of no file is a hotel of its own")
	require.Len(t, c.Properties, 3)

	c, err = hotels([]string{"WHATSAPP_PHONE_NUMBER_ID=3"}, config.Document{Name: "a.yaml", Data: []byte("id: a\nname: A\n")})
	require.NoError(t, err)
	require.Len(t, c.Properties, 1, "the one hotel takes the one number")
	require.Equal(t, "3", c.Default().WhatsApp.PhoneNumberID)

	_, err = hotels(nil, hotelYAML("a", "1"), hotelYAML("b", "1"))
	require.ErrorContains(t, err, "b.yaml:3: whatsapp.phone_number_id: is taken by a.yaml:3")
	_, err = hotels(nil, hotelYAML("a", "1"), hotelYAML("a", "2"))
	require.ErrorContains(t, err, "a.yaml:1: id: is taken by a.yaml:1")
	_, err = hotels(nil, hotelYAML("a", "1"), hotelYAML("b", ""))
	require.ErrorContains(t, err, "b.yaml:3: whatsapp.phone_number_id: is missing beside other hotels")
}

func TestHotelsCredentials(t *testing.T) {
	t.Parallel()

	doc := config.Document{Name: "h.yaml", Data: []byte(
		"id: h\nname: H\nwhatsapp:\n  token_env: TOKEN_H\npms:\n  type: qloapps\n")}
	_, err := config.Load(config.Options{Hotels: []config.Document{doc}})
	require.ErrorContains(t, err, "TOKEN_H: is not set, and h.yaml:4: whatsapp.token_env names it")
	require.ErrorContains(t, err, "h.yaml:5: pms.base_url: is missing")
	require.ErrorContains(t, err, "h.yaml:5: pms.key_env: is missing")

	c, err := config.Load(config.Options{Hotels: []config.Document{doc}, Env: []string{
		"TOKEN_H_FILE=" + write(t, "t", "from-file\n"), "PMS_BASE_URL=http://127.0.0.1:9", "PMS_API_KEY=" + key}})
	require.NoError(t, err)
	require.Equal(t, "from-file", c.Default().WhatsApp.Token.Reveal())

	doc.Data = []byte("id: h\nname: H\npms:\n  type: opera\n")
	_, err = config.Load(config.Options{Hotels: []config.Document{doc}})
	require.ErrorContains(t, err, "h.yaml:4: pms.type: is not known")
	doc.Data = []byte("id: h\nname: H\npms:\n  services: [6, 9, 6]\n")
	_, err = config.Load(config.Options{Hotels: []config.Document{doc}})
	require.ErrorContains(t, err, "h.yaml:4: pms.services: holds what is no id, or one twice")
	empty := t.TempDir()
	_, err = load(t, "HOTEL_CONFIG="+empty)
	require.ErrorContains(t, err, "holds no *.yaml file")
}

func FuzzParseProperty(f *testing.F) {
	f.Add([]byte(smallHotel))
	f.Add([]byte("id: [\n"))
	f.Add([]byte("room_types: {1: {names: {es: [a]}}}"))
	f.Add([]byte("&a id: *a"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := config.ParseProperty(config.Document{Name: "h.yaml", Data: data})
		if err == nil {
			require.NotEmpty(t, p.ID)
			require.NotNil(t, p.Location())
		}
	})
}
