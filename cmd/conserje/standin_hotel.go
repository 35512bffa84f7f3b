package main

import (
	"context"
	"path/filepath"
	"time"

	"github.com/conserje/conserje/config"
	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

// standInHotel starts a QloApps stand-in for PMS_TYPE=mock: on loopback, behind
// the same client as the real one. It is the demo's hotel with the property's name,
// zone and currency, at the demo's amounts. Bookings in it reach no hotel.
func (a *app) standInHotel(_ context.Context, p config.Property) (url, key string, err error) {
	zone := p.Location()
	demo := qloappstest.DemoHotel(hotel.DateOf(time.Now().In(zone)))
	demo.Name, demo.Zone, demo.Currency = p.Name, zone, p.Currency
	s, err := qloappstest.New(qloappstest.Config{Property: demo,
		Dir: filepath.Join(a.cfg.General.DataDir, "standin-hotel-"+p.ID)})
	if err != nil {
		return "", "", err
	}
	a.closers = append(a.closers, func() { a.logged("hotel stand-in", s.Close()) })
	if url, err = s.Start("127.0.0.1:0"); err != nil {
		return "", "", err
	}
	a.log.Warn("PMS_TYPE=mock: BOOKINGS GO TO A STAND-IN, no hotel hears of them", "property", p.ID, "url", url)
	return url, qloappstest.DemoKey, nil
}
