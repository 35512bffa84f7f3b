package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/conserje/conserje/bench/oracle"
	"github.com/conserje/conserje/integrations/whatsapp/whatsapptest"
)

// step is one rung measured.
type step struct {
	Name    string          `json:"name"`
	Acks    float64         `json:"acks_per_second"`
	Ack     quantiles       `json:"ack"`
	Errors  int64           `json:"errors"`
	CPU     float64         `json:"server_cpu_us_per_request"`
	Batch   float64         `json:"requests_per_commit,omitempty"`
	Seconds float64         `json:"seconds"`
	Turns   float64         `json:"turns_meanwhile_per_second,omitempty"`
	Left    int             `json:"rows_left,omitempty"`
	Verdict *oracle.Verdict `json:"verdict,omitempty"`
}

const (
	ladderConnections = 64
	ladderGuests      = 1000
	ladderBytes       = 700
)

// rungs are measured in this order, with the same generator and bodies.
var rungs = []struct {
	name  string
	serve server
}{
	{"fasthttp echo", serveEcho},
	{"+ signature (HMAC)", serveVerify},
	{"+ decode", serveDecode},
	{"+ durable insert, plain prototype", serveDurable},
	{"real way in, no actors", serveAccept},
	{"real way in, whole engine", serveEngine},
}

// ladder measures every rung.
func (b *bench) ladder(ctx context.Context) (steps []step, err error) {
	for i, r := range rungs {
		d := b.rung
		if r.serve == serveEngine {
			d = b.burstLasts
		}
		s, err := b.climb(ctx, i, r.serve, d)
		if err != nil {
			return steps, fmt.Errorf("%s: %w", r.name, err)
		}
		s.Name = r.name
		b.say("  %-36s %8.0f/s   ack p50 %5.1f  p99 %6.1f ms   server CPU %5.1f us   errors %d\n", s.Name, s.Acks, s.Ack.P50, s.Ack.P99, s.CPU, s.Errors)
		steps = append(steps, s)
	}
	return steps, nil
}

func (b *bench) climb(ctx context.Context, run int, serve server, d time.Duration) (s step, err error) {
	dir, err := os.MkdirTemp(b.dir, "rung-")
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	w, err := newWorld(mixKnowledge, 1, b.create, b.seed)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	// The tier is lifted: here it would only hold replies back.
	conf := spec{Serve: serve, Dir: dir, Graph: w.graph, Properties: 1, PerSecond: 1e6, PairBurst: 1e6, Pair: time.Millisecond}
	if b.cpuProfile != "" {
		conf.CPUProfile = filepath.Join(b.cpuProfile, "ladder-"+strings.ReplaceAll(string(serve), " ", "-")+".pprof")
	}
	c, err := startChild(ctx, conf)
	if err != nil {
		return s, err
	}
	said, s, err := b.burst(ctx, c, run, d)
	if err != nil {
		return s, errors.Join(err, c.kill())
	}
	if serve == serveEngine {
		if s.Left, err = c.settled(ctx, time.Minute); err != nil {
			return s, errors.Join(err, c.kill())
		}
	}
	if err := c.drain(); err != nil {
		return s, err
	}
	if serve == serveEngine || serve == serveAccept {
		e := oracle.Evidence{Guests: []oracle.Guest{{Said: said}}}
		if e.Store, err = oracle.ReadStore(ctx, dir); err != nil {
			return s, err
		}
		v := oracle.Judge(e)
		s.Verdict = &v
	}
	return s, nil
}

// burst posts as fast as 64 connections can, for d.
func (b *bench) burst(ctx context.Context, c *child, run int, d time.Duration) (all []oracle.Said, s step, err error) {
	var acks, failed, next atomic.Int64
	lat := newLatency()
	logs := make([][]oracle.Said, ladderConnections)
	before, err := c.usage()
	if err != nil {
		return nil, s, err
	}
	begin := time.Now()
	end := begin.Add(d)
	var posts sync.WaitGroup
	for k := range ladderConnections {
		posts.Go(func() {
			conn := newWire(c.addr)
			defer conn.close()
			for ctx.Err() == nil && time.Now().Before(end) {
				n := next.Add(1)
				body, id := ladderBody(run, n)
				at := time.Now()
				status, err := conn.post(body)
				lat.add(time.Since(at))
				good := err == nil && status == 200
				if good {
					acks.Add(1)
				} else {
					failed.Add(1)
				}
				logs[k] = append(logs[k], oracle.Said{ID: id, Acked: good})
			}
		})
	}
	posts.Wait()
	took := time.Since(begin).Seconds()
	after, err := c.usage()
	for _, l := range logs {
		all = append(all, l...)
	}
	s = step{Acks: float64(acks.Load()) / took, Ack: lat.quantiles(), Errors: failed.Load(), Seconds: took, Turns: (after.Turns - before.Turns) / took,
		CPU: float64((after.CPU - before.CPU).Microseconds()) / float64(max(acks.Load(), 1))}
	if n := after.Commits - before.Commits; n > 0 {
		s.Batch = (after.Rows - before.Rows) / n
	}
	return all, s, err
}

// ladderText fills a webhook up to 700 bytes.
const ladderText = "¿Hay wifi? Lo pregunto porque trabajo con la computadora y necesito una buena señal; gracias desde ya por la respuesta, y que tengas un lindo día. Perdón por el mensaje tan largo, es la costumbre de explicar las cosas enteras."

// ladderBody is a webhook of 700 bytes with a wamid of its own, from one of 1,000 guests.
func ladderBody(run int, n int64) (body []byte, id string) {
	id = fmt.Sprintf("wamid.HBgNNTQ5MTEwMDAwMDAwMBUCABIYFDNB%04d%012d", run, n)
	body = whatsapptest.TextWebhook(numberID(0), fmt.Sprintf("%s%08d", firstPhone, n%ladderGuests), "Ana", id, ladderText, time.Now())
	return body, id
}
