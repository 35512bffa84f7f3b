package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/alert"
	"github.com/conserje/conserje/persistence/disk"
	"github.com/conserje/conserje/transport"
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

// watchDisk looks at the room under the data folder; it is looked at for the
// metric and the status also when no minimum is set.
func (a *app) watchDisk() {
	a.disk = disk.Start(disk.Config{
		Free: func() (uint64, error) { return disk.Free(a.cfg.General.DataDir) },
		Min:  uint64(a.cfg.General.DiskMinFree),
		Each: func(free uint64) { a.metrics.DiskFree.Set(float64(free)) },
		Low: func(free, least uint64) {
			a.people.Notice(hotel.Trouble{Cause: hotel.TroubleDisk, Summary: fmt.Sprintf(
				"%d MB are free under DATA_DIR, less than DISK_MIN_FREE (%d MB); no new messages are taken.", free/1e6, least/1e6)})
		},
		Log: a.log,
	})
	a.closers = append(a.closers, a.disk.Close)
}

// state is what this engine knows of itself, for the status.
func (a *app) state(c clients) func(context.Context) (transport.State, error) {
	return func(ctx context.Context) (transport.State, error) {
		doubts, err := a.engine.Doubts(ctx)
		st := transport.State{Outside: a.engine.Outside(), Doubts: doubts, DiskFree: a.disk.Left(), DiskMin: a.disk.Min,
			Oldest: a.cfg.Operator.OldestAlert, Away: a.cfg.Operator.AwayAlert}
		if c.accounts != nil {
			st.Outside = append(st.Outside, c.accounts()...)
		}
		return st, err
	}
}

// noticeUnclean tells of an engine that did not end by itself.
func (a *app) noticeUnclean() {
	if a.journal.Unclean() > 0 {
		a.people.Notice(hotel.Trouble{Cause: hotel.TroubleUnclean,
			Summary: "The engine started again after it had not ended by itself; what was in hand is taken up."})
	}
}
