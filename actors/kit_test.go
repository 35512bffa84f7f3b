package actors_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/metrics"
	"github.com/conserje/conserje/persistence/memory"
)

// house is an engine on the memory store, with an outside that the test steers.
type house struct {
	*actors.Engine
	t       *testing.T
	store   *memory.Store
	phone   *phone
	pms     *pms
	mail    *mail
	people  *people
	metrics *metrics.Metrics
}

// open starts a house; change may alter its configuration before.
func open(t *testing.T, change ...func(*actors.Config)) *house {
	t.Helper()
	h := &house{t: t, store: memory.New(), phone: newPhone(), pms: newPMS(), mail: &mail{}, people: &people{}, metrics: metrics.New()}
	h.start(change...)
	return h
}

func (h *house) start(change ...func(*actors.Config)) {
	h.t.Helper()
	c := actors.Config{
		Store: h.store, Messenger: h.phone, PMS: h.pms, Mailer: h.mail, Operator: h.people, Owner: "test", Metrics: h.metrics,
		Properties: []actors.Property{{ID: "posada", Dialogue: conversation.New(facts()),
			StaffPhones: []string{"5492944550199"}, StaffTemplate: "alerta", StaffTemplateLang: "es_AR", ReceptionURL: "http://reception"}},
		Settings: actors.Settings{MessagesPerSecond: 100_000, PairBurst: 1000, PairInterval: time.Millisecond},
	}
	for _, f := range change {
		f(&c)
	}
	engine, err := actors.Start(c)
	require.NoError(h.t, err)
	h.Engine = engine
	h.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		_ = engine.Drain(ctx) // some tests drain themselves, or leave sends hanging
	})
}

func facts() conversation.Facts {
	return conversation.Facts{
		Property: "posada", Name: "Posada del Cerro", Address: "Av. Bustillo 4200", Country: "AR", Currency: "ARS",
		Locales: []string{"es", "en"}, Zone: time.UTC, TaxIncluded: true, ReceptionURL: "http://reception",
		Knowledge: map[string]map[string]string{"wifi": {"es": "Sí, hay wifi gratis.", "en": "Yes, free wifi."}},
		RoomTypes: []conversation.RoomFact{{RoomType: hotel.RoomType{ID: "1", Name: "Doble", MaxAdults: 2, MaxChildren: 1, MaxGuests: 3}, Names: []string{"doble"}}},
	}
}

// say hands one message of a guest in, as transport would.
func (h *house) say(phone, id, text string) {
	h.t.Helper()
	require.NoError(h.t, h.Accept(h.t.Context(), []hotel.Inbound{inbound(phone, id, text)}, nil, nil))
}

func inbound(phone, id, text string) hotel.Inbound {
	return hotel.Inbound{Property: "posada", MessageID: id, From: hotel.Address{Phone: phone}, Kind: hotel.InText, Text: text, At: time.Now()}
}

// phone is WhatsApp: it keeps what every guest heard, and fails as told.
type phone struct {
	mu    sync.Mutex
	cond  *sync.Cond
	heard map[string][]hotel.Bubble
	calls map[string][]string // callbacks by guest
	// fail decides an error for a send; the message has arrived all the same when arrives is true.
	fail func(to, callback string, m hotel.Message) (arrives bool, err error)
	read int
	down error         // of Probe
	slow time.Duration // of Send
}

// linger lets a call take its time. One that is cut is in doubt.
func linger(ctx context.Context, mu *sync.Mutex, d *time.Duration) error {
	mu.Lock()
	slow := *d
	mu.Unlock()
	if slow == 0 {
		return nil
	}
	select {
	case <-time.After(slow):
		return nil
	case <-ctx.Done():
		return &hotel.Error{Op: "test", Kind: hotel.InDoubt, Err: ctx.Err()}
	}
}

func newPhone() *phone {
	p := &phone{heard: map[string][]hotel.Bubble{}, calls: map[string][]string{}}
	p.cond = sync.NewCond(&p.mu)
	return p
}

