package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
)

// EnvironmentID is the id of the property that the HOTEL_* variables make.
const EnvironmentID = "default"

// loadProperties reads the hotels' files, completes them from the environment,
// and puts the default property first: the environment's, else the first file's.
func (c *Config) loadProperties(fallback []Document, values raw, found *problems) {
	docs := fallback
	if len(c.General.HotelConfig) > 0 {
		docs = readDocuments(c.General.HotelConfig, found)
	}
	for _, d := range docs {
		if p, ok := parseProperty(d, found); ok {
			c.Properties = append(c.Properties, p)
		}
	}
	c.placeEnvironment()
	for i := range c.Properties {
		c.complete(&c.Properties[i], values, found)
		c.Properties[i].validate(found)
	}
	c.validateUnique(found)
}

// readDocuments reads files, and folders' *.yaml and *.yml in order of name.
func readDocuments(paths List, found *problems) []Document {
	var out []Document
	for _, path := range paths {
		files := []string{path}
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			files = yamlFiles(path)
			if len(files) == 0 {
				found.add("HOTEL_CONFIG", path+" holds no *.yaml file", "put one file for each hotel there")
			}
		}
		for _, f := range files {
			data, err := os.ReadFile(f)
			if err != nil {
				found.add("HOTEL_CONFIG", f+" cannot be read", "name a file or folder that this user may read")
				continue
			}
			out = append(out, Document{Name: f, Data: data})
		}
	}
	return out
}

func yamlFiles(folder string) []string {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); !e.IsDir() && (ext == ".yaml" || ext == ".yml") {
			out = append(out, filepath.Join(folder, e.Name()))
		}
	}
	return out
}

// ParseProperty reads one hotel's YAML strictly and checks it, alone.
func ParseProperty(d Document) (Property, error) {
	var found problems
	p, ok := parseProperty(d, &found)
	if ok {
		p.validate(&found)
	}
	return p, found.err()
}

func parseProperty(d Document, found *problems) (Property, bool) {
	p := Property{File: d.Name}
	file, err := parser.ParseBytes(d.Data, 0)
	if err == nil {
		err = yaml.UnmarshalWithOptions(d.Data, &p, yaml.Strict())
	}
	if err != nil {
		found.add(yamlPlace(d.Name, err), yamlMessage(err), "see docs/hotel-yaml.md for the fields")
		return p, false
	}
	p.node = body(file)
	return p, true
}

// placeEnvironment finds the environment's property among the files' or makes it, and puts it first.
func (c *Config) placeEnvironment() {
	number := c.WhatsApp.PhoneNumberID
	if len(c.Properties) == 1 && c.Properties[0].WhatsApp.PhoneNumberID == "" {
		c.Properties[0].WhatsApp.PhoneNumberID = number // the one hotel has the one number
	}
	own := slices.IndexFunc(c.Properties, func(p Property) bool {
		return number != "" && p.WhatsApp.PhoneNumberID == number
	})
	switch {
	case own > 0:
		p := c.Properties[own]
		c.Properties = slices.Insert(slices.Delete(c.Properties, own, own+1), 0, p)
	case own < 0 && (number != "" || len(c.Properties) == 0):
		c.Properties = slices.Insert(c.Properties, 0, c.fromEnvironment())
	}
}

// fromEnvironment is the property that the variables describe.
func (c *Config) fromEnvironment() Property {
	h := c.Hotel
	return Property{ID: EnvironmentID, Name: h.Name, Address: h.Address, Phone: h.Phone,
		Latitude: h.Latitude, Longitude: h.Longitude, TaxIncluded: &h.TaxIncluded,
		WhatsApp: PropertyWhatsApp{PhoneNumberID: c.WhatsApp.PhoneNumberID}}
}

// complete fills in from the variables what a hotel's file leaves out.
func (c *Config) complete(p *Property, values raw, found *problems) {
	c.completePlace(p)
	c.completeReplyTo(p)
	w := &p.WhatsApp
	w.BusinessAccountID = first(w.BusinessAccountID, c.WhatsApp.BusinessAccountID)
	w.Portfolio = first(w.Portfolio, w.BusinessAccountID)
	w.Token = p.secret(w.TokenEnv, c.WhatsApp.AccessToken, "whatsapp.token_env", values, found)
	p.PMS.Type = strings.ToLower(first(p.PMS.Type, c.PMS.Type))
	p.PMS.BaseURL = strings.TrimSuffix(strings.TrimRight(first(p.PMS.BaseURL, c.PMS.BaseURL), "/"), "/api")
	if p.PMS.HotelID == 0 {
		p.PMS.HotelID = c.PMS.HotelID
	}
	p.PMS.Key = p.secret(p.PMS.KeyEnv, c.PMS.APIKey, "pms.key_env", values, found)
	p.checkPMS(found)
	if len(p.Staff.Emails) == 0 {
		p.Staff.Emails = c.Staff.Emails
	}
	if len(p.Staff.WhatsApp) == 0 {
		p.Staff.WhatsApp = c.Staff.WhatsApp
	}
	p.Staff.Template = first(p.Staff.Template, c.Staff.Template)
	p.Staff.Lang = first(p.Staff.Lang, c.Staff.TemplateLang)
}

func (c *Config) completePlace(p *Property) {
	p.Country = strings.ToUpper(first(p.Country, c.Hotel.Country))
	p.Currency = strings.ToUpper(first(p.Currency, c.Hotel.Currency))
	p.Zone = first(p.Zone, c.Hotel.Zone)
	if len(p.Locales) == 0 {
		p.Locales = localesFrom(c.Hotel.Locale)
	}
	if len(p.BusinessHours) == 0 {
		p.BusinessHours = everyDay(c.Hotel.BusinessStart, c.Hotel.BusinessEnd)
	}
	if p.Map == "" && (p.Latitude != 0 || p.Longitude != 0) {
		p.Map = fmt.Sprintf("https://maps.google.com/?q=%g,%g", p.Latitude, p.Longitude)
	}
}

// localesFrom puts the hotel's language first; "es_AR" and "es-AR" mean es.
func localesFrom(locale string) []string {
	lang, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(locale), "_", "-"), "-")
	out := []string{lang}
	for _, l := range locales {
		if l != lang {
			out = append(out, l)
		}
	}
	return out
}

// secret is the value of the variable that the file names, or the environment's own.
func (p *Property) secret(variable string, own Secret, field string, values raw, found *problems) Secret {
	if variable == "" {
		return own
	}
	if path := values.all[variable+fileSuffix]; path != "" {
		return Secret(values.readSecret(variable+fileSuffix, path, found))
	}
	value := values.all[variable]
	if value == "" {
		found.add(variable, "is not set, and "+p.at(strings.Split(field, ".")...)+" names it", "set "+variable+", or leave the field out")
	}
	return Secret(value)
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
