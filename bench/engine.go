package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strconv"
	"time"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/qloapps"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
	"github.com/conserje/conserje/integrations/whatsapp"
	"github.com/conserje/conserje/internal/metrics"
	"github.com/conserje/conserje/persistence/sqlite"
	"github.com/conserje/conserje/transport"
)

// wayIn is the real transport on the real store, and nothing behind it.
type wayIn struct {
	store   *sqlite.Store
	metrics *metrics.Metrics
	public  *transport.Public
	log     *slog.Logger
}

// engine is the whole product, wired as cmd wires it.
type engine struct {
	*wayIn
	engine *actors.Engine
	graph  *whatsapp.Client
	hotels qloapps.Hotels
}

// bareIntake commits what comes, as the engine does, and tells nobody.
type bareIntake struct{ store *sqlite.Store }

func (b bareIntake) Accept(ctx context.Context, msgs []hotel.Inbound, receipts []hotel.Receipt, dead []hotel.DeadLetter) error {
	a := hotel.Accept{Dead: dead}
	for _, m := range msgs {
		row, err := rowOf(m)
		if err != nil {
			return err
		}
		a.Arrivals = append(a.Arrivals, row)
	}
	for _, r := range receipts {
		a.Receipts = append(a.Receipts, hotel.ReceiptRow{Receipt: r})
	}
	_, err := b.store.Accept(ctx, a)
	return err
}

func newWayIn(ctx context.Context, s spec, log *slog.Logger) (*wayIn, error) {
	w := &wayIn{metrics: metrics.New(), log: log}
	var err error
	if w.store, err = sqlite.Open(ctx, sqlite.Config{Dir: s.Dir, Metrics: w.metrics, Log: log}); err != nil {
		return nil, err
	}
	w.listen(s, bareIntake{w.store}, nil)
	return w, nil
}

// listen makes the front end.
func (w *wayIn) listen(s spec, intake transport.Intake, gate transport.Gate) {
	numbers := map[string]hotel.PropertyID{}
	for i := range s.Properties {
		numbers[numberID(i)] = propertyID(i)
	}
	w.public = transport.NewPublic(transport.Config{
		Intake: intake, Gate: gate, Decode: whatsapp.Decode, Verifier: whatsapp.NewVerifier(secret),
		Numbers: numbers, Default: propertyID(0), Metrics: w.metrics, Log: w.log,
	})
}

func newEngine(ctx context.Context, s spec, log *slog.Logger) (*engine, error) {
	in, err := newWayIn(ctx, s, log)
	if err != nil {
		return nil, err
	}
	e := &engine{wayIn: in, hotels: qloapps.Hotels{}}
	conf := actors.Config{Store: in.store, PMS: e.hotels, Mailer: mailbox{}, Owner: "bench", Metrics: in.metrics, Log: log,
		Settings: actors.Settings{MessagesPerSecond: s.PerSecond, PairBurst: s.PairBurst, PairInterval: s.Pair, BreakerOpenFor: s.OpenFor}}
	numbers := map[hotel.PropertyID]whatsapp.Number{}
	for i := range s.Properties {
		p := propertyID(i)
		numbers[p] = whatsapp.Number{PhoneNumberID: numberID(i), Token: "bench"}
		conf.Properties = append(conf.Properties, actors.Property{ID: p, Dialogue: conversation.New(facts(p))})
		if i >= len(s.Hotels) {
			continue
		}
		if e.hotels[p], err = qloapps.New(qloapps.Config{Property: p, BaseURL: s.Hotels[i], Key: qloappstest.DemoKey, HotelID: 1,
			Zone: time.UTC, Currency: "USD"}); err != nil {
			return nil, err
		}
	}
	if e.graph, err = whatsapp.New(whatsapp.Config{Numbers: numbers, BaseURL: s.Graph}); err != nil {
		return nil, err
	}
	conf.Messenger = e.graph
	if e.engine, err = actors.Start(conf); err != nil {
		return nil, err
	}
	in.listen(s, e.engine, e.engine)
	return e, nil
}

func (w *wayIn) serve(ln net.Listener) error { return w.public.Serve(ln) }

func (w *wayIn) drain(ctx context.Context) error {
	return errors.Join(w.public.Shutdown(ctx), w.store.Close())
}

func (e *engine) drain(ctx context.Context) error {
	err := errors.Join(e.public.Shutdown(ctx), e.engine.Drain(ctx))
	e.graph.Close()
	e.hotels.Close()
	return errors.Join(err, e.store.Close())
}

func (w *wayIn) describe(ctx context.Context, u *usage) (err error) {
	if u.Backlog, err = w.store.Backlog(ctx); err != nil {
		return err
	}
	families, err := w.metrics.Registry.Gather()
	if err != nil {
		return err
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			switch f.GetName() {
			case "conserje_turns_total":
				if m.GetLabel()[0].GetValue() == "committed" {
					u.Turns += m.GetCounter().GetValue()
				}
			case "conserje_store_batch_size":
				u.Commits += float64(m.GetHistogram().GetSampleCount())
				u.Rows += m.GetHistogram().GetSampleSum()
			}
		}
	}
	return nil
}

// mailbox takes every mail at once: a real account's pace (Gmail takes about 60
// a minute) would measure Google.
type mailbox struct{}

func (mailbox) SendMail(_ context.Context, m hotel.Mail) (string, error) {
	return "mail." + string(m.Reservation.Code), nil
}

func (mailbox) SendAlert(context.Context, hotel.Alert, []hotel.GuestID) (string, error) {
	return "alert", nil
}

// facts are a hotel that answers about its wifi and sells two kinds of room.
func facts(p hotel.PropertyID) conversation.Facts {
	both := func(es, en string) map[string]string { return map[string]string{"es": es, "en": en} }
	f := conversation.Facts{
		Property: p, Name: "Posada del Banco", Address: "Belgrano 120", Phone: "+54 261 555-0100", Zone: time.UTC, Country: "AR", Currency: "USD",
		Locales: []string{"es", "en"}, TaxIncluded: true, ReceptionURL: "http://127.0.0.1/reception",
		Knowledge: map[string]map[string]string{
			"wifi":      both("Sí, hay wifi sin cargo en todo el hotel.", "Yes, there is free wifi all over the hotel."),
			"check_in":  both("El check-in es desde las 14:00.", "Check-in is from 2 pm."),
			"check_out": both("El check-out es hasta las 10:00.", "Check-out is until 10 am."),
			"parking":   both("Tenemos cochera cubierta sin cargo.", "We have free covered parking."),
			"breakfast": both("El desayuno está incluido.", "Breakfast is included."),
			"pets":      both("Aceptamos perros de hasta 10 kg.", "Dogs of up to 10 kg are welcome."),
		},
		Policies: map[string]map[string]string{"cancellation": both("Podés cancelar sin cargo hasta 48 horas antes.", "You can cancel free of charge up to 48 hours ahead.")},
	}
	for i, name := range []string{"doble", "suite"} {
		f.RoomTypes = append(f.RoomTypes, conversation.RoomFact{Names: []string{name}, RoomType: hotel.RoomType{
			ID: hotel.RoomTypeID(strconv.Itoa(i + 1)), Name: "Type " + strconv.Itoa(i+1), MaxAdults: 2, MaxChildren: 2, MaxGuests: 4}})
	}
	return f
}
