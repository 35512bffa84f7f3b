package postgres

import (
	"cmp"
	"context"
	"slices"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/conserje/conserje/hotel"
)

// The second round trip: one statement of a kind for all rows of the batch.
const (
	addGuests  = `INSERT INTO guests (id, property) SELECT * FROM unnest($1::text[], $2::text[])`
	addAliases = `INSERT INTO aliases (name, guest) SELECT * FROM unnest($1::text[], $2::text[])`
	addSeen    = `INSERT INTO seen (hash, day, inbox) SELECT * FROM unnest($1::bytea[], $2::int[], $3::bigint[])`
	addInbox   = `INSERT INTO inbox (id, key, guest, kind, at, owner, body)
		SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::bytea[])`
	consumeRows = `UPDATE inbox SET consumed = x.at FROM unnest($1::bigint[], $2::bigint[]) AS x (id, at) WHERE inbox.id = x.id`
	saveTurns   = `UPDATE guests SET version = x.version, state = x.state, facts = x.facts, due = x.due, owner = x.owner, panics = 0,
			parked = CASE WHEN x.unpark THEN 0 ELSE guests.parked END
		FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::text[], $5::bigint[], $6::text[], $7::boolean[])
			AS x (id, version, state, facts, due, owner, unpark)
		WHERE guests.id = x.id`
	addOutbox = `INSERT INTO outbox (ord, key, guest, property, lane, kind, state, owner, attempt, not_before, created, claimed, body)
		SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::smallint[], $8::text[], $9::int[],
			$10::bigint[], $11::bigint[], $12::bigint[], $13::bytea[])`
	saveOutbox = `UPDATE outbox SET state = x.state, owner = x.owner, attempt = x.attempt, taken_over = x.taken_over, not_before = x.not_before,
			claimed = x.claimed, done = x.done, status = x.status, proof = x.proof, ord = x.ord, lane = x.lane
		FROM unnest($1::text[], $2::smallint[], $3::text[], $4::int[], $5::boolean[], $6::bigint[], $7::bigint[], $8::bigint[], $9::text[],
			$10::text[], $11::bigint[], $12::text[])
			AS x (key, state, owner, attempt, taken_over, not_before, claimed, done, status, proof, ord, lane)
		WHERE outbox.key = x.key`
	addLetters = `INSERT INTO letters (source, key, guest, property, kind, lane, reason, at, body, in_doubt)
		SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bytea[], $10::boolean[])`
	closeProven = `UPDATE letters SET closed = x.at, closing = 'sent' FROM unnest($1::text[], $2::bigint[]) AS x (key, at)
		WHERE letters.key = x.key AND letters.closed = 0 AND letters.source = 'outbox'`
	saveReservations = `INSERT INTO reservations (reference, property, guest, body) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
		ON CONFLICT (reference) DO UPDATE SET property = excluded.property, body = excluded.body`
	saveHandoffs = `INSERT INTO handoffs (guest, property, state, cause, name, address, opened, staff, heard)
		SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[])
		ON CONFLICT (guest) DO UPDATE SET property = excluded.property, state = excluded.state, cause = excluded.cause, name = excluded.name,
		address = excluded.address, opened = excluded.opened, staff = excluded.staff, heard = excluded.heard`
	addSaid = `INSERT INTO transcript (guest, at, body) SELECT * FROM unnest($1::text[], $2::bigint[], $3::bytea[])`
)

// writes are what a batch has decided to write, by table.
type writes struct {
	guests  struct{ ids, properties []string }
	aliases struct{ names, guests []string }
	seen    struct {
		hashes [][]byte
		days   []int32
		inbox  []int64
	}
	inbox struct {
		ids, ats                    []int64
		keys, guests, kinds, owners []string
		bodies                      [][]byte
	}
	consumed struct{ ids, ats []int64 }
	turns    []*turn
	added    []*outboxRow
	changed  []*outboxRow
	letters  struct {
		texts  [][7]string // source, key, guest, property, kind, lane, reason
		ats    []int64
		bodies [][]byte
		doubts []bool
	}
	proven struct {
		keys []string
		ats  []int64
	}
	reservations []reservation
	handoffs     struct {
		texts [][6]string // guest, property, state, cause, name, address
		times [][3]int64  // opened, staff, heard
	}
	audit  []hotel.AuditEntry
	erased struct {
		guests []string
		ats    []int64
	}
	said struct {
		guests []string
		ats    []int64
		bodies [][]byte
	}
}

type reservation struct{ reference, property, guest, body string }

// write writes what was decided, and commits. When it fails before the commit,
// nothing is written; when the connection breaks in it, nobody knows.
func (w *world) write(ctx context.Context, conn *pgxpool.Conn) error {
	a, o := &asked{}, &w.out
	if len(o.guests.ids) > 0 {
		a.exec(addGuests, o.guests.ids, o.guests.properties)
	}
	if len(o.aliases.names) > 0 {
		a.exec(addAliases, o.aliases.names, o.aliases.guests)
	}
	if len(o.seen.hashes) > 0 {
		a.exec(addSeen, o.seen.hashes, o.seen.days, o.seen.inbox)
	}
	if in := &o.inbox; len(in.ids) > 0 {
		a.exec(addInbox, in.ids, in.keys, in.guests, in.kinds, in.ats, in.owners, in.bodies)
	}
	if len(o.consumed.ids) > 0 {
		a.exec(consumeRows, o.consumed.ids, o.consumed.ats)
	}
	o.writeTurns(a)
	o.writeOutbox(a)
	o.writePeople(a)
	if err := o.writeErased(a); err != nil {
		return err
	}
	a.exec("COMMIT")
	return a.run(ctx, conn)
}

