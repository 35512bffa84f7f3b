package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/conserje/conserje/hotel"
)

// retryAfter, in seconds, goes with every 503.
const retryAfter = "5"

var multipart = []byte("multipart/")

func (p *Public) webhook(ctx *fasthttp.RequestCtx) {
	switch {
	case ctx.IsPost():
		now := p.Now()
		status := p.take(ctx, now)
		plain(ctx, status)
		if status == fasthttp.StatusServiceUnavailable {
			ctx.Response.Header.Set("Retry-After", retryAfter)
		}
		p.meter.posted(status, p.Now().Sub(now))
	case ctx.IsGet():
		p.subscribe(ctx)
	default:
		notAllowed(ctx, "GET, POST")
	}
}

// subscribe confirms that the webhook's address is ours: Meta sends the token
// that was typed into its form, and wants its challenge back.
func (p *Public) subscribe(ctx *fasthttp.RequestCtx) {
	args := ctx.QueryArgs()
	asked := string(args.Peek("hub.mode")) == "subscribe"
	if !same(p.VerifyToken, string(args.Peek("hub.verify_token"))) || !asked {
		plain(ctx, fasthttp.StatusForbidden)
		return
	}
	ctx.SetContentType("text/plain; charset=utf-8")
	ctx.SetBody(args.Peek("hub.challenge"))
}

// take takes a notification in and returns the status that answers it.
func (p *Public) take(ctx *fasthttp.RequestCtx, now time.Time) int {
	if p.draining.Load() || p.Disk != nil && p.Disk.Full() {
		return fasthttp.StatusServiceUnavailable
	}
	// Any other content type may hold our JSON: the body decides.
	if kind := ctx.Request.Header.ContentType(); len(kind) >= len(multipart) && bytes.EqualFold(kind[:len(multipart)], multipart) {
		return fasthttp.StatusUnsupportedMediaType
	}
	body := ctx.PostBody()
	if p.Verifier != nil && !p.Verifier.Verify(string(ctx.Request.Header.Peek("X-Hub-Signature-256")), body) {
		p.unsigned.Do(func() { p.Log.Warn("webhook refused: bad signature; is WHATSAPP_APP_SECRET this app's?") })
		return fasthttp.StatusUnauthorized
	}
	w, err := p.decode(body, now)
	if err != nil {
		return p.bury(body, "undecodable: "+clip(err.Error(), 200), now)
	}
	return p.commit(w, now)
}

// decode turns a panic of the decoder into an error: Meta would send the same
// body again to every restart of the engine.
func (p *Public) decode(body []byte, now time.Time) (w hotel.Webhook, err error) {
	defer func() {
		if r := recover(); r != nil {
			p.Log.Error("decoder panicked", "op", "transport.decode")
			err = errPanicked
		}
	}()
	return p.Decode(body, now)
}

var errPanicked = errors.New("the decoder panicked")

// clip shortens text of others to at most n bytes of valid UTF-8.
func clip(s string, n int) string {
	return strings.ToValidUTF8(s[:min(len(s), n)], "")
}

// commit commits a decoded notification, behind the high-water mark.
func (p *Public) commit(w hotel.Webhook, now time.Time) int {
	p.meter.ignored.Add(float64(len(w.Ignored)))
	messages, dead := p.route(w.Messages, now)
	full := len(messages) > 0 && p.Gate != nil && p.Gate.Full()
	if full { // the whole body comes again, but receipts need not wait for that
		messages, dead = nil, nil
	}
	if len(messages)+len(w.Receipts)+len(dead) > 0 {
		err := p.accept(messages, w.Receipts, dead)
		if hotel.KindOf(err) == hotel.Invalid {
			err = p.oneByOne(messages, w.Receipts, dead, now)
		}
		if err != nil {
			return fasthttp.StatusServiceUnavailable
		}
	}
	if full {
		return fasthttp.StatusServiceUnavailable
	}
	return fasthttp.StatusOK
}

// oneByOne commits what together was refused as Invalid: one bad element must
// not bury its neighbours. A repeat after an error half way writes no message twice.
func (p *Public) oneByOne(messages []hotel.Inbound, receipts []hotel.Receipt, dead []hotel.DeadLetter, now time.Time) error {
	for i := range receipts {
		if err := p.accept(nil, receipts[i:i+1], nil); err != nil && hotel.KindOf(err) != hotel.Invalid {
			return err
		}
	}
	for i, m := range messages {
		err := p.accept(messages[i:i+1], nil, nil)
		if hotel.KindOf(err) == hotel.Invalid {
			dead = append(dead, stray(m, "refused by the store", now))
			continue
		}
		if err != nil {
			return err
		}
	}
	if len(dead) == 0 {
		return nil
	}
	return p.accept(nil, nil, dead)
}

// bury puts a whole body into the dead letters: a repeat would change nothing.
func (p *Public) bury(body []byte, reason string, now time.Time) int {
	letter := hotel.DeadLetter{Source: "webhook", Reason: reason, Body: bytes.Clone(body), At: now}
	if err := p.accept(nil, nil, []hotel.DeadLetter{letter}); err != nil {
		return fasthttp.StatusServiceUnavailable
	}
	return fasthttp.StatusOK
}

// accept hands rows to the engine. Its context is not the request's, which
// belongs to fasthttp: a commit goes on when the peer hangs up.
func (p *Public) accept(messages []hotel.Inbound, receipts []hotel.Receipt, dead []hotel.DeadLetter) error {
	ctx, cancel := context.WithTimeout(context.Background(), p.AcceptTimeout)
	defer cancel()

	err := p.Intake.Accept(ctx, messages, receipts, dead)
	if err != nil {
		if !p.away.Swap(true) {
			p.Log.Error("webhooks cannot be committed", "op", "transport.Accept", "kind", hotel.KindOf(err), "err", err)
		}
		return err
	}
	if p.away.Load() && p.away.Swap(false) {
		p.Log.Info("webhooks are committed again")
	}
	p.meter.accepted(len(messages), len(receipts), len(dead))
	return nil
}

// route tells each message its property by the number it was sent to. One to a
// number that no property has is buried: another hotel must never hear it. So
// is one that nobody sent.
func (p *Public) route(in []hotel.Inbound, now time.Time) (messages []hotel.Inbound, dead []hotel.DeadLetter) {
	messages = in[:0]
	for _, m := range in {
		m.Property = p.Default
		if m.NumberID != "" {
			m.Property = p.Numbers[m.NumberID]
		}
		switch {
		case m.Property == "" && m.NumberID == "":
			dead = append(dead, stray(m, "no default property for a message without metadata", now))
		case m.Property == "":
			dead = append(dead, stray(m, "no property has phone_number_id "+clip(m.NumberID, 32), now))
		case m.From.IsZero():
			dead = append(dead, stray(m, "no sender", now))
		default:
			messages = append(messages, m)
		}
	}
	return messages, dead
}

// stray is the dead letter of one message. Its body leaves the arrival out, so
// that Meta's repeats of it are the same letter.
func stray(m hotel.Inbound, reason string, now time.Time) hotel.DeadLetter {
	m.At = time.Time{}
	body, err := json.Marshal(m)
	if err != nil { // strings and times only: a year past 9999 is all that fails
		body = nil
	}
	return hotel.DeadLetter{Source: "webhook", Property: m.Property, Kind: hotel.KindSaid, Reason: reason, Body: body, At: now}
}
