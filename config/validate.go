package config

import (
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	production  = "production"
	typeMock    = "mock"
	typeQloApps = "qloapps"
	gmailSMTP   = "smtp.gmail.com"
	seenAtLeast = 8 * 24 * time.Hour // Meta redelivers for 7 days
)

// derive fills in what one variable says for another.
func (c *Config) derive(found *problems) {
	if c.HTTP.Port != 0 {
		if c.HTTP.Port < 1 || c.HTTP.Port > 65535 {
			found.add("PORT", "is no port", "write a number from 1 to 65535")
		} else if !c.IsSet("HTTP_ADDR") {
			c.HTTP.Addr = ":" + strconv.Itoa(c.HTTP.Port)
		}
	}
	if !c.IsSet("WHATSAPP_WEBHOOK_VERIFY_TOKEN") {
		c.WhatsApp.VerifyToken = c.WhatsApp.VerifyTokenOld
	}
	if c.SMTP.Username == "" && c.SMTP.Password.IsZero() {
		c.SMTP.Username, c.SMTP.Password = c.SMTP.GmailUsername, c.SMTP.GmailAppPassword
	}
	if c.SMTP.From == "" {
		c.SMTP.From = c.SMTP.Username
	}
	c.derivePostgres()
	c.PMS.BaseURL = strings.TrimSuffix(strings.TrimRight(c.PMS.BaseURL, "/"), "/api")
}

func (c *Config) validate(found *problems) {
	c.validateGeneral(found)
	c.validateListeners(found)
	c.validateWhatsApp(found)
	c.validatePMS(found)
	c.validateMail(found)
	c.validatePostgres(found)
	c.validateRedis(found)
	c.validateLimits(found)
	if c.Production() {
		c.validateProduction(found)
	}
}

func (c *Config) validateGeneral(found *problems) {
	c.General.Environment = strings.ToLower(c.General.Environment)
	if !slices.Contains([]string{"development", "test", "staging", production}, c.General.Environment) {
		found.add("ENVIRONMENT", "is not known", "write development, test, staging or production")
	}
	c.General.LogLevel = strings.ToLower(c.General.LogLevel)
	if c.General.LogLevel == "warn" {
		c.General.LogLevel = "warning"
	}
	if !slices.Contains([]string{"debug", "info", "warning", "error"}, c.General.LogLevel) {
		found.add("LOG_LEVEL", "is no level", "write debug, info, warning or error")
	}
	if c.General.DataDir == "" {
		found.add("DATA_DIR", "is empty", "name a folder; the embedded store lives there")
	}
}

func (c *Config) validateListeners(found *problems) {
	checkAddr("HTTP_ADDR", c.HTTP.Addr, found)
	checkAddr("ADMIN_ADDR", c.Admin.Addr, found)
	if c.HTTP.Addr == c.Admin.Addr && !strings.HasSuffix(c.HTTP.Addr, ":0") {
		found.add("ADMIN_ADDR", "is the public listener's address", "give the admin pages a port of their own")
	}
	if !loopback(c.Admin.Addr) && c.Admin.Password.IsZero() {
		found.add("ADMIN_PASSWORD", "the admin pages at ADMIN_ADDR are open to the world without a password",
			"set ADMIN_PASSWORD, or ADMIN_ADDR=127.0.0.1:8003")
	}
	checkURL("ADMIN_URL", c.Admin.URL, found)
	for _, origin := range c.HTTP.CORSOrigins {
		if u, err := url.Parse(origin); origin != "*" && (err != nil || u.Host == "" || strings.Trim(u.Path, "/") != "") {
			found.add("CORS_ALLOWED_ORIGINS", "holds what is no origin", "write origins as https://panel.example.com")
		}
	}
}

func checkAddr(name, addr string, found *problems) {
	_, port, err := net.SplitHostPort(addr)
	_, errPort := strconv.ParseUint(port, 10, 16)
	if err != nil || errPort != nil {
		found.add(name, "is no address to listen on", "write host:port, or :port for every interface")
	}
}

// loopback tells whether only this machine reaches the address.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func checkURL(name, value string, found *problems) {
	if value == "" {
		return
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		found.add(name, "is no address", "write it as https://host/path")
		return
	}
	if u.User != nil {
		found.add(name, "holds a user or password", "keep credentials out of the address: they have variables of their own")
	}
}

func (c *Config) validateWhatsApp(found *problems) {
	checkURL("WHATSAPP_API_URL", c.WhatsApp.APIURL, found)
	if c.WhatsApp.APIURL == "" {
		found.add("WHATSAPP_API_URL", "is empty", "leave it out, or write https://graph.facebook.com")
	}
	if behindVersion(c.WhatsApp.APIURL) != "" {
		found.add("WHATSAPP_API_URL", "goes on behind the version", "end it with the version, as https://graph.facebook.com/v26.0")
	}
	if !versionSegment.MatchString(c.WhatsApp.GraphVersion) {
		found.add("WHATSAPP_GRAPH_VERSION", "is no version", "write it as v26.0")
	}
	for _, number := range c.Staff.WhatsApp {
		if !digits(number) {
			found.add("STAFF_WHATSAPP", "holds what is no number", "write digits with country code, as 5492944550199")
		}
	}
}

func digits(s string) bool {
	return len(s) >= 7 && len(s) <= 15 && strings.Trim(s, "0123456789") == ""
}

// off turns a setting off whose default is not empty.
const off = "off"

var domainForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)

func (c *Config) validatePMS(found *problems) {
	c.PMS.Type = strings.ToLower(c.PMS.Type)
	if c.PMS.Type != typeMock && c.PMS.Type != typeQloApps {
		found.add("PMS_TYPE", "is not known", "write qloapps, or mock for the stand-in")
	}
	checkURL("PMS_BASE_URL", c.PMS.BaseURL, found)
	if c.PMS.NoEmailDomain = strings.ToLower(c.PMS.NoEmailDomain); c.PMS.NoEmailDomain == off {
		c.PMS.NoEmailDomain = ""
	} else if !domainForm.MatchString(c.PMS.NoEmailDomain) {
		found.add("NO_EMAIL_DOMAIN", "is no domain", "write one that takes no mail, as no-email.invalid, or off")
	}
	if c.PMS.AuthProxy && c.PMS.AuthToken.IsZero() {
		found.add("PMS_AUTH_TOKEN", "PMS_AUTH_PROXY=true has no token to send", "set PMS_AUTH_TOKEN, or PMS_AUTH_PROXY=false")
	}
}

func (c *Config) validateMail(found *problems) {
	gmail := map[string]bool{
		"GMAIL_CLIENT_ID": c.Gmail.ClientID != "", "GMAIL_CLIENT_SECRET": !c.Gmail.ClientSecret.IsZero(),
		"GMAIL_REFRESH_TOKEN": !c.Gmail.RefreshToken.IsZero(),
	}
	if c.Gmail.Configured() {
		for _, name := range []string{"GMAIL_CLIENT_ID", "GMAIL_CLIENT_SECRET", "GMAIL_REFRESH_TOKEN"} {
			if !gmail[name] {
				found.add(name, "is missing beside the other Gmail variables", "set client id, client secret and refresh token, or none of them")
			}
		}
		if c.Gmail.From == "" {
			found.add("GMAIL_FROM_EMAIL", "is missing beside the other Gmail variables", "set it to the sending account's address")
		}
	}
	checkURL("GMAIL_API_URL", c.Gmail.APIURL, found)
	checkURL("GMAIL_TOKEN_URL", c.Gmail.TokenURL, found)
	checkMail("GMAIL_FROM_EMAIL", List{c.Gmail.From}, found)
	checkMail("STAFF_EMAILS", c.Staff.Emails, found)
	checkMail("OPERATOR_EMAILS", c.Operator.Emails, found)
	checkWebhook("ALERT_WEBHOOK_URL", c.Operator.WebhookURL, found)
	if c.SMTP.Configured() {
		checkMail("SMTP_FROM", List{c.SMTP.From}, found)
		if c.SMTP.Host == "" {
			found.add("SMTP_HOST", "is empty beside SMTP credentials", "name the server")
		}
	}
	if c.SMTP.Port < 1 || c.SMTP.Port > 65535 {
		found.add("SMTP_PORT", "is no port", "write 587 or 465")
	}
}

// checkWebhook checks an address that is a secret: chat programs put the right to post into it.
func checkWebhook(name string, value Secret, found *problems) {
	if value.IsZero() {
		return
	}
	u, err := url.Parse(value.Reveal())
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		found.add(name, "is no address", "write it as https://host/path")
	case u.Scheme == "http" && !loopback(net.JoinHostPort(u.Hostname(), "0")):
		found.add(name, "is not encrypted", "write it with https://; http:// only to this machine")
	}
}

// Configured tells whether mail may go by Gmail's API.
func (g Gmail) Configured() bool {
	return g.ClientID != "" || !g.ClientSecret.IsZero() || !g.RefreshToken.IsZero()
}

// Configured tells whether mail may go by SMTP: there is a user, or a server other than Gmail's.
func (s SMTP) Configured() bool {
	return s.Username != "" || s.Host != gmailSMTP && s.Host != "" && s.From != ""
}

func checkMail(name string, addresses List, found *problems) {
	for _, a := range addresses {
		if a == "" {
			continue
		}
		if _, err := mail.ParseAddress(a); err != nil {
			found.add(name, "holds what is no e-mail address", "write name@host, several separated by commas")
		}
	}
}

// validateProduction is what must never serve real guests.
func (c *Config) validateProduction(found *problems) {
	if c.Unsigned() {
		found.add("WHATSAPP_APP_SECRET", "is missing: in production every webhook must be signed",
			"copy the app secret from the Meta app's basic settings")
	}
	if c.General.Debug {
		found.add("DEBUG", "is on in production", "set DEBUG=false; LOG_LEVEL=debug shows more without it")
	}
	for _, p := range c.Properties {
		if p.PMS.Type == typeMock {
			found.add(p.name("PMS_TYPE", "pms.type"), "is mock in production", "set it to qloapps, with its address and key")
		}
		if p.WhatsApp.PhoneNumberID == "" {
			found.add(p.name("WHATSAPP_PHONE_NUMBER_ID", "whatsapp.phone_number_id"), "is missing in production",
				"copy the id of the number from the WhatsApp manager")
		}
		if p.WhatsApp.Token.IsZero() {
			found.add(p.name("WHATSAPP_ACCESS_TOKEN", "whatsapp.token_env"), "is missing in production: no answer could leave",
				"set the system user's token")
		}
	}
}
