package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/conserje/conserje/hotel"
)

// The first round trip: what is locked, then what is read, in this order for
// every batch. Each statement sees what was committed before it began, so what
// is read after the locks stands until the commit.
const (
	// Lanes that are not a guest's, and aliases that nobody has yet, have no row
	// to lock: their names are. (What has a row is locked by it, since the table
	// of advisory locks is small.)
	lockNames = `SELECT name, pg_advisory_xact_lock(h) FROM (
		SELECT name, hashtextextended(name, 0) AS h FROM (
			SELECT n AS name FROM unnest($1::text[]) AS n WHERE NOT EXISTS (SELECT FROM aliases a WHERE a.name = n)
			UNION SELECT unnest($2::text[])
			UNION SELECT lane FROM outbox WHERE key = ANY ($3::text[]) AND lane NOT LIKE 'guest:%') names
		ORDER BY h) sorted`
	// (An array of a sub-select is always probed by index; a join may not be.)
	lockGuests = `SELECT id, property, version, erasing > 0 FROM guests WHERE id = ANY (ARRAY(
			SELECT unnest($1::text[])
			UNION SELECT guest FROM aliases WHERE name = ANY ($2::text[])
			UNION SELECT guest FROM outbox WHERE key = ANY ($3::text[])
			UNION SELECT substr(lane, 7) FROM outbox WHERE key = ANY ($4::text[]) AND lane LIKE 'guest:%'
			UNION SELECT guest FROM outbox WHERE proof = ANY ($5::text[]) AND proof <> ''))
		ORDER BY id FOR UPDATE`
	// Rows by key and by proof; of each lane what is out and the oldest that
	// wait. Bodies of what may be claimed, or is asked for.
	lockRows = `SELECT ` + outboxColumns + `, done, CASE WHEN state = 0 OR key = ANY ($5::text[]) THEN body END FROM outbox WHERE key = ANY (ARRAY(
			SELECT unnest($1::text[])
			UNION SELECT key FROM outbox WHERE proof = ANY ($2::text[]) AND proof <> ''
			UNION SELECT unsettled.key FROM (SELECT unnest($3::text[]) AS lane UNION SELECT lane FROM outbox WHERE key = ANY ($4::text[])) l
				CROSS JOIN LATERAL ((SELECT key FROM outbox o WHERE o.lane = l.lane AND state = 1)
					UNION ALL (SELECT key FROM outbox o WHERE o.lane = l.lane AND state = 0 ORDER BY ord LIMIT 4)) unsettled))
		ORDER BY key FOR UPDATE`

	readAliases = `SELECT name, guest FROM aliases WHERE name = ANY ($1::text[])`
	readSeen    = `SELECT s.hash, i.id, i.key, i.guest, i.kind, i.body, i.at, i.consumed
		FROM seen s LEFT JOIN inbox i ON i.id = s.inbox WHERE s.hash = ANY ($1::bytea[])`
	readInbox   = `SELECT id, key, guest, kind, body, at, consumed FROM inbox WHERE key = ANY ($1::text[])`
	readWaiting = `SELECT t.guest, w.id, w.key FROM unnest($1::text[], $2::int[]) AS t (guest, n)
		CROSS JOIN LATERAL (SELECT id, key FROM inbox WHERE guest = t.guest AND consumed = 0 ORDER BY id LIMIT t.n) w ORDER BY w.id`
	readOrders = `SELECT nextval('orders') FROM generate_series(1, $1::int)`

	outboxColumns = `ord, key, guest, property, lane, kind, state, owner, attempt, taken_over, not_before, created, claimed, status, proof`
)

// asked is a query of a pipeline and what to do with its rows.
type asked struct {
	batch pgx.Batch
	scans []func(rows pgx.Rows) error
}

func (a *asked) exec(sql string, args ...any) { a.query(nil, sql, args...) }

func (a *asked) query(scan func(rows pgx.Rows) error, sql string, args ...any) {
	a.batch.Queue(sql, args...)
	a.scans = append(a.scans, scan)
}

// run sends all in one round trip and scans the answers.
func (a *asked) run(ctx context.Context, conn *pgxpool.Conn) (err error) {
	results := conn.SendBatch(ctx, &a.batch)
	defer func() {
		if e := results.Close(); err == nil {
			err = e
		}
	}()
	for _, scan := range a.scans {
		if scan == nil {
			if _, err := results.Exec(); err != nil {
				return err
			}
			continue
		}
		rows, err := results.Query()
		if err != nil {
			return err
		}
		for rows.Next() {
			if err := scan(rows); err != nil {
				rows.Close()
				return err
			}
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return err
		}
	}
	return nil
}

