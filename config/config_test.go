package config_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/config"
	"github.com/conserje/conserje/config/demo"
)

// load loads with an environment of NAME=value lines.
func load(t *testing.T, environment ...string) (*config.Config, error) {
	t.Helper()
	return config.Load(config.Options{Env: environment})
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestNothingSetIsDevelopmentOnTheStandIn(t *testing.T) {
	t.Parallel()

	c, err := load(t)
	require.NoError(t, err)
	require.Equal(t, config.Defaults().HTTP.Addr, c.HTTP.Addr)
	require.Equal(t, ":8002", c.HTTP.Addr)
	require.Equal(t, "127.0.0.1:8003", c.Admin.Addr)
	require.Empty(t, c.Admin.URL)
	require.Equal(t, slog.LevelInfo, c.Level())
	require.Equal(t, 20_000, c.HTTP.InboxHighWater)
	require.False(t, c.Production())
	require.True(t, c.Unsigned())
	require.Len(t, c.Properties, 1)
	require.Equal(t, config.EnvironmentID, c.Default().ID)
	require.Equal(t, "America/Argentina/Buenos_Aires", c.Default().Location().String())
	require.Equal(t, []string{"es", "en"}, c.Default().Locales)
	warnings := strings.Join(c.Warnings, "\n")
	require.Contains(t, warnings, "UNSIGNED")
	require.Contains(t, warnings, "STAND-IN")
	require.Contains(t, warnings, "OPERATOR_EMAILS")
}

func TestGuestsWithoutEmail(t *testing.T) {
	t.Parallel()

	for value, want := range map[string]string{"": "no-email.invalid", "NO_EMAIL_DOMAIN=Off": "", "NO_EMAIL_DOMAIN=Sin-Correo.example.com": "sin-correo.example.com"} {
		var env []string
		if value != "" {
			env = append(env, value)
		}
		c, err := load(t, env...)
		require.NoError(t, err)
		require.Equal(t, want, c.PMS.NoEmailDomain)
	}
}

// A hotel in Caracas has a currency that is younger than the usual tables of them.
func TestCurrenciesOfToday(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"ARS", "EUR", "VES", "ves", "XCG"} {
		c, err := load(t, "CURRENCY="+code)
		require.NoError(t, err, code)
		require.Equal(t, strings.ToUpper(code), c.Default().Currency)
	}
}

func TestPrecedence(t *testing.T) {
	t.Parallel()

	o := config.Options{
		Defaults: map[string]string{"LOG_LEVEL": "error", "PAIR_BURST": "1", "COUNTRY": "UY", "CURRENCY": "UYU", "PMS_RATE": "1"},
		File:     write(t, "c.yaml", "log_level: info\npair_burst: 2\nCOUNTRY: CL\ncurrency: CLP\nstaff_emails: [a@example.com, b@example.com]\n"),
		EnvFile:  write(t, ".env", "LOG_LEVEL=warning\nPAIR_BURST=3\nCOUNTRY=BR\n"),
		Env:      []string{"LOG_LEVEL=error", "PAIR_BURST=4", "UNRELATED=1"},
		Flags:    map[string]string{"LOG_LEVEL": "debug"},
	}
	c, err := config.Load(o)
	require.NoError(t, err)
	require.Equal(t, "debug", c.General.LogLevel)
	require.Equal(t, config.FromFlag, c.Source("LOG_LEVEL"))
	require.Equal(t, 4, c.WhatsApp.PairBurst)
	require.Equal(t, config.FromEnvironment, c.Source("PAIR_BURST"))
	require.Equal(t, "BR", c.Hotel.Country)
	require.Equal(t, config.FromEnvFile, c.Source("COUNTRY"))
	require.Equal(t, "CLP", c.Hotel.Currency)
	require.Equal(t, config.FromYAML, c.Source("CURRENCY"))
	require.Equal(t, config.List{"a@example.com", "b@example.com"}, c.Staff.Emails)
	require.InDelta(t, 1, c.PMS.Rate, 0)
	require.Equal(t, config.FromProgram, c.Source("PMS_RATE"))
	require.Equal(t, config.FromDefault, c.Source("DATA_DIR"))
	require.False(t, c.IsSet("DATA_DIR"))
}

