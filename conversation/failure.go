package conversation

import (
	"strconv"

	"github.com/conserje/conserje/hotel"
)

// maxFailed is how many failed requests of one booking lead to a person.
const maxFailed = 3

// failure is why a booking, or several together, were not made.
type failure struct {
	outcome  hotel.BookingOutcome
	request  hotel.BookingRequest
	total    hotel.Money // that the hotel system asked for when the price changed
	code     string      // the outside's code of a refusal
	together int         // how many bookings it is one of, none of which stands; 0 = it is alone
}

// says is the key of a phrase that is worded otherwise for several together.
func (fail failure) says(key string) string {
	if fail.together > 0 {
		return "bundle." + key
	}
	return key
}

// notMade goes on after a failed request: with what is left, with another price, or with a person.
func (t *taking) notMade(fail failure) {
	f := t.open(GoalBook)
	f.unprice()
	f.Failed++
	reference := string(fail.request.Reference)
	if tries := f.Failed; gaveUp(tries, fail.outcome) {
		t.add("gave_up", t.words.tried(tries, fail.outcome)...)
		t.bookingToStaff("alert.gave_up", t.staffWords().tried(tries, fail.outcome, "reference", reference)...)
		return
	}
	switch fail.outcome {
	case hotel.OutcomeSoldOut, hotel.OutcomeLostRace:
		f.Slots.Mix, f.Slots.RoomType = nil, ""
		f.Note = "note." + string(fail.outcome)
		if fail.together > 0 {
			f.Note = "note.bundle"
		}
		t.nextOfBooking(f)
	case hotel.OutcomePriceChanged:
		f.Note = "note.price_changed"
		r := fail.request
		f.Floor = floorOf(r.Stay, r.RoomType, r.Rooms(), fail.total)
		t.nextOfBooking(f)
	case hotel.OutcomeExpired:
		f.Note = "note.expired"
		t.nextOfBooking(f)
	case hotel.OutcomeUnclear:
		t.add(fail.says("unclear"), "n", t.words.number(fail.together))
		t.bookingToStaff("alert.unclear", "reference", reference)
	default:
		if f.Failed < maxFailed && t.refusedStay(f, fail.code) {
			return
		}
		t.add(fail.says("refused"), "n", t.words.number(fail.together))
		t.bookingToStaff("alert.refused", "reference", reference)
	}
}

// bookingToStaff leaves a booking that is not made to a person.
func (t *taking) bookingToStaff(detail string, pairs ...string) {
	t.handOverWith(hotel.CauseBooking, "detail", t.staffWords().text(detail, pairs...))
	t.close(GoalBook)
}

// gaveUp tells whether what one may try again has failed too often. An outcome
// that leads to a person by itself is no matter of tries.
func gaveUp(tries int, last hotel.BookingOutcome) bool {
	switch last {
	case hotel.OutcomeSoldOut, hotel.OutcomeLostRace, hotel.OutcomePriceChanged, hotel.OutcomeExpired:
		return tries >= maxFailed
	}
	return false
}

// tried are the pairs that say how often it was tried and what the last try failed for, and those given.
func (b *phrasebook) tried(tries int, last hotel.BookingOutcome, pairs ...string) []string {
	return append(pairs, "n", strconv.Itoa(tries), "why", b.text("gave_up."+string(last)))
}
