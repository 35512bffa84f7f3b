package config

import (
	"cmp"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
)

// HasRedis tells whether engines share a Redis.
func (c *Config) HasRedis() bool { return !c.Redis.URL.IsZero() || c.Redis.Host != "" }

// Address is where Redis is, as redis:// or rediss://; empty when there is none.
func (r Redis) Address() Secret {
	if !r.URL.IsZero() || r.Host == "" {
		return Secret(strings.TrimSpace(r.URL.Reveal()))
	}
	u := url.URL{Scheme: "redis", Host: net.JoinHostPort(r.Host, cmp.Or(r.Port, "6379")), Path: "/0"}
	if !r.Password.IsZero() {
		u.User = url.UserPassword("", r.Password.Reveal())
	}
	return Secret(u.String())
}

func (c *Config) validateRedis(found *problems) {
	r := c.Redis
	if !c.HasRedis() {
		c.validateNoRedis(found)
	}
	secure := checkRedisURL(r.URL, found)
	if !r.URL.IsZero() {
		for name, set := range map[string]bool{"REDIS_HOST": r.Host != "", "REDIS_PORT": r.Port != "", "REDIS_PASSWORD": !r.Password.IsZero()} {
			if set {
				found.add(name, "is set beside REDIS_URL", "keep one of the two: the URL says all of it")
			}
		}
	}
	if port, err := strconv.Atoi(cmp.Or(r.Port, "6379")); err != nil || port < 1 || port > 65535 {
		found.add("REDIS_PORT", "is no port", "write a number from 1 to 65535")
	}
	if strings.ContainsAny(r.Host, "/@: ") && net.ParseIP(r.Host) == nil {
		found.add("REDIS_HOST", "is no host name", "write the name alone, or all of it as REDIS_URL")
	}
	if r.Prefix == "" || strings.ContainsFunc(r.Prefix, func(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune(`*?[]{}\`, c) }) {
		found.add("REDIS_PREFIX", "is no prefix for keys", "write letters, digits, - and _")
	}
	if r.CAFile == "" {
		return
	}
	if !secure {
		found.add("REDIS_CA_FILE", "is set, but nothing is encrypted", "write REDIS_URL with rediss://, or leave it out")
	}
	if _, err := os.Stat(r.CAFile); err != nil {
		found.add("REDIS_CA_FILE", "the file cannot be read", "name a PEM file that the engine's user may read")
	}
}

// validateNoRedis refuses a Redis that is half named: it is never ignored.
func (c *Config) validateNoRedis(found *problems) {
	const fix = "set REDIS_URL or REDIS_HOST, or leave it out"
	for name, set := range map[string]bool{
		"REDIS_PORT": c.Redis.Port != "", "REDIS_PASSWORD": !c.Redis.Password.IsZero(), "CHECK_REDIS_IN_READINESS": c.HTTP.CheckRedisReady,
	} {
		if set {
			found.add(name, "is set, but no Redis is named", fix)
		}
	}
}

// checkRedisURL tells whether the URL asks for an encrypted connection.
func checkRedisURL(s Secret, found *problems) (secure bool) {
	if s.IsZero() {
		return false
	}
	const form = "write it as redis://:password@host:6379/0, or rediss:// for an encrypted connection"
	u, err := url.Parse(strings.TrimSpace(s.Reveal()))
	if err != nil || u.Hostname() == "" || !slices.Contains([]string{"redis", "rediss"}, u.Scheme) {
		found.add("REDIS_URL", "is no address of a Redis", form)
		return false
	}
	if port, err := strconv.Atoi(cmp.Or(u.Port(), "6379")); err != nil || port < 1 || port > 65535 {
		found.add("REDIS_URL", "its port is none", form)
	}
	if db := strings.Trim(u.Path, "/"); db != "" {
		if n, err := strconv.Atoi(db); err != nil || n < 0 {
			found.add("REDIS_URL", "its path is no number of a database", form)
		}
	}
	if u.RawQuery != "" || u.Fragment != "" {
		found.add("REDIS_URL", "has options behind a ?", "leave them out: rediss:// encrypts, REDIS_CA_FILE names who vouches for the server")
	}
	return u.Scheme == "rediss"
}
