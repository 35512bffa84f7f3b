package postgres

// HotQuery is a query of the hot path or of the sweeper's.
type HotQuery struct {
	SQL         string
	Transaction bool     // it runs inside a transaction of the store
	Indexes     []string // that it may read by, and nothing else
}

// NoPlanOfManyRows is how each transaction begins.
const NoPlanOfManyRows = noPlanOfManyRows

// Hot are the queries whose plans are asserted, for the test in postgres_test.
func Hot() map[string]HotQuery {
	// what holds only what waits, or is walked from its newest end a page long, may be read whole
	in := func(sql string, indexes ...string) HotQuery { return HotQuery{sql, true, indexes} }
	out := func(sql string, indexes ...string) HotQuery { return HotQuery{sql, false, indexes} }
	return map[string]HotQuery{
		"lockNames":   in(lockNames, "aliases_pkey", "outbox_pkey"),
		"lockGuests":  in(lockGuests, "guests_pkey", "aliases_pkey", "outbox_pkey", "outbox_proof"),
		"lockRows":    in(lockRows, "outbox_pkey", "outbox_proof", "outbox_lane", "outbox_sending"),
		"readAliases": in(readAliases, "aliases_pkey"),
		"readSeen":    in(readSeen, "seen_pkey", "inbox_pkey"),
		"readInbox":   in(readInbox, "inbox_key_key"),
		"readWaiting": in(readWaiting, "inbox_pending"),
		"consumeRows": in(consumeRows, "inbox_pkey"),
		"saveTurns":   in(saveTurns, "guests_pkey"),
		"saveOutbox":  in(saveOutbox, "outbox_pkey"),
		"closeProven": in(closeProven, "letters_open"),
		"buryRows":    in(buryRows, "inbox_key_key", "inbox_pending"),
		"takeClaims":  in(takeClaims, "all of outbox_sending", "outbox_pkey"),

		"readActivation":   out(readActivation, "guests_pkey", "inbox_pending"),
		"readRow":          out(readRow, "outbox_pkey"),
		"readTranscript":   out(readTranscript, "transcript_guest"),
		"readLetters":      out(readLetters, "all of letters_pkey"),
		"readOpenLetters":  out(readOpenLetters, "all of letters_open", "all of letters_pkey"),
		"readReservation":  out(readReservation, "all of reservations_pkey"),
		"readOpenHandoffs": out(readOpenHandoffs, "all of handoffs_open", "all of handoffs"), // the table, until statistics tell

		"readUnsent":    out(readUnsent, "outbox_guest"),
		"readUnsentNow": in(readUnsentNow, "outbox_guest"),
		"sweepErasing":  out(sweepErasing, "guests_erasing", "all of guests_erasing", "outbox_guest", "inbox_pending"),
		"exportOutbox":  out(exportOutbox, "outbox_pkey", "all of outbox"), // a stretch of 20,000 is much of this table
		"exportInbox":   out(exportInbox, "inbox_pkey", "inbox_pending"),
		"eraseOutbox":   in(eraseOutbox, "outbox_pkey"),
		"eraseInbox":    in(eraseInbox, "inbox_pkey"),

		"sweepGuests": out(sweepGuests, "all of inbox_pending", "engines_pkey", "all of engines"),
		"sweepDue":    out(sweepDue, "guests_due", "engines_pkey", "all of engines"),
		"sweepLanes":  out(sweepLanes, "all of outbox_lane", "all of outbox_sending", "outbox_sending"),
		"readDoubts":  out(readDoubts, "all of outbox_sending"),
		"sweepClaims": out(sweepClaims, "all of outbox_sending"),
		"readInDoubt": out(readInDoubt, "outbox_sending"),
		"saveNote":    in(saveNote, "outbox_pkey"),
		"readBacklog": out(readBacklog, "all of inbox_pending", "all of outbox_lane", "all of outbox_sending", "all of letters_open", "all of handoffs_open", "all of guests_parked", "all of handoffs"), // the table, until statistics tell
		"readEngines": out(readEngines, "all of outbox_sending", "engines_pkey", "all of engines"),

		"trimSeen":       in(trimSeen, "seen_day", "seen_pkey"),
		"trimInbox":      in(trimInbox, "inbox_done", "inbox_pkey"),
		"trimOutbox":     in(trimOutbox, "outbox_done", "outbox_pkey", "letters_open"),
		"trimTranscript": in(trimTranscript, "transcript_pkey", "all of transcript_pkey"),
		"trimLetters":    in(trimLetters, "letters_closed", "letters_pkey"),
		"trimWebhooks":   in(trimWebhooks, "all of letters_open", "all of letters_pkey", "letters_pkey"),
	}
}
