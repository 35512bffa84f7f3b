package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// The readers' queries.
const (
	readActivation = `SELECT g.property, g.version, g.state, g.due, g.panics, g.parked, i.id, i.key, i.kind, i.body, i.at
		FROM guests g LEFT JOIN inbox i ON i.id IN (SELECT value FROM json_each(?1)) AND i.consumed = 0
		WHERE g.id = ?2 ORDER BY i.id`
	// What its owner keeps on a row is not the writer's to know.
	rowColumns       = outboxColumns + `, note, body`
	readRow          = `SELECT ` + rowColumns + ` FROM outbox WHERE key = ?`
	readTranscript   = `SELECT body FROM transcript INDEXED BY transcript_guest WHERE guest = ? ORDER BY id DESC LIMIT ?`
	readLetters      = `SELECT id, ` + letterWanted + ` FROM letters WHERE id < ? ORDER BY id DESC LIMIT ?`
	readOpenLetters  = `SELECT id, ` + letterWanted + ` FROM letters INDEXED BY letters_open WHERE closed = 0 AND id < ? ORDER BY id DESC LIMIT ?`
	letterWanted     = `at <= ? AND at > ? AND instr(lower(reason), lower(?)) > 0`
	readLetter       = `SELECT ` + letterColumns + ` FROM letters WHERE id = ?`
	readOpenHandoffs = `SELECT ` + handoffColumns + ` FROM handoffs INDEXED BY handoffs_open
		WHERE ? IN ('', property) AND state <> 'closed' ORDER BY opened DESC LIMIT ?`
)

// reader is the pool of read-only connections.
type reader struct {
	db                                                                                              *sql.DB
	activation, row, transcript, letters, letter, reservations, handoffs, openLetters, openHandoffs *sql.Stmt
	waiting, due, lanes, claims, oldestIn, oldestOut, counts, doubts, inDoubt, mark                 *sql.Stmt
	pauses                                                                                          *sql.Stmt
	trimSeen, trimInbox, trimOutbox, trimTranscript, trimLetters                                    *sql.Stmt
	privacyReads
}

func newReader(ctx context.Context, path string) (*reader, error) {
	db, err := open(path, readerPragmas, 4)
	if err != nil {
		return nil, err
	}
	r := &reader{db: db}
	queries := map[string]**sql.Stmt{
		readActivation: &r.activation, readRow: &r.row, readTranscript: &r.transcript, readLetters: &r.letters, readOpenLetters: &r.openLetters, readOpenHandoffs: &r.openHandoffs, readLetter: &r.letter,
		readReservation: &r.reservations, readHandoffs: &r.handoffs,
		sweepGuests: &r.waiting, sweepDue: &r.due, sweepLanes: &r.lanes, sweepClaims: &r.claims,
		backlogInbox: &r.oldestIn, backlogOutbox: &r.oldestOut, backlogCounts: &r.counts, readDoubts: &r.doubts, readInDoubt: &r.inDoubt, readMark: &r.mark,
		readPauses:    &r.pauses,
		trimmableSeen: &r.trimSeen, trimmableInbox: &r.trimInbox, trimmableOutbox: &r.trimOutbox,
		trimmableTranscript: &r.trimTranscript, trimmableLetters: &r.trimLetters,
	}
	maps.Copy(queries, r.privacyReads.queries())
	for query, to := range queries {
		if *to, err = db.PrepareContext(ctx, query); err != nil { //nolint:sqlclosecheck // Close closes the pool, and they go with it
			return nil, errors.Join(err, db.Close())
		}
	}
	return r, nil
}

// Close closes the pool; its statements go with it.
func (r *reader) Close() error { return r.db.Close() }

// collect runs a query and scans its rows.
func collect[T any](ctx context.Context, op string, q *sql.Stmt, scan func(rows *sql.Rows) (T, error), args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, args...)
	if err != nil {
		return nil, away(op, err)
	}
	defer func() { _ = rows.Close() }()
	var out []T
	for rows.Next() {
		x, err := scan(rows)
		if err != nil {
			return nil, away(op, err)
		}
		out = append(out, x)
	}
	if err := rows.Err(); err != nil {
		return nil, away(op, err)
	}
	return out, nil
}

// one is a list's only element. hotel.NotFound: it has none.
func one[T any](list []T, err error, op, none string) (T, error) {
	if err == nil && len(list) == 0 {
		err = rule.Err(op, hotel.NotFound, none)
	}
	if err != nil {
		var zero T
		return zero, err
	}
	return list[0], nil
}