// read locks and reads what the batch needs.
func (w *world) read(ctx context.Context, conn *pgxpool.Conn, setUp string) error {
	n, a := &w.need, &asked{}
	a.exec("BEGIN")
	a.exec(setUp)
	if lanes := named(n.lanes); len(n.aliases)+len(lanes)+len(n.laneOf) > 0 {
		a.query(w.scanName, lockNames, n.aliases, lanes, n.laneOf)
	}
	if len(n.guests)+len(n.aliases)+len(n.guestOf)+len(n.laneOf)+len(n.guestBy) > 0 {
		a.query(w.scanGuest, lockGuests, n.guests, n.aliases, n.guestOf, n.laneOf, n.guestBy)
	}
	if len(n.keys)+len(n.proofs)+len(n.lanes) > 0 {
		a.query(w.scanOutbox, lockRows, n.keys, n.proofs, n.lanes, n.laneOf, n.bodies)
	}
	if len(n.aliases) > 0 {
		a.query(w.scanAlias, readAliases, n.aliases)
	}
	if len(n.hashes) > 0 {
		a.query(w.scanSeen, readSeen, n.hashes)
	}
	if len(n.inbox) > 0 {
		a.query(w.scanInbox, readInbox, n.inbox)
	}
	if len(n.turns) > 0 {
		a.query(w.scanWaiting, readWaiting, n.turns, n.counts)
	}
	if len(n.unsent) > 0 {
		a.query(w.scanUnsent, readUnsentNow, n.unsent)
	}
	if n.orders > 0 {
		a.query(w.scanOrder, readOrders, n.orders)
	}
	if err := a.run(ctx, conn); err != nil {
		return err
	}
	slices.Sort(w.orders)
	w.fill()
	return nil
}

func (w *world) scanName(rows pgx.Rows) error {
	var name string
	err := rows.Scan(&name, nil)
	w.held[name] = true
	return err
}

func (w *world) scanGuest(rows pgx.Rows) error {
	g := &guestRow{}
	err := rows.Scan((*string)(&g.id), (*string)(&g.property), &g.version, &g.erasing)
	w.guests[g.id] = g
	return err
}

func (w *world) scanOutbox(rows pgx.Rows) error {
	r := &outboxRow{}
	err := scanRow(rows, &r.OutboxRow, &r.done)
	w.rows[r.Key] = r
	return err
}

func (w *world) scanAlias(rows pgx.Rows) error {
	var name, guest string
	err := rows.Scan(&name, &guest)
	w.aliases[name] = hotel.GuestID(guest)
	return err
}

func (w *world) scanSeen(rows pgx.Rows) error {
	var hash, body []byte
	var id, when, consumed *int64
	var key, guest, kind *string
	if err := rows.Scan(&hash, &id, &key, &guest, &kind, &body, &when, &consumed); err != nil {
		return err
	}
	r := &inboxRow{there: id != nil}
	if r.there {
		r.InboxRow = hotel.InboxRow{Key: hotel.Key(*key), Guest: hotel.GuestID(*guest), Order: *id, Kind: hotel.RowKind(*kind), Body: body, At: at(*when)}
		r.consumed = *consumed > 0
		w.inbox[r.Key] = r
	}
	w.seen[[16]byte(hash)] = r
	return nil
}

func (w *world) scanInbox(rows pgx.Rows) error {
	r := &inboxRow{there: true}
	var when, consumed int64
	err := rows.Scan(&r.Order, (*string)(&r.Key), (*string)(&r.Guest), (*string)(&r.Kind), &r.Body, &when, &consumed)
	r.At, r.consumed = at(when), consumed > 0
	w.inbox[r.Key] = r
	return err
}

func (w *world) scanWaiting(rows pgx.Rows) error {
	var guest string
	var r waitingRow
	err := rows.Scan(&guest, &r.id, (*string)(&r.key))
	w.waiting[hotel.GuestID(guest)] = append(w.waiting[hotel.GuestID(guest)], r)
	return err
}

func (w *world) scanUnsent(rows pgx.Rows) error {
	var guest, key string
	err := rows.Scan(&guest, &key)
	w.unsent[hotel.GuestID(guest)] = append(w.unsent[hotel.GuestID(guest)], hotel.Key(key))
	return err
}

func (w *world) scanOrder(rows pgx.Rows) error {
	var n int64
	err := rows.Scan(&n)
	w.orders = append(w.orders, n)
	return err
}

// states of outbox rows as numbers: the indexes' conditions are written in them.
var states = [...]hotel.SendState{hotel.Pending, hotel.Sending, hotel.Settled, hotel.Dead, hotel.Withdrawn}

func stateNumber(s hotel.SendState) int16 { return int16(slices.Index(states[:], s)) }

// scanRow reads outboxColumns, what else was asked for, and the body.
func scanRow(rows pgx.Rows, r *hotel.OutboxRow, more ...any) error {
	var state int16
	var notBefore, created, claimed int64
	to := append([]any{&r.Order, (*string)(&r.Key), (*string)(&r.Guest), (*string)(&r.Property), (*string)(&r.Lane), (*string)(&r.Kind), &state,
		&r.Owner, &r.Attempt, &r.TakenOver, &notBefore, &created, &claimed, (*string)(&r.Status), &r.Proof}, more...)
	if err := rows.Scan(append(to, &r.Body)...); err != nil {
		return err
	}
	r.State, r.NotBefore, r.CreatedAt, r.ClaimedAt = states[state], at(notBefore), at(created), at(claimed)
	return nil
}
