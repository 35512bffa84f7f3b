package transport

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/valyala/fasthttp"

	"github.com/conserje/conserje/hotel"
)

// Replay takes the dead letter of a webhook in anew, the way a webhook goes: a
// property may have the number by now, and a newer release may understand the
// body. The letter is closed once what it held is committed; a repeat after a
// death in between finds its messages as duplicates. NotFound: no such letter.
// Invalid: closed, none of a webhook, or refused as before, with the reason.
// Unavailable: the store is away, or the inbox is full.
func (p *Public) Replay(ctx context.Context, id int64) error {
	p.replays.Lock()
	defer p.replays.Unlock()

	l, err := p.Letters.DeadLetter(ctx, id)
	switch {
	case err != nil:
		return err
	case !l.Closed.IsZero():
		return notTaken("closed already")
	case l.Source != "webhook":
		return notTaken("no webhook's")
	case l.Kind == hotel.KindSaid:
		err = p.readmit(l)
	default:
		err = p.reread(l)
	}
	if err != nil {
		return err
	}
	return p.Letters.Replayed(ctx, id, p.Now())
}

// readmit routes one message anew, by the number it was sent to.
func (p *Public) readmit(l hotel.DeadLetter) error {
	var m hotel.Inbound
	if err := json.Unmarshal(l.Body, &m); err != nil {
		return notTaken("the letter holds no message")
	}
	now := p.Now()
	m.At = now
	messages, dead := p.route([]hotel.Inbound{m}, now)
	if len(dead) > 0 {
		return notTaken(dead[0].Reason)
	}
	if p.Gate != nil && p.Gate.Full() {
		return errFull
	}
	err := p.accept(messages, nil, nil)
	if hotel.KindOf(err) == hotel.Invalid {
		return notTaken("refused by the store")
	}
	return err
}

// reread decodes a whole body anew. What of it cannot be routed has a letter of its own then.
func (p *Public) reread(l hotel.DeadLetter) error {
	now := p.Now()
	w, err := p.decode(l.Body, now)
	if err != nil {
		return notTaken("undecodable: " + clip(err.Error(), 200))
	}
	if p.commit(w, now) != fasthttp.StatusOK {
		return errFull
	}
	return nil
}

func notTaken(reason string) error {
	return &hotel.Error{Op: "transport.Replay", Kind: hotel.Invalid, Err: errors.New(reason)}
}

var errFull = &hotel.Error{Op: "transport.Replay", Kind: hotel.Unavailable,
	Err: errors.New("the store is away or the inbox is full")}
