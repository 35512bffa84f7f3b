package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == "engine" {
		// An interrupt of the terminal reaches us too: our parent ends us in order.
		signal.Ignore(os.Interrupt)
		if err := serveChild(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "bench engine:", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, unix.SIGTERM)
	defer stop()
	ok, err := runAll(ctx, os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	if !ok {
		os.Exit(2)
	}
}

// bench is a run's settings.
type bench struct {
	dir         string
	properties  int
	tier        float64
	guests      int // of the knowledge mix and the outage at the start
	connections int // of an open loop
	rate        int
	waiting     int
	duration    time.Duration
	saturate    time.Duration
	rung        time.Duration
	burstLasts  time.Duration
	rounds      int // of the outage
	segment     time.Duration
	create      qloappstest.Delay
	statuses    receipts
	seed        uint64
	json        string
	text        string
	cpuProfile  string
	only        string
	out         *os.File
	textOut     strings.Builder
}

func parse(args []string) (*bench, error) {
	b := &bench{out: os.Stdout}
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.StringVar(&b.dir, "dir", "", "where data folders are made and removed again, on a real disk (default: the temporary folder)")
	f.IntVar(&b.properties, "properties", 25, "hotels, each with its own number and stand-in")
	f.Float64Var(&b.tier, "tier", 1000, "messages a second that each number may send")
	f.IntVar(&b.guests, "guests", 2000, "guests that ask in turn in the knowledge mix and in the outage")
	f.IntVar(&b.connections, "connections", 128, "connections of an open loop")
	f.IntVar(&b.rate, "rate", 500, "webhooks a second of the open loops")
	f.IntVar(&b.waiting, "waiting", 256, "guests that wait for an answer at any time in the closed loops")
	f.DurationVar(&b.duration, "duration", 30*time.Second, "of each open loop")
	f.DurationVar(&b.saturate, "saturate", 10*time.Second, "of each closed loop")
	f.DurationVar(&b.rung, "rung", 3*time.Second, "of each rung of the ladder")
	f.DurationVar(&b.burstLasts, "burst", 10*time.Second, "of the burst at the real way in")
	f.IntVar(&b.rounds, "rounds", 4, "of the outage: hotel systems alive, then dead")
	f.DurationVar(&b.segment, "segment", 6*time.Second, "of each half of a round of the outage")
	realCreate := f.Bool("real-create", true, "creates take 50 to 150 ms in the open loop, as a real QloApps does")
	f.Func("statuses", "off, sent or all (sent, delivered, read) in the open loops (default all)", func(s string) error {
		b.statuses = receipts(s)
		if s != string(noReceipts) && b.statuses.count() == 0 {
			return fmt.Errorf("not off, sent or all")
		}
		return nil
	})
	f.Uint64Var(&b.seed, "seed", 1, "decides delays of statuses and the guests' dates")
	mixes := f.String("mix", "", "knowledge or booking: the same as -only with it")
	f.StringVar(&b.only, "only", "", "comma-separated parts: ladder, knowledge, booking, knowledge-open, knowledge-closed, booking-open, booking-closed, outage, micro (default all)")
	f.StringVar(&b.json, "json", "", "also write the report as JSON to this file")
	f.StringVar(&b.text, "text", "", "also write the report as text to this file")
	f.StringVar(&b.cpuProfile, "cpuprofile", "", "existing folder for a CPU profile of each engine")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if b.only == "" {
		b.only = *mixes
	}
	if b.statuses == "" {
		b.statuses = allReceipts
	}
	if *realCreate {
		b.create = qloappstest.RealDelay
	}
	return b, nil
}

// wants tells whether a part is asked for.
func (b *bench) wants(part string) bool {
	if b.only == "" {
		return true
	}
	for _, o := range strings.Split(b.only, ",") {
		if o == part || strings.HasPrefix(part, o+"-") {
			return true
		}
	}
	return false
}

// say prints, and keeps it for the text report.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.out, format, args...)
	fmt.Fprintf(&b.textOut, format, args...)
}

// runAll runs what is asked for and writes the report. ok is false when the oracle says no.
func runAll(ctx context.Context, args []string) (ok bool, err error) {
	b, err := parse(args)
	if err != nil {
		return false, err
	}
	rep := &report{Machine: fingerprint(ctx, b.dir), Seed: b.seed, Began: time.Now().UTC(), OK: true}
	b.say("%s, seed %d\n", rep.Machine, b.seed)
	if b.wants("ladder") {
		b.say("\nLadder: %d connections, %d-byte signed webhooks, unique wamids, %d guests\n", ladderConnections, ladderBytes, ladderGuests)
		if rep.Ladder, err = b.ladder(ctx); err != nil {
			return false, err
		}
		rep.ratio(b)
	}
	for _, p := range b.phases() {
		if !b.wants(string(p.Mix) + map[bool]string{true: "-open", false: "-closed"}[p.Rate > 0]) {
			continue
		}
		r, err := b.run(ctx, p)
		if err != nil {
			return false, fmt.Errorf("%s: %w", p.Name, err)
		}
		rep.Phases = append(rep.Phases, r)
		rep.OK = rep.OK && r.Verdict.OK() && r.Errors == 0
		r.print(b)
	}
	if b.wants("outage") {
		if rep.Outage, err = b.outage(ctx); err != nil {
			return false, fmt.Errorf("outage: %w", err)
		}
		rep.OK = rep.OK && rep.Outage.Errors == 0
	}
	if b.wants("micro") {
		var broken error
		rep.Micro, broken = b.micro(ctx)
		rep.OK = rep.OK && broken == nil
	}
	rep.Load = loadAverage()
	b.say("\nload average at the end %s; verdict: %v\n", rep.Load, map[bool]string{true: "every promise held", false: "not good, see above"}[rep.OK])
	return rep.OK, rep.write(b)
}

// phases are the loads of a run.
func (b *bench) phases() []phase {
	return []phase{
		{Name: "knowledge open", Mix: mixKnowledge, Rate: b.rate, Lasts: b.duration, Receipts: b.statuses},
		{Name: "knowledge closed", Mix: mixKnowledge, Waiting: b.waiting, Lasts: b.saturate, Receipts: noReceipts},
		{Name: "booking open", Mix: mixBooking, Rate: b.rate, Lasts: b.duration, Receipts: b.statuses, Create: b.create},
		{Name: "booking closed", Mix: mixBooking, Waiting: b.waiting, Lasts: b.saturate, Receipts: noReceipts},
	}
}
