package config

import (
	"net"
	"net/url"
	"strconv"
	"time"
)

// validateLimits checks every number and duration against the least it may be.
func (c *Config) validateLimits(found *problems) {
	w, p := c.WhatsApp, c.PMS
	for name, d := range map[string]time.Duration{
		"DRAIN_TIMEOUT": c.HTTP.DrainTimeout, "PAIR_INTERVAL": w.PairInterval, "IN_DOUBT_WAIT": w.InDoubtWait,
		"WHATSAPP_TIMEOUT": w.Timeout, "PMS_TIMEOUT": p.Timeout, "CREATE_SETTLES": p.CreateSettles, "BREAKER_OPEN_FOR": p.BreakerFor,
		"POSTGRES_STATEMENT_TIMEOUT": c.Postgres.StatementTimeout,
		"PASSIVATE_AFTER":            c.Guests.PassivateAfter, "HANDOFF_RESUME_AFTER": c.Guests.ResumeAfter,
		"ALERT_OLDEST_AFTER": c.Operator.OldestAlert, "ALERT_AWAY_AFTER": c.Operator.AwayAlert,
	} {
		if d <= 0 {
			found.add(name, "is not above zero", "write a duration as 30s")
		}
	}
	for name, d := range map[string]time.Duration{
		"PMS_POLL": p.Poll, "CACHE_AVAILABILITY": p.CacheFree, "CACHE_ROOM_DETAILS": p.CacheRooms,
		"CACHE_GUEST_PROFILE": p.CacheProfiles, "CACHE_RESERVATION_STATUS": p.CacheStatus,
		"RETENTION_INBOX": c.Retention.Inbox, "RETENTION_OUTBOX": c.Retention.Outbox,
		"RETENTION_TRANSCRIPT": c.Retention.Transcript, "RETENTION_DEAD": c.Retention.Dead, "QUIET_WINDOW": c.Guests.QuietWindow,
	} {
		if d < 0 {
			found.add(name, "is below zero", "write a duration as 30d, or 0")
		}
	}
	for name, n := range map[string]int{
		"WHATSAPP_MESSAGES_PER_SECOND": w.PerSecond, "PAIR_BURST": w.PairBurst,
		"PMS_MAX_IN_FLIGHT": p.MaxInFlight, "BREAKER_FAILURES": p.BreakerFails,
	} {
		if n < 1 {
			found.add(name, "is below 1", "write a whole number from 1")
		}
	}
	if c.Postgres.Lease < 3*time.Second {
		found.add("ENGINE_LEASE", "is below 3 seconds", "write a duration as 15s: a busy machine may pause a process that long")
	}
	if c.HTTP.InboxHighWater < 0 {
		found.add("INBOX_HIGH_WATER", "is below zero", "write a whole number, or 0 for off")
	}
	if c.General.CarefulAfter < 0 {
		found.add("CAREFUL_AFTER", "is below zero", "write a whole number, or 0 for off")
	}
	if p.Rate < 0 {
		found.add("PMS_RATE", "is below zero", "write requests a second, or 0 for no limit")
	}
	if r := c.Retention.Seen; r != 0 && r < seenAtLeast {
		found.add("RETENTION_SEEN", "is below 8 days", "write 8d or more: Meta redelivers for 7 days")
	}
}

// warn says what works but should be looked at.
func (c *Config) warn(graph GraphParser) {
	say := func(text string) { c.Warnings = append(c.Warnings, text) }
	if c.Unsigned() {
		say("WHATSAPP_APP_SECRET is not set: webhooks are taken UNSIGNED, from anyone")
	}
	if c.Production() && c.postgresUnchecked() {
		say("POSTGRES_URL: the server's certificate is not checked; write sslmode=verify-full (and POSTGRES_SSLROOTCERT) outside a trusted network")
	}
	for _, p := range c.Properties {
		if p.PMS.Type == typeMock {
			say("property " + p.ID + ": PMS_TYPE=mock: bookings go to a STAND-IN of the hotel system, not to a hotel")
		}
		if u, err := url.Parse(p.PMS.BaseURL); err == nil && u.Scheme == "http" && p.PMS.Type != typeMock && !loopback(net.JoinHostPort(u.Hostname(), "0")) {
			say("property " + p.ID + ": the hotel system's key and the guests' names travel UNENCRYPTED; write PMS_BASE_URL with https:// outside a trusted network")
		}
	}
	if !c.PMS.AuthToken.IsZero() && !c.PMS.AuthProxy {
		say("PMS_AUTH_TOKEN is ignored: set PMS_AUTH_PROXY=true to send it as Bearer")
	}
	if graph != nil {
		if _, version, expired := graph(c.WhatsApp.APIURL, c.WhatsApp.GraphVersion); expired {
			say("Graph API " + version + " has expired: Meta answers as its oldest living version; use " + Defaults().WhatsApp.GraphVersion)
		}
	}
	if c.HTTP.Port != 0 && c.IsSet("HTTP_ADDR") && c.HTTP.Addr != ":"+strconv.Itoa(c.HTTP.Port) {
		say("PORT is ignored: HTTP_ADDR is set")
	}
	if c.IsSet("WHATSAPP_VERIFY_TOKEN") && c.IsSet("WHATSAPP_WEBHOOK_VERIFY_TOKEN") &&
		c.WhatsApp.VerifyToken != c.WhatsApp.VerifyTokenOld {
		say("WHATSAPP_VERIFY_TOKEN is ignored: WHATSAPP_WEBHOOK_VERIFY_TOKEN is set")
	}
	if c.WhatsApp.VerifyToken.IsZero() {
		say("WHATSAPP_WEBHOOK_VERIFY_TOKEN is not set: Meta cannot verify the webhook's address")
	}
	c.warnMail(say)
}

func (c *Config) warnMail(say func(string)) {
	if !c.Gmail.Configured() && !c.SMTP.Configured() {
		say("no way to send mail: set the GMAIL_* variables, or SMTP_*")
	}
	if c.Gmail.Configured() && c.SMTP.Configured() && c.SMTP.Host == gmailSMTP && c.SMTP.Username == c.Gmail.From {
		say("SMTP falls back to the account that Gmail's API uses: they share one daily limit and one suspension; use another")
	}
	if len(c.Operator.Emails) == 0 && c.Operator.WebhookURL.IsZero() {
		say("neither OPERATOR_EMAILS nor ALERT_WEBHOOK_URL is set: trouble with the engine, and what staff leave unanswered, is only logged and counted")
	}
}
