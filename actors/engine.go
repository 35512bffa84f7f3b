package actors

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"golang.org/x/time/rate"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/metrics"
)

// Config is what an engine needs. All of it is required but Operator, Shared, Pace, Fleet, Witness, Log and Metrics.
type Config struct {
	Store      Store
	Messenger  Messenger
	PMS        PMS
	Mailer     Mailer
	Operator   Operator // nil = nobody is told
	Properties []Property
	Settings   Settings
	Owner      string      // names this engine in claims; alone on its store the same after a restart, else new at each start
	Shared     SharedCache // nil = what one engine has read another reads again
	Pace       SharedPace  // nil = each engine keeps the whole pace by itself
	Fleet      Fleet       // nil = this engine is alone on its store
	// Predecessor is an engine that is known to be dead, as the last one on this
	// machine is: it is taken over without waiting for its lease.
	Predecessor string
	Witness     Witness // nil = a death names nobody
	Metrics     *metrics.Metrics
	Log         *slog.Logger
}

// Property is one hotel as the runtime needs it.
type Property struct {
	ID       hotel.PropertyID
	Dialogue Dialogue
	// MessagesPerSecond is the number's limit; 0 = Settings.MessagesPerSecond.
	MessagesPerSecond float64
	StaffPhones       []string // receive alerts by template; digits without "+"
	StaffTemplate     string   // one parameter: what is wanted, and the page's address; empty = mail only
	StaffTemplateLang string
	ReceptionURL      string
	ReplyTo           hotel.ReplyTo // whom the bot answers; zero = all

	pace                  *pace
	up                    *upstream
	queue                 *queue
	line                  *number
	reads, writes, number *actor.PID
}

// Settings are the runtime's numbers; zero ones take their defaults.
type Settings struct {
	PassivateAfter    time.Duration // an idle guest leaves memory; 10 min
	InDoubtWait       time.Duration // for evidence of a send in doubt; 20 s
	CreateSettles     time.Duration // after it left, until a create in doubt can bring no booking any more; 60 s
	CreateLeaves      time.Duration // after its claim, until it leaves or is released; a quarter of CreateSettles, from 2 s to 15 s
	PMSPoll           time.Duration // how often a hotel system is asked what others have changed; 0 = never
	Restored          time.Time     // when the store was made from a backup: creates are looked up first; zero = it was not
	MessagesPerSecond float64       // of one WhatsApp number; 80
	PairBurst         int           // bubbles to one guest at once; 45
	PairInterval      time.Duration // and then one per; 6 s
	PMSInFlight       int           // requests in flight to one hotel system; 4
	PMSPerSecond      float64       // requests to one hotel system; no limit
	BreakerFailures   int           // in a row, until a breaker opens; 5
	BreakerOpenFor    time.Duration // until it is probed; 30 s
	MailsInFlight     int           // 4
	MailsPerMinute    int           // of the mail account, by all engines together; 0 = each by itself
	HighWater         int           // unconsumed rows over which webhooks are refused; 0 = off
	SweepEvery        time.Duration // 1 s
	Lease             time.Duration // an engine silent that long is taken over by another on its store; 15 s
	SweepAge          time.Duration // what is younger is left to its nudges; 2 s
	OldestAlert       time.Duration // the operator hears of a row that waits this long; 5 min
	AwayAlert         time.Duration // and of a store, hotel system or WhatsApp that is away this long; 5 min
	CacheTTL          CacheTTL
	Retention         hotel.Retention
}

// CacheTTL is how long answers of the hotel system are kept.
type CacheTTL struct {
	Availability time.Duration // 300 s
	Rooms        time.Duration // 3600 s
	Profile      time.Duration // 1800 s
	Reservation  time.Duration // 120 s
}

func (s *Settings) defaults() {
	setDefault(&s.PassivateAfter, 10*time.Minute)
	setDefault(&s.InDoubtWait, 20*time.Second)
	setDefault(&s.CreateSettles, 60*time.Second)
	setDefault(&s.CreateLeaves, min(15*time.Second, max(2*time.Second, s.CreateSettles/4)))
	setDefault(&s.MessagesPerSecond, 80)
	setDefault(&s.PairBurst, 45)
	setDefault(&s.PairInterval, 6*time.Second)
	setDefault(&s.PMSInFlight, 4)
	setDefault(&s.PMSPerSecond, float64(rate.Inf))
	setDefault(&s.BreakerFailures, 5)
	setDefault(&s.BreakerOpenFor, 30*time.Second)
	setDefault(&s.MailsInFlight, 4)
	setDefault(&s.SweepEvery, time.Second)
	setDefault(&s.SweepAge, 2*time.Second)
	setDefault(&s.Lease, 15*time.Second)
	setDefault(&s.OldestAlert, 5*time.Minute)
	setDefault(&s.AwayAlert, 5*time.Minute)
	setDefault(&s.CacheTTL.Availability, 300*time.Second)
	setDefault(&s.CacheTTL.Rooms, 3600*time.Second)
	setDefault(&s.CacheTTL.Profile, 1800*time.Second)
	setDefault(&s.CacheTTL.Reservation, 120*time.Second)
}

func setDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// Engine is a running actor system.
type Engine struct {
	rt *runtime
}

// Start starts the actors. The engine takes up what waits in the store at once,
// and works until Drain.
func Start(c Config) (*Engine, error) {
	c.Settings.defaults()
	rt := &runtime{
		store: c.Store, messenger: c.Messenger, pms: c.PMS, mailer: c.Mailer, operator: c.Operator, witness: c.Witness,
		properties: map[hotel.PropertyID]*Property{}, settings: c.Settings, owner: c.Owner,
		shared: c.Shared, pacer: c.Pace, metrics: c.Metrics, log: c.Log, drain: make(chan struct{}), work: newWork(), workers: &workers{}, living: newWork(), depth: &depth{},
	}
	if rt.log == nil {
		rt.log = slog.New(slog.DiscardHandler)
	}
	if rt.metrics == nil {
		rt.metrics = metrics.New()
	}
	rt.fence(c)
	if rt.operator == nil {
		rt.operator = nobody{}
	}
	rt.intake = &intake{rt: rt}
	rt.pauses = &pauses{rt: rt}
	rt.mailbox = actor.Unbounded(rt.depth)
	rt.ctx, rt.cancel = context.WithCancel(context.Background())
	for _, p := range c.Properties {
		if rt.properties[p.ID] != nil {
			return nil, fmt.Errorf("actors: property %q is there twice", p.ID)
		}
		setDefault(&p.MessagesPerSecond, c.Settings.MessagesPerSecond)
		p.pace = newPace(p.MessagesPerSecond, c.Settings.PairBurst, c.Settings.PairInterval)
		p.pace.share = newShare(rt, "number:"+string(p.ID), p.MessagesPerSecond, int(p.MessagesPerSecond))
		rt.properties[p.ID] = &p
	}
	if err := rt.knowPauses(); err != nil { // before anything may leave
		rt.cancel()
		return nil, err
	}
	if err := rt.suspect(); err != nil { // before its rows are taken up
		rt.cancel()
		return nil, err
	}
	if c.Fleet != nil {
		rt.lease.beat(rt.ctx) // without a lease nothing leaves
		rt.every(rt.lease.length/renewals, rt.lease.beat)
	}
	rt.every(rt.settings.SweepEvery, rt.pauses.look)
	if err := rt.supervise(); err != nil {
		rt.cancel()
		rt.beside.Wait()
		rt.workers.end()
		return nil, err
	}
	rt.ready.Store(time.Now().UnixNano())
	return &Engine{rt: rt}, nil
}

// Draining tells whether the engine takes no new work.
func (e *Engine) Draining() bool { return e.rt.draining() }

// Drain takes no new work, finishes the turns and sends in hand, leaves the
// rest durable, and ends. It returns ctx's error when something was still in
// hand by then; what that was is taken up at the next start. A second call
// returns at once.
func (e *Engine) Drain(ctx context.Context) error {
	rt := e.rt
	first := false
	rt.drainOnce.Do(func() { first = true; close(rt.drain) })
	if !first {
		return nil
	}
	err := rt.wind(ctx)
	rt.cancel()
	if err != nil {
		rt.root.Stop(rt.top)
	}
	late, cancel := context.WithTimeout(context.Background(), lastWait)
	defer cancel()
	_ = await(late, func() error { rt.work.wait(); rt.beside.Wait(); return nil }) // err says it already
	rt.lease.leave()
	rt.workers.end()
	for _, cache := range rt.caches {
		cache.close()
	}
	rt.system.Shutdown()
	return err
}

// lastWait is how long a drain that has ended waits for calls that it has cancelled.
const lastWait = 5 * time.Second

// wind stops the guests after the turn in hand, then the senders after their sends.
func (rt *runtime) wind(ctx context.Context) error {
	guests := func() error {
		err := rt.root.PoisonFuture(rt.guests).Wait()
		rt.living.wait()
		return err
	}
	if err := await(ctx, guests); err != nil {
		return fmt.Errorf("turns still in hand: %w", err)
	}
	if err := await(ctx, rt.release); err != nil {
		return fmt.Errorf("sends still in hand: %w", err)
	}
	return await(ctx, rt.root.PoisonFuture(rt.top).Wait)
}

// release returns once no sender holds work. What ends has told its sender
// before, so a round of answers in which nothing was begun is the end.
func (rt *runtime) release() error {
	for {
		ever := rt.work.wait()
		for _, pid := range rt.senders() {
			if err := rt.root.RequestFuture(pid, &Release{}, lastWait).Wait(); err != nil {
				return err
			}
		}
		if rt.work.begun() == ever || rt.ended() {
			return nil
		}
	}
}

func (rt *runtime) senders() []*actor.PID {
	all := []*actor.PID{rt.mailsP, rt.staff}
	for _, p := range rt.properties {
		all = append(all, p.number, p.writes)
	}
	return all
}

// await waits for f or for ctx, whichever ends first.
func await(ctx context.Context, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
