package whatsapptest

import (
	"bytes"
	"net"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// Sent is a message that a Sink took. Its slices are views into the request:
// copy what is kept.
type Sent struct {
	Number   []byte // phone number id
	To       []byte // phone or user id, as sent
	Callback []byte // biz_opaque_callback_data
	ID       []byte // the wamid answered
	Body     []byte // the request
}

// SinkConfig is what a Sink needs; the zero value is good.
type SinkConfig struct {
	// OnSend is told of each message before it is answered, from many goroutines at once.
	OnSend func(Sent)
	// Delay is how long the API thinks.
	Delay time.Duration
}

// Sink is a Graph API that takes everything and keeps nothing: no thread, no
// window, no bucket, no webhook. Ids are short and unique in this process.
type Sink struct {
	config SinkConfig
	server *fasthttp.Server
	done   chan error
	sent   atomic.Int64
	read   atomic.Int64
}

// NewSink returns a Sink that is not started.
func NewSink(c SinkConfig) *Sink {
	s := &Sink{config: c, done: make(chan error, 1)}
	s.server = &fasthttp.Server{
		Handler: s.handle, Name: "graph", NoDefaultDate: true,
		IdleTimeout: time.Minute, MaxRequestBodySize: 1 << 20, Concurrency: 1 << 16,
	}
	return s
}

// Start listens on addr and returns the base URL.
func (s *Sink) Start(addr string) (string, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return "", err
	}
	go func() { s.done <- s.server.Serve(l) }()
	return "http://" + l.Addr().String(), nil
}

// Close stops a started Sink.
func (s *Sink) Close() error {
	if err := s.server.Shutdown(); err != nil {
		return err
	}
	return <-s.done
}

// Sent counts the messages taken; Read the read receipts.
func (s *Sink) Sent() int64 { return s.sent.Load() }

// Read counts the read receipts taken.
func (s *Sink) Read() int64 { return s.read.Load() }

func (s *Sink) handle(ctx *fasthttp.RequestCtx) {
	ctx.SetContentType("application/json")
	body := ctx.PostBody()
	switch {
	case !ctx.IsPost():
		ctx.SetBodyString(`{"id":"0","display_phone_number":"15550783881","verified_name":"Sink"}`)
	case bytes.Contains(body, []byte(`"status":"read"`)):
		s.read.Add(1)
		ctx.SetBodyString(`{"success":true}`)
	default:
		s.take(ctx, body)
	}
}

func (s *Sink) take(ctx *fasthttp.RequestCtx, body []byte) {
	if s.config.Delay > 0 {
		time.Sleep(s.config.Delay)
	}
	to := member(body, `"to":"`)
	if to == nil {
		to = member(body, `"recipient":"`)
	}
	id := strconv.AppendInt(append(make([]byte, 0, 32), "wamid.S"...), s.sent.Add(1), 36)
	if s.config.OnSend != nil {
		s.config.OnSend(Sent{Number: numberOf(ctx.Path()), To: to, Callback: member(body, `"biz_opaque_callback_data":"`), ID: id, Body: body})
	}
	out := append(make([]byte, 0, 192), `{"messaging_product":"whatsapp","contacts":[{"input":"`...)
	out = append(append(append(out, to...), `","wa_id":"`...), to...)
	out = append(append(append(out, `"}],"messages":[{"id":"`...), id...), `"}]}`...)
	ctx.SetBody(out)
}

// member finds a string member by its name and opening quotes. Good enough for
// what our client writes: its values there have no escapes.
func member(body []byte, prefix string) []byte {
	_, rest, ok := bytes.Cut(body, []byte(prefix))
	if !ok {
		return nil
	}
	value, _, _ := bytes.Cut(rest, []byte{'"'})
	return value
}

// numberOf returns the phone number id of /{version}/{id}/messages.
func numberOf(path []byte) []byte {
	path = bytes.TrimSuffix(path, []byte("/messages"))
	return path[bytes.LastIndexByte(path, '/')+1:]
}