func (p *phone) Send(ctx context.Context, m hotel.Message, callback string) (string, error) {
	if err := linger(ctx, &p.mu, &p.slow); err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.cond.Broadcast()
	to := m.To.Phone
	p.calls[to] = append(p.calls[to], callback)
	if p.fail != nil {
		if arrives, err := p.fail(to, callback, m); err != nil {
			if arrives {
				p.heard[to] = append(p.heard[to], m.Bubble)
			}
			return "", err
		}
	}
	p.heard[to] = append(p.heard[to], m.Bubble)
	return fmt.Sprintf("wamid.%s.%d", to, len(p.calls[to])), nil
}

func (p *phone) MarkRead(context.Context, hotel.PropertyID, string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read++
	return nil
}

func (p *phone) Probe(context.Context, hotel.PropertyID) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.down
}

// await waits until the guest has heard n bubbles, and returns them.
func (p *phone) await(t *testing.T, to string, n int) []hotel.Bubble {
	t.Helper()
	return p.until(t, to, func(b []hotel.Bubble) bool { return len(b) >= n })
}

// until waits for what the guest heard to satisfy ok. The deadline is for a hang only.
func (p *phone) until(t *testing.T, to string, ok func([]hotel.Bubble) bool) []hotel.Bubble {
	t.Helper()
	timer := time.AfterFunc(30*time.Second, p.cond.Broadcast)
	defer timer.Stop()
	deadline := time.Now().Add(30 * time.Second)
	p.mu.Lock()
	defer p.mu.Unlock()
	for !ok(p.heard[to]) {
		if time.Now().After(deadline) {
			require.Fail(t, "not heard in time", "so far: %q", last(texts(p.heard[to]), 5))
		}
		p.cond.Wait()
	}
	return append([]hotel.Bubble(nil), p.heard[to]...)
}

// awaitText waits for a bubble that holds the text.
func (p *phone) awaitText(t *testing.T, to, text string) hotel.Bubble {
	t.Helper()
	has := func(b hotel.Bubble) bool { return strings.Contains(strings.ToLower(b.Text), strings.ToLower(text)) }
	all := p.until(t, to, func(bs []hotel.Bubble) bool {
		for _, b := range bs {
			if has(b) {
				return true
			}
		}
		return false
	})
	for i := len(all) - 1; i >= 0; i-- {
		if has(all[i]) {
			return all[i]
		}
	}
	return hotel.Bubble{}
}

func texts(bs []hotel.Bubble) []string {
	var out []string
	for _, b := range bs {
		out = append(out, b.Text)
	}
	return out
}

func last(s []string, n int) []string { return s[max(0, len(s)-n):] }

// pms is a hotel system with one room type, and the real one's race.
type pms struct {
	mu      sync.Mutex
	rooms   int
	orders  []hotel.Reservation
	creates int
	lost    bool // every booking finds that another one holds its room
	calls   int
	price   int64
	down    error                                               // of every call but Probe
	slow    time.Duration                                       // of Availability
	fail    func() error                                        // of every call but Probe
	create  func(hotel.BookingRequest) (booked bool, err error) // decides a create
}

func newPMS() *pms { return &pms{rooms: 5, price: 8_500_000} }

func (p *pms) enter() error {
	p.calls++
	if p.fail != nil && p.down == nil {
		return p.fail()
	}
	return p.down
}

func (p *pms) live() int {
	n := 0
	for _, o := range p.orders {
		if o.Status == hotel.StatusBooked {
			n++
		}
	}
	return n
}

