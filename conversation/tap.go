package conversation

import (
	"strconv"
	"strings"

	"github.com/conserje/conserje/conversation/nlu"
	"github.com/conserje/conserje/hotel"
)

// Ids of buttons and rows. Those that depend on what was shown carry its
// number, so that an old one is known as such; a room's row carries the whole
// search, so that an old one can be searched again.
const (
	tapBook      = "go:book"
	tapStatus    = "go:status"
	tapPerson    = "person"
	tapStop      = "stop"
	tapDates     = "dates"
	tapRetry     = "retry"
	tapProfile   = "profile:yes"
	tapOtherName = "profile:no"
	tapYes       = "yes:"    // + read-back
	tapChange    = "change:" // + read-back
	tapRoom      = "room:"   // + offer:type:in:out:adults:children:rooms
	tapBooking   = "bk:"     // + booking code
	tapCancel    = "cancel:" // + booking code
	tapModify    = "modify:" // + booking code
	tapInHand    = "hand"    // the booking that is being made
	tapKeep      = "keep"
	tapErase     = "erase:yes"
	tapNoErase   = "erase:no"
	tapList      = "list" // the button of a list: typed only
)

// tapped takes a tap. It returns false when the id is none of ours.
func (t *taking) tapped(h *heard, id string) bool {
	switch id {
	case tapBook:
		h.book = true
		t.open(GoalBook)
	case tapStatus:
		h.status = true
	case tapPerson:
		h.human = true
	case tapStop:
		h.abort = true
	case tapDates:
		h.changed = true
		f := t.open(GoalBook)
		f.forgetStay()
		f.unprice()
	case tapRetry:
		h.changed = true
		if f := t.frame(GoalBook); f != nil {
			f.unprice()
		}
	case tapProfile, tapOtherName: // an answer to that question only: never a yes to another
		h.stray = !t.asks(AskProfile)
		h.yes, h.no = !h.stray && id == tapProfile, !h.stray && id == tapOtherName
	case tapKeep:
		top := t.top()
		h.no = top != nil && (top.Goal == GoalCancel && top.Asked == AskConfirm || top.Goal == GoalChange)
		h.stray = !h.no
	case tapInHand:
		h.inHand = t.asks(AskEither)
		h.stray = !h.inHand
	case tapList: // the question is asked again, and its list with it
		h.aside = true
	case tapErase, tapNoErase: // an answer to that question only
		h.stray = !t.asks(AskErase)
		h.yes, h.no = !h.stray && id == tapErase, !h.stray && id == tapNoErase
	default:
		return t.tappedNumbered(h, id)
	}
	return true
}

// asks tells whether that is the open question.
func (t *taking) asks(q Question) bool { return t.top() != nil && t.top().Asked == q }

func (t *taking) tappedNumbered(h *heard, id string) bool {
	if n, ok := strings.CutPrefix(id, tapYes); ok {
		h.yes = true
		h.yesTo, _ = strconv.ParseInt(n, 10, 64)
		if h.yesTo == 0 {
			h.yesTo = -1 // no read-back of ours
		}
		return true
	}
	if strings.HasPrefix(id, tapChange) {
		h.change = true
		return true
	}
	if code, ok := strings.CutPrefix(id, tapBooking); ok {
		h.picked = hotel.BookingCode(code)
		return true
	}
	if code, ok := strings.CutPrefix(id, tapCancel); ok {
		h.cancel, h.picked = true, hotel.BookingCode(code)
		return true
	}
	if code, ok := strings.CutPrefix(id, tapModify); ok {
		h.modify, h.picked = true, hotel.BookingCode(code)
		if code == "" && !t.busy() { // of those that were shown: no correction of the one in hand
			t.open(GoalChange)
		}
		return true
	}
	if search, ok := strings.CutPrefix(id, tapRoom); ok {
		return t.tappedRoom(h, search)
	}
	return false
}

// roomTap is the id of a room's row.
func roomTap(offer int64, rt hotel.RoomTypeID, s Slots, rooms int) string {
	return tapRoom + strings.Join([]string{strconv.FormatInt(offer, 10), string(rt), s.CheckIn.String(), s.CheckOut.String(),
		strconv.Itoa(s.Adults), strconv.Itoa(s.Children), strconv.Itoa(rooms)}, ":")
}

func (t *taking) tappedRoom(h *heard, search string) bool {
	parts := strings.Split(search, ":")
	if len(parts) != 7 {
		return false
	}
	h.book, h.changed = true, true
	if t.s.Pending != nil || t.s.Bundle != nil {
		return true
	}
	f := t.open(GoalBook)
	if f.Offer == nil || strconv.FormatInt(f.Offer.N, 10) != parts[0] {
		in, errIn := hotel.ParseDate(parts[2])
		out, errOut := hotel.ParseDate(parts[3])
		adults, errAdults := strconv.Atoi(parts[4])
		children, errChildren := strconv.Atoi(parts[5])
		rooms, errRooms := strconv.Atoi(parts[6])
		if errIn != nil || errOut != nil || errAdults != nil || errChildren != nil || errRooms != nil {
			return true // opens a booking, which asks for what it lacks
		}
		s := &f.Slots
		if s.Children != children {
			s.Ages = nil
		}
		s.CheckIn, s.CheckOut, s.Adults, s.Children, s.Rooms = in, out, adults, children, rooms
		f.unprice()
		f.Note = "note.old_tap"
	}
	f.Slots.RoomType, f.Slots.Mix = hotel.RoomTypeID(parts[1]), nil
	f.Slots.from(nlu.RoomType, FromTap)
	f.ReadBack = nil
	return true
}
