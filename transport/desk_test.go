package transport_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/transport"
)

// desk is a reception in memory: the store's part for people, and the engine's.
type desk struct {
	mu           sync.Mutex
	err          error // of every call, when set
	handoffs     []hotel.HandoffRecord
	transcript   map[hotel.GuestID][]hotel.TranscriptLine
	reservations []hotel.Reservation
	letters      []hotel.DeadLetter
	backlog      hotel.Backlog
	said, closed []hotel.StaffWord
	unparked     []hotel.StaffWord
	nudged       []string
	replayedAt   time.Time
	query        hotel.LetterQuery
	replay       hotel.Replay
}

func notFound() error { return &hotel.Error{Op: "desk", Kind: hotel.NotFound} }

func limited[T any](list []T, limit int) []T { return slices.Clone(list[:min(limit, len(list))]) }

func (d *desk) Handoffs(_ context.Context, p hotel.PropertyID, openOnly bool, limit int) ([]hotel.HandoffRecord, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := slices.DeleteFunc(slices.Clone(d.handoffs), func(h hotel.HandoffRecord) bool {
		return p != "" && h.Property != p || openOnly && h.State != hotel.HandoffOpen
	})
	return limited(out, limit), d.err
}

func (d *desk) Transcript(_ context.Context, g hotel.GuestID, limit int) ([]hotel.TranscriptLine, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return limited(d.transcript[g], limit), d.err
}

func (d *desk) Reservations(_ context.Context, _ hotel.PropertyID, limit int) ([]hotel.Reservation, error) {
	return limited(d.reservations, limit), d.err
}

func (d *desk) Backlog(context.Context) (hotel.Backlog, error) { return d.backlog, d.err }

func (d *desk) DeadLetters(_ context.Context, q hotel.LetterQuery) ([]hotel.DeadLetter, error) {
	d.query = q
	out := slices.DeleteFunc(slices.Clone(d.letters), func(l hotel.DeadLetter) bool { return !q.All && !l.Closed.IsZero() })
	return limited(out, q.Limit), d.err
}

func (d *desk) DeadLetter(_ context.Context, id int64) (hotel.DeadLetter, error) {
	if i := d.find(id); i >= 0 {
		return d.letters[i], d.err
	}
	return hotel.DeadLetter{}, notFound()
}

func (d *desk) find(id int64) int {
	return slices.IndexFunc(d.letters, func(l hotel.DeadLetter) bool { return l.ID == id })
}

func (d *desk) Replay(_ context.Context, r hotel.Replay) (hotel.GuestID, hotel.Lane, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i, at := d.find(r.ID), r.At
	if i < 0 {
		return "", "", notFound()
	}
	d.replay = r
	if d.letters[i].Source == "webhook" || !d.letters[i].Closed.IsZero() {
		return "", "", &hotel.Error{Op: "desk", Kind: hotel.Invalid}
	}
	d.letters[i].Closed, d.letters[i].Closing, d.replayedAt = at, "replayed", at
	return d.letters[i].Guest, hotel.GuestLane(d.letters[i].Guest), d.err
}

func (d *desk) Drop(_ context.Context, id int64, at time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := d.find(id)
	if i < 0 {
		return notFound()
	}
	d.letters[i].Closed, d.letters[i].Closing = at, "dropped"
	return d.err
}

func (d *desk) Unpark(_ context.Context, g hotel.GuestID, w hotel.StaffWord) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.transcript[g] == nil {
		return notFound()
	}
	d.unparked = append(d.unparked, w)
	return d.err
}

func (d *desk) Say(_ context.Context, g hotel.GuestID, w hotel.StaffWord) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.transcript[g] == nil {
		return notFound()
	}
	d.said = append(d.said, w)
	return d.err
}

func (d *desk) Close(_ context.Context, g hotel.GuestID, w hotel.StaffWord) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.transcript[g] == nil {
		return notFound()
	}
	d.closed = append(d.closed, w)
	return d.err
}

func (d *desk) Nudge(g hotel.GuestID, l hotel.Lane) {
	d.nudged = append(d.nudged, string(g)+" "+string(l))
}

const evil = `<script>alert("x")</script><img src=x onerror=alert(1)>`

