package conversation

import (
	"encoding/json"
	"fmt"

	"github.com/conserje/conserje/hotel"
)

// DecodeInput reads an inbox row. It fails with hotel.Invalid when the row's
// kind or body is not known: such a row will never be an input.
func DecodeInput(row hotel.InboxRow) (Input, error) {
	switch row.Kind {
	case hotel.KindSaid:
		return decode(row, func(body hotel.Inbound) Input {
			if body.At.IsZero() {
				body.At = row.At
			}
			return GuestSaid{row.Key, body}
		})
	case hotel.KindBooked:
		return decode(row, func(body hotel.BookingResult) Input { return Booked{row.Key, body} })
	case hotel.KindBookingFailed:
		return decode(row, func(body hotel.BookingResult) Input { return BookingFailed{row.Key, body} })
	case hotel.KindCancelled:
		return decode(row, func(body hotel.CancelResult) Input { return Cancelled{row.Key, body} })
	case hotel.KindCancelFailed:
		return decode(row, func(body hotel.CancelResult) Input { return CancelFailed{row.Key, body} })
	case hotel.KindChanged:
		return decode(row, func(body hotel.ChangeResult) Input { return Changed{row.Key, body} })
	case hotel.KindChangeFailed:
		return decode(row, func(body hotel.ChangeResult) Input { return ChangeFailed{row.Key, body} })
	case hotel.KindSendFailed:
		return decode(row, func(body hotel.SendResult) Input { return SendFailed{row.Key, body} })
	case hotel.KindMailFailed:
		return decode(row, func(body hotel.SendResult) Input { return MailFailed{row.Key, body} })
	case hotel.KindWithdrawn:
		return decode(row, func(body hotel.SendResult) Input { return Withdrawn{row.Key, body} })
	case hotel.KindStaffSaid:
		return decode(row, func(body hotel.StaffWord) Input { return StaffSaid{row.Key, body, row.At} })
	case hotel.KindStaffClosed:
		return decode(row, func(body hotel.StaffWord) Input { return StaffClosed{row.Key, body, row.At} })
	case hotel.KindUnparked:
		return decode(row, func(body hotel.StaffWord) Input { return Unparked{row.Key, body} })
	case hotel.KindBuried:
		return decode(row, func(body hotel.SendResult) Input { return Buried{row.Key, body} })
	case hotel.KindErase:
		return decode(row, func(body hotel.Erasure) Input { return EraseAsked{row.Key, body} })
	}
	return nil, &hotel.Error{Op: "conversation.DecodeInput", Kind: hotel.Invalid, Err: fmt.Errorf("row kind %q is not an input", row.Kind)}
}

func decode[B any](row hotel.InboxRow, input func(B) Input) (Input, error) {
	var body B
	if err := json.Unmarshal(row.Body, &body); err != nil {
		// The cause quotes the body, which holds guests' data: only its class is kept.
		return nil, &hotel.Error{Op: "conversation.DecodeInput", Kind: hotel.Invalid, Err: fmt.Errorf("body of a %s row is no %T", row.Kind, body)}
	}
	return input(body), nil
}

// keyOf returns the key of the inbox row that an input came from, "" for those that come from none.
func keyOf(in Input) hotel.Key {
	switch in := in.(type) {
	case GuestSaid:
		return in.Key
	case Booked:
		return in.Key
	case BookingFailed:
		return in.Key
	case Cancelled:
		return in.Key
	case CancelFailed:
		return in.Key
	case Changed:
		return in.Key
	case ChangeFailed:
		return in.Key
	case SendFailed:
		return in.Key
	case MailFailed:
		return in.Key
	case Withdrawn:
		return in.Key
	case StaffSaid:
		return in.Key
	case StaffClosed:
		return in.Key
	case Unparked:
		return in.Key
	case Buried:
		return in.Key
	case EraseAsked:
		return in.Key
	}
	return ""
}
