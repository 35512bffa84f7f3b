package main

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/qloapps"
)

// introduceTimeout bounds what a start asks each hotel system about itself.
const introduceTimeout = 20 * time.Second

// introduce logs what each hotel system is, and what its key may not do. It keeps
// no start waiting: one that is away is asked by the engine in its own time.
func (a *app) introduce(hotels qloapps.Hotels) {
	ctx, cancel := context.WithTimeout(context.Background(), introduceTimeout)
	var all sync.WaitGroup
	for property := range hotels {
		all.Go(func() { a.introduceOne(ctx, hotels, property) })
	}
	a.closers = append(a.closers, func() {
		cancel()
		all.Wait()
	})
}

func (a *app) introduceOne(ctx context.Context, hotels qloapps.Hotels, property hotel.PropertyID) {
	s, err := hotels.Server(ctx, property)
	if err != nil {
		if ctx.Err() == nil {
			a.log.Warn("hotel system did not say what it is", "property", string(property), "kind", hotel.KindOf(err).String(), "err", err)
		}
		return
	}
	log := a.log.With("property", string(property))
	if s.Version == "" {
		log.Warn("hotel system of a version that is not known: it is treated as " + qloapps.Version170)
	}
	log.Info("hotel system", "version", s.Version, "zone", s.Zone, "languages", strings.Join(s.Languages, " "))
	if p, ok := a.cfg.Property(string(property)); ok && len(s.Currencies) > 0 &&
		!slices.ContainsFunc(s.Currencies, func(c qloapps.Currency) bool { return c.ISO == p.Currency }) {
		log.Error("hotel system: nothing can be quoted or booked: the hotel's currency is none that is active there; set CURRENCY, or activate it", "currency", p.Currency)
	}
	for _, lack := range s.Missing {
		log.Error("hotel system: " + lack)
	}
	for _, lack := range s.Wanting {
		log.Warn("hotel system: " + lack)
	}
}
