package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/config"
	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
	"github.com/conserje/conserje/internal/metrics"
	"github.com/conserje/conserje/persistence/postgres"
	"github.com/conserje/conserje/persistence/sqlite"
	"github.com/conserje/conserje/transport"
)

// store is what a process needs of its store, whichever it is.
type store interface {
	records
	actors.Store
	transport.Reception
	transport.Letters
	transport.PrivacyStore
	Ping(ctx context.Context) error
	Close() error
}

// opened is a store with what depends on which one it is.
type opened struct {
	store
	owner string       // this engine's name in claims
	fleet actors.Fleet // nil: the store is this engine's alone
	close []io.Closer  // after the store

	predecessor string    // an engine of this data folder that is dead
	restored    time.Time // when the store was made from a backup; zero = it was not
}

// backup is how the store backs itself up; nil when its database has tools for it.
func (o *opened) backup() func(ctx context.Context, to io.Writer) error {
	if s, ok := o.store.(interface {
		Backup(ctx context.Context, to io.Writer) error
	}); ok {
		return s.Backup
	}
	return nil
}

// Close closes the store, and frees the folder beside it.
func (o *opened) Close() error {
	err := o.store.Close()
	for _, c := range o.close {
		err = errors.Join(err, c.Close())
	}
	return err
}

// openStore opens the store that the settings name; its error names the setting and the fix.
func openStore(ctx context.Context, cfg *config.Config, m *metrics.Metrics, log *slog.Logger) (*opened, error) {
	if cfg.SharedStore() {
		c := postgresConfig(cfg)
		c.Metrics, c.Log = m, log
		return openShared(ctx, c)
	}
	dir := cfg.General.DataDir
	s, err := sqlite.Open(ctx, sqlite.Config{Dir: dir, Spare: uint64(cfg.General.DiskMinFree), Metrics: m, Log: log})
	if err != nil {
		return nil, storeError(dir, err)
	}
	return &opened{store: s, owner: embeddedOwner, restored: s.Restored()}, nil
}

// openForDesk opens the store for a command: a shared one, on which engines may
// be at work, is left at the version that it has.
func openForDesk(ctx context.Context, cfg *config.Config) (*opened, error) {
	if cfg.SharedStore() {
		c := postgresConfig(cfg)
		c.NoMigrate = true
		return openShared(ctx, c)
	}
	return openStore(ctx, cfg, nil, nil)
}

// openShared opens PostgreSQL. The engine's name is new at each start: what a
// process before it left is taken over like any other silent engine's. The data
// folder still is one engine's: its token lies there.
func openShared(ctx context.Context, c postgres.Config) (*opened, error) {
	s, err := postgres.Open(ctx, c)
	if err != nil {
		return nil, sharedError(err)
	}
	return &opened{store: s, owner: keys.New(), fleet: s}, nil
}

func postgresConfig(cfg *config.Config) postgres.Config {
	p := cfg.Postgres
	return postgres.Config{
		DSN: p.DSN().Reveal(), DirectDSN: p.DirectDSN().Reveal(), ExecMode: p.ExecMode, MaxConns: p.MaxConns, MinConns: p.MinConns,
		StatementTimeout: p.StatementTimeout, AppName: "conserje",
	}
}

// sharedError says in the words of who starts it why PostgreSQL cannot be used.
func sharedError(err error) error {
	if code := hotel.AsError(err).Code; code == "newer" || code == "older" {
		return fmt.Errorf("POSTGRES_URL: %w", err)
	}
	if hotel.KindOf(err) == hotel.Invalid {
		return fmt.Errorf("POSTGRES_URL or its neighbours cannot be used: %w", err)
	}
	return fmt.Errorf("PostgreSQL does not answer as it should (does it run, do POSTGRES_URL and its neighbours name it, may this user create tables there?): %w", err)
}

// nameFile holds the name of the engine that has the data folder, or had it last.
const nameFile = "engine"

// lastEngine reads which engine has the data folder, or had it last, and where
// that was; empty when none was there.
func lastEngine(dir string) (name, at string, err error) {
	text, err := os.ReadFile(filepath.Join(dir, nameFile))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", "", err
	}
	name, at, _ = strings.Cut(strings.TrimSpace(string(text)), "\n")
	return name, at, nil
}

// settle takes the data folder for an engine whose store is elsewhere. Whoever
// had it before is dead, since the lock is free: it need not be waited for.
func (o *opened) settle(dir string) error {
	if o.fleet == nil {
		return nil // the embedded store has locked it
	}
	lock, err := sqlite.Lock(dir)
	if err != nil {
		return storeError(dir, err)
	}
	o.close = append(o.close, lock)
	name, at, err := lastEngine(dir)
	if err != nil {
		return fmt.Errorf("DATA_DIR=%s: %w", dir, err)
	}
	here, err := place(dir)
	if err != nil {
		return fmt.Errorf("DATA_DIR=%s: %w", dir, err)
	}
	if at == here {
		o.predecessor = name
	}
	if err := os.WriteFile(filepath.Join(dir, nameFile), []byte(o.owner+"\n"+here+"\n"), 0o600); err != nil {
		return fmt.Errorf("DATA_DIR=%s: %w", dir, err)
	}
	return nil
}

// privacy is the store's part of guests' rights, with who takes erasures in.
func (o *opened) privacy(cfg *config.Config, ask func(context.Context, hotel.GuestID, hotel.Erasure) error) transport.Privacy {
	r := transport.Rights{PrivacyStore: o, Ask: ask}
	for _, p := range cfg.Properties {
		r.Properties = append(r.Properties, hotel.PropertyID(p.ID))
	}
	return r
}

// place tells this folder on this running machine from a copy of it elsewhere,
// whose engine may live.
func place(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil { // no Linux
		name, err := os.Hostname()
		return name + " " + dir, err
	}
	return strings.TrimSpace(string(boot)) + " " + dir, nil
}

// embeddedOwner names the one engine of an embedded store, the same after each restart.
const embeddedOwner = "embedded"

// storeError says in the words of who starts it why a folder's store does not
// open. Its kind stays to be asked for.
func storeError(dir string, err error) error {
	e, ok := errors.AsType[*hotel.Error](err)
	switch {
	case !ok:
		return err
	case e.Kind == hotel.Conflict:
		return fmt.Errorf("DATA_DIR=%s is in use: %w", dir, err)
	case e.Code == "newer":
		return fmt.Errorf("DATA_DIR=%s: %w", dir, err)
	case e.Kind == hotel.Invalid:
		return fmt.Errorf("DATA_DIR=%s cannot hold the store (name a folder that this user may write): %w", dir, err)
	default:
		return fmt.Errorf("DATA_DIR=%s: the store does not open (is the disk full, or the database another program's?): %w", dir, err)
	}
}