func TestEmptyIsNotUnset(t *testing.T) {
	t.Parallel()

	o := config.Options{Defaults: map[string]string{"WHATSAPP_APP_SECRET": "made", "LOCALE": "en"},
		Env: []string{"WHATSAPP_APP_SECRET=", "PMS_TIMEOUT=", "CHECK_DB_IN_READINESS=", "STAFF_TEMPLATE_LANG="}}
	c, err := config.Load(o)
	require.NoError(t, err)
	require.True(t, c.Unsigned(), "set to nothing: none")
	require.True(t, c.IsSet("WHATSAPP_APP_SECRET"))
	require.Empty(t, c.Staff.TemplateLang)
	require.Equal(t, 10*time.Second, c.PMS.Timeout, "an empty duration means its default")
	require.True(t, c.HTTP.CheckDBReady)
	require.False(t, c.IsSet("PMS_TIMEOUT"))

	o.Env = nil
	c, err = config.Load(o)
	require.NoError(t, err)
	require.Equal(t, "made", c.WhatsApp.AppSecret.Reveal(), "unset: the program's own")
	require.Equal(t, []string{"en", "es"}, c.Default().Locales)
}

func TestSecretsFromFiles(t *testing.T) {
	t.Parallel()

	path := write(t, "token", "from-a-file\n")
	c, err := load(t, "WHATSAPP_ACCESS_TOKEN_FILE="+path)
	require.NoError(t, err)
	require.Equal(t, "from-a-file", c.WhatsApp.AccessToken.Reveal())
	require.Equal(t, config.FromEnvironment, c.Source("WHATSAPP_ACCESS_TOKEN"))

	_, err = load(t, "WHATSAPP_ACCESS_TOKEN_FILE="+path, "WHATSAPP_ACCESS_TOKEN=other")
	require.ErrorContains(t, err, "WHATSAPP_ACCESS_TOKEN: set both itself and by WHATSAPP_ACCESS_TOKEN_FILE")

	_, err = load(t, "PMS_API_KEY_FILE="+path+".missing")
	require.ErrorContains(t, err, "PMS_API_KEY_FILE: the file "+path+".missing cannot be read: no such file or directory; name a file")

	c, err = config.Load(config.Options{Flags: map[string]string{"WHATSAPP_ACCESS_TOKEN_FILE": path}})
	require.NoError(t, err, "by flag too")
	require.Equal(t, "from-a-file", c.WhatsApp.AccessToken.Reveal())
	_, err = config.Load(config.Options{Flags: map[string]string{"DATA_DIR_FILE": path}})
	require.ErrorContains(t, err, "--set DATA_DIR_FILE: no such variable")

	_, err = load(t, "PMS_API_KEY_FILE="+write(t, "empty", " \n"))
	require.ErrorContains(t, err, "is empty; write the secret into it")
}

// Every secret, those of stores and of the operator's webhook too, may come from a file; config print says from which.
func TestEverySecretMayComeFromAFile(t *testing.T) {
	t.Parallel()

	secrets := 0
	for _, f := range config.Fields() {
		if !f.Secret {
			continue
		}
		secrets++
		path := write(t, f.Name, "  http://127.0.0.1/of-"+f.Name+"\r\n")
		require.NoError(t, os.Chmod(path, 0o600))
		c, _ := load(t, f.Name+"_FILE="+path) // some need others beside them
		require.NotContains(t, strings.Join(c.Warnings, "\n"), "everybody")
		i := slices.IndexFunc(c.Entries(), func(e config.Entry) bool { return e.Name == f.Name })
		require.Equal(t, config.Entry{Name: f.Name, Value: "[redacted]", Source: config.FromEnvironment, File: path}, c.Entries()[i])

		require.NoError(t, os.Chmod(path, 0o644))
		c, _ = load(t, f.Name+"_FILE="+path)
		require.Contains(t, c.Warnings, f.Name+"_FILE names a file that everybody on this machine may read: chmod 600 it")
	}
	require.Greater(t, secrets, 12)
}

