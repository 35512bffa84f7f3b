package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/config"
	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/alert"
	"github.com/conserje/conserje/integrations/whatsapp"
	"github.com/conserje/conserje/internal/journal"
	"github.com/conserje/conserje/internal/metrics"
	"github.com/conserje/conserje/persistence/disk"
	"github.com/conserje/conserje/persistence/redis"
	"github.com/conserje/conserje/transport"
)

// app is the whole product of one process: store, clients, actors, listeners.
type app struct {
	cfg     *config.Config
	log     *slog.Logger
	metrics *metrics.Metrics
	store   *opened
	redis   *redis.Client // nil = none
	engine  *actors.Engine
	people  *alert.Operator
	journal *journal.Journal
	disk    *disk.Watch
	public  *transport.Public
	admin   *transport.Admin
	closers []func()
	token   string // of the admin listener, for this run

	publicLn, adminLn net.Listener
	failed            chan error // a listener that ended by itself
}

// assemble opens the store, wires the rooms and starts the actors. Nothing is
// served yet: serve does that.
//
// public and admin are listeners that the caller took already; nil ones are
// taken here, from the settings. change alters the engine's configuration last:
// tests do so.
func assemble(ctx context.Context, cfg *config.Config, log *slog.Logger, public, admin net.Listener,
	change ...func(*actors.Config)) (_ *app, err error) {
	a := &app{cfg: cfg, log: log, metrics: metrics.New(), failed: make(chan error, 2), publicLn: public, adminLn: admin}
	defer func() {
		if err != nil {
			a.close()
		}
	}()
	if a.store, err = openStore(ctx, cfg, a.metrics, log); err != nil {
		return nil, err
	}
	a.closers = append(a.closers, func() { a.logged("store", a.store.Close()) })
	if err = a.store.settle(cfg.General.DataDir); err != nil {
		return nil, err
	}
	if err = a.openRedis(); err != nil {
		return nil, err
	}
	// Addresses are taken before anything is sent: alerts name the admin page.
	if err = a.listen(); err != nil {
		return nil, err
	}
	clients, err := a.connect(ctx)
	if err != nil {
		return nil, err
	}
	if a.journal, err = journal.Open(cfg.General.DataDir, cfg.General.CarefulAfter, time.Now()); err != nil {
		return nil, err
	}
	conf := a.engineConfig(ctx, clients)
	a.share(&conf)
	for _, f := range change {
		f(&conf)
	}
	if a.engine, err = actors.Start(conf); err != nil {
		return nil, errors.Join(err, a.journal.Abandon())
	}
	a.sayReplyTo()
	a.watchDisk()
	a.public = transport.NewPublic(a.publicConfig(clients))
	if a.admin, err = a.newAdmin(clients); err != nil {
		return nil, err
	}
	return a, nil
}

func (a *app) listen() (err error) {
	if a.publicLn == nil {
		if a.publicLn, err = listen("HTTP_ADDR", a.cfg.HTTP.Addr); err != nil {
			return err
		}
	}
	if a.adminLn == nil {
		a.adminLn, err = listen("ADMIN_ADDR", a.cfg.Admin.Addr)
	}
	return err
}

// listen takes an address; its error names the variable and the fix.
func listen(variable, addr string) (net.Listener, error) {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%s=%s cannot be listened on (choose a free address): %w", variable, addr, err)
	}
	return ln, nil
}

