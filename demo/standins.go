// Package demo is the outside on loopback: the stand-ins of WhatsApp, QloApps
// and Gmail, each a real HTTP server, and the page on which a person plays
// guest, hotel and reception. Nothing leaves the machine.
//
//	browser --> pages --(proxy)--> whatsapptest <--> engine <--> qloappstest
//	                                                    \------> gmailtest
package demo

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"time"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/gmail/gmailtest"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
	"github.com/conserje/conserje/integrations/whatsapp/whatsapptest"
)

// What the demo's parts know each other by. They open nothing else.
const (
	NumberID     = "106540352242922"
	AccountID    = "102290129340398"
	AccessToken  = "demo-access-token"
	VerifyToken  = "demo-verify-token" //nolint:gosec // of the stand-in only
	ClientID     = "demo.apps.googleusercontent.com"
	ClientSecret = "demo-client-secret" //nolint:gosec // of the stand-in only
	RefreshToken = "demo-refresh-token"
	Mailbox      = "reservas@posadadelcerro.example.com"
	StaffPhone   = "5492944550199"
	StaffMail    = "recepcion@posadadelcerro.example.com"

	// The returning guest, whose booking is in the hotel system from the start,
	// and the one who writes English.
	ReturningPhone = "5491155550101"
	EnglishPhone   = "447700900103"
)

// Config is where the stand-ins live.
type Config struct {
	Dir        string // of their state; empty = memory only
	WebhookURL string // of the engine
	AppSecret  string // that webhooks are signed with; empty = unsigned
	// Strangers write, too: webhooks that others than the stand-in post, whose
	// guests' 24 hours it knows nothing of. It then takes free text at any time.
	Strangers bool
	// RetryMost is the longest wait between tries of a webhook; 0 = a minute, as for Meta.
	RetryMost time.Duration
	// Addresses to listen on; empty = any free port of loopback.
	Graph, Hotel, Gmail string
}

// Standins are the three servers, running.
type Standins struct {
	GraphURL, HotelURL, GmailURL string

	graph *whatsapptest.Server
	hotel *qloappstest.Server
	gmail *gmailtest.Server
}

// Start starts the stand-ins. Their state is read from Dir.
func Start(c Config) (_ *Standins, err error) {
	s := &Standins{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	switches := whatsapptest.DefaultSwitches()
	switches.NoWindow = c.Strangers
	if s.graph, err = whatsapptest.New(whatsapptest.Config{
		Numbers: []whatsapptest.Number{{PhoneNumberID: NumberID, Display: "+54 9 294 455-0100",
			Name: "Posada del Cerro", Token: AccessToken, Account: AccountID}},
		Secret: c.AppSecret, WebhookURL: c.WebhookURL, RetryMost: c.RetryMost, Dir: sub(c.Dir, "whatsapp"),
		Switches: &switches,
	}); err != nil {
		return nil, fmt.Errorf("WhatsApp stand-in: %w", err)
	}
	if s.hotel, err = qloappstest.New(qloappstest.Config{
		Property: property(time.Now()), Dir: sub(c.Dir, "hotel"),
		Create: qloappstest.Delay{Min: 50 * time.Millisecond, Max: 150 * time.Millisecond},
	}); err != nil {
		return nil, fmt.Errorf("QloApps stand-in: %w", err)
	}
	if s.gmail, err = gmailtest.New(gmailtest.Config{Dir: sub(c.Dir, "gmail"), ClientID: ClientID,
		ClientSecret: ClientSecret, RefreshToken: RefreshToken, Account: Mailbox}); err != nil {
		return nil, fmt.Errorf("Gmail stand-in: %w", err)
	}
	if s.GraphURL, err = s.graph.Start(anyPort(c.Graph)); err != nil {
		return nil, err
	}
	if s.HotelURL, err = s.hotel.Start(anyPort(c.Hotel)); err != nil {
		return nil, err
	}
	if s.GmailURL, err = s.gmail.Start(anyPort(c.Gmail)); err != nil {
		return nil, err
	}
	return s, s.people()
}

// property is the stand-in's hotel, under the address that the engine's YAML
// gives (config/demo/posada-del-cerro.yaml).
func property(now time.Time) qloappstest.Property {
	p := qloappstest.DemoHotel(hotel.DateOf(now))
	p.Phone, p.Email, p.Address, p.CheckOut = "+54 294 455-0100", Mailbox, "Av. Exequiel Bustillo 4250", "10:30"
	return p
}

func sub(dir, name string) string {
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, name)
}

func anyPort(addr string) string {
	if addr == "" {
		return "127.0.0.1:0"
	}
	return addr
}

// people are the phones of the demo, at the first start.
func (s *Standins) people() error {
	if len(s.graph.Guests()) > 0 {
		return nil
	}
	for _, g := range []whatsapptest.Guest{
		{Phone: ReturningPhone, Name: "Lucía Fernández"},
		{Phone: "5492615550102", Name: "Martín Gómez"},
		{Phone: EnglishPhone, Name: "Emily Clark"},
		{Phone: StaffPhone, Name: "Recepción (personal)"},
	} {
		if err := s.graph.AddGuest(g); err != nil {
			return err
		}
	}
	return nil
}

// Env is the configuration that points an engine at the stand-ins.
func (s *Standins) Env() map[string]string {
	return map[string]string{
		"WHATSAPP_API_URL": s.GraphURL, "WHATSAPP_PHONE_NUMBER_ID": NumberID, "WHATSAPP_BUSINESS_ACCOUNT_ID": AccountID,
		"WHATSAPP_ACCESS_TOKEN": AccessToken, "WHATSAPP_WEBHOOK_VERIFY_TOKEN": VerifyToken,
		"PMS_TYPE": "qloapps", "PMS_BASE_URL": s.HotelURL, "PMS_API_KEY": qloappstest.DemoKey, "PMS_HOTEL_ID": "1",
		"GMAIL_CLIENT_ID": ClientID, "GMAIL_CLIENT_SECRET": ClientSecret, "GMAIL_REFRESH_TOKEN": RefreshToken,
		"GMAIL_FROM_EMAIL": Mailbox, "GMAIL_API_URL": s.GmailURL, "GMAIL_TOKEN_URL": s.GmailURL + "/token",
	}
}

// Close ends the servers; their state stays in Dir.
func (s *Standins) Close() error {
	var errs []error
	if s.graph != nil {
		errs = append(errs, s.graph.Close())
	}
	if s.hotel != nil {
		errs = append(errs, s.hotel.Close())
	}
	if s.gmail != nil {
		errs = append(errs, s.gmail.Close())
	}
	return errors.Join(errs...)
}

// NextFree takes the first free port at or after addr's, trying a hundred.
func NextFree(addr string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	first, err := net.LookupPort("tcp", port)
	if err != nil {
		return nil, err
	}
	var last error
	for p := first; p < first+100; p++ {
		ln, err := net.Listen("tcp", net.JoinHostPort(host, fmt.Sprint(p)))
		if err == nil {
			return ln, nil
		}
		last = err
	}
	return nil, fmt.Errorf("no free port from %s on: %w", addr, last)
}
