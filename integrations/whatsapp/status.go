package whatsapp

import (
	"strconv"
	"strings"

	"github.com/conserje/conserje/hotel"
)

// status reads one element of statuses[].
func (d *decoder) status() {
	if !d.enter('{') {
		return
	}
	var (
		r             hotel.Receipt
		status, kind  string
		group, called bool
	)
	for d.more('}') {
		switch string(d.key()) {
		case "id":
			r.MessageID = d.text()
		case "status":
			r.Status, status = deliveryStatus(d.word())
		case "timestamp":
			r.At = timestamp(d.word())
		case "biz_opaque_callback_data":
			r.Key, r.Attempt = parseCallback(d.word())
		case "recipient_type":
			group = string(d.word()) == "group"
		case "type":
			called = string(d.word()) == "call"
		case "errors":
			r.Code = d.errorCode()
		default:
			d.skip()
		}
	}
	if r.At.IsZero() {
		r.At = d.now
	}
	switch {
	case called:
		kind = "call_status"
	case group:
		kind = "group_status"
	case status != "":
		kind = "status_" + shorten(status)
	case r.MessageID == "" && r.Key == "":
		kind = "status_without_id"
	}
	if kind != "" {
		d.ignore(kind)
		return
	}
	d.out.Receipts = append(d.out.Receipts, r)
}

// errorCode reads the code of the first error of the array in hand.
func (d *decoder) errorCode() (code string) {
	d.each(func() {
		if c := d.field("code"); code == "" {
			code = c
		}
	})
	return code
}

// deliveryStatus returns the status, or the name of one that means nothing to us.
func deliveryStatus(word []byte) (status hotel.DeliveryStatus, unknown string) {
	switch string(word) {
	case "sent":
		return hotel.DeliverySent, ""
	case "delivered":
		return hotel.DeliveryDelivered, ""
	case "read":
		return hotel.DeliveryRead, ""
	case "played":
		return hotel.DeliveryPlayed, ""
	case "failed":
		return hotel.DeliveryFailed, ""
	case "":
		return "", "none"
	}
	return "", string(word)
}

// parseCallback reads "<outbox key>#<attempt>"; what others put there has no key.
func parseCallback(data []byte) (hotel.Key, int) {
	key, digits, ok := strings.Cut(string(data), "#")
	if !ok || key == "" || strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789/._-") != "" {
		return "", 0
	}
	attempt, err := strconv.Atoi(digits)
	if err != nil || attempt < 1 {
		return "", 0
	}
	return hotel.Key(key), attempt
}
