package sqlite

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// fill makes a store that has lived: 50,000 consumed and settled rows, 1,000 that wait.
func fill(t *testing.T, db *sql.DB) {
	for _, query := range []string{
		`INSERT INTO guests (id, property, version, due, state) SELECT 'g' || value, 'sur', 1, iif(value % 50, 0, value), x'00' FROM n`,
		`INSERT INTO aliases (name, guest) SELECT 'sur' || char(31) || 'phone' || char(31) || value, 'g' || value FROM n`,
		`INSERT INTO seen (hash, day, inbox) SELECT randomblob(16), 1, value FROM n`,
		`INSERT INTO inbox (key, guest, kind, at, consumed, body) SELECT 'k' || value, 'g' || value, 'said', value, iif(value > 50000, 0, value), x'00' FROM n`,
		`INSERT INTO outbox (key, guest, property, lane, kind, state, owner, attempt, not_before, created, claimed, done, status, proof, body)
			SELECT 'k' || value || '/0', 'g' || value, 'sur', 'guest:g' || value, 'say', iif(value > 50000, value % 2, 2), 'e', 1, 0, value, value, value, 'sent', 'wamid' || value, x'00' FROM n`,
		`INSERT INTO letters (source, key, guest, property, kind, lane, reason, at, closed) SELECT 'inbox', 'k' || value, 'g' || value, 'sur', 'said', '', 'r', value, value % 1000 FROM n`,
		`INSERT INTO transcript (guest, at, body) SELECT 'g' || value, value, x'00' FROM n`,
		`INSERT INTO handoffs (guest, property, state, cause, name, address, opened, staff, heard) SELECT 'g' || value, 'sur', iif(value % 1000, 'closed', 'open'), '', '', '', value, 0, 0 FROM n`,
		`INSERT INTO reservations (reference, property, guest, body) SELECT 'R' || value, 'sur', 'g' || value, '{}' FROM n`,
	} {
		_, err := db.Exec(`WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 51000) ` + query)
		require.NoError(t, err, query)
	}
}

// plan is what SQLite would do, one step a line.
func plan(t *testing.T, db *sql.DB, query string) string {
	rows, err := db.Query(`EXPLAIN QUERY PLAN `+query, make([]any, strings.Count(query, "?"))...)
	require.NoError(t, err, query)
	defer func() { require.NoError(t, rows.Close()) }()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		require.NoError(t, rows.Scan(&id, &parent, &unused, &step))
		steps = append(steps, step)
	}
	require.NoError(t, rows.Err())
	return strings.Join(steps, "\n")
}

func ofRows(q [3]string) string { return q[0] + q[1] + "," + q[1] + q[2] }

// TestPlans asserts how SQLite runs every query, on a filled store: a partial
// index that is not used costs a factor of five, and nothing else would tell.
func TestPlans(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), Config{Dir: t.TempDir()})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	db, err := open(filepath.Join(filepath.Dir(s.lock.Name()), file), "_pragma=busy_timeout(5000)", 1)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	fill(t, db)

	for query, want := range plans {
		require.Equal(t, want, plan(t, db, query), query)
	}
}

// plans is how each query must run.
var plans = map[string]string{
	// the writer's
	queryGuest:   "SEARCH guests USING INDEX sqlite_autoindex_guests_1 (id=?)",
	queryPending: "SCAN inbox USING INDEX inbox_pending", // at the start: only what waits
	queryInbox:   "SEARCH inbox USING INTEGER PRIMARY KEY (rowid=?)",
	queryInboxBy: "SEARCH inbox USING INDEX sqlite_autoindex_inbox_1 (key=?)",
	queryRow:     "SEARCH outbox USING INDEX sqlite_autoindex_outbox_1 (key=?)",
	queryProof:   "SEARCH outbox USING INDEX outbox_proof (proof=?)",
	queryBody:    "SEARCH outbox USING INTEGER PRIMARY KEY (rowid=?)",
	queryHead:    "SEARCH outbox USING INDEX outbox_lane (lane=?)",
	queryBusy:    "SEARCH outbox USING COVERING INDEX outbox_sending (lane=?)",
	queryAhead: lines("COMPOUND QUERY", "LEFT-MOST SUBQUERY", "SEARCH outbox USING COVERING INDEX outbox_sending (lane=?)",
		"UNION ALL", "SEARCH outbox USING COVERING INDEX outbox_lane (lane=?)"),
	queryLetter:        "SEARCH letters USING INTEGER PRIMARY KEY (rowid=?)",
	execTurn:           "SEARCH guests USING INTEGER PRIMARY KEY (rowid=?)",
	execPanic:          "SEARCH guests USING INTEGER PRIMARY KEY (rowid=?)",
	execUndue:          "SEARCH guests USING INTEGER PRIMARY KEY (rowid=?)",
	execConsume:        "SEARCH inbox USING INTEGER PRIMARY KEY (rowid=?)",
	execOut:            "SEARCH outbox USING INTEGER PRIMARY KEY (rowid=?)",
	execStatus:         "SEARCH outbox USING INTEGER PRIMARY KEY (rowid=?)",
	execNote:           "SEARCH outbox USING INTEGER PRIMARY KEY (rowid=?)",
	execMove:           "SEARCH outbox USING INTEGER PRIMARY KEY (rowid=?)",
	execClose:          "SEARCH letters USING INTEGER PRIMARY KEY (rowid=?)",
	execProven:         "SEARCH letters USING INDEX letters_open (key=?)",
	queryYoung:         "SCAN seen_young", // at the start: it is never long
	execDropYoung:      lines("SEARCH seen_young USING INTEGER PRIMARY KEY (rowid=?)", "LIST SUBQUERY 1", "SEARCH seen_young USING INTEGER PRIMARY KEY (rowid<?)"),
	execTrimSeen:       "SEARCH seen USING PRIMARY KEY (hash=?)",
	execTrimInbox:      "SEARCH inbox USING INTEGER PRIMARY KEY (rowid=?)",
	execTrimOutbox:     "SEARCH outbox USING INTEGER PRIMARY KEY (rowid=?)",
	execTrimTranscript: "SEARCH transcript USING INTEGER PRIMARY KEY (rowid=?)",
	execTrimLetters:    "SEARCH letters USING INTEGER PRIMARY KEY (rowid=?)",
	ofRows(bulkTaken):  "SEARCH seen USING PRIMARY KEY (hash=?)",
	ofRows(bulkKnown):  "SEARCH aliases USING PRIMARY KEY (name=?)",

	// the readers': one row, one guest, one page of a list
	readActivation: lines("SEARCH g USING INDEX sqlite_autoindex_guests_1 (id=?)",
		"SEARCH i USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
		"LIST SUBQUERY 1", "SCAN json_each VIRTUAL TABLE INDEX 1:"),
	readRow:          "SEARCH outbox USING INDEX sqlite_autoindex_outbox_1 (key=?)",
	readTranscript:   "SEARCH transcript USING INDEX transcript_guest (guest=?)",
	readLetter:       "SEARCH letters USING INTEGER PRIMARY KEY (rowid=?)",
	readLetters:      "SEARCH letters USING INTEGER PRIMARY KEY (rowid<?)",
	readOpenLetters:  lines("SCAN letters USING INDEX letters_open", "USE TEMP B-TREE FOR ORDER BY"),
	readReservation:  "SEARCH reservations USING INTEGER PRIMARY KEY (rowid<?)",
	readHandoffs:     "SEARCH handoffs USING PRIMARY KEY (guest>?)",
	readOpenHandoffs: lines("SCAN handoffs USING INDEX handoffs_open", "USE TEMP B-TREE FOR ORDER BY"),

	// the sweeper's: scans of partial indexes, which hold only what waits
	sweepGuests: "SCAN inbox USING COVERING INDEX inbox_pending",
	sweepDue:    "SEARCH guests USING INDEX guests_due (due>? AND due<?)",
	sweepLanes: lines("CO-ROUTINE h", "SCAN outbox USING COVERING INDEX outbox_lane", "SCAN h", "CORRELATED SCALAR SUBQUERY 2",
		"SEARCH s USING COVERING INDEX outbox_sending (lane=?)", "SEARCH o USING INTEGER PRIMARY KEY (rowid=?)",
		"USE TEMP B-TREE FOR ORDER BY"),
	sweepClaims:   lines("SCAN outbox USING INDEX outbox_sending", "USE TEMP B-TREE FOR ORDER BY"),
	readMark:      "SEARCH meta USING PRIMARY KEY (name=?)",
	readInDoubt:   lines("SEARCH outbox USING INDEX outbox_sending (lane>? AND lane<?)", "USE TEMP B-TREE FOR ORDER BY"),
	readDoubts:    "SCAN outbox USING INDEX outbox_sending",
	backlogInbox:  "SEARCH inbox USING COVERING INDEX inbox_pending",
	backlogOutbox: "SEARCH outbox USING INDEX outbox_lane",
	backlogCounts: lines("SCAN CONSTANT ROW", "SCALAR SUBQUERY 1", "SCAN outbox USING COVERING INDEX outbox_sending",
		"SCALAR SUBQUERY 2", "SCAN letters USING COVERING INDEX letters_open",
		"SCALAR SUBQUERY 3", "SCAN handoffs USING INDEX handoffs_open",
		"SCALAR SUBQUERY 4", "SEARCH guests USING COVERING INDEX guests_parked (parked>?)"),

	// erasing and exporting: a guest's few rows by index, history a stretch at a time
	queryNames:           "SEARCH aliases USING COVERING INDEX aliases_guest (guest=?)",
	queryUnsent:          "SEARCH outbox USING INDEX outbox_guest (guest=?)",
	execUnname:           "SEARCH aliases USING PRIMARY KEY (name=?)",
	execHandedOff:        "SEARCH handoffs USING PRIMARY KEY (guest=?)",
	execEraseHandoff:     "SEARCH handoffs USING PRIMARY KEY (guest=?)",
	execMark:             "SEARCH guests USING INTEGER PRIMARY KEY (rowid=?)",
	execEraseGuest:       "SEARCH guests USING INTEGER PRIMARY KEY (rowid=?)",
	execEraseOutbox:      "SEARCH outbox USING INTEGER PRIMARY KEY (rowid=?)",
	execEraseInbox:       "SEARCH inbox USING INTEGER PRIMARY KEY (rowid=?)",
	execEraseLetter:      "SEARCH letters USING INTEGER PRIMARY KEY (rowid=?)",
	execEraseReservation: "SEARCH reservations USING INTEGER PRIMARY KEY (rowid=?)",
	execEraseTranscript:  "SEARCH transcript USING INTEGER PRIMARY KEY (rowid=?)",
	sweepErasing: lines("SEARCH g USING INDEX guests_erasing (erasing>?)", "CORRELATED SCALAR SUBQUERY 1",
		"SEARCH outbox USING INDEX outbox_guest (guest=?)"),
	eraseOutbox:       "SEARCH outbox USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
	eraseInbox:        "SEARCH inbox USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
	eraseLetter:       "SEARCH letters USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
	eraseReservation:  "SEARCH reservations USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
	exportReservation: "SEARCH reservations USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
	exportLetter:      "SEARCH letters USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
	exportInbox:       "SEARCH inbox USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
	exportOutbox:      "SEARCH outbox USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
	boundsOutbox:      lines("SCAN CONSTANT ROW", "SCALAR SUBQUERY 1", "SEARCH outbox", "SCALAR SUBQUERY 2", "SEARCH outbox"),
	boundsInbox:       lines("SCAN CONSTANT ROW", "SCALAR SUBQUERY 1", "SEARCH inbox", "SCALAR SUBQUERY 2", "SEARCH inbox"),
	boundsLetter:      lines("SCAN CONSTANT ROW", "SCALAR SUBQUERY 1", "SEARCH letters", "SCALAR SUBQUERY 2", "SEARCH letters"),
	boundsReserved:    lines("SCAN CONSTANT ROW", "SCALAR SUBQUERY 1", "SEARCH reservations", "SCALAR SUBQUERY 2", "SEARCH reservations"),
	boundsTranscript:  lines("SCAN CONSTANT ROW", "SCALAR SUBQUERY 1", "SEARCH transcript", "SCALAR SUBQUERY 2", "SEARCH transcript"),
	eraseTranscript:   "SEARCH transcript USING COVERING INDEX transcript_guest (guest=? AND rowid>? AND rowid<?)",
	exportTranscript:  "SEARCH transcript USING INDEX transcript_guest (guest=? AND rowid>? AND rowid<?)",
	exportGuest:       "SEARCH guests USING INDEX sqlite_autoindex_guests_1 (id=?)",
	exportNames:       "SEARCH aliases USING COVERING INDEX aliases_guest (guest=?)",
	exportHandoff:     "SEARCH handoffs USING PRIMARY KEY (guest=?)",
	findReservation:   "SEARCH reservations USING INTEGER PRIMARY KEY (rowid>?)",
	findName:          "SEARCH aliases USING PRIMARY KEY (name=?)",
	readAudit:         "SEARCH audit USING INTEGER PRIMARY KEY (rowid<?)",

	// trimming: walks from the oldest row, which end at the first that is too young
	trimmableSeen:  "SEARCH seen USING PRIMARY KEY (hash>?)", // once a day, off the writer
	trimmableInbox: "SEARCH inbox USING INTEGER PRIMARY KEY (rowid>?)",
	trimmableOutbox: lines("SEARCH outbox USING INTEGER PRIMARY KEY (rowid>?)", "CORRELATED SCALAR SUBQUERY 1",
		"SEARCH letters USING COVERING INDEX letters_open (key=?)"),
	trimmableTranscript: "SEARCH transcript USING INTEGER PRIMARY KEY (rowid>?)",
	trimmableLetters:    "SEARCH letters USING INTEGER PRIMARY KEY (rowid>?)",
}

func lines(steps ...string) string { return strings.Join(steps, "\n") }
