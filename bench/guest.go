package main

import (
	"bytes"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/conserje/conserje/bench/oracle"
	"github.com/conserje/conserje/integrations/whatsapp/whatsapptest"
)

// line is one thing that a guest says, and what the answer must hold.
type line struct {
	say   string
	tap   string // tap the last answer's button whose id begins so
	want  string
	books bool // its answer waits for the hotel system's create
	asks  bool // its answer waits for a read of the hotel system, which may be away
}

// mix is a kind of conversation.
type mix string

const (
	mixKnowledge mix = "knowledge" // one question of the knowledge in, one bubble out
	mixBooking   mix = "booking"   // a whole booking against the stand-in hotel
	mixOutage    mix = "outage"    // mixKnowledge, and one guest of twenty asks what is free
)

// questions is how often a guest of mixKnowledge asks: below the pair limit of
// WhatsApp, a burst of 45 to one guest.
const questions = 40

var wifi = line{say: "¿Hay wifi?", want: "wifi"}

// script is what the n-th guest says.
func (m mix) script(n, properties int, firstNight time.Time) []line {
	if m != mixBooking {
		lines := make([]line, questions)
		for i := range lines {
			lines[i] = wifi
			if m == mixOutage && n%20 == 0 { // days of their own: no answer is known already
				lines[i] = line{say: "y " + nights(firstNight.AddDate(0, 0, (n/20*questions+i)%300)) + " para 2 adultos?", asks: true}
			}
		}
		return lines
	}
	at := n / properties // the hotel's own count: stays of two nights, another one for each guest
	in := firstNight.AddDate(0, 0, 2*(at%150))
	return []line{
		{say: "Hola", want: "reserv"},
		{say: "quiero reservar " + nights(in) + " para 2 adultos", want: "USD"},
		{say: []string{"la doble", "la suite"}[at%2], want: "nombre"},
		{say: fmt.Sprintf("Ana Pérez, %s", email(n)), want: `"yes:`},
		{say: "Sí, reservar", tap: "yes:", want: "digo: *", books: true},
		wifi,
	}
}

func email(n int) string { return fmt.Sprintf("ana%d@example.com", n) }

// nights says two nights as a guest would.
func nights(in time.Time) string {
	months := []string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"}
	say := func(d time.Time) string {
		return fmt.Sprintf("%d de %s de %d", d.Day(), months[d.Month()-1], d.Year())
	}
	return "del " + say(in) + " al " + say(in.AddDate(0, 0, 2))
}

// guest plays its script: a line is said when the one before was answered.
type guest struct {
	n        int
	property int
	phone    string
	script   []line
	freed    chan struct{} // one token when the line said was acknowledged and answered

	mu        sync.Mutex
	step      int // lines said
	since     time.Time
	acked     bool
	answered  bool
	closed    bool   // a worker waits for freed
	quoted    string // wamid of the last bubble
	tap       string // id of its button, when the next line wants one
	said      []oracle.Said
	heard     []oracle.Heard
	confirmed bool
	odd       string // an answer that was not the one wanted
}

const firstPhone = "54911"

func newGuest(m mix, n, properties int, firstNight time.Time) *guest {
	return &guest{n: n, property: n % properties, phone: fmt.Sprintf("%s%08d", firstPhone, n), script: m.script(n, properties, firstNight),
		freed: make(chan struct{}, 1)}
}

// guestOf reads a guest's number off its phone; -1 when it is none of ours.
func guestOf(phone []byte) int {
	digits, ok := bytes.CutPrefix(phone, []byte(firstPhone))
	n, err := strconv.Atoi(string(digits))
	if !ok || err != nil {
		return -1
	}
	return n
}

// speak makes the webhook of the guest's next line. since is when it should
// have left: latencies count from there.
func (g *guest) speak(since time.Time, closed bool) []byte {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.script[g.step]
	wamid := fmt.Sprintf("wamid.HBgNNTQ5MTEwMDAwMDAwMBUCABIYFDNB%08d%04d", g.n, g.step)
	g.step++
	g.since, g.acked, g.answered, g.closed = since, false, false, closed
	g.said = append(g.said, oracle.Said{ID: wamid})
	number, name := numberID(g.property), "Ana"
	if l.tap != "" {
		return whatsapptest.TapWebhook(number, g.phone, name, wamid, g.quoted, g.tap, l.say, since)
	}
	return whatsapptest.TextWebhook(number, g.phone, name, wamid, l.say, since)
}

// ack notes that the line said was answered 200. It tells whether the guest may go on.
func (g *guest) ack() (free bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.said[len(g.said)-1].Acked = true
	g.acked = true
	return g.answered
}

// hear takes a bubble. It tells whether it is the answer to the line said, and of
// the hotel system, how long that took, and whether the guest may go on.
func (g *guest) hear(s whatsapptest.Sent, now time.Time) (answer, system, free bool, took time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	key, _, _ := bytes.Cut(s.Callback, []byte{'#'})
	g.heard = append(g.heard, oracle.Heard{Key: string(key)})
	if g.step == 0 || g.answered {
		return false, false, false, 0
	}
	l := g.script[g.step-1]
	if !bytes.Contains(s.Body, []byte(l.want)) {
		if g.odd == "" {
			g.odd = fmt.Sprintf("%q was answered %s", l.say, s.Body)
		}
		return false, false, false, 0
	}
	g.quoted = string(s.ID)
	if g.step < len(g.script) && g.script[g.step].tap != "" {
		g.tap = buttonID(s.Body, g.script[g.step].tap)
	}
	g.answered = true
	g.confirmed = g.confirmed || l.books
	return true, l.books || l.asks, g.acked, now.Sub(g.since)
}

// buttonID finds the id of a button in a request by how it begins.
func buttonID(body []byte, prefix string) string {
	_, rest, _ := bytes.Cut(body, []byte(`"id":"`+prefix))
	id, _, _ := bytes.Cut(rest, []byte{'"'})
	return prefix + string(id)
}

// awaited tells whether a worker waits for the guest to be free.
func (g *guest) awaited() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.closed
}

// more tells whether the guest has something left to say.
func (g *guest) more() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.step < len(g.script)
}