// TestProblems: each bad value is named by its variable.
func TestProblems(t *testing.T) {
	t.Parallel()

	for setting, want := range map[string]string{
		"ENVIRONMENT=live":                        "ENVIRONMENT: is not known",
		"LOG_LEVEL=loud":                          "LOG_LEVEL: is no level",
		"DATA_DIR=":                               "DATA_DIR: is empty",
		"HTTP_ADDR=8002":                          "HTTP_ADDR: is no address",
		"PORT=70000":                              "PORT: is no port",
		"DISK_MIN_FREE=much":                      "DISK_MIN_FREE: is no size",
		"DISK_MIN_FREE=-1":                        "DISK_MIN_FREE: is no size",
		"ALERT_WEBHOOK_URL=hooks":                 "ALERT_WEBHOOK_URL: is no address",
		"ALERT_WEBHOOK_URL=http://hooks.test/x":   "ALERT_WEBHOOK_URL: is not encrypted",
		"ALERT_OLDEST_AFTER=0":                    "ALERT_OLDEST_AFTER: is not above zero",
		"PORT=x":                                  "PORT: is no whole number",
		"ADMIN_ADDR=:8002":                        "ADMIN_ADDR: is the public listener's address",
		"ADMIN_ADDR=0.0.0.0:8003":                 "ADMIN_PASSWORD: the admin pages at ADMIN_ADDR are open to the world",
		"ADMIN_ADDR=nowhere":                      "ADMIN_ADDR: is no address",
		"ADMIN_URL=conserje":                      "ADMIN_URL: is no address",
		"CORS_ALLOWED_ORIGINS=https://a/b":        "CORS_ALLOWED_ORIGINS: holds what is no origin",
		"WHATSAPP_API_URL=":                       "WHATSAPP_API_URL: is empty",
		"WHATSAPP_API_URL=graph":                  "WHATSAPP_API_URL: is no address",
		"WHATSAPP_API_URL=https://g.test/v18.0/1": "WHATSAPP_API_URL: goes on behind the version",
		"WHATSAPP_GRAPH_VERSION=26":               "WHATSAPP_GRAPH_VERSION: is no version",
		"STAFF_WHATSAPP=+54 9":                    "STAFF_WHATSAPP: holds what is no number",
		"PMS_TYPE=opera":                          "PMS_TYPE: is not known",
		"PMS_BASE_URL=https://me:pw@pms.test":     "PMS_BASE_URL: holds a user or password",
		"PMS_AUTH_PROXY=true":                     "PMS_AUTH_TOKEN: PMS_AUTH_PROXY=true has no token",
		"PMS_AUTH_PROXY=maybe":                    "PMS_AUTH_PROXY: is no switch",
		"PMS_HOTEL_ID=0":                          "PMS_HOTEL_ID: is no id_hotel",
		"PMS_TIMEOUT=soon":                        "PMS_TIMEOUT: is no duration",
		"PMS_RATE=fast":                           "PMS_RATE: is no number",
		"PMS_RATE=-1":                             "PMS_RATE: is below zero",
		"PMS_POLL=-1s":                            "PMS_POLL: is below zero",
		"CREATE_SETTLES=0s":                       "CREATE_SETTLES: is not above zero",
		"NO_EMAIL_DOMAIN=guest@hotel":             "NO_EMAIL_DOMAIN: is no domain",
		"PMS_MAX_IN_FLIGHT=0":                     "PMS_MAX_IN_FLIGHT: is below 1",
		"INBOX_HIGH_WATER=-1":                     "INBOX_HIGH_WATER: is below zero",
		"PAIR_INTERVAL=0":                         "PAIR_INTERVAL: is not above zero",
		"CACHE_AVAILABILITY=-1":                   "CACHE_AVAILABILITY: is below zero",
		"RETENTION_SEEN=7d":                       "RETENTION_SEEN: is below 8 days",
		"GMAIL_CLIENT_ID=x":                       "GMAIL_REFRESH_TOKEN: is missing beside",
		"GMAIL_CLIENT_SECRET=x":                   "GMAIL_FROM_EMAIL: is missing beside",
		"GMAIL_FROM_EMAIL=nobody":                 "GMAIL_FROM_EMAIL: holds what is no e-mail",
		"OPERATOR_EMAILS=ops@example.com,nobody":  "OPERATOR_EMAILS: holds what is no e-mail",
		"SMTP_PORT=0":                             "SMTP_PORT: is no port",
		"SMTP_USERNAME=nobody":                    "SMTP_FROM: holds what is no e-mail",
		"USE_SUPABASE=true":                       "USE_SUPABASE: is set, but no PostgreSQL is named",
		"POSTGRES_DB=d":                           "POSTGRES_DB: is set, but no PostgreSQL is named",
		"POSTGRES_URL=mysql://u:p@h":              "POSTGRES_URL: is no PostgreSQL address",
		"POSTGRES_HOST=h":                         "POSTGRES_USER: is missing beside POSTGRES_HOST",
		"POSTGRES_EXEC_MODE=fast":                 "POSTGRES_EXEC_MODE: is not known",
		"POSTGRES_SSLMODE=on":                     "POSTGRES_SSLMODE: is not known",
		"POSTGRES_MAX_CONNECTIONS=1":              "POSTGRES_MAX_CONNECTIONS, POSTGRES_MIN_CONNECTIONS: do not fit",
		"POSTGRES_STATEMENT_TIMEOUT=0":            "POSTGRES_STATEMENT_TIMEOUT: is not above zero",
		"ENGINE_LEASE=1s":                         "ENGINE_LEASE: is below 3 seconds",
		"COUNTRY=Argentina":                       "COUNTRY: is no country of ISO 3166",
		"COUNTRY=XX":                              "COUNTRY: is no country of ISO 3166",
		"COUNTRY=419":                             "COUNTRY: is no country of ISO 3166",
		"CURRENCY=$":                              "CURRENCY: is no currency of ISO 4217",
		"CURRENCY=ABC":                            "CURRENCY: is no currency of ISO 4217",
		"BUSINESS_HOURS_START=25:00":              "BUSINESS_HOURS_START, BUSINESS_HOURS_END: \"25:00\" is no time of day",
		"LOCALE=fr":                               "LOCALE: holds a language",
		"BUSINESS_HOURS_START=morning":            "BUSINESS_HOURS_START, BUSINESS_HOURS_END:",
		"BUSINESS_HOURS_TIMEZONE=Bariloche":       "BUSINESS_HOURS_TIMEZONE: is no time zone",
		"HOTEL_LATITUDE=91":                       "HOTEL_LATITUDE: is no latitude",
		"HOTEL_LONGITUDE=181":                     "HOTEL_LONGITUDE: is no longitude",
		"HOTEL_NAME=":                             "HOTEL_NAME: is empty",
		"HOTEL_CONFIG=/nowhere/hotel.yaml":        "HOTEL_CONFIG: /nowhere/hotel.yaml cannot be read",
		"PMS_TYPE=qloapps":                        "PMS_BASE_URL: is missing beside PMS_TYPE=qloapps",
	} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, setting)
			require.ErrorContains(t, err, want)
			for line := range strings.SplitSeq(err.Error(), "\n") {
				require.Contains(t, line, "; ", "each problem says its fix")
			}
		})
	}
}

