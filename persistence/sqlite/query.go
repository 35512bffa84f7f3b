package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"maps"
)

// The writer's queries. Those with an index in them name it: SQLite prefers
// the rowid's range now and then, and a plan must not depend on its mood.
const (
	outboxColumns = `id, key, guest, property, lane, kind, state, owner, attempt, not_before, created, claimed, status, proof`

	queryGuest   = `SELECT n, id, property, version, panics, erasing, parked FROM guests WHERE id = ?`
	queryPending = `SELECT id, guest, key, kind FROM inbox INDEXED BY inbox_pending WHERE consumed = 0 ORDER BY id`
	queryInbox   = `SELECT id, key, guest, kind, body, at, consumed FROM inbox WHERE id = ?`
	queryInboxBy = `SELECT id, key, guest, kind, body, at, consumed FROM inbox WHERE key = ?`
	queryRow     = `SELECT ` + outboxColumns + ` FROM outbox WHERE key = ?`
	queryProof   = `SELECT ` + outboxColumns + ` FROM outbox INDEXED BY outbox_proof WHERE proof = ? AND proof <> ''`
	queryBody    = `SELECT body FROM outbox WHERE id = ?`
	queryHead    = `SELECT key, not_before FROM outbox INDEXED BY outbox_lane WHERE lane = ? AND state = 0 ORDER BY id LIMIT 2`
	queryBusy    = `SELECT 1 FROM outbox INDEXED BY outbox_sending WHERE lane = ? AND state = 1`
	queryAhead   = `SELECT 1 FROM outbox INDEXED BY outbox_sending WHERE lane = ?1 AND state = 1
		UNION ALL SELECT 1 FROM outbox INDEXED BY outbox_lane WHERE lane = ?1 AND state = 0 LIMIT 1`
	queryLetter = `SELECT ` + letterColumns + `, lane FROM letters WHERE id = ?`

	execTurn    = `UPDATE guests SET version = ?, state = ?, facts = ?, due = ?, panics = 0 WHERE n = ?`
	execPark    = `UPDATE guests SET parked = ?, version = ?, panics = 0 WHERE n = ?`
	execUnpark  = `UPDATE guests SET parked = 0 WHERE n = ?`
	execUndue   = `UPDATE guests SET panics = 0, due = 0 WHERE n = ?`
	execPanic   = `UPDATE guests SET panics = ? WHERE n = ?`
	execConsume = `UPDATE inbox SET consumed = ? WHERE id = ? AND key = ? AND consumed = 0`
	execOut     = `UPDATE outbox SET state = ?, owner = ?, attempt = ?, not_before = ?, claimed = ?, done = ?, status = ?, proof = ? WHERE id = ?`
	execNote    = `UPDATE outbox SET note = ? WHERE id = ?`
	execStatus  = `UPDATE outbox SET status = ? WHERE id = ?`
	execMove    = `UPDATE outbox SET id = ?, lane = ? WHERE id = ?`
	execSaid    = `INSERT INTO transcript (id, guest, at, body) VALUES (?, ?, ?, ?)`
	execHandoff = `INSERT INTO handoffs (guest, property, state, cause, name, address, opened, staff, heard) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (guest) DO UPDATE SET property = excluded.property, state = excluded.state, cause = excluded.cause, name = excluded.name,
		address = excluded.address, opened = excluded.opened, staff = excluded.staff, heard = excluded.heard`
	execReservation = `INSERT INTO reservations (id, reference, property, guest, body) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (reference) DO UPDATE SET property = excluded.property, body = excluded.body`
	execLetter = `INSERT INTO letters (source, key, guest, property, kind, lane, reason, body, at, in_doubt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	execClose  = `UPDATE letters SET closed = ?, closing = ? WHERE id = ?`
	execProven = `UPDATE letters INDEXED BY letters_open SET closed = ?, closing = 'sent' WHERE key = ? AND closed = 0 AND source = 'outbox'`
	execMeta   = `INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`

	queryYoung = `SELECT n, hash, day, inbox FROM seen_young ORDER BY n`
	// The two of a folder that no engine holds: all of them.
	execSettleYoung = `INSERT INTO seen (hash, day, inbox) SELECT hash, day, inbox FROM seen_young WHERE true ORDER BY hash ON CONFLICT DO NOTHING`
	execEmptyYoung  = `DELETE FROM seen_young`

	execDropYoung = `DELETE FROM seen_young WHERE n IN (SELECT n FROM seen_young WHERE n <= ? ORDER BY n LIMIT ?)`

	execTrimSeen       = `DELETE FROM seen WHERE hash = ?`
	execTrimInbox      = `DELETE FROM inbox WHERE id = ? AND consumed > 0`
	execTrimOutbox     = `DELETE FROM outbox WHERE id = ? AND state >= 2 RETURNING key`
	execTrimTranscript = `DELETE FROM transcript WHERE id = ?`
	execTrimLetters    = `DELETE FROM letters WHERE id = ? AND (closed > 0 OR source = 'webhook')`
)

// The queries of many rows: head, one row, tail.
var (
	bulkSeen   = [3]string{`INSERT INTO seen (hash, day, inbox) VALUES `, `(?,?,?)`, ` ON CONFLICT DO NOTHING`}
	bulkYoung  = [3]string{`INSERT INTO seen_young (n, hash, day, inbox) VALUES `, `(?,?,?,?)`, ``}
	bulkTaken  = [3]string{`SELECT hash, inbox FROM seen WHERE hash IN (`, `?`, `)`}
	bulkKnown  = [3]string{`SELECT name, guest FROM aliases WHERE name IN (`, `?`, `)`}
	bulkAlias  = [3]string{`INSERT INTO aliases (name, guest) VALUES `, `(?,?)`, ``}
	bulkGuest  = [3]string{`INSERT INTO guests (n, id, property) VALUES `, `(?,?,?)`, ``}
	bulkInbox  = [3]string{`INSERT INTO inbox (id, key, guest, kind, body, at) VALUES `, `(?,?,?,?,?,?)`, ``}
	bulkOutbox = [3]string{`INSERT INTO outbox (id, key, guest, property, lane, kind, state, owner, attempt, not_before, created, claimed, body, done, status, proof) VALUES `,
		`(?,?,?,?,?,?,?,?,?,?,?,?,?,0,'','')`, ``}
)

// statements are the writer's, prepared once.
type statements struct {
	begin, commit, rollback, checkpoint                                            *statement
	guest, pending, inbox, inboxBy, row, proof, body, head, busy, ahead, letter    *statement
	turn, panics, consume, out, status, note, move, saidLine, handoff, reservation *statement
	pause, resume                                                                  *statement
	bury, closeLetter, proven, meta, park, unpark, undue                           *statement
	trimSeen, trimInbox, trimOutbox, trimTranscript, trimLetters                   *statement
	young, dropYoung                                                               *statement
	addSeen, addYoung, taken, known, addAlias, addGuest, addInbox, addOutbox       *bulk
	privacyWrites
	all []*statement
}

func prepareAll(ctx context.Context, c driver.ConnPrepareContext) (*statements, error) {
	s := &statements{}
	queries := map[string]**statement{
		`BEGIN IMMEDIATE`: &s.begin, `COMMIT`: &s.commit, `ROLLBACK`: &s.rollback, execCheckpoint: &s.checkpoint,
		queryGuest: &s.guest, queryPending: &s.pending, queryInbox: &s.inbox, queryInboxBy: &s.inboxBy, queryRow: &s.row,
		queryProof: &s.proof, queryBody: &s.body, queryHead: &s.head, queryBusy: &s.busy, queryAhead: &s.ahead, queryLetter: &s.letter,
		execTurn: &s.turn, execPanic: &s.panics, execPark: &s.park, execUnpark: &s.unpark, execUndue: &s.undue, execConsume: &s.consume, execOut: &s.out, execStatus: &s.status, execNote: &s.note,
		execMove: &s.move, execSaid: &s.saidLine, execHandoff: &s.handoff, execReservation: &s.reservation,
		execLetter: &s.bury, execClose: &s.closeLetter, execProven: &s.proven, execMeta: &s.meta,
		execPause: &s.pause, execResume: &s.resume, queryYoung: &s.young, execDropYoung: &s.dropYoung,
		execTrimSeen: &s.trimSeen, execTrimInbox: &s.trimInbox, execTrimOutbox: &s.trimOutbox,
		execTrimTranscript: &s.trimTranscript, execTrimLetters: &s.trimLetters,
	}
	maps.Copy(queries, s.privacyWrites.queries())
	for query, to := range queries {
		p, err := prepare(ctx, c, query)
		if err != nil {
			return nil, errors.Join(err, s.close())
		}
		*to, s.all = p, append(s.all, p)
	}
	for to, q := range map[**bulk][3]string{
		&s.addSeen: bulkSeen, &s.addYoung: bulkYoung, &s.taken: bulkTaken, &s.known: bulkKnown, &s.addAlias: bulkAlias,
		&s.addGuest: bulkGuest, &s.addInbox: bulkInbox, &s.addOutbox: bulkOutbox,
	} {
		b, err := newBulk(ctx, c, q[0], q[1], q[2])
		if err != nil {
			return nil, errors.Join(err, s.close())
		}
		*to, s.all = b, append(s.all, b.by[:]...)
	}
	return s, nil
}

// reset forgets what bulks had gathered when a transaction failed.
func (s *statements) reset() {
	for _, b := range []*bulk{s.addSeen, s.addYoung, s.taken, s.known, s.addAlias, s.addGuest, s.addInbox, s.addOutbox} {
		b.reset()
	}
}

func (s *statements) close() error {
	var errs []error
	for _, p := range s.all {
		errs = append(errs, p.close())
	}
	return errors.Join(errs...)
}
