package actors

import (
	"context"
	"strconv"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/conserje/conserje/hotel"
)

// In doubt is a row whose request may have left and whose outcome nobody
// holds: its answer was odd, its owner is dead, or its claim's commit was of
// unknown outcome. It waits for evidence, and then its carrier says what
// becomes of it.

// takenMax is how many rows taken up are remembered.
const takenMax = 1000

// doubter is a carrier that wants to know which rows are in doubt, as soon as they are.
type doubter interface{ doubted(row hotel.OutboxRow) }

// doubt waits for evidence: from the later of now and the engine's readiness.
func (s *sender) doubt(ctx actor.Context, h *holding, later time.Duration) {
	h.doubt = true
	if d, ok := s.carrier.(doubter); ok {
		d.doubted(h.row)
	}
	wait := s.carrier.doubtWait()
	if later > 0 {
		wait = later
	}
	if ready := s.rt.readySince(); ready.After(h.row.ClaimedAt) && later == 0 {
		wait = wait - time.Since(ready)
	}
	if h.evident {
		h.evident, wait = false, 0
	}
	s.after(ctx, max(wait, time.Millisecond), &resolved{lane: h.row.Lane, attempt: h.row.Attempt})
}

// resolve ends a doubt: by evidence, by a repeat, or by giving up.
func (s *sender) resolve(ctx actor.Context, msg *resolved) {
	h := s.held[msg.lane]
	if h == nil || !h.doubt || h.row.Attempt != msg.attempt {
		return
	}
	if s.drained {
		return // stays sending: the next start takes it up
	}
	h.doubt = false
	row, died, self, system := h.row, h.died, ctx.Self(), ctx.ActorSystem()
	s.spawn(func(c context.Context) {
		system.Root.Send(self, s.resolution(c, row, died))
	})
}

// givenUp tells whether a row was in doubt often enough: twice, when the other
// side left us in doubt. A death of ours says nothing about the row, nor does an
// outage of the other side (innocent): then more are needed, but not any number,
// for the row itself may be what kills. (All count as attempts, so after them the
// first doubt that is the row's own is the last.)
func givenUp(row hotel.OutboxRow, innocent bool) bool {
	if innocent {
		return row.Attempt >= 5
	}
	return row.Attempt >= 2
}

// inDoubtSo is the reason of a row that was given up.
func inDoubtSo(row hotel.OutboxRow) string {
	if row.Attempt <= 2 {
		return "in doubt twice"
	}
	return "in doubt " + strconv.Itoa(row.Attempt) + " times"
}

// resolution asks the carrier what becomes of a row in doubt, and does it.
func (s *sender) resolution(c context.Context, row hotel.OutboxRow, died bool) any {
	again := &carried{row: row, outcome: outcome{doubt: true, later: time.Second}}
	now, err := s.rt.store.Row(c, row.Key)
	switch {
	case hotel.KindOf(err) == hotel.NotFound, err == nil && !s.ours(now): // somebody else has ended it
		s.superseded(row)
		return &claimed{lane: row.Lane, over: row.Key}
	case err != nil:
		return again
	case now.Attempt > row.Attempt: // our repeat was committed, though we did not hear of it: it never left
		return &SendRow{Row: now}
	}
	o := s.safely(func() outcome { return s.carrier.resolve(c, now, died) })
	if o.repeat && !s.rt.lease.fresh() {
		s.carrier.giveBack(row.Lane)
		return again
	}
	if !o.repeat {
		if !o.doubt {
			s.rt.metrics.InDoubt.WithLabelValues(string(s.dest), o.result).Inc()
		}
		return s.settle(c, row, o, 0)
	}
	repeat, err := s.rt.store.Repeat(c, hotel.Repeat{Key: row.Key, Attempt: row.Attempt, Owner: s.rt.owner, At: time.Now()})
	if err != nil {
		s.carrier.giveBack(row.Lane)
		return again
	}
	s.rt.metrics.InDoubt.WithLabelValues(string(s.dest), "repeated").Inc()
	return &SendRow{Row: repeat}
}

// ours tells whether a row is sending in our name, or in nobody's: the embedded
// store frees the claims of an engine that is gone, and who sweeps takes them up.
func (s *sender) ours(row hotel.OutboxRow) bool {
	return row.State == hotel.Sending && (row.Owner == s.rt.owner || row.Owner == "")
}

// evidence ends a doubt at once when the row waits here, or as soon as it comes to wait.
func (s *sender) evidence(ctx actor.Context, row hotel.OutboxRow) {
	h := s.held[row.Lane]
	if h == nil || h.row.Key != row.Key {
		return
	}
	h.evident = !h.doubt
	if h.doubt {
		s.resolve(ctx, &resolved{lane: row.Lane, attempt: h.row.Attempt})
	}
}

// takeUp takes a sending row of ours that nobody holds: never handed to the
// wire when it was claimed by this engine in this sender's life, else in doubt. The sweeper
// has read it a moment ago: it may have ended since, so the store is asked
// again with the lane in hand. A claim that is ahead of our clock may be of
// any life.
func (s *sender) takeUp(ctx actor.Context, row hotel.OutboxRow) {
	if s.drained || s.held[row.Lane] != nil {
		return
	}
	if row.TakenOver || row.Owner == "" || !row.ClaimedAt.After(s.started) || row.ClaimedAt.After(time.Now()) {
		h := &holding{row: row, died: true}
		s.held[row.Lane] = h
		s.rt.metrics.Sends.WithLabelValues(string(s.dest), "in_doubt").Inc()
		s.doubt(ctx, h, 0)
		return
	}
	if len(s.taken) > takenMax {
		clear(s.taken)
	}
	s.taken[row.Key] = row.Attempt
	s.held[row.Lane] = &holding{}
	self, system := ctx.Self(), ctx.ActorSystem()
	s.spawn(func(c context.Context) {
		answer := &claimed{lane: row.Lane}
		if now, err := s.rt.store.Row(c, row.Key); err == nil && s.ours(now) && now.Attempt == row.Attempt && now.Lane == row.Lane {
			answer.row = &now
		}
		system.Root.Send(self, answer)
	})
}
