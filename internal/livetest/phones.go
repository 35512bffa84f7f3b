package livetest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/whatsapp/whatsapptest"
)

// Phones are all guests' phones, on one stream of events.
type Phones struct {
	// Aside tells bubbles that are no answers, as those that only time calls
	// for: they are counted and not in what was heard. Nil = none. Set before the first guest.
	Aside func(text string) bool

	sim    string // the stand-in's control endpoints
	asides int
	mu     sync.Mutex
	said   map[string][]whatsapptest.Message // by the hotel
	known  map[string]bool                   // message ids of it
	rings  map[string]chan struct{}          // closed at the next bubble of a guest
}

// Listen hears what the hotel says to every guest. The stand-in cuts off who
// reads its stream too slowly, as it does with the page; then, and at the
// start, the threads are read whole.
func Listen(ctx context.Context, t *testing.T, sim string) *Phones {
	t.Helper()
	p := &Phones{sim: sim, said: map[string][]whatsapptest.Message{}, known: map[string]bool{}, rings: map[string]chan struct{}{}}
	stream, err := p.stream(ctx)
	require.NoError(t, err)
	go func() {
		for err == nil && ctx.Err() == nil {
			p.follow(stream)
			if stream, err = p.stream(ctx); err == nil {
				err = p.catchUp(ctx)
			}
		}
	}()
	return p
}

func (p *Phones) stream(ctx context.Context) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.sim+"/events", nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

// follow hears events until the stream ends.
func (p *Phones) follow(stream io.ReadCloser) {
	defer func() { _ = stream.Close() }()
	lines := bufio.NewScanner(stream)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data: "))
		var e whatsapptest.Event
		if ok && bytes.Contains(data, []byte(`"type":"message"`)) && json.Unmarshal(data, &e) == nil && e.Type == "message" {
			p.hear(*e.Message)
		}
	}
}

// catchUp reads every guest's thread.
func (p *Phones) catchUp(ctx context.Context) error {
	body, err := Fetch(ctx, p.sim+"/guests")
	var guests []whatsapptest.Guest
	if err = errors.Join(err, json.Unmarshal(body, &guests)); err != nil {
		return err
	}
	for _, g := range guests {
		thread, err := p.Thread(ctx, g.Phone)
		if err != nil {
			return err
		}
		for _, m := range thread {
			p.hear(m)
		}
	}
	return nil
}

// Thread is all that one guest's phone shows.
func (p *Phones) Thread(ctx context.Context, phone string) (thread []whatsapptest.Message, err error) {
	body, err := Fetch(ctx, p.sim+"/guests/"+phone+"/messages")
	if err != nil {
		return nil, err
	}
	return thread, json.Unmarshal(body, &thread)
}

// hear keeps a message of the hotel, once.
func (p *Phones) hear(m whatsapptest.Message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m.From != whatsapptest.FromHotel || p.known[m.ID] {
		return
	}
	p.known[m.ID] = true
	if p.Aside != nil && p.Aside(m.Text) {
		p.asides++
		return
	}
	p.said[m.Guest] = append(p.said[m.Guest], m)
	if ring := p.rings[m.Guest]; ring != nil {
		close(ring)
		delete(p.rings, m.Guest)
	}
}

// Heard is what a guest has heard so far.
func (p *Phones) Heard(phone string) []whatsapptest.Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.said[phone])
}

// Asides counts the bubbles that were no answers.
func (p *Phones) Asides() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asides
}

// Next waits until a guest has heard more than n bubbles, and returns the one after them.
func (p *Phones) Next(ctx context.Context, phone string, n int) (whatsapptest.Message, error) {
	for {
		m, ring := p.look(phone, n)
		if ring == nil {
			return m, nil
		}
		select {
		case <-ring:
		case <-ctx.Done():
			return whatsapptest.Message{}, fmt.Errorf("a guest hears no more than %d bubbles: %w", n, ctx.Err())
		}
	}
}

// look returns a bubble, or what rings at the next one.
func (p *Phones) look(phone string, n int) (whatsapptest.Message, chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.said[phone]) > n {
		return p.said[phone][n], nil
	}
	if p.rings[phone] == nil {
		p.rings[phone] = make(chan struct{})
	}
	return whatsapptest.Message{}, p.rings[phone]
}

// Join makes a guest.
func (p *Phones) Join(ctx context.Context, phone, name string) error {
	return p.Post(ctx, "/guests", whatsapptest.Guest{Phone: phone, Name: name})
}

// Type lets a guest send a text.
func (p *Phones) Type(ctx context.Context, phone, text string) error {
	return p.Post(ctx, "/guests/"+phone+"/messages", whatsapptest.Typed{Type: "text", Text: text})
}

// Talk plays one guest: a line is typed when the one before was answered, and
// turn, when there is one, lets it.
func (p *Phones) Talk(ctx context.Context, phone string, lines []string, turn func(context.Context) error) error {
	err := p.Join(ctx, phone, "Ana")
	for i, line := range lines {
		if err == nil && turn != nil {
			err = turn(ctx)
		}
		if err == nil {
			err = p.Type(ctx, phone, line)
		}
		if err == nil {
			_, err = p.Next(ctx, phone, i)
		}
		if err != nil {
			return fmt.Errorf("guest %s at line %d: %w", phone, i, err)
		}
	}
	return nil
}

// Post posts to a control endpoint below /sim.
func (p *Phones) Post(ctx context.Context, path string, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.sim+strings.TrimPrefix(path, "/sim"), bytes.NewReader(b))
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 300 {
		err = fmt.Errorf("%s: %s: %s", path, res.Status, text)
	}
	return err
}

var bookingCode = regexp.MustCompile(`\*[A-Z]{9}\*`)

// Transcripts are what each guest heard, in order, with booking codes made equal.
func (p *Phones) Transcripts() map[string][]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string][]string{}
	for phone, messages := range p.said {
		for _, m := range messages {
			out[phone] = append(out[phone], bookingCode.ReplaceAllString(m.Text, "*CODE*"))
		}
	}
	return out
}
