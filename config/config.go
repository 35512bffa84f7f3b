package config

import (
	"log/slog"
	"maps"
	"slices"
)

// Source is where a value came from.
type Source string

// The sources, weakest first.
const (
	FromDefault     Source = "default"
	FromProgram     Source = "program" // the demo's own defaults
	FromYAML        Source = "yaml"
	FromEnvFile     Source = ".env"
	FromEnvironment Source = "environment"
	FromFlag        Source = "flag"
)

// Config is the whole configuration, valid.
type Config struct {
	Settings
	// Properties are the hotels, the default one first.
	Properties []Property
	// Warnings are what works but should be looked at; every start says them.
	Warnings []string

	sources map[string]Source // never values: they could be printed
	files   map[string]string // of the secrets that came from files
}

// Options is where a configuration is read from. The zero value reads nothing but the defaults.
type Options struct {
	Flags    map[string]string // by variable
	Env      []string          // as os.Environ gives it
	EnvFile  string            // a .env file; "" = none
	File     string            // a YAML file of settings; "" = none
	Defaults map[string]string // a program's own defaults (the demo's), weaker than all but ours
	Hotels   []Document        // hotels to take when HOTEL_CONFIG names none
	Graph    GraphParser       // tells whether the Graph API's version has expired; nil = do not warn
}

// Document is a YAML document with the name that errors give it.
type Document struct {
	Name string
	Data []byte
}

// Source tells where a variable's value came from.
func (c *Config) Source(name string) Source {
	if s, ok := c.sources[name]; ok {
		return s
	}
	return FromDefault
}

// IsSet tells whether somebody set the variable, be it to nothing.
func (c *Config) IsSet(name string) bool { return c.Source(name) != FromDefault }

// Production tells whether the engine serves real guests.
func (c *Config) Production() bool { return c.General.Environment == production }

// Level is the log level; DEBUG wins over LOG_LEVEL.
func (c *Config) Level() slog.Level {
	switch {
	case c.General.Debug || c.General.LogLevel == "debug":
		return slog.LevelDebug
	case c.General.LogLevel == "warning":
		return slog.LevelWarn
	case c.General.LogLevel == "error":
		return slog.LevelError
	}
	return slog.LevelInfo
}

// Unsigned tells whether webhooks without a signature are taken.
func (c *Config) Unsigned() bool { return c.WhatsApp.AppSecret.IsZero() }

// Default is the property of messages that do not name a number.
func (c *Config) Default() Property { return c.Properties[0] }

// Property finds a property by its id.
func (c *Config) Property(id string) (Property, bool) {
	i := slices.IndexFunc(c.Properties, func(p Property) bool { return p.ID == id })
	if i < 0 {
		return Property{}, false
	}
	return c.Properties[i], true
}

// ByNumber finds a property by its phone_number_id.
func (c *Config) ByNumber(numberID string) (Property, bool) {
	i := slices.IndexFunc(c.Properties, func(p Property) bool {
		return numberID != "" && p.WhatsApp.PhoneNumberID == numberID
	})
	if i < 0 {
		return Property{}, false
	}
	return c.Properties[i], true
}

// Load reads, merges and validates. Its error joins every problem found; the
// Config that comes with an error is what was read, for printing only.
func Load(o Options) (*Config, error) {
	c := &Config{Settings: Defaults(), sources: map[string]Source{}}
	var found problems
	values := o.merge(&found)
	values.into(c, &found)
	c.derive(&found)
	c.loadProperties(o.Hotels, values, &found)
	c.validate(&found)
	c.files = values.file
	c.warn(o.Graph)
	for _, name := range slices.Sorted(maps.Keys(values.open)) {
		c.Warnings = append(c.Warnings, name+" names a file that everybody on this machine may read: chmod 600 it")
	}
	for i := range c.Properties {
		c.Properties[i].node = nil // the lines were for the problems only
	}
	return c, found.err()
}

// names lists every variable.
func names() []string {
	var out []string
	for _, f := range Fields() {
		out = append(out, f.Name)
	}
	return out
}
