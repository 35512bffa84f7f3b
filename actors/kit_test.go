package actors_test

import (
	"context"
	"fmt"
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