func (o *writes) writeTurns(a *asked) {
	if len(o.turns) == 0 {
		return
	}
	n := len(o.turns)
	ids, facts, owners := make([]string, n), make([]string, n), make([]string, n)
	versions, dues, snapshots, unparks := make([]int64, n), make([]int64, n), make([][]byte, n), make([]bool, n)
	for i, t := range o.turns {
		ids[i], versions[i], snapshots[i], facts[i] = string(t.in.Guest), t.out.Version, t.in.State, t.in.Facts
		dues[i], owners[i], unparks[i] = ms(t.in.Due), t.in.Owner, t.in.Unpark
	}
	a.exec(saveTurns, ids, versions, snapshots, facts, dues, owners, unparks)
}

// writeOutbox writes changed rows before fresh ones, and what leaves a lane
// before what becomes the one that is out in it: the index on it is checked row by row.
func (o *writes) writeOutbox(a *asked) {
	step := func(r *outboxRow) int {
		switch {
		case r.State != hotel.Sending:
			return 0
		case r.moved:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(o.changed, func(a, b *outboxRow) int { return cmp.Compare(step(a), step(b)) })
	for rest := o.changed; len(rest) > 0; {
		n := 1
		for n < len(rest) && step(rest[n]) == step(rest[0]) {
			n++
		}
		saveRows(a, rest[:n])
		rest = rest[n:]
	}
	if len(o.added) > 0 {
		addRows(a, o.added)
	}
}

func saveRows(a *asked, rows []*outboxRow) {
	n := len(rows)
	keys, owners, statuses, proofs, lanes := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	numbers, attempts, taken := make([]int16, n), make([]int32, n), make([]bool, n)
	notBefore, claimed, dones, orders := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	for i, r := range rows {
		keys[i], numbers[i], owners[i], attempts[i], taken[i] = string(r.Key), stateNumber(r.State), r.Owner, int32(r.Attempt), r.TakenOver
		notBefore[i], claimed[i], dones[i] = ms(r.NotBefore), ms(r.ClaimedAt), r.done
		statuses[i], proofs[i], orders[i], lanes[i] = string(r.Status), r.Proof, r.Order, string(r.Lane)
	}
	a.exec(saveOutbox, keys, numbers, owners, attempts, taken, notBefore, claimed, dones, statuses, proofs, orders, lanes)
}

func addRows(a *asked, rows []*outboxRow) {
	n := len(rows)
	keys, guests, properties, lanes := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	kinds, owners, bodies := make([]string, n), make([]string, n), make([][]byte, n)
	numbers, attempts := make([]int16, n), make([]int32, n)
	orders, notBefore, created, claimed := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	late := []*outboxRow(nil) // changed again by the same batch: what addOutbox does not write
	for i, r := range rows {
		orders[i], keys[i], guests[i], properties[i], lanes[i] = r.Order, string(r.Key), string(r.Guest), string(r.Property), string(r.Lane)
		kinds[i], numbers[i], owners[i], attempts[i] = string(r.Kind), stateNumber(r.State), r.Owner, int32(r.Attempt)
		notBefore[i], created[i], claimed[i], bodies[i] = ms(r.NotBefore), ms(r.CreatedAt), ms(r.ClaimedAt), r.Body
		if r.done != 0 || r.Status != "" || r.Proof != "" {
			late = append(late, r)
		}
	}
	a.exec(addOutbox, orders, keys, guests, properties, lanes, kinds, numbers, owners, attempts, notBefore, created, claimed, bodies)
	if len(late) > 0 {
		saveRows(a, late)
	}
}

// writePeople writes what people read: dead letters, reservations, handoffs, what was said.
func (o *writes) writePeople(a *asked) {
	if l := &o.letters; len(l.ats) > 0 {
		c := columns(l.texts, func(r [7]string) []string { return r[:] })
		a.exec(addLetters, c[0], c[1], c[2], c[3], c[4], c[5], c[6], l.ats, l.bodies, l.doubts)
	}
	if len(o.proven.keys) > 0 {
		a.exec(closeProven, o.proven.keys, o.proven.ats)
	}
	if len(o.reservations) > 0 {
		c := columns(lastOfEach(o.reservations), func(r reservation) []string { return []string{r.reference, r.property, r.guest, r.body} })
		a.exec(saveReservations, c[0], c[1], c[2], c[3])
	}
	if h := &o.handoffs; len(h.texts) > 0 {
		c := columns(h.texts, func(r [6]string) []string { return r[:] })
		t := columns(h.times, func(r [3]int64) []int64 { return r[:] })
		a.exec(saveHandoffs, c[0], c[1], c[2], c[3], c[4], c[5], t[0], t[1], t[2])
	}
	if len(o.said.guests) > 0 {
		a.exec(addSaid, o.said.guests, o.said.ats, o.said.bodies)
	}
}

// columns turns rows into columns.
func columns[R, T any](rows []R, of func(R) []T) (out [][]T) {
	for _, r := range rows {
		for i, v := range of(r) {
			if i == len(out) {
				out = append(out, nil)
			}
			out[i] = append(out[i], v)
		}
	}
	return out
}

// lastOfEach keeps the last of each reference, in the order of references: what
// two batches write in one order cannot deadlock.
func lastOfEach(rows []reservation) []reservation {
	slices.SortStableFunc(rows, func(a, b reservation) int { return cmp.Compare(a.reference, b.reference) })
	out := rows[:0]
	for i, r := range rows {
		if i+1 == len(rows) || rows[i+1].reference != r.reference {
			out = append(out, r)
		}
	}
	return out
}
