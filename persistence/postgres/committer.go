package postgres

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/conserje/conserje/hotel"
)

// committer makes transactions of batches, one at a time.
type committer struct {
	store *Store
	world *world    // used again and again
	until time.Time // when a batch that is slow is given up, not halved
}

// errLater puts a request off to the next transaction: what it is about moved
// between being looked for and being held, or is changed by this batch already.
var errLater = errors.New("later")

const (
	maxLater   = 20 // transactions that put one request off
	maxRetries = 4  // of a transaction that lost a deadlock or another race
)

// take commits a batch and answers each of its requests. Those that wait for a
// guest whom somebody holds do not keep their neighbours waiting: they are tried
// once more when the others have their answer.
func (c *committer) take(batch []*request) {
	c.until = time.Now().Add(3 * c.store.config.StatementTimeout)
	var together, alone []*request
	for _, r := range batch {
		if t, ok := r.work.(*turn); ok && t.in.Erase != "" {
			alone = append(alone, r)
			continue
		}
		together = append(together, r)
	}
	stuck := c.commit(together, false)
	for _, r := range together {
		if !slices.Contains(stuck, r) {
			close(r.done)
		}
	}
	c.commit(stuck, false)
	for _, r := range stuck {
		close(r.done)
	}
	for _, r := range alone {
		if one := []*request{r}; len(c.commit(one, false)) > 0 {
			c.commit(one, false)
		}
		close(r.done)
	}
}

// commit sees a batch through: what lost a race is tried again, what is refused,
// held or slow is halved until it stands alone; halves are in a hurry, so that
// one held guest costs its neighbours little. It returns those that somebody
// else's lock kept out, with that as their error for now.
func (c *committer) commit(batch []*request, hurry bool) (stuck []*request) {
	careful := false
	for try := 0; len(batch) > 0; {
		later, err := c.transact(batch, careful, hurry)
		if err == nil {
			batch = later
			continue
		}
		verdict := judge(err)
		switch {
		case verdict == again && try < maxRetries:
			try++
			pause(try)
		case len(batch) > 1 && (verdict == refused || verdict == again || verdict == held || verdict == slow && time.Now().Before(c.until)):
			c.store.config.Log.Warn("store batch refused: it is halved", "requests", len(batch), "err", bare(err))
			hurry = hurry || verdict == held || verdict == slow
			return append(c.commit(batch[:len(batch)/2], hurry), c.commit(batch[len(batch)/2:], hurry)...)
		case verdict == refused && !careful:
			careful = true
		default:
			for _, r := range batch {
				r.err = classify(r.op, err)
			}
			if verdict == held {
				return slices.Clone(batch) // the caller adds to it
			}
			return nil
		}
	}
	return nil
}

// pause waits a little, longer with each try: whoever won is gone by then.
func pause(try int) {
	time.Sleep(time.Duration(rand.Int64N(int64(try) * int64(4*time.Millisecond))))
}

// transact runs requests in one transaction of two round trips, and returns
// those that must be put off. An error means that nothing of them is known to be
// written. A request's own answer is in r.err.
func (c *committer) transact(batch []*request, careful, hurry bool) (later []*request, err error) {
	begin := time.Now()
	timeout := c.store.config.StatementTimeout + time.Second
	ctx, cancel := context.WithTimeout(context.Background(), 2*timeout)
	defer cancel()
	conn, err := c.store.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Release() // one that is in a transaction, or broken, is closed
	w := c.world
	w.reset(careful)
	for _, r := range batch {
		r.work.ask(&w.need)
	}
	setUp := c.store.setUp
	if hurry {
		setUp = c.store.hurried
	}
	if err := within(ctx, timeout, func(ctx context.Context) error { return w.read(ctx, conn, setUp) }); err != nil {
		rollback(conn)
		return nil, err
	}
	for _, r := range batch {
		w.patience = r.later < maxLater/2
		if r.err = r.work.decide(w); !errors.Is(r.err, errLater) {
			continue
		}
		if r.later++; r.later >= maxLater {
			r.err = away(r.op, errors.New("what it is about moves too often"))
			continue
		}
		later = append(later, r)
	}
	if err := within(ctx, timeout, func(ctx context.Context) error { return w.write(ctx, conn) }); err != nil {
		rollback(conn)
		return nil, err
	}
	m := c.store.config.Metrics
	m.StoreCommits.Inc()
	m.StoreBatch.Observe(float64(len(batch) - len(later)))
	m.StoreSeconds.Observe(time.Since(begin).Seconds())
	return later, nil
}

func within(ctx context.Context, timeout time.Duration, f func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return f(ctx)
}

// rollback ends a transaction on a connection that may be broken by now.
func rollback(conn *pgxpool.Conn) {
	if conn.Conn().IsClosed() || conn.Conn().PgConn().TxStatus() == 'I' {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_, _ = conn.Exec(ctx, "ROLLBACK") // what fails here closes the connection, which ends the transaction too
}

// tx runs f in a transaction of its own, for what is not hot; a lost race is
// tried again. f begins anew each time.
func (s *Store) tx(ctx context.Context, op string, f func(ctx context.Context, tx pgx.Tx) error) error {
	if err := s.open(op); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 3*s.config.StatementTimeout)
	defer cancel()
	for try := 1; ; try++ {
		err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, s.setUp); err != nil {
				return err
			}
			return f(ctx, tx)
		})
		switch {
		case err == nil:
			return nil
		case isAnswer(err):
			return err
		case (judge(err) == again || judge(err) == held) && try <= maxRetries:
			pause(try)
		default:
			return classify(op, err)
		}
	}
}

// isAnswer tells an answer of ours (Conflict, NotFound ...) from a failure of PostgreSQL.
func isAnswer(err error) bool {
	_, ok := errors.AsType[*hotel.Error](err)
	return ok
}