func TestProductionSaysEverythingAtOnce(t *testing.T) {
	t.Parallel()

	_, err := load(t, "ENVIRONMENT=production", "DEBUG=true", "PMS_TYPE=mock", "ADMIN_ADDR=:8003", "POSTGRES_PASSWORD=topsecret")
	require.Error(t, err)
	for _, name := range []string{"WHATSAPP_APP_SECRET:", "DEBUG:", "PMS_TYPE:", "ADMIN_PASSWORD:", "POSTGRES_PASSWORD:",
		"WHATSAPP_ACCESS_TOKEN:", "WHATSAPP_PHONE_NUMBER_ID:"} {
		require.ErrorContains(t, err, name)
	}
	require.NotContains(t, err.Error(), "topsecret")

	c, err := load(t, "ENVIRONMENT=production", "PMS_TYPE=qloapps", "PMS_BASE_URL=https://pms.example.com/api/", "PMS_API_KEY="+key,
		"WHATSAPP_APP_SECRET=s", "WHATSAPP_ACCESS_TOKEN=t", "WHATSAPP_PHONE_NUMBER_ID=1", "WHATSAPP_VERIFY_TOKEN=v",
		"ADMIN_ADDR=:8003", "ADMIN_PASSWORD=p")
	require.NoError(t, err)
	require.True(t, c.Production())
	require.Equal(t, "v", c.WhatsApp.VerifyToken.Reveal(), "the older name serves")
	require.Equal(t, "https://pms.example.com", c.Default().PMS.BaseURL)
	require.Equal(t, key, c.Default().PMS.Key.Reveal())
	p, ok := c.ByNumber("1")
	require.True(t, ok)
	require.Equal(t, config.EnvironmentID, p.ID)
	_, ok = c.ByNumber("2")
	require.False(t, ok)
	_, ok = c.ByNumber("")
	require.False(t, ok)
}

