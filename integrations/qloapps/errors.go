package qloapps

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/conserje/conserje/hotel"
)

// Alive tells whether the error is what a live QloApps said: such an error is no
// reason to open a breaker. Callers that do not import this package look for
// the prefix "qloapps_" of the code.
func Alive(err error) bool {
	e, ok := errors.AsType[*hotel.Error](err)
	return ok && strings.HasPrefix(e.Code, "qloapps_")
}

// broken is a request without an answer.
func (a ask) broken(err error, left bool) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // the URL around it may hold the key, or a guest's e-mail
	}
	e := &hotel.Error{Op: a.op, Kind: hotel.Unavailable, Code: "cut", Err: err}
	switch {
	case !left:
		e.Code = "dial"
		if a.writes {
			e.Kind = hotel.NotSent
		}
	case a.writes:
		e.Kind = hotel.InDoubt
	}
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		e.Code = "timeout"
		e.Err = context.DeadlineExceeded
	}
	return e
}

// odd is an answer that proves nothing.
func (a ask) odd(code, why string) error {
	kind := hotel.Transient
	if a.writes {
		kind = hotel.InDoubt
	}
	return &hotel.Error{Op: a.op, Kind: kind, Code: code, Err: errors.New(why)}
}

// complaint is one element of QloApps' error answer.
type complaint struct {
	Code    number `json:"code"`
	Message string `json:"message"`
}

// complaints reads an error answer; none when it is not one.
func complaints(body []byte) []complaint {
	var e struct {
		Errors []complaint `json:"errors"`
	}
	if json.Unmarshal(body, &e) != nil {
		return nil
	}
	return e.Errors
}

// PHP warnings leak into the errors with this code; they may stand before the real one.
const warningCode = 3

// first is the complaint that matters.
func first(all []complaint) (complaint, bool) {
	for _, c := range all {
		if c.Code.int() != warningCode {
			return c, true
		}
	}
	return complaint{}, false
}

const (
	soldOutMessage = "Requested room(s) not available."
	disabledCode   = 22 // the web service is switched off
)

// refused sorts an answer with status 300 or more.
func (a ask) refused(r reply) error {
	all := complaints(r.body)
	said, meant := first(all)
	e := &hotel.Error{Op: a.op, Code: fmt.Sprintf("http_%d", r.status), Err: say(said)}
	if !meant && len(all) > 0 {
		e.Err = errors.New("PHP warnings instead of an answer")
	}
	if r.alive {
		e.Code = fmt.Sprintf("qloapps_%d", r.status)
		if n := said.Code.int(); n != 0 {
			e.Code += fmt.Sprintf("/%d", n)
		}
	}
	switch {
	case r.status < 400:
		e.Kind, e.Scope = hotel.Unauthorised, hotel.ScopeNumber
		e.Err = errors.New("redirected: the base URL's host is not the shop's domain, or http should be https")
	case r.status == http.StatusUnauthorized, r.status == http.StatusForbidden, r.status == http.StatusMethodNotAllowed,
		r.alive && said.Code.int() == disabledCode:
		e.Kind, e.Scope = hotel.Unauthorised, hotel.ScopeNumber
	case r.status == http.StatusNotFound && (r.alive || len(r.body) == 0):
		e.Kind = hotel.NotFound
	case r.status == http.StatusNotFound: // a page of the web server: there is no QloApps at this address
		e.Kind, e.Scope = hotel.Unauthorised, hotel.ScopeNumber
		e.Err = errors.New("no web service at the base URL")
	case r.status == http.StatusTooManyRequests:
		e.Kind, e.Scope = hotel.Throttled, hotel.ScopeNumber
	case r.status == http.StatusRequestTimeout: // a proxy's: as good as a 504
		e.Kind = hotel.Unavailable
		if a.writes {
			e.Kind = hotel.InDoubt
		}
	case r.status < 500 && said.Message == soldOutMessage:
		e.Kind = hotel.SoldOut
	case r.status < 500:
		e.Kind = hotel.Invalid
	case a.writes:
		e.Kind = hotel.InDoubt // it may have been stored before it broke
	case r.alive:
		e.Kind = hotel.Transient
	default:
		e.Kind = hotel.Unavailable
	}
	return e
}

// say keeps only the messages that are known to be fixed texts: others may quote
// what was sent, and that is a guest's data.
func say(c complaint) error {
	message := strings.TrimSpace(c.Message)
	switch {
	case message == "":
		return errors.New("refused without a reason")
	case fixed[message] || strings.HasPrefix(message, "Resource of type ") || strings.HasPrefix(message, "Method ") ||
		strings.HasPrefix(message, "This filter does not exist."):
		return errors.New(message[:min(len(message), 160)])
	default:
		return fmt.Errorf("refused with code %d", c.Code.int())
	}
}

var fixed = known(
	soldOutMessage,
	"Invalid check in and check out dates in the request", "Invalid check in date in the request", "Invalid check out date in the request",
	"Invalid room type in the request", "Room count does not matches with the number of rooms", "number of rooms is missing",
	"Customer details not found.", "Please provide a valid first name.", "Please provide a valid last name.", "Please provide a valid email.",
	"Please provide a valid phone number.", "Please provide a valid id_property.", "Please provide a valid id_customer.",
	"Please provide valid currency.", "Address is required.", "Invalid country code.", "Invalid booking status.", "Invalid payment status.",
	"Invalid payment type.", "Invalid request for service.", "id is forbidden when adding a new resource",
	"Authentication key is empty", "Invalid authentication key format", "Authentification key is not active",
	"No permission for this authentication key", "No permission for this key on this shop",
	"The QloApps webservice is disabled. Please activate it in the QloApps Back Office",
	"Validation error: ARI search parameters are missing.", "Validation error: Invalid ARI search parameters found.",
	`Validation error: "Date to" must be after "date from"`,
)

func known(messages ...string) map[string]bool {
	m := make(map[string]bool, len(messages))
	for _, s := range messages {
		m[s] = true
	}
	return m
}
