package actors_test

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/hotel"
)

// inMarch walks a guest to the read-back in the bubble, where it is January 2000.
func (h *house) inMarch(t *testing.T, phone string) {
	t.Helper()
	h.say(phone, "wamid."+phone+".1", "Hola, quiero la doble del 10 al 12 de marzo para 2 adultos")
	after(time.Second)
	h.say(phone, "wamid."+phone+".2", "Ana Pérez, ana@example.com")
	after(time.Second)
	require.Contains(t, last(h.phone.heardBy(phone), 1)[0], "onfirm")
}

func (h *house) outcome(t *testing.T, o string) float64 {
	t.Helper()
	return testutil.ToFloat64(h.metrics.Outcomes.WithLabelValues("posada", o))
}

// How a create may fail, and what the guest's request comes to.
func TestCreatesThatFail(t *testing.T) {
	for name, c := range map[string]struct {
		create  func(n int) (bool, error)
		outcome string
		creates int
		live    int
	}{
		"sold out": {func(int) (bool, error) { return false, &hotel.Error{Kind: hotel.SoldOut} }, "sold_out", 1, 0},
		"refused":  {func(int) (bool, error) { return false, &hotel.Error{Kind: hotel.Invalid, Code: "85"} }, "refused", 1, 0},
		"not sent, then booked": {func(n int) (bool, error) {
			if n == 1 {
				return false, &hotel.Error{Kind: hotel.NotSent}
			}
			return true, nil
		}, "confirmed", 2, 1},
		"key refused, then booked": {func(n int) (bool, error) {
			if n == 1 {
				return false, &hotel.Error{Kind: hotel.Unauthorised, Scope: hotel.ScopeNumber}
			}
			return true, nil
		}, "confirmed", 2, 1},
		"in doubt, nothing there, then booked": {func(n int) (bool, error) {
			if n == 1 {
				return false, &hotel.Error{Kind: hotel.InDoubt}
			}
			return true, nil
		}, "confirmed", 2, 1},
		"in doubt, and there": {func(int) (bool, error) { return true, &hotel.Error{Kind: hotel.InDoubt} }, "confirmed", 1, 1},
		"in doubt twice":      {func(int) (bool, error) { return false, &hotel.Error{Kind: hotel.InDoubt} }, "unclear", 2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				h := open(t)
				h.inMarch(t, ana)
				n := 0
				h.pms.set(func(p *pms) {
					p.create = func(hotel.BookingRequest) (bool, error) { n++; return c.create(n) }
				})
				h.yes(ana)
				after(3 * time.Minute)
				require.InDelta(t, 1, h.outcome(t, c.outcome), 0)
				h.pms.mu.Lock()
				require.Equal(t, c.creates, h.pms.creates)
				require.Equal(t, c.live, h.pms.live())
				h.pms.mu.Unlock()
				h.atRest(t)
			})
		})
	}
}

// A create in doubt waits in its reference's lane: the next guest books meanwhile.
func TestCreateInDoubtHoldsUpNobody(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		const eva = "5491150000002"
		h.inMarch(t, ana)
		h.inMarch(t, eva)
		n := 0
		h.pms.set(func(p *pms) {
			p.create = func(hotel.BookingRequest) (bool, error) {
				if n++; n == 1 {
					return false, &hotel.Error{Kind: hotel.InDoubt}
				}
				return true, nil
			}
		})
		h.yes(ana)
		after(time.Millisecond)
		h.yes(eva)
		after(time.Second)
		require.InDelta(t, 1, h.outcome(t, "confirmed"), 0)
		require.Contains(t, last(h.phone.heardBy(eva), 1)[0], "XKBKNAB")
		after(2 * time.Minute)
		require.InDelta(t, 2, h.outcome(t, "confirmed"), 0)
	})
}

// The race is lost after the create, to somebody who is not ours: the booking is cancelled.
func TestLostRaceIsUndone(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		h.inMarch(t, ana)
		h.pms.set(func(p *pms) { p.lost = true })
		h.yes(ana)
		after(time.Minute)
		require.InDelta(t, 1, h.outcome(t, "lost_race"), 0)
		h.pms.mu.Lock()
		require.Zero(t, h.pms.live())
		h.pms.mu.Unlock()
	})
}

// A booking is shown, and cancelled, for the guest who made it.
func TestBookingIsShownAndCancelled(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		h.inMarch(t, ana)
		h.yes(ana)
		after(time.Second)
		h.say(ana, "wamid.s", "¿Cómo está mi reserva?")
		after(time.Second)
		require.Contains(t, last(h.phone.heardBy(ana), 1)[0], "XKBKNABAA")
		h.say(ana, "wamid.c", "Quiero cancelar mi reserva")
		after(time.Second)
		first := true
		h.pms.set(func(p *pms) {
			p.fail = func() error {
				if first {
					first = false
					return &hotel.Error{Kind: hotel.InDoubt} // a repeat is harmless
				}
				return nil
			}
		})
		h.say(ana, "wamid.d", "sí")
		after(time.Minute)
		h.pms.mu.Lock()
		require.Zero(t, h.pms.live())
		h.pms.mu.Unlock()
		h.atRest(t)
	})
}

