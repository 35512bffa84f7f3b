package actors

import (
	"context"
	"slices"
	"time"

	"github.com/conserje/conserje/hotel"
)

// poll asks one hotel system, every PMSPoll, what somebody has made or touched
// since: what others changed is dropped from the cache, and an order of ours
// that must not stand is cancelled whenever it appears. It can wait: it gives
// way to guests, and keeps still while the hotel system does not answer. How far
// it has looked is kept in the store, so that what appears while no engine runs
// is seen by the next one, however much later it starts.
type poll struct {
	w      *writes
	mark   string
	kept   string                    // the mark that the store has
	begun  bool                      // the store's mark is read
	waited int                       // polls in a row that gave way
	known  map[hotel.OrderChange]int // of the last poll: in how many in a row it came as it is
	rivals map[hotel.Reference]rival // to be looked at: with the next poll when it could not be now
}

// rival is a live order of a reference of ours that may be one too many.
type rival struct {
	order string
	tries int // answers that were no help
}

// rivalTries is how many polls look at an order that the hotel system keeps
// answering oddly about, or will not cancel.
const rivalTries = 10

// waitsMost is how many polls in a row give way to guests.
const waitsMost = 3

// pollFor starts a property's poll.
func (rt *runtime) pollFor(w *writes) {
	if rt.settings.PMSPoll <= 0 {
		return
	}
	p := &poll{w: w, rivals: map[hotel.Reference]rival{}}
	rt.every(rt.settings.PMSPoll, p.look)
}

// seen is what one poll brought.
type seen struct {
	orders []hotel.OrderChange
	mark   string
}

func (p *poll) look(ctx context.Context) {
	w := p.w
	if w.rt.draining() || w.up.shut() {
		return
	}
	if !p.begin(ctx) {
		return
	}
	found, ok := p.ask(ctx)
	if !ok {
		return
	}
	p.mark = found.mark
	if fresh := p.fresh(found.orders); len(fresh) > 0 {
		w.cache.changed(codes(fresh)...)
		for _, o := range fresh {
			if o.Reference != "" && !o.Over {
				p.rivals[o.Reference] = rival{order: o.Order}
			}
		}
	}
	p.lookAtRivals(ctx)
	p.keep(ctx)
}

// begin reads where an engine before this one has stopped.
func (p *poll) begin(ctx context.Context) bool {
	if p.begun {
		return true
	}
	mark, err := p.w.rt.store.PollMark(ctx, p.w.property)
	if err != nil {
		return false
	}
	p.begun, p.mark, p.kept = true, mark, mark
	return true
}

// keptEvery is how far the mark moves before it is kept once more: each poll looks
// an hour behind it anyway.
const keptEvery = 10 * time.Minute

// keep keeps the mark, unless something before it has still to be looked at.
func (p *poll) keep(ctx context.Context) {
	if len(p.rivals) > 0 || p.mark == p.kept {
		return
	}
	now, err := time.Parse(time.DateTime, p.mark)
	was, errWas := time.Parse(time.DateTime, p.kept)
	if err == nil && errWas == nil && now.Sub(was).Abs() < keptEvery {
		return
	}
	if err := p.w.rt.store.KeepPollMark(ctx, p.w.property, p.mark); err != nil {
		p.w.rt.log.Warn("mark of the change poll not kept", "property", string(p.w.property), "err", err)
		return
	}
	p.kept = p.mark
}

// fresh are the orders that were touched. What was touched about the time of the
// mark comes again with each poll: the same order in the same second counts once
// more, for it may have been touched twice within that second, and then no more.
func (p *poll) fresh(orders []hotel.OrderChange) (fresh []hotel.OrderChange) {
	known := make(map[hotel.OrderChange]int, len(orders))
	for _, o := range orders {
		times := 1
		if o.Updated != "" {
			times += p.known[o]
		}
		known[o] = min(times, 3)
		if times == 1 {
			p.w.rt.metrics.PMSOrderChanges.WithLabelValues(string(p.w.property)).Inc()
		}
		if times <= 2 {
			fresh = append(fresh, o)
		}
	}
	p.known = known
	return fresh
}

// lookAtRivals cancels what must not stand. What cannot be looked at now is tried
// with the next poll; what is no use trying again is a person's.
func (p *poll) lookAtRivals(ctx context.Context) {
	w := p.w
	for ref, r := range p.rivals {
		err := w.rival(ctx, ref)
		if err == nil {
			delete(p.rivals, ref)
			continue
		}
		w.rt.log.Warn("order not looked at", "property", string(w.property), "order", r.order, "err", err)
		if !final(err) && !answered(err) {
			continue
		}
		if r.tries++; r.tries < rivalTries {
			p.rivals[ref] = r
			continue
		}
		delete(p.rivals, ref)
		w.rt.log.Error("order of ours cannot be looked after", "property", string(w.property), "order", r.order, "err", err)
		w.rt.tellOperator(hotel.TroubleTwice, w.property, "An order of the engine's cannot be read or cancelled in the hotel system: it may be a second one, or one without rooms.")
	}
}

func (p *poll) ask(ctx context.Context) (seen, bool) {
	call := func(ctx context.Context) (any, error) {
		orders, mark, err := p.w.rt.pms.Changes(ctx, p.w.property, p.mark)
		return seen{orders, mark}, err
	}
	var v any
	var err error
	if p.waited < waitsMost {
		var ok bool
		if v, ok, err = p.w.up.aside(ctx, opChanges, call); !ok {
			p.waited++
			return seen{}, false
		}
	} else {
		v, err = p.w.up.call(ctx, opChanges, call)
	}
	if err != nil {
		if hotel.KindOf(err) == hotel.Invalid {
			p.mark = "" // it is none: begin anew
		}
		p.w.rt.log.Warn("hotel system did not tell what changed", "property", string(p.w.property), "kind", hotel.KindOf(err).String(), "err", err)
		return seen{}, false
	}
	p.waited = 0
	found, _ := v.(seen)
	return found, true
}

func codes(orders []hotel.OrderChange) []hotel.BookingCode {
	var out []hotel.BookingCode
	for _, o := range orders {
		if o.Code != "" && !slices.Contains(out, o.Code) {
			out = append(out, o.Code)
		}
	}
	return out
}
