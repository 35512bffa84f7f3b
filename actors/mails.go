package actors

import (
	"context"
	"encoding/json"
	"time"

	"github.com/conserje/conserje/hotel"
)

// mails carries mails to guests. Nothing proves a mail in doubt, so it is sent
// once more after the wait, and says so, until it is given up.
type mails struct {
	rt    *runtime
	slots chan struct{}
	share *share // of the account's pace, with other engines; nil = alone
}

// mailWaits is how long a mail waits before it looks whether its guest is answered again.
const mailWaits = time.Minute

func (m *mails) permit(_ hotel.Lane, now time.Time) (bool, time.Duration) { return m.share.take(now) }
func (m *mails) giveBack(hotel.Lane)                                      { m.share.giveBack() }
func (m *mails) leave(hotel.Lane)                                         {}
func (m *mails) doubtWait() time.Duration                                 { return m.rt.settings.InDoubtWait }

func (m *mails) carry(ctx context.Context, row hotel.OutboxRow) outcome {
	var mail hotel.Mail
	if err := json.Unmarshal(row.Body, &mail); err != nil {
		return dead("not readable: " + err.Error())
	}
	select {
	case m.slots <- struct{}{}:
		defer func() { <-m.slots }()
	case <-m.rt.drain:
		m.giveBack(row.Lane)
		return released(0)
	}
	if cause := m.rt.quiet(row.Property, row.Guest, mail.Chat); cause != "" {
		m.rt.heldBack(cause, "mail")
		m.giveBack(row.Lane)
		return released(mailWaits)
	}
	mail.Repeat = mail.Repeat || row.Attempt > 1
	proof, err := m.rt.mailer.SendMail(ctx, mail)
	if err == nil {
		return proven(proof)
	}
	e := hotel.AsError(err)
	m.rt.log.Warn("mail not sent", "key", string(row.Key), "kind", e.Kind.String(), "err", err)
	switch e.Kind {
	case hotel.InDoubt, hotel.Other:
		return inDoubt()
	case hotel.Invalid:
		return m.failed(row, mail, err.Error())
	case hotel.Unauthorised:
		m.rt.tellOperator(hotel.TroubleMailClosed, mail.Reservation.Property, "The mail account refuses us; mails to guests wait.")
		return released(max(e.RetryAfter, time.Minute))
	}
	return released(e.RetryAfter)
}

func (m *mails) resolve(_ context.Context, row hotel.OutboxRow, died bool) outcome {
	if !givenUp(row, died) {
		return outcome{repeat: true}
	}
	var mail hotel.Mail
	_ = json.Unmarshal(row.Body, &mail) // an unreadable one has no reference to name
	o := m.failed(row, mail, inDoubtSo(row))
	o.settle.InDoubt = true
	return o
}

func (m *mails) failed(row hotel.OutboxRow, mail hotel.Mail, reason string) outcome {
	o := dead(reason)
	o.settle.Result = resultRow(row, hotel.KindMailFailed, "failed",
		hotel.SendResult{Key: row.Key, Kind: row.Kind, Reference: mail.Reservation.Reference})
	return o
}
