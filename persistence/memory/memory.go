// Package memory is the store that forgets: maps behind one mutex, for tests
// and for trying things out. It passes the same storetest suite as the stores
// that keep, so what runs on it runs on them.
package memory

import (
	"context"
	"crypto/rand"
	"slices"
	"sync"
	"time"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// Store is the memory store. Make one with New.
type Store struct {
	mu     sync.Mutex
	closed bool
	key    [32]byte
	orders int64 // of inbox and outbox rows, in order of commit

	seen         map[[16]byte]seen
	aliases      map[alias]hotel.GuestID
	guests       map[hotel.GuestID]*guest
	inbox        map[hotel.Key]*inboxRow
	outbox       map[hotel.Key]*outboxRow
	proofs       map[string]*outboxRow
	marks        map[hotel.PropertyID]string
	lanes        map[hotel.Lane][]*outboxRow // unsettled rows, oldest first
	letters      []*letter                   // by id
	handoffs     map[hotel.GuestID]hotel.HandoffRecord
	reservations []reservation // in order of their first writing
	pauses       []hotel.Pause
	engines      map[string]hotel.EngineLease
	audit        []hotel.AuditEntry
}

type (
	alias struct {
		property hotel.PropertyID
		hotel.Alias
	}
	seen struct {
		day int64
		key hotel.Key
	}
	guest struct {
		hotel.GuestRecord
		owner      string      // engine that committed last: it wakes the guest when due
		pending    []*inboxRow // unconsumed, oldest first
		transcript []said
		erasing    time.Time // a turn has said that the guest is to be erased
	}
	reservation struct {
		guest hotel.GuestID
		hotel.Reservation
	}
	said struct {
		at   time.Time
		body []byte
	}
	inboxRow struct {
		hotel.InboxRow
		owner    string // engine that accepted it
		consumed time.Time
	}
	outboxRow struct {
		hotel.OutboxRow
		done time.Time // settled, dead or withdrawn since
	}
	letter struct {
		hotel.DeadLetter
		lane hotel.Lane
	}
)

// New makes an empty store.
func New() *Store {
	s := &Store{
		seen:     map[[16]byte]seen{},
		aliases:  map[alias]hotel.GuestID{},
		guests:   map[hotel.GuestID]*guest{},
		inbox:    map[hotel.Key]*inboxRow{},
		outbox:   map[hotel.Key]*outboxRow{},
		proofs:   map[string]*outboxRow{},
		marks:    map[hotel.PropertyID]string{},
		lanes:    map[hotel.Lane][]*outboxRow{},
		handoffs: map[hotel.GuestID]hotel.HandoffRecord{},
		engines:  map[string]hotel.EngineLease{},
	}
	_, _ = rand.Read(s.key[:]) // never fails
	return s
}

// Close makes every later call fail with hotel.Unavailable.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

// Ping tells whether the store answers.
func (s *Store) Ping(ctx context.Context) error {
	unlock, err := s.enter(ctx, "memory.Ping")
	if err != nil {
		return err
	}
	unlock()
	return nil
}

// Hash is the store's keyed hash of personal identifiers.
func (s *Store) Hash(parts ...string) [16]byte { return rule.Hash(s.key, parts...) }

// enter takes the lock, unless the caller has left or the store is closed.
func (s *Store) enter(ctx context.Context, op string) (unlock func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, &hotel.Error{Op: op, Kind: hotel.Unavailable, Err: err}
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, rule.Err(op, hotel.Unavailable, "closed")
	}
	return s.mu.Unlock, nil
}

func (s *Store) nextOrder() int64 {
	s.orders++
	return s.orders
}

// arrive writes an unconsumed inbox row at its guest's end; false when its key stands already.
func (s *Store) arrive(owner string, row hotel.InboxRow) (hotel.InboxRow, bool) {
	g := s.guests[row.Guest]
	if _, stands := s.inbox[row.Key]; stands || g == nil {
		return hotel.InboxRow{}, false
	}
	row.Order, row.Body = s.nextOrder(), slices.Clone(row.Body)
	in := &inboxRow{InboxRow: row, owner: owner}
	s.inbox[row.Key] = in
	g.pending = append(g.pending, in)
	return row, true
}

// bury writes a dead letter.
func (s *Store) bury(d hotel.DeadLetter, lane hotel.Lane) {
	d.ID, d.Body = int64(len(s.letters))+1, slices.Clone(d.Body)
	s.letters = append(s.letters, &letter{DeadLetter: d, lane: lane})
}
