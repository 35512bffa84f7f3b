package actors

import (
	"context"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
)

// A parked guest is one whose turns made the engine fail. Its rows are consumed
// by hand-over turns, which ask the dialogue nothing: they never fill the
// inbox, a person has them, and all other guests go on.
//
//	three panics -----------\
//	                         Park --> hand-over turns --> Unpark (a person's word) --> turns
//	named at a death ------/              \
//	                                       three panics of those: dead letters

// ponder takes a turn: of the dialogue, or without it.
func (g *guest) ponder(inputs []conversation.Input) conversation.Turn {
	if g.parked {
		g.rt.metrics.Turns.WithLabelValues("handed_over").Inc()
		return g.property.Dialogue.HandOver(g.state, inputs, time.Now())
	}
	return g.property.Dialogue.Take(g.state, inputs, time.Now())
}

// handOverRows cuts a parked guest's rows behind the word that gives it back:
// what comes after it is the dialogue's.
func (g *guest) handOverRows(rows []hotel.InboxRow) []hotel.InboxRow {
	if !g.parked {
		return rows
	}
	for i, row := range rows {
		if row.Kind == hotel.KindUnparked {
			return rows[:i+1]
		}
	}
	return rows
}

// Unpark gives a parked guest back to the dialogue, as an inbox row like all
// else that changes a guest from outside. hotel.NotFound: no such guest.
func (e *Engine) Unpark(ctx context.Context, guest hotel.GuestID, w hotel.StaffWord) error {
	return e.rt.intake.accept(ctx, hotel.Accept{Owner: e.rt.owner, Arrivals: []hotel.Arrival{w.Arrival(hotel.Key(keys.New()), guest, hotel.KindUnparked, time.Now())}})
}

// park parks a guest, and tells who runs the engine.
func (rt *runtime) park(ctx context.Context, id hotel.GuestID, property hotel.PropertyID, cause string) error {
	if err := rt.store.Park(ctx, id, time.Now()); err != nil {
		return err
	}
	rt.metrics.Parked.WithLabelValues(cause).Inc()
	rt.log.Error("guest parked: its turns make the engine fail, and people have it now", "guest", string(id), "cause", cause)
	rt.tellOperator(hotel.TroubleParked, property, "A guest's messages make the engine fail: the guest is parked, and the hotel's staff answer.")
	return nil
}

// giveUp ends a guest's panics: it is parked, or, when it is and its hand-over
// turns fail too, what waits becomes dead letters, and the guest stops.
func (s *guestStrategy) giveUp(ctx context.Context, id hotel.GuestID) (actor.Directive, error) {
	a, err := s.rt.store.Activate(ctx, id, maxRows)
	if err != nil {
		return actor.StopDirective, err
	}
	if a.Guest.Parked.IsZero() {
		return actor.RestartDirective, s.rt.park(ctx, id, a.Guest.Property, "panic")
	}
	return actor.StopDirective, s.bury(ctx, a)
}
