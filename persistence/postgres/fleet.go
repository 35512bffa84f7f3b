package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

const (
	renewEngine = `INSERT INTO engines (owner, counter) VALUES ($1, 1)
		ON CONFLICT (owner) DO UPDATE SET counter = engines.counter + 1, gone = false`
	leaveEngine = `UPDATE engines SET gone = true WHERE owner = $1`
	// Besides those that renewed: owners of old claims who are not known any
	// more, since one that was taken over may have claimed once again before it
	// noticed. Their counter stands at 0, so they are taken over as a silent one is.
	readEngines = `SELECT owner, counter, gone FROM engines
		UNION ALL SELECT DISTINCT owner, 0, false FROM outbox o WHERE state = 1 AND owner <> '' AND claimed < $1
			AND NOT EXISTS (SELECT FROM engines e WHERE e.owner = o.owner)
		ORDER BY 1`
	forgetEngine = `DELETE FROM engines WHERE owner = $1 AND counter = $2 AND gone = $3`
	knownEngine  = `SELECT EXISTS (SELECT FROM engines WHERE owner = $1)`
	takeClaims   = `WITH theirs AS (SELECT key FROM outbox WHERE state = 1 AND owner = $1 ORDER BY key FOR UPDATE)
		UPDATE outbox SET owner = $2, claimed = $3, taken_over = true FROM theirs WHERE outbox.key = theirs.key AND state = 1 AND owner = $1`
)

// strayAfter is how old a claim of an unknown owner is before that owner is
// listed: a living engine renews much oftener, and is known then.
const strayAfter = time.Minute

// Renew raises an engine's counter: it lives.
func (s *Store) Renew(ctx context.Context, owner string) error {
	return s.run(ctx, "postgres.Renew", renewEngine, owner)
}

// Leave says that an engine has drained.
func (s *Store) Leave(ctx context.Context, owner string) error {
	return s.run(ctx, "postgres.Leave", leaveEngine, owner)
}

// run runs one statement in a transaction.
func (s *Store) run(ctx context.Context, op, statement string, args ...any) error {
	return s.tx(ctx, op, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, statement, args...)
		return err
	})
}

// Engines reads the engines that are known.
func (s *Store) Engines(ctx context.Context) ([]hotel.EngineLease, error) {
	return collect(ctx, s, "postgres.Engines", func(rows pgx.Rows) (e hotel.EngineLease, err error) {
		return e, rows.Scan(&e.Owner, &e.Counter, &e.Left)
	}, readEngines, ms(time.Now().Add(-strayAfter)))
}

// TakeOver makes a silent engine's claims another's, and forgets the engine.
func (s *Store) TakeOver(ctx context.Context, from hotel.EngineLease, to string, at time.Time) (n int, err error) {
	const op = "postgres.TakeOver"
	err = s.tx(ctx, op, func(ctx context.Context, tx pgx.Tx) error {
		stray := from.Counter == 0
		tag, err := tx.Exec(ctx, forgetEngine, from.Owner, from.Counter, from.Left)
		if err != nil {
			return err
		}
		if stray {
			var known bool
			if err := tx.QueryRow(ctx, knownEngine, from.Owner).Scan(&known); err != nil {
				return err
			}
			stray = !known
		}
		if tag.RowsAffected() == 0 && !stray {
			return rule.Err(op, hotel.Conflict, "the engine has been heard of since")
		}
		if tag, err = tx.Exec(ctx, takeClaims, from.Owner, to, ms(at)); err != nil {
			return err
		}
		if n = int(tag.RowsAffected()); n == 0 && stray {
			return rule.Err(op, hotel.Conflict, "there is no such engine")
		}
		return nil
	})
	return n, err
}