func (a *app) engineConfig(ctx context.Context, c clients) actors.Config {
	s := a.cfg.Settings
	conf := actors.Config{
		Witness: a.journal,
		Store:   a.store, Messenger: c.messenger, PMS: c.pms, Mailer: c.mailer, Operator: c.operator,
		Owner: a.store.owner, Fleet: a.store.fleet, Predecessor: a.store.predecessor, Metrics: a.metrics, Log: a.log,
		Settings: actors.Settings{
			Lease:             s.Postgres.Lease,
			PassivateAfter:    s.Guests.PassivateAfter,
			InDoubtWait:       s.WhatsApp.InDoubtWait,
			CreateSettles:     s.PMS.CreateSettles,
			PMSPoll:           s.PMS.Poll,
			Restored:          a.store.restored,
			MessagesPerSecond: float64(s.WhatsApp.PerSecond),
			PairBurst:         s.WhatsApp.PairBurst,
			PairInterval:      s.WhatsApp.PairInterval,
			PMSInFlight:       s.PMS.MaxInFlight,
			PMSPerSecond:      s.PMS.Rate,
			BreakerFailures:   s.PMS.BreakerFails,
			BreakerOpenFor:    s.PMS.BreakerFor,
			HighWater:         s.HTTP.InboxHighWater,
			OldestAlert:       s.Operator.OldestAlert,
			AwayAlert:         s.Operator.AwayAlert,
			CacheTTL: actors.CacheTTL{Availability: s.PMS.CacheFree, Rooms: s.PMS.CacheRooms, Profile: s.PMS.CacheProfiles,
				Reservation: s.PMS.CacheStatus},
			Retention: hotel.Retention{Seen: s.Retention.Seen, Inbox: s.Retention.Inbox, Outbox: s.Retention.Outbox,
				Transcript: s.Retention.Transcript, Dead: s.Retention.Dead},
		},
	}
	for _, p := range a.cfg.Properties {
		conf.Properties = append(conf.Properties, actors.Property{
			ID: hotel.PropertyID(p.ID), Dialogue: a.dialogue(ctx, p, c.pms),
			StaffPhones: p.Staff.WhatsApp, StaffTemplate: p.Staff.Template, StaffTemplateLang: p.Staff.Lang,
			ReceptionURL: a.receptionURL(), ReplyTo: replyTo(p),
		})
	}
	return conf
}

func (a *app) publicConfig(c clients) transport.Config {
	s := a.cfg.Settings
	conf := transport.Config{
		Intake: a.engine, Gate: a.engine, Decode: whatsapp.Decode, Letters: a.store,
		VerifyToken: s.WhatsApp.VerifyToken.Reveal(), Default: hotel.PropertyID(a.cfg.Default().ID),
		Numbers: map[string]hotel.PropertyID{}, Checks: map[string]transport.Check{},
		MetricsToken: s.HTTP.MetricsToken.Reveal(), AllowedOrigins: s.HTTP.CORSOrigins,
		Isolation: transport.Isolation{COOP: s.HTTP.COOP, COEP: s.HTTP.COEP},
		Metrics:   a.metrics, Log: a.log,
	}
	for _, p := range a.cfg.Properties {
		if p.WhatsApp.PhoneNumberID != "" {
			conf.Numbers[p.WhatsApp.PhoneNumberID] = hotel.PropertyID(p.ID)
		}
	}
	if a.cfg.Unsigned() {
		a.log.Warn("UNSIGNED WEBHOOKS ARE TAKEN: anybody who reaches this address can speak as any guest. Set WHATSAPP_APP_SECRET.")
	} else {
		conf.Verifier = whatsapp.NewVerifier(s.WhatsApp.AppSecret.Reveal())
	}
	if s.General.DiskMinFree > 0 {
		conf.Disk, conf.Checks["disk"] = a.disk, a.disk.Check
	}
	if s.HTTP.CheckDBReady {
		conf.Checks["store"] = a.store.Ping
	}
	if s.HTTP.CheckRedisReady {
		conf.Checks["redis"] = a.redis.Ping
	}
	if s.HTTP.CheckPMSReady {
		for _, p := range a.cfg.Properties {
			conf.Checks[checkName(p.ID, len(a.cfg.Properties))] = func(ctx context.Context) error {
				return c.pms.Probe(ctx, hotel.PropertyID(p.ID))
			}
		}
	}
	return conf
}

// checkName is "pms", or "pms:<property>" when there are several.
func checkName(property string, properties int) string {
	if properties == 1 {
		return "pms"
	}
	return "pms:" + property
}

