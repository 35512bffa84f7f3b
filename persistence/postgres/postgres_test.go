package postgres_test

import (
	"context"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/conserje/conserje/internal/pgtest"
	"github.com/conserje/conserje/persistence/postgres"
	"github.com/conserje/conserje/persistence/storetest"
)

func TestMain(m *testing.M) { pgtest.Main(m, closeFast, func() error { return goleak.Find() }) }

// fast is the server of suites of meaning: durable but for power cuts. Its
// database "template" has the newest tables.
var fast struct {
	once   sync.Once
	server *pgtest.Server
	err    error
}

func closeFast() error {
	if fast.server != nil {
		fast.server.Close()
	}
	return nil
}

func fastServer(t testing.TB) *pgtest.Server {
	t.Helper()
	fast.once.Do(func() {
		if fast.server, fast.err = pgtest.New(pgtest.Fast()...); fast.err != nil {
			return
		}
		fast.err = fast.server.SQL("postgres", "CREATE DATABASE template")
		if fast.err == nil {
			_, _, fast.err = postgres.Migrate(context.Background(), postgres.Config{DSN: fast.server.DSN("template")}, postgres.Newest)
		}
	})
	require.NoError(t, fast.err)
	return fast.server
}

// spare are databases that a test has left: emptied, they are ready in a few
// milliseconds, where making and dropping one takes a checkpoint.
var spare struct {
	sync.Mutex
	names []string
	made  int
}

const empty = `TRUNCATE seen, guests, aliases, inbox, outbox, letters, reservations, transcript, handoffs, engines, pauses, audit RESTART IDENTITY`

// database gives an empty database with the newest tables.
func database(t testing.TB) (*pgtest.Server, string) {
	t.Helper()
	s := fastServer(t)
	spare.Lock()
	defer spare.Unlock()
	var name string
	if n := len(spare.names); n > 0 {
		name, spare.names = spare.names[n-1], spare.names[:n-1]
		require.NoError(t, s.SQL(name, empty))
	} else {
		spare.made++
		name = "spare" + strconv.Itoa(spare.made)
		require.NoError(t, s.SQL("postgres", "CREATE DATABASE "+name+" TEMPLATE template"))
	}
	t.Cleanup(func() {
		spare.Lock()
		defer spare.Unlock()
		spare.names = append(spare.names, name)
	})
	return s, name
}

func open(t testing.TB, c postgres.Config) *postgres.Store {
	t.Helper()
	if c.MaxConns == 0 {
		c.MaxConns, c.MinConns = 6, 1
	}
	s, err := postgres.Open(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Store {
		s, db := database(t)
		return open(t, postgres.Config{DSN: s.DSN(db)})
	})
}
