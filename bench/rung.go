package main

import (
	"context"
	"encoding/json"
	"net"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/whatsapp"
	"github.com/conserje/conserje/internal/keys"
)

// rung is a server that does no more than its name says.
type rung struct {
	server   *fasthttp.Server
	serves   server
	verifier *whatsapp.Verifier
	table    *durable
}

func newRung(s spec) (*rung, error) {
	r := &rung{serves: s.Serve, verifier: whatsapp.NewVerifier(secret)}
	if s.Serve == serveDurable {
		var err error
		if r.table, err = newDurable(s.Dir); err != nil {
			return nil, err
		}
	}
	r.server = &fasthttp.Server{Handler: r.handle, NoDefaultServerHeader: true}
	return r, nil
}

func (r *rung) handle(ctx *fasthttp.RequestCtx) {
	ctx.SetStatusCode(r.status(ctx))
	ctx.SetBodyString("OK")
}

func (r *rung) status(ctx *fasthttp.RequestCtx) int {
	if r.serves == serveEcho {
		return fasthttp.StatusOK
	}
	body := ctx.PostBody()
	if !r.verifier.Verify(string(ctx.Request.Header.Peek("X-Hub-Signature-256")), body) {
		return fasthttp.StatusUnauthorized
	}
	if r.serves == serveVerify {
		return fasthttp.StatusOK
	}
	w, err := whatsapp.Decode(body, time.Now())
	if err != nil || len(w.Messages) != 1 {
		return fasthttp.StatusBadRequest
	}
	if r.serves == serveDecode {
		return fasthttp.StatusOK
	}
	row, err := rowOf(w.Messages[0])
	if err != nil || r.table.insert(row) != nil {
		return fasthttp.StatusServiceUnavailable
	}
	return fasthttp.StatusOK
}

// rowOf is the row that the engine makes of a message.
func rowOf(m hotel.Inbound) (hotel.Arrival, error) {
	body, err := json.Marshal(m)
	return hotel.Arrival{Key: hotel.Key(keys.New()), Property: m.Property, MessageID: m.MessageID,
		Aliases: m.From.Aliases(), Kind: hotel.KindSaid, Body: body, At: m.At}, err
}

func (r *rung) serve(ln net.Listener) error { return r.server.Serve(ln) }

func (r *rung) drain(ctx context.Context) error {
	err := r.server.ShutdownWithContext(ctx)
	if r.table != nil {
		r.table.close()
	}
	return err
}

func (r *rung) describe(context.Context, *usage) error { return nil }
