package config

import (
	"cmp"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// execModes are how statements may travel to PostgreSQL, as pgx names them.
var execModes = []string{"cache_statement", "cache_describe", "describe_exec", "exec", "simple"}

var sslModes = []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}

// SharedStore tells whether the rows are kept in PostgreSQL, which several
// engines may share, instead of the embedded store in DATA_DIR.
func (c *Config) SharedStore() bool {
	return !c.Postgres.URL.IsZero() || c.Postgres.Host != ""
}

// DSN is where PostgreSQL is, in libpq's form; empty when the store is the embedded one.
func (p Postgres) DSN() Secret {
	if p.URL.IsZero() && p.Host == "" {
		return ""
	}
	u := p.parts()
	if !p.URL.IsZero() {
		var err error
		if u, err = plain(p.URL); err != nil {
			return "" // validated before
		}
	}
	return Secret(p.secured(u).String())
}

// DirectDSN is where migrations go, past a pooler; empty = DSN.
func (p Postgres) DirectDSN() Secret {
	u, err := plain(p.DirectURL)
	if err != nil || p.DirectURL.IsZero() {
		return ""
	}
	return Secret(p.secured(u).String())
}

// parts makes one URL of POSTGRES_HOST and its neighbours.
func (p Postgres) parts() *url.URL {
	u := &url.URL{Scheme: "postgresql", Host: net.JoinHostPort(p.Host, cmp.Or(p.Port, "5432")), Path: "/" + p.DB, User: url.User(p.User)}
	if strings.HasPrefix(p.Host, "/") { // a folder of unix sockets
		u.Host = ""
		u.RawQuery = url.Values{"host": {p.Host}, "port": {cmp.Or(p.Port, "5432")}}.Encode()
	}
	if !p.Password.IsZero() {
		u.User = url.UserPassword(p.User, p.Password.Reveal())
	}
	return u
}

// plain reads a URL as other programs write it: SQLAlchemy's driver names and
// asyncpg's own parameters are left away.
func plain(s Secret) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(s.Reveal()))
	if err != nil {
		return nil, err
	}
	u.Scheme, _, _ = strings.Cut(u.Scheme, "+")
	q := u.Query()
	if mode := q.Get("ssl"); slices.Contains(sslModes, mode) && !q.Has("sslmode") {
		q.Set("sslmode", mode)
	}
	for _, foreign := range []string{"ssl", "pgbouncer", "prepared_statement_cache_size", "statement_cache_size", "prepared_statement_name_func"} {
		q.Del(foreign)
	}
	u.RawQuery = q.Encode()
	return u, nil
}

// secured adds what POSTGRES_SSLMODE and its neighbour say, unless the URL says it itself.
func (p Postgres) secured(u *url.URL) *url.URL {
	q := u.Query()
	mode := p.SSLMode
	if mode == "" && p.UseSupabase {
		mode = "require"
	}
	if mode != "" && !q.Has("sslmode") {
		q.Set("sslmode", mode)
	}
	if p.SSLRootCert != "" && !q.Has("sslrootcert") {
		q.Set("sslrootcert", p.SSLRootCert)
	}
	u.RawQuery = q.Encode()
	return u
}

// derivePostgres sets what USE_SUPABASE means where nothing else is said: its
// pooler keeps no prepared statements, and few connections.
func (c *Config) derivePostgres() {
	if !c.Postgres.UseSupabase {
		return
	}
	if !c.IsSet("POSTGRES_EXEC_MODE") {
		c.Postgres.ExecMode = "exec"
	}
	if !c.IsSet("POSTGRES_MAX_CONNECTIONS") {
		c.Postgres.MaxConns = 10
	}
}

func (c *Config) validatePostgres(found *problems) {
	p := c.Postgres
	checkPostgresURL("POSTGRES_URL", p.URL, found)
	checkPostgresURL("POSTGRES_DIRECT_URL", p.DirectURL, found)
	if !p.URL.IsZero() && p.Host != "" {
		found.add("POSTGRES_HOST", "is set beside POSTGRES_URL", "keep one of the two")
	}
	if p.Host != "" {
		for name, value := range map[string]string{"POSTGRES_DB": p.DB, "POSTGRES_USER": p.User} {
			if value == "" {
				found.add(name, "is missing beside POSTGRES_HOST", "set it, or write all of it as POSTGRES_URL")
			}
		}
	}
	if !c.SharedStore() {
		c.validateNoPostgres(found)
	}
	if port, err := strconv.Atoi(cmp.Or(p.Port, "5432")); err != nil || port < 1 || port > 65535 {
		found.add("POSTGRES_PORT", "is no port", "write a number from 1 to 65535")
	}
	if !slices.Contains(execModes, p.ExecMode) {
		found.add("POSTGRES_EXEC_MODE", "is not known", "write one of "+strings.Join(execModes, ", "))
	}
	if p.SSLMode != "" && !slices.Contains(sslModes, p.SSLMode) {
		found.add("POSTGRES_SSLMODE", "is not known", "write one of "+strings.Join(sslModes, ", "))
	}
	if p.MaxConns < 4 || p.MinConns < 0 || p.MinConns > p.MaxConns {
		found.add("POSTGRES_MAX_CONNECTIONS, POSTGRES_MIN_CONNECTIONS", "do not fit", "at least 4, and the least not above the most")
	}
}

// validateNoPostgres refuses a database that is half named: it is never ignored.
func (c *Config) validateNoPostgres(found *problems) {
	p := c.Postgres
	const fix = "set POSTGRES_URL (or POSTGRES_HOST, POSTGRES_DB and POSTGRES_USER), or leave it out"
	for name, set := range map[string]bool{
		"USE_SUPABASE": p.UseSupabase, "POSTGRES_DIRECT_URL": !p.DirectURL.IsZero(), "POSTGRES_DB": p.DB != "",
		"POSTGRES_USER": p.User != "", "POSTGRES_PASSWORD": !p.Password.IsZero(), "POSTGRES_PORT": p.Port != "",
	} {
		if set {
			found.add(name, "is set, but no PostgreSQL is named", fix)
		}
	}
}

// checkPostgresURL never quotes the URL: it holds a password.
func checkPostgresURL(name string, s Secret, found *problems) {
	if s.IsZero() {
		return
	}
	u, err := plain(s)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.Host == "" && u.Query().Get("host") == "" {
		found.add(name, "is no PostgreSQL address", "write it as postgresql://user:password@host:5432/database, special characters of the password as %XX")
	}
}

// postgresUnchecked tells whether rows cross a network without the server's certificate being checked.
func (c *Config) postgresUnchecked() bool {
	u, err := url.Parse(c.Postgres.DSN().Reveal())
	if err != nil || !c.SharedStore() {
		return false
	}
	host := cmp.Or(u.Hostname(), u.Query().Get("host"))
	return u.Query().Get("sslmode") != "verify-full" && !strings.HasPrefix(host, "/") && !loopback(host+":1")
}
