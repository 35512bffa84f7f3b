package main

import (
	"context"
	"strings"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/alert"
)

// operate joins the ways to whoever runs the engine.
func (a *app) operate(mailer actors.Mailer) *alert.Operator {
	ways := map[string]alert.Way{}
	if len(a.cfg.Operator.Emails) > 0 {
		ways["mail"] = operatorMail{mailer, hotel.PropertyID(a.cfg.Default().ID)}
	}
	if url := a.cfg.Operator.WebhookURL; !url.IsZero() {
		webhook := alert.NewWebhook(url.Reveal(), a.metrics)
		a.closers = append(a.closers, webhook.Close)
		ways["webhook"] = webhook
	}
	a.people = alert.New(alert.Config{Ways: ways, Log: a.log, Metrics: a.metrics})
	a.closers = append(a.closers, a.people.Close)
	return a.people
}

// operatorMail is the way by the mail account of a trouble's property, or of
// the default one.
type operatorMail struct {
	mailer   actors.Mailer
	fallback hotel.PropertyID
}

// Tell is alert.Way's.
func (m operatorMail) Tell(ctx context.Context, t hotel.Trouble) error {
	property := t.Property
	if property == "" {
		property = m.fallback
	}
	_, err := m.mailer.SendAlert(ctx, hotel.Alert{Property: property, Cause: hotel.CauseEngine, Lang: "en", Operator: true,
		Summary: strings.TrimPrefix(alert.Text(t), "Conserje: ")}, nil)
	return err
}

// mailClosed tells of a mail account that closed to us.
func (a *app) mailClosed(property hotel.PropertyID, way string, err error) {
	a.metrics.Alerts.WithLabelValues("mail").Inc()
	e := hotel.AsError(err)
	a.log.Error("mail account closed: a person must look", "property", string(property), "way", way, "kind", e.Kind.String(), "code", e.Code)
	a.people.Notice(hotel.Trouble{Cause: hotel.TroubleMailClosed, Property: property,
		Summary: "The mail account (" + way + ") does not take our mails any more: " + e.Kind.String() + " " + e.Code + "."})
}
