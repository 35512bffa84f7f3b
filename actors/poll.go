package actors

import (
	"context"
	"slices"

	"github.com/conserje/conserje/hotel"
)

// poll asks one hotel system, every PMSPoll, what somebody has made or touched
// since: what others changed is dropped from the cache, and an order of ours
// that must not stand is cancelled whenever it appears. It can wait: it gives
// way to guests, and keeps still while the hotel system does not answer.
type poll struct {
	w      *writes
	mark   string
	waited int                        // polls in a row that gave way
	rivals map[hotel.Reference]string // to be looked at: with the next poll when it could not be now
}

// waitsMost is how many polls in a row give way to guests.
const waitsMost = 3

// pollFor starts a property's poll.
func (rt *runtime) pollFor(w *writes) {
	if rt.settings.PMSPoll <= 0 {
		return
	}
	p := &poll{w: w, rivals: map[hotel.Reference]string{}}
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
	found, ok := p.ask(ctx)
	if !ok {
		return
	}
	first := p.mark == ""
	p.mark = found.mark
	if !first && len(found.orders) > 0 {
		w.rt.metrics.PMSForeign.WithLabelValues(string(w.property)).Add(float64(len(found.orders)))
		w.cache.changed(codes(found.orders)...)
		for _, o := range found.orders {
			if o.Reference != "" && !o.Over {
				p.rivals[o.Reference] = o.Order
			}
		}
	}
	for ref := range p.rivals {
		if err := w.rival(ctx, ref); err != nil {
			w.rt.log.Warn("order not looked at", "property", string(w.property), "order", p.rivals[ref], "err", err)
			continue
		}
		delete(p.rivals, ref)
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
