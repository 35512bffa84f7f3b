package actors

import (
	"slices"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

const (
	maxSets    = 3 // read sets to one answer
	maxRetakes = 5 // conflicts in a row before the sweeper takes over
)

// turn takes what waits, at most maxRows rows.
func (g *guest) turn(ctx actor.Context) {
	if !g.loaded || g.open != nil {
		return
	}
	g.rt.turnstile.enter()
	defer g.rt.turnstile.leave()
	if len(g.pending) == 0 {
		g.ripe(ctx)
		return
	}
	rows := slices.Clone(g.handOverRows(g.pending[:min(len(g.pending), maxRows)]))
	g.take(ctx, rows, g.decode(rows))
}

// decode reads the rows' bodies. One that cannot be read becomes a dead letter.
func (g *guest) decode(rows []hotel.InboxRow) []conversation.Input {
	inputs := make([]conversation.Input, 0, len(rows)+1) // and an answer
	for _, row := range rows {
		input, err := conversation.DecodeInput(row)
		if err != nil {
			g.rt.log.Error("input not readable", "guest", string(g.id), "key", string(row.Key), "row_kind", string(row.Kind), "err", err)
			g.bury(row, "not readable: "+err.Error())
			continue
		}
		inputs = append(inputs, input)
	}
	return inputs
}

func (g *guest) bury(row hotel.InboxRow, reason string) {
	c, cancel := g.rt.storeContext()
	defer cancel()
	if err := g.rt.store.Bury(c, g.id, []hotel.Key{row.Key}, reason); err != nil {
		g.rt.log.Error("input not buried", "guest", string(g.id), "key", string(row.Key), "err", err)
		g.loaded = false // it would be read again, for ever: the sweeper comes back
	}
}

// take asks the dialogue for a turn, and then for its reads or its commit.
func (g *guest) take(ctx actor.Context, rows []hotel.InboxRow, inputs []conversation.Input) {
	if n := len(rows); n > 0 && rows[n-1].Order > g.marked { // not again when a held turn is taken
		g.marked = rows[n-1].Order
		g.markRead(ctx, inputs)
	}
	if len(rows) > 0 && len(inputs) < len(rows) {
		if g.loaded { // something was buried: read again what is left
			g.drop(ctx)
		}
		return
	}
	g.proceed(ctx, &openTurn{rows: rows, inputs: inputs, began: time.Now()})
}

// proceed takes the turn over all inputs so far.
func (g *guest) proceed(ctx actor.Context, o *openTurn) {
	inputs := o.inputs
	if o.quiet = g.quiet(inputs); o.quiet != "" {
		inputs = append([]conversation.Input{conversation.Paused{Cause: o.quiet}}, inputs...)
	}
	o.turn = g.ponder(inputs)
	switch {
	case !o.turn.Hold.IsZero():
		g.open = nil
		g.holdUntil(ctx, o.turn.Hold)
	case o.turn.Read != nil && o.sets < maxSets:
		o.sets++
		g.open = o
		g.ask(ctx, *o.turn.Read)
		g.after(ctx, o.turn.Read.Patience(), tick{activation: g.activation, what: tickPatience, query: o.turn.Read.Query})
	default:
		g.open = nil
		g.commit(ctx, o)
	}
}

// holdUntil leaves the rows where they are: the turn is taken again at that
// instant, or before when another row comes. A timer that was set for an
// earlier instant finds that it is not the one that counts.
func (g *guest) holdUntil(ctx actor.Context, until time.Time) {
	g.rt.metrics.Turns.WithLabelValues("held").Inc()
	at := until.UnixNano()
	if at == g.held {
		return
	}
	g.held = at
	g.after(ctx, max(time.Until(until), time.Millisecond), tick{activation: g.activation, what: tickHold, query: at})
}

// release takes a held turn whose instant has come.
func (g *guest) release(ctx actor.Context, at int64) {
	if at == g.held {
		g.held = 0
		g.turn(ctx)
	}
}

// answered brings the reads of the open turn, or of a committed waiting state.
func (g *guest) answered(ctx actor.Context, msg *ReadReply) {
	g.active = time.Now()
	if msg.Query != g.asked {
		return // stale
	}
	g.asked = 0
	answer := conversation.ReadAnswered{Query: msg.Query, Answers: msg.Answers}
	if o := g.open; o != nil {
		o.inputs = append(o.inputs, answer)
		g.proceed(ctx, o)
		return
	}
	if g.loaded {
		g.take(ctx, nil, []conversation.Input{answer})
	}
}

// impatient commits the open turn as waiting: its reads come later, as an input.
func (g *guest) impatient(ctx actor.Context, query int64) {
	o := g.open
	if o == nil || o.turn.Read == nil || o.turn.Read.Query != query {
		return
	}
	g.open = nil
	g.rt.metrics.Turns.WithLabelValues("waiting").Inc()
	g.commit(ctx, o)
}

// commit writes the turn whole, and only then moves on.
func (g *guest) commit(ctx actor.Context, o *openTurn) {
	t := o.turn.Commit(o.inputs)
	t.Guest, t.Property, t.Version = g.id, g.property.ID, g.state.Version
	t.Owner, t.At = g.rt.owner, time.Now()
	if soonest := t.At.Add(time.Second); !t.Due.IsZero() && t.Due.Before(soonest) {
		t.Due = soonest
	}
	lane := hotel.GuestLane(g.id)
	permit := false
	if speaks(t.Outbox, lane) && !g.rt.draining() {
		if permit = g.rt.lease.fresh() && g.property.pace.takes(lane, t.At); permit {
			t.Claim = []hotel.Lane{lane}
		}
	}
	c, cancel := g.rt.storeContext()
	done, err := g.rt.store.Commit(c, t)
	cancel()
	if permit && len(done.Claimed) == 0 {
		g.property.pace.giveBack(lane)
	}
	if err != nil {
		g.failed(ctx, err)
		return
	}
	g.committed(ctx, o, t, done)
}

// failed drops what is in memory: after a conflict it is read again at once,
// else the sweeper comes back.
func (g *guest) failed(ctx actor.Context, err error) {
	if hotel.KindOf(err) == hotel.Conflict {
		g.rt.metrics.Turns.WithLabelValues("conflict").Inc()
		if g.conflicts++; g.conflicts <= maxRetakes {
			g.drop(ctx)
			return
		}
	}
	if hotel.KindOf(err) == hotel.NotFound {
		g.leave(ctx)
		return
	}
	g.rt.metrics.Turns.WithLabelValues("error").Inc()
	g.conflicts = 0
	g.rt.log.Error("turn not committed", "guest", string(g.id), "kind", hotel.KindOf(err).String(), "err", err)
	g.loaded, g.asked = false, 0
	g.arm(ctx)
}

// drop forgets the state and reads it again.
func (g *guest) drop(ctx actor.Context) {
	g.asked = 0
	g.load(ctx)
	g.soon(ctx)
}

// committed moves memory on, and tells who carries the rows out.
func (g *guest) committed(ctx actor.Context, o *openTurn, t hotel.TurnCommit, done hotel.TurnCommitted) {
	g.rt.metrics.Turns.WithLabelValues("committed").Inc()
	g.rt.metrics.TurnSeconds.Observe(time.Since(o.began).Seconds())
	g.rt.count(g.property.ID, o.turn)
	if o.quiet != "" {
		g.rt.heldBack(o.quiet, "turn")
	}
	g.state = o.turn.State
	g.state.Version = done.Version
	g.due, g.conflicts = t.Due, 0
	g.parked = g.parked && !t.Unpark
	if n := len(o.rows); n > 0 {
		g.last = o.rows[n-1].Order
	}
	g.pending = g.waiting()
	for _, row := range done.Withdrawn {
		if !g.more {
			g.insert(row)
		}
	}
	g.property.queue.committed(t, done)
	g.rt.dispatch(g.property, t, done)
	g.askAgain(ctx)
	if g.more && len(g.pending) == 0 {
		g.drop(ctx)
		return
	}
	g.arm(ctx)
	if len(g.pending) > 0 {
		g.soon(ctx)
	}
}

// markRead shows the guest that the hotel reads: best effort, never a row.
func (g *guest) markRead(ctx actor.Context, inputs []conversation.Input) {
	if g.quiet(inputs) != "" {
		return // nobody has read it yet
	}
	for _, input := range slices.Backward(inputs) {
		if said, ok := input.(conversation.GuestSaid); ok {
			if said.MessageID != "" {
				ctx.Send(g.property.number, &MarkRead{MessageID: said.MessageID})
			}
			return
		}
	}
}

// waiting returns the pending rows behind the last one consumed, in memory of their own.
func (g *guest) waiting() []hotel.InboxRow {
	var rest []hotel.InboxRow
	for _, row := range g.pending {
		if row.Order > g.last {
			rest = append(rest, row)
		}
	}
	return rest
}

func speaks(rows []hotel.OutboxRow, lane hotel.Lane) bool {
	for _, r := range rows {
		if r.Lane == lane {
			return true
		}
	}
	return false
}

// dispatch tells the senders of a turn's rows: claimed ones are handed over, the
// others' lanes are nudged.
func (rt *runtime) dispatch(p *Property, t hotel.TurnCommit, done hotel.TurnCommitted) {
	taken := map[hotel.Lane]bool{}
	for _, row := range done.Claimed {
		taken[row.Lane] = true
		rt.root.Send(rt.senderOf(p, row.Lane), &SendRow{Row: row})
	}
	for _, row := range t.Outbox {
		if !taken[row.Lane] {
			taken[row.Lane] = true
			rt.root.Send(rt.senderOf(p, row.Lane), &NudgeLane{Lane: row.Lane})
		}
	}
}

// count counts what a committed turn means for bookings.
func (rt *runtime) count(p hotel.PropertyID, t conversation.Turn) {
	if n := t.Attempts(); n > 0 {
		rt.metrics.ReservationAttempts.WithLabelValues(string(p)).Add(float64(n))
	}
	for _, outcome := range t.Outcomes() {
		rt.metrics.Outcomes.WithLabelValues(string(p), string(outcome)).Inc()
		if outcome == hotel.OutcomeConfirmed {
			rt.metrics.ReservationsCreated.WithLabelValues(string(p)).Inc()
		}
	}
}
