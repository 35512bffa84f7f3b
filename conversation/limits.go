package conversation

import "github.com/conserje/conserje/hotel"

// Codes of what a hotel does not sell for a stay, as its system's client gives them.
const (
	codeMinStay = "bad_min_stay" // too few nights
	codeMaxStay = "bad_max_stay" // too many
	codeTooSoon = "bad_too_soon" // the arrival is too near
	codeTooFar  = "bad_too_far"  // or too far off
)

// refusedStay says why the hotel does not sell a stay, and asks for another. It
// returns false when the code tells no such thing.
func (t *taking) refusedStay(f *Frame, code string) bool {
	in := f.Slots.CheckIn
	f.Offer, f.ReadBack = nil, nil
	switch code {
	case codeMinStay:
		t.add("refuse.min_stay")
	case codeMaxStay:
		t.add("refuse.max_stay")
	case codeTooSoon:
		t.add("refuse.soon", "day", t.words.day(in, t.today()))
	case codeTooFar:
		t.add("refuse.far", "day", t.words.day(in, t.today()))
	default:
		return false
	}
	f.Spoken = true
	if code == codeMinStay || code == codeMaxStay {
		f.Slots.CheckOut, f.Slots.Nights, f.Asked = hotel.Date{}, 0, AskNights
		return true
	}
	f.forgetStay()
	f.Asked = AskDates
	return true
}

// readRefused takes a read that the hotel system would not answer for the
// stay's sake. It returns false when that is not why it failed.
func (t *taking) readRefused(w Waiting, code string) bool {
	goal := GoalBook
	if w.For == ToMove {
		goal = GoalChange
	} else if w.For != ToOffer {
		return false
	}
	if top := t.top(); top != nil && top.Goal == goal {
		return t.refusedStay(top, code)
	}
	return false
}

// floorOf is the least that is read back next; nil when the hotel system named no sum.
func floorOf(stay hotel.Stay, rt hotel.RoomType, rooms int, total hotel.Money) *Floor {
	if total.Minor <= 0 {
		return nil
	}
	return &Floor{Stay: stay, RoomType: rt.ID, Rooms: rooms, Total: total}
}
