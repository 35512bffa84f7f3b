package actors

import (
	"context"

	"github.com/conserje/conserje/hotel"
)

// The fence stands around what changes something outside: see lease. Reads and
// read marks pass. Where a client does something else first (a read, a token,
// another way), it asks the fence again right before it writes: hotel.Fence.

type fencedMessenger struct {
	Messenger
	lease *lease
}

func (f fencedMessenger) Send(ctx context.Context, m hotel.Message, callback string) (string, error) {
	if err := f.lease.guard("actors.Send"); err != nil {
		return "", err
	}
	return f.Messenger.Send(f.lease.fenced(ctx), m, callback)
}

type fencedPMS struct {
	PMS
	lease *lease
}

func (f fencedPMS) Create(ctx context.Context, r hotel.BookingRequest) (hotel.Reservation, error) {
	if err := f.lease.guard("actors.Create"); err != nil {
		return hotel.Reservation{}, err
	}
	return f.PMS.Create(f.lease.fenced(ctx), r)
}

func (f fencedPMS) Cancel(ctx context.Context, c hotel.CancelRequest) error {
	if err := f.lease.guard("actors.Cancel"); err != nil {
		return err
	}
	return f.PMS.Cancel(f.lease.fenced(ctx), c)
}

func (f fencedPMS) Change(ctx context.Context, c hotel.ChangeRequest) (hotel.Reservation, error) {
	if err := f.lease.guard("actors.Change"); err != nil {
		return hotel.Reservation{}, err
	}
	return f.PMS.Change(f.lease.fenced(ctx), c)
}

type fencedMailer struct {
	Mailer
	lease *lease
}

func (f fencedMailer) SendMail(ctx context.Context, m hotel.Mail) (string, error) {
	if err := f.lease.guard("actors.SendMail"); err != nil {
		return "", err
	}
	return f.Mailer.SendMail(f.lease.fenced(ctx), m)
}

// SendAlert lets the operator's alerts pass: they are no rows.
func (f fencedMailer) SendAlert(ctx context.Context, a hotel.Alert, guests []hotel.GuestID) (string, error) {
	if err := f.lease.guard("actors.SendAlert"); err != nil && !a.Operator {
		return "", err
	}
	return f.Mailer.SendAlert(ctx, a, guests)
}