func (p *pms) Availability(ctx context.Context, q hotel.AvailabilityQuery) (hotel.Availability, error) {
	if err := linger(ctx, &p.mu, &p.slow); err != nil {
		return hotel.Availability{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.enter(); err != nil {
		return hotel.Availability{}, err
	}
	total := hotel.Money{Minor: p.price, Currency: "ARS"}
	return hotel.Availability{Query: q, At: time.Now(), Offers: []hotel.Offer{{
		RoomType: hotel.RoomType{ID: "1", Name: "Doble", MaxAdults: 2, MaxChildren: 1, MaxGuests: 3},
		Free:     p.rooms - p.live(), Nightly: total, Total: total.Times(q.Stay.Nights() * max(1, q.Rooms)),
	}}}, nil
}

func (p *pms) RoomTypes(context.Context, hotel.PropertyID) ([]hotel.RoomDetails, error) {
	return nil, nil
}

func (p *pms) Profile(context.Context, hotel.PropertyID, string) (hotel.Profile, error) {
	return hotel.Profile{}, &hotel.Error{Kind: hotel.NotFound}
}

func (p *pms) ByCode(_ context.Context, _ hotel.PropertyID, code hotel.BookingCode) (hotel.Reservation, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, o := range p.orders {
		if o.Code == code {
			return o, p.enter()
		}
	}
	return hotel.Reservation{}, &hotel.Error{Kind: hotel.NotFound}
}

func (p *pms) ByReference(_ context.Context, _ hotel.PropertyID, ref hotel.Reference) ([]hotel.Reservation, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found []hotel.Reservation
	for _, o := range p.orders {
		if o.Reference == ref && o.Status == hotel.StatusBooked {
			found = append(found, o)
		}
	}
	return found, p.enter()
}

func (p *pms) Create(_ context.Context, r hotel.BookingRequest) (hotel.Reservation, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.enter(); err != nil {
		return hotel.Reservation{}, err
	}
	p.creates++
	if p.live() >= p.rooms {
		return hotel.Reservation{}, &hotel.Error{Kind: hotel.SoldOut}
	}
	booked, err := true, error(nil)
	if p.create != nil {
		booked, err = p.create(r)
	}
	if !booked {
		return hotel.Reservation{}, err
	}
	o := hotel.Reservation{Reference: r.Reference, Property: r.Property, Order: fmt.Sprint(len(p.orders) + 1),
		Code: hotel.BookingCode(fmt.Sprintf("XKBKNAB%c%c", 'A'+len(p.orders)/26, 'A'+len(p.orders)%26)), RoomType: r.RoomType, Stay: r.Stay,
		Rooms: r.Rooms(), Adults: 2, Total: r.Quote, Contact: r.Contact, Status: hotel.StatusBooked}
	p.orders = append(p.orders, o)
	return o, err
}

func (p *pms) Change(_ context.Context, c hotel.ChangeRequest) (hotel.Reservation, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.enter(); err != nil {
		return hotel.Reservation{}, err
	}
	for i := range p.orders {
		if p.orders[i].Order == c.Booking.Order {
			p.orders[i].Stay, p.orders[i].Total = c.Stay, c.Quote
			return p.orders[i], nil
		}
	}
	return hotel.Reservation{}, &hotel.Error{Kind: hotel.NotFound}
}

func (p *pms) Changes(context.Context, hotel.PropertyID, string) ([]hotel.OrderChange, string, error) {
	return nil, "", nil
}

func (p *pms) Overbooked(context.Context, hotel.Reservation) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lost, p.enter()
}

func (p *pms) Cancel(_ context.Context, c hotel.CancelRequest) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.enter(); err != nil {
		return err
	}
	for i := range p.orders {
		if p.orders[i].Order == c.Order {
			p.orders[i].Status = hotel.StatusCancelled
		}
	}
	return nil
}

func (p *pms) Probe(context.Context, hotel.PropertyID) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.down
}

func (p *pms) set(f func(*pms)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(p)
}

// mail keeps what was mailed.
type mail struct {
	mu     sync.Mutex
	sent   []hotel.Mail
	alerts []hotel.Alert
	joined [][]hotel.GuestID
	fail   func(hotel.Mail) error
	deaf   func(hotel.Alert) error // decides an alert
}

func (m *mail) SendMail(_ context.Context, x hotel.Mail) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		if err := m.fail(x); err != nil {
			return "", err
		}
	}
	m.sent = append(m.sent, x)
	return fmt.Sprint("mail-", len(m.sent)), nil
}

func (m *mail) SendAlert(_ context.Context, a hotel.Alert, guests []hotel.GuestID) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.deaf != nil {
		if err := m.deaf(a); err != nil {
			return "", err
		}
	}
	m.alerts = append(m.alerts, a)
	m.joined = append(m.joined, guests)
	return fmt.Sprint("alert-", len(m.alerts)), nil
}

func (m *mail) mails() []hotel.Mail {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]hotel.Mail(nil), m.sent...)
}

func (m *mail) told() []hotel.Alert {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]hotel.Alert(nil), m.alerts...)
}