// TestGraphVersion: whether a version has expired is the WhatsApp client's knowledge.
func TestGraphVersion(t *testing.T) {
	t.Parallel()

	for _, gone := range []bool{true, false} {
		c, err := config.Load(config.Options{
			Env: []string{"WHATSAPP_API_URL=https://graph.facebook.com/v18.0"},
			Graph: func(apiURL, version string) (string, string, bool) {
				require.Equal(t, "https://graph.facebook.com/v18.0", apiURL)
				require.Equal(t, "v26.0", version)
				return "https://graph.facebook.com", "v18.0", gone
			}})
		require.NoError(t, err)
		require.Equal(t, gone, strings.Contains(strings.Join(c.Warnings, "\n"), "v18.0 has expired"))
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()

	for want, settings := range map[string][]string{
		"PMS_AUTH_TOKEN is ignored":        {"PMS_AUTH_TOKEN=t"},
		"PORT is ignored":                  {"PORT=9000", "HTTP_ADDR=:9001"},
		"WHATSAPP_VERIFY_TOKEN is ignored": {"WHATSAPP_VERIFY_TOKEN=a", "WHATSAPP_WEBHOOK_VERIFY_TOKEN=b"},
		"no way to send mail":              {},
		"share one daily limit": {"GMAIL_CLIENT_ID=i", "GMAIL_CLIENT_SECRET=s", "GMAIL_REFRESH_TOKEN=r",
			"GMAIL_FROM_EMAIL=h@gmail.com", "GMAIL_USERNAME=h@gmail.com", "GMAIL_APP_PASSWORD=p"},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			c, err := load(t, settings...)
			require.NoError(t, err)
			require.Contains(t, strings.Join(c.Warnings, "\n"), want)
		})
	}
}

func TestDerived(t *testing.T) {
	t.Parallel()

	c, err := load(t, "PORT=9000", "GMAIL_USERNAME=h@gmail.com", "GMAIL_APP_PASSWORD=p", "LOG_LEVEL=WARN",
		"PMS_TIMEOUT=2.5", "CACHE_ROOM_DETAILS=3600", "RETENTION_INBOX=7d", "LOCALE=en_US", "BUSINESS_HOURS_START=8")
	require.NoError(t, err)
	require.Equal(t, ":9000", c.HTTP.Addr)
	require.True(t, c.SMTP.Configured())
	require.Equal(t, "h@gmail.com", c.SMTP.From)
	require.Equal(t, "p", c.SMTP.Password.Reveal())
	require.Equal(t, "warning", c.General.LogLevel)
	require.Equal(t, slog.LevelWarn, c.Level())
	c.General.LogLevel = "error"
	require.Equal(t, slog.LevelError, c.Level())
	c.General.Debug = true
	require.Equal(t, slog.LevelDebug, c.Level())
	require.Equal(t, 2500*time.Millisecond, c.PMS.Timeout)
	require.Equal(t, time.Hour, c.PMS.CacheRooms)
	require.Equal(t, 7*24*time.Hour, c.Retention.Inbox)
	require.Equal(t, []string{"en", "es"}, c.Default().Locales)
}

func TestFilesOfSettings(t *testing.T) {
	t.Parallel()

	_, err := config.Load(config.Options{File: write(t, "c.yaml", "log_level: info\nwhatsapp_acces_token: x\n")})
	require.ErrorContains(t, err, "c.yaml:2: whatsapp_acces_token: no such setting")
	require.ErrorContains(t, err, "(WHATSAPP_ACCESS_TOKEN?)")
	_, err = config.Load(config.Options{File: write(t, "c.yaml", "a: [")})
	require.ErrorContains(t, err, "c.yaml:1")
	_, err = config.Load(config.Options{File: "/nowhere.yaml", EnvFile: "/nowhere.env"})
	require.ErrorContains(t, err, "/nowhere.yaml: cannot be read")
	require.ErrorContains(t, err, "/nowhere.env: cannot be read")
	_, err = config.Load(config.Options{EnvFile: write(t, ".env", "PMS_API_KEY=a\nca nary=\"secret\n")})
	require.ErrorContains(t, err, "is no list of NAME=value lines")
	require.NotContains(t, err.Error(), "nary", "a bad line may hold a secret: it is not quoted")
	_, err = config.Load(config.Options{Flags: map[string]string{"NOPE": "1"}})
	require.ErrorContains(t, err, "--set NOPE: no such variable")
	c, err := config.Load(config.Options{File: write(t, "c.yaml", "hotel_name: |\n  Posada\nsmtp_host: ~\npair_burst: 3\nhotel_latitude: -41.5\n")})
	require.NoError(t, err)
	require.Equal(t, "Posada\n", c.Hotel.Name)
	require.Empty(t, c.SMTP.Host)
	require.InDelta(t, -41.5, c.Default().Latitude, 0)
	require.Equal(t, "https://maps.google.com/?q=-41.5,0", c.Default().Map)
}

func TestDemoHotel(t *testing.T) {
	t.Parallel()

	p, err := config.ParseProperty(demo.Hotel())
	require.NoError(t, err)
	require.ElementsMatch(t, config.Topics(), keys(p.Knowledge), "every topic is answered")
	require.Equal(t, []string{"1", "2", "3", "4", "5"}, p.RoomTypeIDs())
	require.Equal(t, "Doble superior con vista al lago", p.RoomTypes["3"].Names["es"][0])
	require.True(t, p.TaxIn())
	spans, err := p.BusinessHours.Spans()
	require.NoError(t, err)
	require.Equal(t, []config.Span{{Open: 480, Close: 60}}, spans[time.Friday])
}

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return out
}

// key is a webservice key: 32 characters, as all of QloApps' have.
const key = "0123456789ABCDEF0123456789ABCDEF"

// A key that was copied badly, and one that travels in the clear, are told before anything starts.
func TestHotelSystemsKey(t *testing.T) {
	t.Parallel()

	_, err := load(t, "PMS_TYPE=qloapps", "PMS_BASE_URL=https://pms.example.com", "PMS_API_KEY="+key[1:])
	require.ErrorContains(t, err, "PMS_API_KEY: has 31 characters, and a webservice key has 32; copy it again")
	require.NotContains(t, err.Error(), key[1:])
	doc := config.Document{Name: "h.yaml", Data: []byte("id: h\nname: H\npms: {type: qloapps, base_url: https://pms.example.com, key_env: KEY_H}\n")}
	_, err = config.Load(config.Options{Hotels: []config.Document{doc}, Env: []string{"KEY_H=short"}})
	require.ErrorContains(t, err, "KEY_H: has 5 characters")

	for address, told := range map[string]bool{"http://pms.example.com": true, "https://pms.example.com": false, "http://127.0.0.1:8080": false} {
		c, err := load(t, "PMS_TYPE=qloapps", "PMS_BASE_URL="+address, "PMS_API_KEY="+key)
		require.NoError(t, err)
		require.Equal(t, told, strings.Contains(strings.Join(c.Warnings, "\n"), "UNENCRYPTED"), address)
	}
}
