package hotel

import "strings"

// PropertyID names one hotel of this installation, as its YAML does.
type PropertyID string

// GuestID names one guest of one property. It is ours (UUIDv7 as lower-case
// base32): the same person at two hotels is two guests.
type GuestID string

// Key names a row for ever. An inbox row's key is given at accept; an outbox
// row's is "<key of the turn's last inbox row>/<n>".
type Key string

// Lane names rows that leave one at a time, in order.
type Lane string

// Reference is our name of a reservation request, kept in QloApps' orders.source.
// It is never asked of a guest.
type Reference string

// ReferenceOf is the reference of a request of a turn whose rows' keys begin with base.
func ReferenceOf(base Key) Reference {
	return Reference(referencePrefix + strings.ToUpper(string(base)))
}

const referencePrefix = "WA-"

// Base is what the keys of the turn's rows begin with that made the request;
// false for a reference that is none of ours. A request of several bookings
// numbers its references "-1", "-2".
func (r Reference) Base() (Key, bool) {
	base, ours := strings.CutPrefix(string(r), referencePrefix)
	if i := strings.LastIndexByte(base, '-'); i > 0 {
		base = base[:i]
	}
	return Key(strings.ToLower(base)), ours && base != ""
}

// BookingCode is QloApps' orders.reference: nine letters, what the guest hears
// and proves a booking with.
type BookingCode string

// RoomTypeID is the hotel system's id of a room type (QloApps: id_product).
type RoomTypeID string

// GuestLane carries what one guest hears.
func GuestLane(g GuestID) Lane { return Lane("guest:" + string(g)) }

// BookingLane carries creates and moves of one room type of one property.
func BookingLane(p PropertyID, rt RoomTypeID) Lane {
	return Lane("pms:" + string(p) + ":" + string(rt))
}

// ReferenceLane carries cancels, and creates in doubt, of one reservation.
func ReferenceLane(r Reference) Lane { return Lane("ref:" + string(r)) }

// MailLane carries the mails of one reservation.
func MailLane(r Reference) Lane { return Lane("mail:" + string(r)) }

// StaffLane holds one alert, alone.
func StaffLane(k Key) Lane { return Lane("staff:" + string(k)) }

// Destination tells which sender carries a row out.
type Destination string

// The destinations.
const (
	ToGuest Destination = "guest" // messenger: WhatsApp to the guest
	ToPMS   Destination = "pms"   // pms: creates and cancels in the hotel system
	ToMail  Destination = "mail"  // mailer: mail to the guest
	ToStaff Destination = "staff" // mail and WhatsApp template to the hotel's staff
)

// Destination of the lane's rows, by its prefix.
func (l Lane) Destination() Destination {
	prefix, _, _ := strings.Cut(string(l), ":")
	switch prefix {
	case "guest":
		return ToGuest
	case "mail":
		return ToMail
	case "staff":
		return ToStaff
	default:
		return ToPMS
	}
}
