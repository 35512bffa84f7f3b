package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/config"
	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/alert"
	"github.com/conserje/conserje/integrations/gmail"
	"github.com/conserje/conserje/integrations/mail"
	"github.com/conserje/conserje/integrations/qloapps"
	"github.com/conserje/conserje/integrations/smtp"
	"github.com/conserje/conserje/integrations/whatsapp"
)

// clients are the outside, as the actors see it.
type clients struct {
	messenger actors.Messenger
	pms       actors.PMS
	mailer    actors.Mailer
	operator  *alert.Operator
	accounts  func() []hotel.Upstream // how the mail accounts stand; nil without mail
}

// connect makes the clients of every property. Nothing is dialled yet.
func (a *app) connect(ctx context.Context) (clients, error) {
	messenger, err := a.whatsApp()
	if err != nil {
		return clients{}, err
	}
	pms, err := a.hotelSystems(ctx)
	if err != nil {
		return clients{}, err
	}
	mailer, err := a.mailer()
	if err != nil {
		return clients{}, err
	}
	c := clients{messenger: messenger, pms: pms, mailer: mailer, operator: a.operate(mailer)}
	if m, ok := mailer.(*mail.Mailer); ok {
		c.accounts = m.Outside
	}
	return c, nil
}

func (a *app) whatsApp() (*whatsapp.Client, error) {
	s := a.cfg.WhatsApp
	numbers := map[hotel.PropertyID]whatsapp.Number{}
	for _, p := range a.cfg.Properties {
		if p.WhatsApp.PhoneNumberID == "" {
			a.log.Warn("property has no WhatsApp number: its guests cannot be answered", "property", p.ID)
			continue
		}
		numbers[hotel.PropertyID(p.ID)] = whatsapp.Number{PhoneNumberID: p.WhatsApp.PhoneNumberID, Token: p.WhatsApp.Token.Reveal()}
	}
	c, err := whatsapp.New(whatsapp.Config{Numbers: numbers, BaseURL: s.APIURL, Version: s.GraphVersion, Timeout: s.Timeout})
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, c.Close)
	return c, nil
}

func (a *app) hotelSystems(ctx context.Context) (qloapps.Hotels, error) {
	hotels := qloapps.Hotels{}
	for _, p := range a.cfg.Properties {
		c, err := a.hotelSystem(ctx, p)
		if err != nil {
			return nil, fmt.Errorf("property %s: %w", p.ID, err)
		}
		hotels[hotel.PropertyID(p.ID)] = c
	}
	a.introduce(hotels)
	return hotels, nil
}

func (a *app) hotelSystem(ctx context.Context, p config.Property) (*qloapps.Client, error) {
	conf := hotelConfig(a.cfg, p)
	if p.PMS.Type == "mock" {
		url, key, err := a.standInHotel(ctx, p)
		if err != nil {
			return nil, err
		}
		conf.BaseURL, conf.Key, conf.HotelID = url, qloapps.Secret(key), 1
	}
	return qloapps.New(conf)
}

// hotelConfig is how a property's hotel system is spoken to.
func hotelConfig(cfg *config.Config, p config.Property) qloapps.Config {
	s := cfg.PMS
	conf := qloapps.Config{
		Property: hotel.PropertyID(p.ID), BaseURL: p.PMS.BaseURL, Key: qloapps.Secret(p.PMS.Key.Reveal()), HotelID: p.PMS.HotelID,
		Timeout: s.Timeout, Currency: p.Currency, Zone: p.Location(), Services: p.PMS.Services, NoEmailDomain: s.NoEmailDomain, Version: version,
	}
	if s.AuthProxy {
		conf.BearerToken = qloapps.Secret(s.AuthToken.Reveal())
	}
	return conf
}

func (a *app) mailer() (actors.Mailer, error) {
	s := a.cfg.Settings
	var api mail.Way
	if s.Gmail.RefreshToken != "" {
		c, err := gmail.New(gmail.Config{ClientID: s.Gmail.ClientID, ClientSecret: s.Gmail.ClientSecret.Reveal(),
			RefreshToken: s.Gmail.RefreshToken.Reveal(), Endpoint: s.Gmail.APIURL, TokenURL: s.Gmail.TokenURL, PerMinute: s.Gmail.PerMinute})
		if err != nil {
			return nil, err
		}
		a.closers = append(a.closers, c.Close)
		api = c
	}
	var fallback mail.Way
	if s.SMTP.Username != "" {
		c, err := smtp.New(smtp.Config{Host: s.SMTP.Host, Port: s.SMTP.Port, Username: s.SMTP.Username,
			Password: s.SMTP.Password.Reveal(), From: s.SMTP.From})
		if err != nil {
			return nil, err
		}
		fallback = c
	}
	if api == nil && fallback == nil {
		a.log.Warn("no way to send mail is configured: confirmations go by WhatsApp only. Set GMAIL_* or SMTP_*.")
		return noMail{}, nil
	}
	conf := mail.Config{Log: a.log, Metrics: a.metrics, OnClosed: a.mailClosed}
	for _, p := range a.cfg.Properties {
		conf.Accounts = append(conf.Accounts, mail.Account{Hotel: a.mailHotel(p), Gmail: api, SMTP: fallback, SMTPFrom: s.SMTP.From})
	}
	return mail.New(conf)
}

func (a *app) mailHotel(p config.Property) mail.Hotel {
	from := a.cfg.Gmail.From
	if from == "" {
		from = a.cfg.SMTP.From
	}
	h := mail.Hotel{
		ID: hotel.PropertyID(p.ID), Name: p.Name, Address: p.Address, Phone: p.Phone, From: from, ReplyTo: p.Email,
		StaffEmails: p.Staff.Emails, OperatorEmails: a.cfg.Operator.Emails, Zone: p.Location(), Country: p.Country,
		Locales: p.Locales, CheckIn: p.CheckIn, CheckOut: p.CheckOut, MapURL: p.Map, ReceptionURL: a.receptionURL(),
		Policies: map[string]string{},
	}
	for _, lang := range p.Locales {
		var lines []string
		for _, name := range []string{"cancellation", "payment", "pets"} {
			if text := p.Policies[name][lang]; text != "" {
				lines = append(lines, text)
			}
		}
		h.Policies[lang] = strings.Join(lines, "\n")
	}
	return h
}

// noMail is the mailer of an installation without mail: each mail is refused
// for good, and its dead letter says why.
type noMail struct{}

func (noMail) SendMail(context.Context, hotel.Mail) (string, error) { return "", errNoMail }

func (noMail) SendAlert(context.Context, hotel.Alert, []hotel.GuestID) (string, error) {
	return "", errNoMail
}

var errNoMail = &hotel.Error{Op: "mail", Kind: hotel.Invalid, Code: "no_mail",
	Err: fmt.Errorf("no way to send mail is configured: set GMAIL_* or SMTP_*")}
