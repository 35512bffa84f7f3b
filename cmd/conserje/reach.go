package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/conserje/conserje/config"
	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
	"github.com/conserje/conserje/transport"
)

// desk is what commands that look after people's work need: the running
// engine's admin API, or, with none running, its store behind the folder's lock.
type desk struct {
	transport.Reception
	transport.Staff
	transport.Pauser
	transport.Privacy
	running bool              // an engine hears us
	engine  *transport.Client // nil when none runs
	store   *opened           // nil when one runs
	others  int               // engines known on a shared store, with none running here
	close   func()
}

// reach finds the engine by ADMIN_URL and password, or by the data folder's
// token; when it does not run the store is opened, which the lock allows only then.
func reach(ctx context.Context, cfg *config.Config) (*desk, error) {
	if engine := runningEngine(ctx, cfg); engine != nil {
		return deskOf(engine), nil
	}
	store, err := openForDesk(ctx, cfg)
	if err != nil {
		return nil, err
	}
	others, err := store.others(ctx, cfg.General.DataDir)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return &desk{store: store, others: others, Reception: storeReception{store}, Staff: storeStaff{store}, Pauser: store, Privacy: store.privacy(cfg, storeStaff{store}.erase),
		close: func() { _ = store.Close() }}, nil
}

// runningEngine is the engine by ADMIN_URL and password, or by the data folder's
// token; nil when none runs.
func runningEngine(ctx context.Context, cfg *config.Config) *transport.Client {
	if cfg.IsSet("ADMIN_URL") && !cfg.Admin.Password.IsZero() {
		engine := &transport.Client{URL: cfg.Admin.URL, Password: cfg.Admin.Password.Reveal(), By: "conserje"}
		if hotel.KindOf(hears(ctx, engine)) != hotel.Unavailable { // one that refuses us runs, and says why
			return engine
		}
	}
	access, err := readToken(cfg.General.DataDir)
	engine := &transport.Client{URL: access.URL, Token: access.Token, By: "conserje"}
	if err != nil || !answers(ctx, engine) {
		return nil
	}
	return engine
}

func deskOf(c *transport.Client) *desk {
	return &desk{Reception: c, Staff: c, Pauser: c, Privacy: c, running: true, engine: c, close: func() {}}
}

// answers tells whether the engine that wrote the token runs: one that was
// killed left its token, and its port may be somebody else's by now.
func answers(ctx context.Context, engine *transport.Client) bool {
	return hears(ctx, engine) == nil
}

// hears asks an engine for a sign of life, which needs no store:
// hotel.Unavailable when nobody answers.
func hears(ctx context.Context, engine *transport.Client) error {
	c, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return engine.Alive(c)
}

// others counts the engines that are known on a shared store and have not
// ended by themselves, but for the one that had this data folder.
func (o *opened) others(ctx context.Context, dir string) (n int, err error) {
	if o.fleet == nil {
		return 0, nil
	}
	own, _, err := lastEngine(dir)
	if err != nil {
		return 0, err
	}
	list, err := o.fleet.Engines(ctx)
	for _, e := range list {
		if !e.Left && e.Counter > 0 && e.Owner != own {
			n++
		}
	}
	return n, err
}

// storeStaff leaves words of the staff as inbox rows: the engine says them at its next start.
type storeStaff struct{ store store }

func (s storeStaff) Say(ctx context.Context, guest hotel.GuestID, w hotel.StaffWord) error {
	return s.word(ctx, guest, hotel.KindStaffSaid, w)
}

func (s storeStaff) Close(ctx context.Context, guest hotel.GuestID, w hotel.StaffWord) error {
	return s.word(ctx, guest, hotel.KindStaffClosed, w)
}

func (s storeStaff) Unpark(ctx context.Context, guest hotel.GuestID, w hotel.StaffWord) error {
	return s.word(ctx, guest, hotel.KindUnparked, w)
}

func (s storeStaff) word(ctx context.Context, guest hotel.GuestID, kind hotel.RowKind, w hotel.StaffWord) error {
	_, err := s.store.Accept(ctx, hotel.Accept{Arrivals: []hotel.Arrival{w.Arrival(hotel.Key(keys.New()), guest, kind, time.Now())}})
	return err
}

func (s storeStaff) erase(ctx context.Context, guest hotel.GuestID, e hotel.Erasure) error {
	_, err := s.store.Accept(ctx, hotel.Accept{Arrivals: []hotel.Arrival{e.Arrival(hotel.Key(keys.New()), guest, time.Now())}})
	return err
}

// explain says a store's or API's error in the words of who typed the command.
func explain(err error, what string) error {
	if err == nil {
		return nil
	}
	switch hotel.KindOf(err) {
	case hotel.NotFound:
		return fmt.Errorf("%s: there is none", what)
	case hotel.Invalid, hotel.Conflict:
		if e := hotel.AsError(err); e.Err != nil { // the reason, without where it was said
			return fmt.Errorf("%s: not possible: %w", what, e.Err)
		}
		return fmt.Errorf("%s: not possible: %w", what, err)
	case hotel.Unauthorised:
		return fmt.Errorf("the engine at ADMIN_URL does not take ADMIN_PASSWORD: %w", err)
	case hotel.Unavailable:
		return fmt.Errorf("no engine answers: %w", err)
	}
	return err
}

// done tells what became of an order: by when the guest hears of it.
func (d *desk) done(cmd *cobra.Command, what string) error {
	when := "the engine does it now"
	if d.others > 0 {
		when = fmt.Sprintf("%d engines are known on this store: one that runs does it within seconds", d.others)
	} else if !d.running {
		when = "the engine does it at its next start"
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s: %s.\n", what, when)
	return err
}

// withDesk runs a command that looks after people's work.
func (f *settingsFlags) withDesk(do func(*cobra.Command, *desk, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		cfg, err := f.loadForDesk(cmd)
		if err != nil {
			return err
		}
		d, err := reach(cmd.Context(), cfg)
		if err != nil {
			return err
		}
		defer d.close()
		return do(cmd, d, args)
	}
}

// loadForDesk reads the settings with the demo's hotel standing in for a
// missing one: these commands need the data folder and the admin address only.
func (f *settingsFlags) loadForDesk(cmd *cobra.Command) (*config.Config, error) {
	return f.loadDemo(cmd, nil)
}

// withLetter runs a command about one dead letter.
func (f *settingsFlags) withLetter(do func(*cobra.Command, *desk, int64) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		id, err := strconv.ParseInt(args[0], 10, 64)
		if err != nil {
			return usageError(fmt.Errorf("%q is no dead letter's number: see conserje deadletters list", args[0]))
		}
		return f.withDesk(func(cmd *cobra.Command, d *desk, _ []string) error { return do(cmd, d, id) })(cmd, args)
	}
}
