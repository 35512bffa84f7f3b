package qloapps

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/conserje/conserje/hotel"
)

// What QloApps says by number.
const (
	emptyKeyCode   = 17
	keyFormCode    = 18
	unknownKeyCode = 20 // or a key that is switched off
	mayNothingCode = 21
	disabledCode   = 22 // the web service is switched off
	methodCode     = 25
	resourceCode   = 26
	noResourceCode = 27
	shopCode       = 132
	soldOutMessage = "Requested room(s) not available."
	soldOutOnPut   = "Requested room(s) not available" // R404: a PUT says it without the full stop
	backOfficeKeys = "QloApps' back office, Advanced Parameters > Webservice"
	noKeyArrived   = "no key reached QloApps: the web server or a proxy drops the Authorization header, or refuses what it holds"
)

// ungranted tells what a key may not, and what whoever runs the hotel can do
// about it; empty when the answer is about something else.
func (a ask) ungranted(r reply, said complaint) string {
	resource, _, _ := strings.Cut(a.resource, "/")
	switch said.Code.int() {
	case emptyKeyCode:
		return "the web service key is empty: set the property's key, from " + backOfficeKeys
	case keyFormCode:
		return "the web service key has the wrong form: copy all its 32 characters from " + backOfficeKeys
	case unknownKeyCode:
		return "QloApps does not know this web service key, or it is switched off: compare it in " + backOfficeKeys + ", and enable it there"
	case mayNothingCode:
		return "the web service key may do nothing: tick its permissions in " + backOfficeKeys
	case resourceCode:
		return fmt.Sprintf("the web service key may not use %q: tick %s for it in %s", resource, column(a.method), backOfficeKeys)
	case methodCode:
		return fmt.Sprintf("the web service key may not %s %q: tick %s for it in %s", a.method, resource, column(a.method), backOfficeKeys)
	case shopCode:
		return "the web service key belongs to no shop: open it in " + backOfficeKeys + ", choose the shop and save (its row in webservice_account_shop is missing)"
	case disabledCode:
		return "QloApps' web service is switched off: enable it in " + backOfficeKeys
	}
	if r.status == http.StatusUnauthorized && !r.alive {
		return noKeyArrived
	}
	return ""
}

// scope tells whom what a key may not concerns: one resource or method is no
// reason to keep everything else of the property back.
func (said complaint) scope() hotel.Scope {
	if n := said.Code.int(); n == resourceCode || n == methodCode {
		return hotel.ScopeRow
	}
	return hotel.ScopeNumber
}

// column is the method's name in the table of permissions.
func column(method string) string {
	switch method {
	case http.MethodPost:
		return "Add (POST)"
	case http.MethodPut:
		return "Modify (PUT)"
	}
	return "View (GET)"
}

// refused sorts an answer with status 300 or more.
func (a ask) refused(r reply) error {
	all := complaints(r.body)
	said, meant := first(all)
	e := &hotel.Error{Op: a.op, Code: r.code(), Err: say(said)}
	if !meant && len(all) > 0 {
		e.Err = errors.New("PHP warnings instead of an answer")
	}
	if n := said.Code.int(); n != 0 && r.answered() {
		e.Code += fmt.Sprintf("/%d", n)
	}
	if why := a.ungranted(r, said); why != "" {
		e.Kind, e.Scope, e.Err = hotel.Unauthorised, said.scope(), errors.New(why)
		return e
	}
	switch {
	case r.status < 400:
		e.Kind, e.Scope = hotel.Unauthorised, hotel.ScopeNumber
		e.Err = errors.New("redirected: the base URL's host is not the shop's domain, or http should be https")
	case r.status == http.StatusUnauthorized:
		e.Kind, e.Scope = hotel.Unauthorised, hotel.ScopeNumber
	case r.status == http.StatusForbidden, r.status == http.StatusMethodNotAllowed:
		// The web server's own, most often: it forbids a method, or a word of what
		// was sent. Other requests of the same key go through.
		e.Kind, e.Scope = hotel.Unauthorised, hotel.ScopeRow
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
	case r.status < 500 && (said.Message == soldOutMessage || said.Message == soldOutOnPut):
		e.Kind = hotel.SoldOut
	case r.status < 500 && said.Code.int() == noResourceCode:
		e.Kind, e.Scope = hotel.Unauthorised, hotel.ScopeRow
		resource, _, _ := strings.Cut(a.resource, "/")
		e.Err = fmt.Errorf("this QloApps has no resource %q: is it older than 1.6?", resource)
	case r.status < 500 && a.writes && !meant && len(all) > 0:
		e.Kind = hotel.InDoubt // PHP only complained: what became of it the look-up tells
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
	case fixed[message]:
		return errors.New(message)
	default:
		return fmt.Errorf("refused with code %d", c.Code.int())
	}
}

var fixed = known(
	soldOutMessage, soldOutOnPut,
	"Invalid check in and check out dates in the request", "Invalid check in date in the request", "Invalid check out date in the request",
	"Invalid room type in the request", "Room count does not matches with the number of rooms", "number of rooms is missing",
	"Customer details not found.", "Please provide a valid first name.", "Please provide a valid last name.", "Please provide a valid email.",
	"Please provide a valid phone number.", "Please provide a valid id_property.", "Please provide a valid id_customer.",
	"Please provide valid currency.", "Address is required.", "Invalid country code.", "Invalid booking status.", "Invalid payment status.",
	"Invalid payment type.", "Invalid request for service.", "id is forbidden when adding a new resource",
	"Authentication key is empty", "Invalid authentication key format", "Authentification key is not active",
	"No permission for this authentication key", "No permission for this key on this shop",
	"The QloApps webservice is disabled. Please activate it in the QloApps Back Office",
	"Booking not found.", "Customer not found.", "Rooms not found in the request.", "id is required with PUT requests.",
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