func newDesk() *desk {
	at := arrival.Add(-20 * time.Minute)
	return &desk{
		handoffs: []hotel.HandoffRecord{
			{Guest: "g1", Property: "sol", State: hotel.HandoffOpen, Cause: hotel.CauseAsked, Name: "Lucía Fernández", Address: "5492604000001",
				Opened: arrival.Add(-3 * time.Minute), Heard: arrival},
			{Guest: "g2", Property: "luna", State: hotel.HandoffOpen, Cause: hotel.CauseStuck, Name: evil, Address: evil, Opened: at, Heard: at},
			{Guest: "g3", Property: "sol", State: hotel.HandoffAnswered, Cause: hotel.CauseBooking, Opened: at, Staff: at, Heard: at.Add(time.Minute)},
			{Guest: "g4", Property: "sol", State: hotel.HandoffClosed, Cause: hotel.CauseOutage, Name: "Bruno", Opened: at.AddDate(0, 0, -3)},
		},
		transcript: map[hotel.GuestID][]hotel.TranscriptLine{
			"g1": {{At: at, Who: "guest", Text: "Hola"}, {At: at, Who: "bot", Text: "¡Hola! ¿En qué te ayudo?"}, {At: arrival, Who: "guest", Text: "Una persona"}},
			"g2": {{At: at, Who: "guest", Text: evil}, {At: at, Who: "note", Text: "n"}, {At: at, Who: "staff", Text: "s"}},
			"g3": {{At: at, Who: "guest", Text: "Hello"}},
		},
		letters: []hotel.DeadLetter{
			{ID: 7, Source: "inbox", Key: "k7", Guest: "g1", Property: "sol", Kind: hotel.KindSaid, Reason: "panicked 5 times", Body: []byte(`{"text":"` + `hola"}`), At: at},
			{ID: 8, Source: "webhook", Reason: "undecodable", Body: []byte("\xff<script>\x00"), At: at},
			{ID: 9, Source: "outbox", Guest: "g3", Kind: hotel.KindSay, Reason: evil, Body: []byte(evil), At: at, Closed: at, Closing: "dropped"},
		},
		reservations: []hotel.Reservation{
			{Code: "ABCDEFGHI", Property: "sol", RoomType: hotel.RoomType{Name: "Doble superior"}, Rooms: 2, Adults: 4, Children: 1,
				Stay:  hotel.Stay{CheckIn: hotel.NewDate(2026, 12, 3), CheckOut: hotel.NewDate(2026, 12, 6)},
				Total: hotel.Money{Minor: 123456789, Currency: "ARS"}, Contact: hotel.Contact{FirstName: "Lucía", LastName: evil}, Status: hotel.StatusBooked},
		},
		backlog: hotel.Backlog{Unconsumed: 3, OldestInbox: arrival.Add(-90 * time.Second), Sending: 1, DeadLetters: 2, Handoffs: 2},
	}
}

type adminBundle struct {
	*transport.Admin
	desk   *desk
	clock  *clock
	log    *syncBuffer
	url    string
	client *http.Client // keeps cookies, follows nothing
}

func startAdmin(t *testing.T, change func(*transport.AdminConfig)) *adminBundle {
	t.Helper()
	b := &adminBundle{desk: newDesk(), clock: &clock{t: arrival}, log: &syncBuffer{}}
	c := transport.AdminConfig{
		Reception: b.desk, Staff: b.desk, Nudger: b.desk, Token: "t0ken", Zone: time.UTC, Version: "v1.2.3", Now: b.clock.Now,
		Health: func() transport.Health {
			return transport.Health{Status: "unready", Checks: map[string]string{"store": "ok", "pms": "unavailable"}}
		},
		Log: slog.New(slog.NewTextHandler(b.log, nil)),
	}
	if change != nil {
		change(&c)
	}
	var err error
	b.Admin, err = transport.NewAdmin(c)
	require.NoError(t, err)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	b.url = "http://" + ln.Addr().String()
	served := make(chan error, 1)
	go func() { served <- b.Serve(ln) }()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	tr := &http.Transport{}
	b.client = &http.Client{Transport: tr, Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(func() {
		tr.CloseIdleConnections()
		require.NoError(t, b.Shutdown(context.Background()))
		require.NoError(t, <-served)
	})
	return b
}

func (b *adminBundle) get(t *testing.T, path string, headers ...string) reply {
	t.Helper()
	return do(t, b.client, http.MethodGet, b.url+path, nil, headers...)
}

func (b *adminBundle) send(t *testing.T, path, body string, headers ...string) reply {
	t.Helper()
	return do(t, b.client, http.MethodPost, b.url+path, []byte(body), headers...)
}

func (b *adminBundle) form(t *testing.T, path, body string, headers ...string) reply {
	t.Helper()
	return b.send(t, path, body, append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }
