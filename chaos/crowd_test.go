package chaos_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/conserje/conserje/internal/livetest"
)

const (
	bookEvery  = 8   // of the first guests
	bookAhead  = 60  // days to the first stay
	askAhead   = 260 // days to the stays that are only asked for
	askedStays = 20
	firstPhone = "54911"
)

// atOnce is how many guests talk at the same time.
func atOnce() int {
	if long() {
		return 300
	}
	return 120
}

// bookers is how many guests book: Gmail's stand-in takes 60 mails a minute of one account.
func bookers() int {
	if long() {
		return 60
	}
	return 12
}

// booker tells which booking a guest makes; -1 = none.
func booker(n int) int {
	if n >= 0 && n%bookEvery == 0 && n/bookEvery < bookers() {
		return n / bookEvery
	}
	return -1
}

// twin is the guest of the calm run who says and hears the same: bookers are
// themselves, of the others there are only so many kinds.
func twin(n int) int {
	if booker(n) >= 0 {
		return n
	}
	return n%askedStays - askedStays
}

// script is what a guest says; each line waits for the answer to the one before.
func script(n int, today time.Time) []string {
	b := booker(n)
	if b < 0 {
		stay := (n%askedStays + askedStays) % askedStays
		return []string{"Hola", "¿Hay wifi?", "¿A qué hora es el check-in?",
			"¿Tienen lugar " + dates(today, askAhead+stay) + " para 2 adultos?", "Gracias, ¿aceptan mascotas?"}
	}
	return []string{"Hola", "quiero reservar " + dates(today, bookAhead+3*b) + " para 2 adultos", "la doble",
		"Ana Pérez, " + email(n), "sí", "¿Hay wifi?"}
}

func email(n int) string { return fmt.Sprintf("ana%d@example.com", n) }

// phone is a guest's; those of the calm run only have numbers below zero.
func phone(n int) string { return fmt.Sprintf("%s%08d", firstPhone, 50_000_000+n) }

// dates says two nights, from so many days ahead, as a guest would.
func dates(today time.Time, ahead int) string { return nightsFrom(today.AddDate(0, 0, ahead), 2) }

// nightsFrom says some nights as a guest would.
func nightsFrom(in time.Time, nights int) string {
	months := []string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"}
	say := func(d time.Time) string {
		return fmt.Sprintf("%d de %s de %d", d.Day(), months[d.Month()-1], d.Year())
	}
	return "del " + say(in) + " al " + say(in.AddDate(0, 0, nights))
}

// crowd is guests who talk, at a pace, until they are told that it is enough.
type crowd struct {
	phones *livetest.Phones
	today  time.Time
	pace   chan struct{} // a token for each message
	enough chan struct{}
	once   sync.Once
	all    sync.WaitGroup
	next   atomic.Int64

	mu     sync.Mutex
	guests []int
	typed  atomic.Int64
	begun  time.Time
	took   time.Duration
}

// gather lets guests talk at so many messages a second in all; most = guests at most.
func gather(ctx context.Context, t *testing.T, phones *livetest.Phones, perSecond, most int) *crowd {
	ctx, stop := context.WithCancel(ctx)
	c := &crowd{phones: phones, today: time.Now(), pace: make(chan struct{}, atOnce()), enough: make(chan struct{}), begun: time.Now()}
	t.Cleanup(func() { // of a test that failed, who still talks
		stop()
		c.all.Wait()
	})
	go c.beat(ctx, perSecond)
	for range atOnce() {
		c.all.Go(func() {
			for {
				n := int(c.next.Add(1)) - 1
				if n >= most || c.over() {
					return
				}
				c.play(ctx, t, n)
			}
		})
	}
	return c
}

// beat gives out the tokens; those that nobody has taken are not saved up past a second.
func (c *crowd) beat(ctx context.Context, perSecond int) {
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			select {
			case c.pace <- struct{}{}:
			default:
			}
		case <-ctx.Done():
			return
		}
	}
}

func (c *crowd) over() bool {
	select {
	case <-c.enough:
		return true
	default:
		return false
	}
}

func (c *crowd) play(ctx context.Context, t *testing.T, n int) {
	c.mu.Lock()
	c.guests = append(c.guests, n)
	c.mu.Unlock()
	if err := c.phones.Talk(ctx, phone(n), script(n, c.today), c.turn); !errors.Is(err, context.Canceled) {
		assert.NoError(t, err)
	}
}

// oneMore lets one more guest talk at once. The others may all be waiting for
// an answer, and an engine to which nobody writes refuses nobody.
func (c *crowd) oneMore(ctx context.Context, t *testing.T) {
	c.all.Go(func() { c.play(ctx, t, int(c.next.Add(1))-1) })
}

// turn waits for a token.
func (c *crowd) turn(ctx context.Context) error {
	select {
	case <-c.pace:
		c.typed.Add(1)
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// end lets those who talk finish, and returns who talked.
func (c *crowd) end() []int {
	c.once.Do(func() {
		c.took = time.Since(c.begun)
		close(c.enough)
	})
	c.all.Wait()
	return c.guests
}

// rate is messages a second while the crowd was growing.
func (c *crowd) rate() float64 { return float64(c.typed.Load()) / c.took.Seconds() }
