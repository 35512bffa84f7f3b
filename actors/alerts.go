package actors

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/conserje/conserje/hotel"
)

// alerts carries alerts to people: by mail, and by template to the staff's
// phones. One way that works is enough. Alerts of an outage are joined: the
// first goes at once, those of the next 5 min go together at their end.
type alerts struct {
	rt *runtime

	mu     sync.Mutex
	joints map[jointKey]*joint
}

type jointKey struct {
	property hotel.PropertyID
	cause    hotel.AlertCause
}

// joint is one window of joined alerts.
type joint struct {
	until  time.Time
	guests []hotel.GuestID
	done   chan struct{} // closed when the joined alert has gone; nil while none waits
}

// joinWindow is how long alerts of one property and cause are joined.
const joinWindow = 5 * time.Minute

func (a *alerts) permit(hotel.Lane, time.Time) (bool, time.Duration) { return true, 0 }
func (a *alerts) giveBack(hotel.Lane)                                {}
func (a *alerts) leave(hotel.Lane)                                   {}
func (a *alerts) doubtWait() time.Duration                           { return time.Second }
func (a *alerts) carry(ctx context.Context, row hotel.OutboxRow) outcome {
	var alert hotel.Alert
	if err := json.Unmarshal(row.Body, &alert); err != nil {
		return dead("not readable: " + err.Error())
	}
	err := a.tell(ctx, alert)
	switch {
	case err == nil:
		a.rt.metrics.Alerts.WithLabelValues(string(alert.Cause)).Inc()
		return proven("")
	case errors.Is(err, errDraining):
		return released(0)
	}
	a.unheard(alert, err)
	if hotel.KindOf(err) == hotel.Invalid {
		a.rt.metrics.Alerts.WithLabelValues("unheard").Inc()
		return dead("nobody can be told: no way to a person is configured")
	}
	return released(hotel.AsError(err).RetryAfter)
}

// resolve says an alert again: once too often is better than never. A joined
// one is out for minutes before it is sent, so many deaths are no sign; but
// not any number, for the alert itself may be what kills.
func (a *alerts) resolve(_ context.Context, row hotel.OutboxRow, _ bool) outcome {
	if row.Attempt < mostAlertTries {
		return outcome{repeat: true}
	}
	return lost(row)
}

const mostAlertTries = 20

func (a *alerts) tell(ctx context.Context, alert hotel.Alert) error {
	if !alert.Cause.Joined() || alert.Operator {
		return a.send(ctx, alert, nil)
	}
	key := jointKey{alert.Property, alert.Cause}
	a.mu.Lock()
	j := a.joints[key]
	if j == nil || time.Now().After(j.until) && j.done == nil {
		j = &joint{until: time.Now().Add(joinWindow)}
		a.joints[key] = j
		a.mu.Unlock()
		return a.first(ctx, key, j, alert)
	}
	j.guests = append(j.guests, alert.Guest)
	leads := j.done == nil
	if leads {
		j.done = make(chan struct{})
	}
	done := j.done
	a.mu.Unlock()
	if leads {
		return a.lead(ctx, key, j, alert)
	}
	select {
	case <-done:
		return nil
	case <-a.rt.drain:
		return errDraining
	}
}

// first tells of a window's first alert at once. When nobody could be told
// there is no window: the next try is a first one again.
func (a *alerts) first(ctx context.Context, key jointKey, j *joint, alert hotel.Alert) error {
	err := a.send(ctx, alert, nil)
	if err == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.joints[key] == j && j.done == nil {
		delete(a.joints, key)
	}
	return err
}

var errDraining = errors.New("draining")

// lead waits for the window's end and tells of all who came in it, again until
// somebody hears: the others wait for it.
func (a *alerts) lead(ctx context.Context, key jointKey, j *joint, alert hotel.Alert) error {
	wait := time.Until(j.until)
	for tries := 0; ; tries++ {
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-a.rt.drain:
			timer.Stop()
			return errDraining
		}
		err := a.send(ctx, alert, a.shut(key, j))
		if err == nil {
			close(j.done)
			return nil
		}
		a.unheard(alert, err)
		wait = max(backoff(tries), hotel.AsError(err).RetryAfter)
	}
}

// shut ends a window, once, and returns who came in it; whoever comes later is in the next.
func (a *alerts) shut(key jointKey, j *joint) []hotel.GuestID {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.joints[key] == j {
		a.joints[key] = &joint{until: time.Now().Add(joinWindow)}
	}
	return j.guests
}

func (a *alerts) unheard(alert hotel.Alert, err error) {
	a.rt.log.Error("nobody could be told", "property", string(alert.Property), "cause", string(alert.Cause), "err", err)
}

// send tries every way; it fails when none worked.
func (a *alerts) send(ctx context.Context, alert hotel.Alert, guests []hotel.GuestID) error {
	if alert.Operator {
		return a.by(func() error { return a.rt.operator.Tell(ctx, unanswered(alert)) })
	}
	p := a.rt.properties[alert.Property]
	err := a.by(func() error {
		_, err := a.rt.mailer.SendAlert(ctx, alert, guests)
		return err
	})
	told := err == nil
	if p == nil {
		return err
	}
	if hotel.KindOf(err) == hotel.Invalid && len(p.staffPhones()) > 0 {
		err = nil // nobody to mail; what the templates meet counts
	}
	for _, phone := range p.staffPhones() {
		sendErr := a.by(func() error {
			_, err := a.rt.messenger.Send(ctx, hotel.Message{
				Property: p.ID,
				To:       hotel.Address{Phone: phone},
				Bubble: hotel.Bubble{Template: &hotel.Template{
					Name: p.StaffTemplate, Lang: p.StaffTemplateLang, Params: []string{flat(alert.Summary + " " + p.ReceptionURL)}}},
			}, "")
			return err
		})
		if sendErr == nil {
			told = true
		}
		err = errors.Join(err, sendErr)
	}
	if told {
		return nil
	}
	return err
}

// by tries one way. A panic is its failure: the other ways are tried, and
// others wait for the joint that it tells of.
func (a *alerts) by(way func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			a.rt.panicked("alert", r)
			err = &hotel.Error{Op: "actors.alerts", Kind: hotel.Transient, Code: "panicked"}
		}
	}()
	return way()
}

// unanswered is what the operator hears of a guest whom the staff leave waiting:
// who and what stands on the reception's page.
func unanswered(alert hotel.Alert) hotel.Trouble {
	return hotel.Trouble{Cause: hotel.TroubleUnanswered, Property: alert.Property, At: time.Now(),
		Summary: "A guest waits for a person, and nobody of the staff has written."}
}

// staffPhones are the phones that a template can reach.
func (p *Property) staffPhones() []string {
	if p.StaffTemplate == "" {
		return nil
	}
	return p.StaffPhones
}

// flat makes a text fit for a template's parameter: one line, no runs of blanks.
func flat(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 500 {
		s = string(r[:499]) + "…"
	}
	if s == "" {
		return "-"
	}
	return s
}