func (a *app) newAdmin(c clients) (*transport.Admin, error) {
	a.noticeUnclean()
	var err error
	if a.token, err = writeToken(a.cfg.General.DataDir, "http://"+a.adminLn.Addr().String()); err != nil {
		return nil, err
	}
	a.closers = append(a.closers, func() { a.logged("admin token", dropToken(a.cfg.General.DataDir)) })
	names := map[hotel.PropertyID]string{}
	for _, p := range a.cfg.Properties {
		names[hotel.PropertyID(p.ID)] = p.Name
	}
	return transport.NewAdmin(transport.AdminConfig{
		Reception: a.store, Privacy: a.store.privacy(a.cfg, a.engine.Erase), Staff: a.engine, Nudger: a.engine, Pauser: a.engine, ReplyTo: a.replyMode(), Health: a.public.Health, State: a.state(c), Webhooks: a.public.Replay, Backup: a.store.backup(), Window: windowOf(a.store), Parked: parkedIn(a.store),
		Password: a.cfg.Admin.Password.Reveal(), Token: a.token, Names: names, Zone: a.cfg.Default().Location(),
		Version: version, Log: a.log, Isolation: transport.Isolation{COOP: a.cfg.HTTP.COOP, COEP: a.cfg.HTTP.COEP},
	})
}

func (a *app) adminURL() string {
	if a.cfg.Admin.URL != "" {
		return strings.TrimRight(a.cfg.Admin.URL, "/")
	}
	return "http://" + a.adminLn.Addr().String()
}

func (a *app) receptionURL() string { return a.adminURL() + "/" }

// serve serves until ctx ends or a listener fails, and then drains.
func (a *app) serve(ctx context.Context) error {
	go func() { a.failed <- a.public.Serve(a.publicLn) }()
	go func() { a.failed <- a.admin.Serve(a.adminLn) }()
	a.log.Info("ready", "public", a.publicLn.Addr().String(), "admin", a.adminURL(), "version", version,
		"properties", len(a.cfg.Properties))
	var failed error
	select {
	case <-ctx.Done():
	case failed = <-a.failed:
	}
	return errors.Join(failed, a.drain())
}

// drain ends in order: no new webhooks, turns and sends in hand finished, rows
// left durable. The public listener answers 503 until then, so that who asks
// for readiness is told. What a hanging outside keeps in hand past the time is
// durable too, and no failure of ours.
func (a *app) drain() error {
	a.log.Info("draining")
	ctx, cancel := context.WithTimeout(context.Background(), a.cfg.HTTP.DrainTimeout)
	defer cancel()
	a.public.Drain()
	err := a.engine.Drain(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		a.log.Warn("drain ran out of time: what is still in hand is taken up at the next start", "err", err)
		err = nil
	}
	err = errors.Join(err, a.journal.Close(true))
	last, cancel := context.WithTimeout(context.Background(), lastAnswers)
	defer cancel()
	err = errors.Join(err, shut(last, a.public), shut(last, a.admin))
	a.close()
	a.log.Info("drained")
	return err
}

// lastAnswers is how long the listeners finish the requests in hand.
const lastAnswers = 3 * time.Second

// shut closes a listener; a client that does not end by itself is cut off.
func shut(ctx context.Context, s interface{ Shutdown(context.Context) error }) error {
	if err := s.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// close frees what assemble took, last first.
func (a *app) close() {
	for _, ln := range []net.Listener{a.publicLn, a.adminLn} {
		if ln != nil {
			_ = ln.Close() // served ones are closed already
		}
	}
	for i := len(a.closers) - 1; i >= 0; i-- {
		a.closers[i]()
	}
	a.closers = nil
}

func (a *app) logged(what string, err error) {
	if err != nil {
		a.log.Error("not closed", "what", what, "err", err)
	}
}

// roomTypesTimeout bounds asking the hotel system for what the YAML leaves out.
const roomTypesTimeout = 5 * time.Second