// Activate reads a guest's snapshot and its oldest unconsumed rows, in one
// statement, and so in one read transaction.
//
// Which rows wait is asked of the writer's memory first; the database then says
// which of them are unconsumed still. So what is returned is what waits in that
// read transaction, without rows that came after the memory was asked: they are
// its guest's newest, and nobody has been told of them before, for the memory
// changes before the writer answers. Their nudge follows, as that of a row
// which comes right after the read. A turn that is taken meanwhile moves the version
// on, which makes the caller's commit a Conflict; rows buried meanwhile do too, for
// Commit compares with the memory as it is then.
func (s *Store) Activate(ctx context.Context, id hotel.GuestID, limit int) (hotel.Activation, error) {
	limit = rule.Limit(limit)
	var out hotel.Activation
	for after := int64(0); ; {
		ids := s.pending.after(id, after, limit+1)
		a, err := s.activate(ctx, id, ids)
		if err != nil {
			return hotel.Activation{}, err
		}
		out.Guest, out.Pending = a.Guest, a.Pending
		out.More = len(ids) > limit
		if len(out.Pending) > 0 || !out.More {
			out.Pending = out.Pending[:min(limit, len(out.Pending))]
			return out, nil
		}
		after = ids[limit] // all of them were consumed a moment ago
	}
}

// activate reads a guest and those of the rows that are unconsumed.
func (s *Store) activate(ctx context.Context, id hotel.GuestID, ids []int64) (hotel.Activation, error) {
	const op = "sqlite.Activate"
	list := append(make([]byte, 0, 2+12*len(ids)), '[')
	for i, id := range ids {
		if i > 0 {
			list = append(list, ',')
		}
		list = strconv.AppendInt(list, id, 10)
	}
	out := hotel.Activation{Guest: hotel.GuestRecord{ID: id}}
	rows, err := collect(ctx, op, s.read.activation, func(rows *sql.Rows) (row hotel.InboxRow, err error) {
		var due, parked int64
		var order, when sql.NullInt64
		var key, kind sql.NullString
		g := &out.Guest
		err = rows.Scan(&g.Property, &g.Version, &g.State, &due, &g.Panics, &parked, &order, &key, &kind, &row.Body, &when)
		g.Due, g.Parked = at(due), at(parked)
		row.Order, row.Key, row.Guest, row.Kind, row.At = order.Int64, hotel.Key(key.String), id, hotel.RowKind(kind.String), at(when.Int64)
		return row, err
	}, string(append(list, ']')), string(id))
	if _, err := one(rows, err, op, "no such guest"); err != nil {
		return hotel.Activation{}, err
	}
	if rows[0].Key != "" {
		out.Pending = rows
	}
	return out, nil
}

// Guest reads one guest's record.
func (s *Store) Guest(ctx context.Context, id hotel.GuestID) (hotel.GuestRecord, error) {
	a, err := s.Activate(ctx, id, 1)
	return a.Guest, err
}

// scanRow reads rowColumns.
func scanRow(rows *sql.Rows) (r hotel.OutboxRow, err error) {
	var state, notBefore, created, claimed int64
	err = rows.Scan(&r.Order, &r.Key, &r.Guest, &r.Property, &r.Lane, &r.Kind, &state, &r.Owner, &r.Attempt, &notBefore, &created,
		&claimed, &r.Status, &r.Proof, &r.Note, &r.Body)
	r.State, r.NotBefore, r.CreatedAt, r.ClaimedAt = states[state], at(notBefore), at(created), at(claimed)
	// Only the claims of an engine that is gone are nobody's. No clock tells them
	// from ours: it may have been set back since.
	r.TakenOver = r.State == hotel.Sending && r.Owner == ""
	return r, err
}

// Row reads an outbox row.
func (s *Store) Row(ctx context.Context, key hotel.Key) (hotel.OutboxRow, error) {
	const op = "sqlite.Row"
	rows, err := collect(ctx, op, s.read.row, scanRow, string(key))
	return one(rows, err, op, "no such row")
}

// Transcript reads what was said with a guest, oldest first, the last limit lines.
func (s *Store) Transcript(ctx context.Context, guest hotel.GuestID, limit int) ([]hotel.TranscriptLine, error) {
	limit = rule.Limit(limit)
	turns, err := collect(ctx, "sqlite.Transcript", s.read.transcript, func(rows *sql.Rows) ([]hotel.TranscriptLine, error) {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		return rule.Transcript(body)
	}, string(guest), limit)
	if err != nil {
		return nil, err
	}
	slices.Reverse(turns)
	lines := slices.Concat(turns...)
	return lines[max(0, len(lines)-limit):], nil
}

func scanLetter(rows *sql.Rows) (l hotel.DeadLetter, err error) {
	var when, closed int64
	err = rows.Scan(&l.ID, &l.Source, &l.Key, &l.Guest, &l.Property, &l.Kind, &l.Reason, &l.Body, &when, &closed, &l.Closing, &l.InDoubt)
	l.At, l.Closed = at(when), at(closed)
	return l, err
}

// DeadLetter reads one.
func (s *Store) DeadLetter(ctx context.Context, id int64) (hotel.DeadLetter, error) {
	const op = "sqlite.DeadLetter"
	rows, err := collect(ctx, op, s.read.letter, scanLetter, id)
	return one(rows, err, op, "no such letter")
}
