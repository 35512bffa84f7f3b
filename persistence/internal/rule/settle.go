package rule

import "github.com/conserje/conserje/hotel"

// Evident tells whether a row holds any word of the outside.
func Evident(r hotel.OutboxRow) bool { return r.Proof != "" || r.Status != "" }

// Proven tells whether a row holds proof that its effect happened.
func Proven(r hotel.OutboxRow) bool { return Evident(r) && r.Status != hotel.DeliveryFailed }

// MayRepeat tells whether a claim is an engine's to repeat or to move: its own,
// or nobody's. One that was taken over is not the first owner's any more.
func MayRepeat(r hotel.OutboxRow, owner string) bool { return r.Owner == "" || r.Owner == owner }

// MarkName is where the meta table keeps a property's mark of the change poll.
func MarkName(p hotel.PropertyID) string { return "pms_mark/" + string(p) }

// MayAnnotate tells whether a row is out in the hands of who would keep a note on it.
func MayAnnotate(r hotel.OutboxRow, a hotel.Annotation) bool {
	return r.State == hotel.Sending && r.Attempt == a.Attempt && MayRepeat(r, a.Owner)
}

// Receipted is what a receipt makes of its row.
type Receipted struct {
	Row     hotel.OutboxRow
	Changed bool // the status rose
	Proof   bool // the row learned its proof
	Failed  bool // it newly turned to failed
	Closes  bool // the row was dead, and this proves that it was sent
}

// Receipt applies a status to the row that it matched. The rank only rises;
// "failed" counts for its own attempt only. A status frees no lane: the row
// stays sending until its owner, or the doubt's resolver, settles it.
func Receipt(row hotel.OutboxRow, r hotel.Receipt) Receipted {
	out := Receipted{Row: row}
	failed := r.Status == hotel.DeliveryFailed
	if failed && !ownAttempt(row, r) || r.Status.Rank() == 0 {
		return out
	}
	if row.Proof == "" && r.MessageID != "" {
		out.Row.Proof, out.Proof = r.MessageID, true
	}
	if r.Status.Rank() <= row.Status.Rank() {
		return out
	}
	out.Row.Status, out.Changed, out.Failed = r.Status, true, failed
	if row.State == hotel.Dead && !failed {
		out.Row.State, out.Closes = hotel.Settled, true
	}
	return out
}

// ownAttempt tells whether a receipt speaks of the row's present attempt.
func ownAttempt(row hotel.OutboxRow, r hotel.Receipt) bool {
	if r.Attempt != 0 {
		return r.Attempt == row.Attempt
	}
	return row.Attempt <= 1 || row.Proof == r.MessageID
}

// Verdict is what a settlement makes of its row.
type Verdict struct {
	Row     hotel.OutboxRow // after it
	Applied bool            // as hotel.SettleResult says
	Changed bool            // Row differs from what is stored
	Freed   bool            // the row no longer is the claimed one of the lane it stood in
	Buried  bool            // it goes to the dead letters
	Closes  bool            // its dead letter is closed by proof
	Moved   bool            // it changed lanes
}

// Settle decides a settlement. Evidence of any attempt settles, however late;
// a negative outcome counts only for the attempt that is out, and not against
// proof that the row holds by now.
func Settle(row hotel.OutboxRow, s hotel.Settlement) Verdict {
	v := Verdict{Row: row}
	if s.State == hotel.Settled {
		return prove(v, s)
	}
	if row.State != hotel.Sending || row.Attempt != s.Attempt || s.State == hotel.Sending && !MayRepeat(row, s.Owner) {
		return v
	}
	if s.State != hotel.Sending && Proven(row) {
		v.Row.State, v.Changed, v.Freed = hotel.Settled, true, true
		return v
	}
	v.Applied, v.Changed = true, true
	switch s.State {
	case hotel.Dead:
		v.Row.State, v.Buried, v.Freed = hotel.Dead, true, true
		learn(&v, s)
	case hotel.Withdrawn:
		v.Row.State, v.Freed = hotel.Withdrawn, true
	case hotel.Pending:
		v.Row.State, v.Row.Owner, v.Row.TakenOver, v.Freed = hotel.Pending, "", false, true
		if !s.Counted {
			v.Row.Attempt--
		}
		v.Row.NotBefore = s.NotBefore
	}
	if s.MoveTo != "" && s.MoveTo != row.Lane && s.State != hotel.Dead {
		v.Row.Lane, v.Moved, v.Freed = s.MoveTo, true, true
	}
	return v
}

func prove(v Verdict, s hotel.Settlement) Verdict {
	was := v.Row.State
	learn(&v, s)
	if was == hotel.Settled {
		return v
	}
	v.Row.State, v.Applied, v.Changed = hotel.Settled, true, true
	v.Freed = was == hotel.Sending || was == hotel.Pending
	v.Closes = was == hotel.Dead
	return v
}

// learn keeps the first proof and the highest status.
func learn(v *Verdict, s hotel.Settlement) {
	if v.Row.Proof == "" && s.Proof != "" {
		v.Row.Proof, v.Changed = s.Proof, true
	}
	if s.Status.Rank() > v.Row.Status.Rank() {
		v.Row.Status, v.Changed = s.Status, true
	}
}
