package actors

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

// pauses knows for whom the bot keeps quiet: guests' turns ask it when they
// are taken, and senders right before a row leaves. The store holds the truth;
// this is what was last read of it, each second and after each order of ours: on
// a ticker of its own, since a tick of the sweeper may be busy for long.
type pauses struct {
	rt *runtime
	// reading goes around reading and keeping what was read: an older answer
	// must not undo an order that was given meanwhile.
	reading sync.Mutex
	now     atomic.Pointer[pauseSet]
}

type pauseSet struct {
	engine     bool
	properties map[hotel.PropertyID]bool
	guests     map[hotel.GuestID]bool
}

// read reads what is in force. When the store is away the last word stands.
func (p *pauses) read(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	p.reading.Lock()
	defer p.reading.Unlock()
	return p.reread(ctx)
}

func (p *pauses) reread(ctx context.Context) error {
	list, err := p.rt.store.Pauses(ctx)
	if err != nil {
		return err
	}
	set := &pauseSet{properties: map[hotel.PropertyID]bool{}, guests: map[hotel.GuestID]bool{}}
	count := map[string]int{"engine": 0, "property": 0, "guest": 0}
	for _, x := range list {
		count[x.What()]++
		switch {
		case x.Guest != "":
			set.guests[x.Guest] = true
		case x.Property != "":
			set.properties[x.Property] = true
		default:
			set.engine = true
		}
	}
	p.now.Store(set)
	for what, n := range count {
		p.rt.metrics.Paused.WithLabelValues(what).Set(float64(n))
	}
	return nil
}

// knowPauses reads the pauses for the first time: an engine that does not know
// them does not start.
func (rt *runtime) knowPauses() error { return rt.pauses.read(rt.ctx) }

// look reads the pauses again. The sweeper tells of a store that is away.
func (p *pauses) look(ctx context.Context) {
	if err := p.read(ctx); err != nil && ctx.Err() == nil {
		p.rt.log.Debug("pauses not read: the last word stands", "kind", hotel.KindOf(err).String())
	}
}

// holds tells whether a pause is in force for a guest of a property.
func (s *pauseSet) holds(property hotel.PropertyID, guest hotel.GuestID) bool {
	return s.engine || s.properties[property] || s.guests[guest]
}

// quiet tells why the bot must say nothing to a guest; "" = it may. An address
// that is not known is on no list.
func (rt *runtime) quiet(property hotel.PropertyID, guest hotel.GuestID, to hotel.Address) hotel.AlertCause {
	if rt.pauses.now.Load().holds(property, guest) {
		return hotel.CausePaused
	}
	if p := rt.properties[property]; p != nil && !p.ReplyTo.Answers(to) {
		return hotel.CauseUnlisted
	}
	return ""
}

// quiet tells why the bot must say nothing to this guest, who has said inputs.
func (g *guest) quiet(inputs []conversation.Input) hotel.AlertCause {
	to := g.state.To
	for _, in := range slices.Backward(inputs) {
		if said, ok := in.(conversation.GuestSaid); ok && !said.From.IsZero() {
			to = said.From
			break
		}
	}
	return g.rt.quiet(g.property.ID, g.id, to)
}

// SetPause begins a pause, or ends it, for all engines of the store; this one
// knows at once, others at their next read. What is on its way to
// WhatsApp by then arrives. hotel.NotFound: no such guest or property.
// hotel.Invalid: for a property and a guest. A repeat changes nothing.
func (e *Engine) SetPause(ctx context.Context, p hotel.Pause, on bool) error {
	rt := e.rt
	if rt.properties[p.Property] == nil && p.Property != "" && on {
		return &hotel.Error{Op: "actors.SetPause", Kind: hotel.NotFound, Code: "property"}
	}
	if p.At.IsZero() {
		p.At = time.Now()
	}
	rt.pauses.reading.Lock()
	defer rt.pauses.reading.Unlock()
	if err := rt.store.SetPause(ctx, p, on); err != nil {
		return err
	}
	if err := rt.pauses.reread(ctx); err != nil {
		return err
	}
	rt.log.Warn("pause", "on", on, "what", p.What(), "property", string(p.Property), "guest", string(p.Guest))
	if !on {
		rt.sweepNow() // mails have waited
	}
	return nil
}

// Pauses lists the pauses in force, oldest first.
func (e *Engine) Pauses(ctx context.Context) ([]hotel.Pause, error) { return e.rt.store.Pauses(ctx) }

// heldBack counts what a pause or REPLY_TO kept from a guest: a turn, a bubble, a mail.
func (rt *runtime) heldBack(cause hotel.AlertCause, what string) {
	rt.metrics.HeldBack.WithLabelValues(string(cause), what).Inc()
}

// takeBack settles a bubble that must not leave any more: its lane goes on, and
// the dialogue keeps its text for the staff. What may have left already is
// given up as in doubt.
func (n *number) takeBack(row hotel.OutboxRow, m hotel.Message, cause hotel.AlertCause) outcome {
	n.rt.heldBack(cause, "bubble")
	n.pace.giveBack(row.Lane) // nothing leaves: a word of the staff behind it may
	if row.Attempt > 1 {
		return n.undeliverable(row, "in doubt when the bot was paused", "in_doubt")
	}
	text := m.Bubble.Text
	if t := m.Bubble.Template; t != nil {
		text = t.Name
	}
	return outcome{result: "withdrawn", settle: hotel.Settlement{State: hotel.Withdrawn,
		Result: resultRow(row, hotel.KindWithdrawn, "withdrawn", hotel.SendResult{Key: row.Key, Kind: row.Kind, Code: string(cause), Text: text})}}
}