// How a mail may fail, and what becomes of it.
func TestMailsThatFail(t *testing.T) {
	for name, c := range map[string]struct {
		kind    hotel.Kind
		times   int
		mails   int
		letters int
	}{
		"not sent":               {hotel.NotSent, 2, 1, 0},
		"throttled":              {hotel.Throttled, 2, 1, 0},
		"in doubt":               {hotel.InDoubt, 1, 1, 0},
		"in doubt twice":         {hotel.InDoubt, 2, 0, 1},
		"unauthorised for a bit": {hotel.Unauthorised, 1, 1, 0},
		"never":                  {hotel.Invalid, 1, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				h := open(t)
				left := c.times
				h.mail.set(func(m *mail) {
					m.fail = func(hotel.Mail) error {
						if left--; left >= 0 {
							return &hotel.Error{Op: "test", Kind: c.kind}
						}
						return nil
					}
				})
				h.inMarch(t, ana)
				h.yes(ana)
				after(3 * time.Minute)
				require.Len(t, h.mail.mails(), c.mails)
				require.Equal(t, c.letters, h.letters(t, ""))
				h.atRest(t)
			})
		})
	}
}

// How a bubble may fail, and what becomes of it.
func TestBubblesThatFail(t *testing.T) {
	for name, c := range map[string]struct {
		err     hotel.Error
		times   int
		heard   int
		letters int
	}{
		"number throttled":  {hotel.Error{Kind: hotel.Throttled, Scope: hotel.ScopeNumber, RetryAfter: 5 * time.Second}, 1, 1, 0},
		"pair throttled":    {hotel.Error{Kind: hotel.Throttled, Scope: hotel.ScopePair}, 1, 1, 0},
		"refused for now":   {hotel.Error{Kind: hotel.Transient}, 1, 1, 0},
		"can never be sent": {hotel.Error{Kind: hotel.Invalid, Code: "131026"}, 1, 0, 1},
		"window closed":     {hotel.Error{Kind: hotel.WindowClosed, Code: "131047"}, 1, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				h := open(t)
				err := c.err
				h.phone.set(func(p *phone) { p.fail = failFirst(c.times, &err, false) })
				h.say(ana, "wamid.1", "Hola")
				after(time.Minute)
				require.Equal(t, c.heard, h.phone.count(ana))
				require.Equal(t, c.letters, h.letters(t, ""))
				h.atRest(t)
			})
		})
	}
}

// A bubble that waited past the session window is not sent: it could not be.
func TestBubbleWaitsPastTheWindow(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		h.phone.set(func(p *phone) {
			p.down = &hotel.Error{Kind: hotel.Unauthorised, Scope: hotel.ScopeNumber}
			p.fail = failFirst(1, &hotel.Error{Kind: hotel.Unauthorised, Scope: hotel.ScopeNumber}, false)
		})
		h.say(ana, "wamid.1", "Hola")
		after(25 * time.Hour)
		h.phone.set(func(p *phone) { p.down = nil })
		after(time.Minute)
		require.Zero(t, h.phone.count(ana))
		require.Equal(t, 1, h.letters(t, "window"))
		require.Equal(t, 1, h.people.heard(hotel.TroubleNumber), "the operator heard of the number once")
		require.Len(t, h.mail.told(), 1)
		require.Equal(t, hotel.CauseUndelivery, h.mail.told()[0].Cause, "and the staff, of the guest")
	})
}

// A carrier that panics may have sent: it is in doubt, and its actor lives.
func TestMessengerThatPanicsIsADoubt(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		n := 0
		h.phone.set(func(p *phone) {
			p.fail = func(string, string, hotel.Message) (bool, error) {
				if n++; n == 1 {
					panic("client")
				}
				return false, nil
			}
		})
		h.say(ana, "wamid.1", "Hola")
		after(25 * time.Second)
		require.Equal(t, 1, h.phone.count(ana))
		h.atRest(t)
	})
}

// A way to people that panics has failed like any other: it is tried again, more
// and more seldom, until somebody hears.
func TestAlertWhoseWayPanics(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t, func(c *actors.Config) { c.Properties[0].StaffPhones = nil })
		n := 0
		h.mail.set(func(m *mail) {
			m.deaf = func(hotel.Alert) error {
				if n++; n <= 4 {
					panic("client")
				}
				return nil
			}
		})
		h.say(ana, "wamid.1", "Quiero hablar con una persona")
		after(time.Minute)
		require.Equal(t, 5, n)
		require.Zero(t, h.letters(t, ""))
		h.atRest(t)
	})
}

// The other ways are tried though one panics, and one that works is enough.
func TestAlertOfWhichOneWayPanics(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		n := 0
		h.mail.set(func(m *mail) { m.deaf = func(hotel.Alert) error { n++; panic("client") } })
		h.say(ana, "wamid.1", "Quiero hablar con una persona")
		after(time.Minute)
		require.Equal(t, 1, n)
		require.Zero(t, h.letters(t, ""))
		h.atRest(t)
	})
}

func TestConfigurationThatCannotBe(t *testing.T) {
	t.Parallel()

	p := actors.Property{ID: "posada"}
	_, err := actors.Start(actors.Config{Properties: []actors.Property{p, p}})
	require.ErrorContains(t, err, "there twice")
}
