package config_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/config"
)

func TestDSN(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		p    config.Postgres
		want string
	}{
		"none":          {config.Postgres{}, ""},
		"as it stands":  {config.Postgres{URL: "postgres://u:p@h:6543/d?sslmode=verify-full"}, "postgres://u:p@h:6543/d?sslmode=verify-full"},
		"of SQLAlchemy": {config.Postgres{URL: "postgresql+asyncpg://u:p%40w@h/d?ssl=require&prepared_statement_cache_size=0"}, "postgresql://u:p%40w@h/d?sslmode=require"},
		"of parts":      {config.Postgres{Host: "h", DB: "d", User: "u", Password: "p@w/1"}, "postgresql://u:p%40w%2F1@h:5432/d"},
		"by socket":     {config.Postgres{Host: "/run/postgresql", DB: "d", User: "u"}, "postgresql://u@/d?host=%2Frun%2Fpostgresql&port=5432"},
		"Supabase":      {config.Postgres{URL: "postgresql://u:p@pooler:6543/postgres", UseSupabase: true}, "postgresql://u:p@pooler:6543/postgres?sslmode=require"},
		"its own TLS": {config.Postgres{URL: "postgresql://u:p@h/d", SSLMode: "verify-full", SSLRootCert: "/ca.crt", UseSupabase: true},
			"postgresql://u:p@h/d?sslmode=verify-full&sslrootcert=%2Fca.crt"},
		"the URL wins": {config.Postgres{URL: "postgresql://u:p@h/d?sslmode=disable", SSLMode: "require"}, "postgresql://u:p@h/d?sslmode=disable"},
	} {
		require.Equal(t, c.want, c.p.DSN().Reveal(), name)
	}
	require.Equal(t, "postgresql://u:p@h/d?sslmode=require",
		config.Postgres{DirectURL: "postgresql+asyncpg://u:p@h/d", SSLMode: "require"}.DirectDSN().Reveal())
}
