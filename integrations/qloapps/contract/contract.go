package contract

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/qloapps"
)

// Prefix begins the references of everything that a run books.
const Prefix = qloapps.ReferencePrefix + "DOCTOR-"

// Options say what is tried, and how.
type Options struct {
	Config   qloapps.Config // as the engine has it
	ReadOnly bool           // books nothing
	Far      int            // days from today to the first nights that are looked at; 0 = 120
	Racers   int            // bookings at once for the last room; 0 = 4
}

// Outcome tells how a step ended.
type Outcome string

// The outcomes.
const (
	Passed  Outcome = "passed"
	Failed  Outcome = "failed"
	Skipped Outcome = "skipped" // it does not apply here, or what it needs failed
)

// Step is one thing that was tried.
type Step struct {
	Name    string        `json:"name"`
	Outcome Outcome       `json:"outcome"`
	Detail  string        `json:"detail"` // what was seen, or why not; names nobody
	Took    time.Duration `json:"took"`
}

// Report is what was tried, in order.
type Report []Step

// Failures lists the steps that failed.
func (r Report) Failures() []Step {
	var out []Step
	for _, s := range r {
		if s.Outcome == Failed {
			out = append(out, s)
		}
	}
	return out
}

// skip is why a step was not tried.
type skip string

func (s skip) Error() string { return string(s) }

// Run tries everything, telling each step as it ends. Its error is a
// configuration that no client can be made of; all else stands in the report.
func Run(ctx context.Context, o Options, tell func(Step)) (Report, error) {
	if o.Config.NoEmailDomain == "" {
		o.Config.NoEmailDomain = "no-email.invalid" // nobody shall be mailed about a trial
	}
	c, err := qloapps.New(o.Config)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if o.Far == 0 {
		o.Far = 120
	}
	if o.Racers == 0 {
		o.Racers = 4
	}
	if o.Config.Zone == nil {
		o.Config.Zone = time.UTC
	}
	r := &run{Client: c, options: o, id: rand.Text()[:12]}
	var report Report
	broken := false
	for _, s := range steps {
		begun := time.Now()
		var detail string
		var err error
		switch {
		case s.books && o.ReadOnly:
			err = skip("nothing is booked: read-only")
		case broken && !s.always:
			err = skip("what it needs failed")
		case s.always:
			r.ended = ctx.Err() != nil
			c, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTimeout)
			detail, err = s.do(r, c)
			cancel()
		default:
			detail, err = s.do(r, ctx)
		}
		step := Step{Name: s.name, Outcome: Passed, Detail: detail, Took: time.Since(begun)}
		if why, ok := errors.AsType[skip](err); ok {
			step.Outcome, step.Detail = Skipped, string(why)
		} else if err != nil {
			step.Outcome, step.Detail = Failed, err.Error()
			broken = broken || s.needed
		}
		report = append(report, step)
		if tell != nil {
			tell(step)
		}
	}
	return report, nil
}

const cleanUpTimeout = 2 * time.Minute

// step is one thing to try.
type step struct {
	name   string
	needed bool // all after it stands on it
	books  bool
	always bool // also when what is before failed, or the run was ended
	do     func(*run, context.Context) (string, error)
}

var steps = []step{
	{name: "connect", needed: true, do: (*run).connect},
	{name: "a wrong key is told", do: (*run).wrongKey},
	{name: "catalogue", needed: true, do: (*run).catalogue},
	{name: "availability", needed: true, do: (*run).availability},
	{name: "what the server does not check is refused", do: (*run).refusals},
	{name: "book", needed: true, books: true, do: (*run).bookOne},
	{name: "read back", books: true, do: (*run).readBack},
	{name: "two rooms and a child cost what was quoted", books: true, do: (*run).bookFamily},
	{name: "second currency", books: true, do: (*run).secondCurrency},
	{name: "a shared mailbox renames nobody", books: true, do: (*run).sharedMailbox},
	{name: "change of dates", books: true, do: (*run).change},
	{name: "changes are seen", books: true, do: (*run).poll},
	{name: "cancel", books: true, do: (*run).cancel},
	{name: "race for the last room", books: true, do: (*run).race},
	{name: "clean up", books: true, always: true, do: (*run).cleanUp},
}

// run is one run at work.
type run struct {
	*qloapps.Client
	options Options
	id      string // of this run, in its references
	made    []hotel.Reference
	ended   bool // by its context, maybe with a booking under way

	server qloapps.Server
	types  []hotel.RoomDetails
	roomed hotel.RoomType // what the single bookings are of
	stay   hotel.Stay     // when it is free
	first  hotel.Reservation
	mark   string // of the poll, before the booking
}

func (r *run) today() hotel.Date {
	now := time.Now()
	if r.options.Config.Now != nil {
		now = r.options.Config.Now()
	}
	return hotel.DateOf(now.In(r.options.Config.Zone))
}

// request is a booking of this run's own, with a reference that cleaning up knows.
func (r *run) request(rt hotel.RoomType, stay hotel.Stay, quote hotel.Money, parties ...hotel.Party) hotel.BookingRequest {
	ref := hotel.Reference(fmt.Sprintf("%s%s-%d", Prefix, r.id, len(r.made)+1))
	r.made = append(r.made, ref)
	return hotel.BookingRequest{Reference: ref, Property: r.options.Config.Property, RoomType: rt, Stay: stay, Parties: parties,
		Contact: hotel.Contact{FirstName: "Conserje", LastName: "Prueba", Phone: "+541100000000"},
		Quote:   quote, Guest: hotel.GuestID("doctor-" + r.id), Remark: "Prueba de Conserje: se cancela sola", Lang: "es"}
}

// quote asks what so many rooms of a type cost; NotFound when they are not free.
func (r *run) quote(ctx context.Context, rt hotel.RoomTypeID, stay hotel.Stay, rooms int) (hotel.Offer, error) {
	a, err := r.Availability(ctx, hotel.AvailabilityQuery{Property: r.options.Config.Property, Stay: stay, Rooms: rooms, RoomType: rt})
	if err != nil {
		return hotel.Offer{}, err
	}
	for _, o := range a.Offers {
		if o.RoomType.ID == rt {
			return o, nil
		}
	}
	return hotel.Offer{}, fmt.Errorf("room type %s is not in the answer about itself", rt)
}

// book books as the engine does: a doubtful answer is looked up by its reference.
func (r *run) book(ctx context.Context, req hotel.BookingRequest) (made hotel.Reservation, doubt string, err error) {
	made, err = r.Create(ctx, req)
	if hotel.KindOf(err) != hotel.InDoubt {
		return made, "", err
	}
	doubt = hotel.AsError(err).Code
	found, lookup := r.ByReference(ctx, req.Property, req.Reference)
	if lookup != nil {
		return made, doubt, lookup
	}
	if len(found) == 0 {
		return made, doubt, err
	}
	return found[0], doubt, nil
}

// ByReference hides the property, which the client has.
func (r *run) ByReference(ctx context.Context, _ hotel.PropertyID, ref hotel.Reference) ([]hotel.Reservation, error) {
	return r.Client.ByReference(ctx, ref)
}

// same tells a total that is another than the one quoted.
func same(what string, quoted, got hotel.Money) error {
	if quoted != got {
		return fmt.Errorf("%s: quoted %s, but it is %s", what, quoted, got)
	}
	return nil
}
