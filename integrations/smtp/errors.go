package smtp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"regexp"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/conserje/conserje/hotel"
)

// CodeDaily is the enhanced code of an account that is done for today.
const CodeDaily = "5.4.5"

// longPause is when to look again at an account that is done for today.
const longPause = time.Hour

// openError gives an error of dial, greeting, STARTTLS or AUTH its kind: no mail
// has left, so a refusal concerns the account.
func openError(err error) error {
	if r, ok := reply(err); ok {
		if r.Code >= 500 {
			return r.error(hotel.Unauthorised, hotel.ScopeNumber)
		}
		return r.error(hotel.Transient, hotel.ScopeNumber)
	}
	if isSetUp(err) {
		return &hotel.Error{Op: op, Kind: hotel.Unauthorised, Scope: hotel.ScopeNumber, Code: "set_up",
			Err: errors.New("the server does not offer the TLS or the authentication that the settings ask for")}
	}
	return &hotel.Error{Op: op, Kind: hotel.NotSent, Err: cause(err)}
}

// stepError gives an error of MAIL, RCPT, DATA its kind: the message has not left.
func stepError(err error) error {
	r, ok := reply(err)
	if !ok {
		return &hotel.Error{Op: op, Kind: hotel.NotSent, Err: cause(err)}
	}
	return r.classified()
}

// sentError gives an error after DATA its kind: a reply is an answer, silence is a doubt.
func sentError(err error) error {
	r, ok := reply(err)
	if !ok {
		return &hotel.Error{Op: op, Kind: hotel.InDoubt, Err: cause(err)}
	}
	return r.classified()
}

// answer is what a server said, without its text: that may quote an address.
type answer struct {
	Code     int
	Enhanced string
}

var enhanced = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}\b`)

func reply(err error) (answer, bool) {
	e, ok := errors.AsType[*textproto.Error](err)
	if !ok || e.Code < 400 || e.Code > 599 {
		return answer{}, false
	}
	return answer{e.Code, enhanced.FindString(e.Msg)}, true
}

func (a answer) classified() error {
	switch {
	case a.Enhanced == CodeDaily:
		e := a.error(hotel.Throttled, hotel.ScopeNumber)
		e.RetryAfter = longPause
		return e
	case a.Code < 500:
		return a.error(hotel.Transient, hotel.ScopeRow)
	case a.Code == 530, a.Code == 534, a.Code == 535, a.Code == 538:
		return a.error(hotel.Unauthorised, hotel.ScopeNumber)
	default:
		return a.error(hotel.Invalid, hotel.ScopeRow)
	}
}

func (a answer) error(kind hotel.Kind, scope hotel.Scope) *hotel.Error {
	code := a.Enhanced
	if code == "" {
		code = strconv.Itoa(a.Code)
	}
	return &hotel.Error{Op: op, Kind: kind, Scope: scope, Code: code, Err: fmt.Errorf("the server answered %d", a.Code)}
}

// isSetUp tells whether the library gave up before asking, since the server
// does not offer what the settings demand. It was no network error and no reply.
func isSetUp(err error) bool {
	if errors.Is(err, gomail.ErrNoSupportedAuthDiscovered) || errors.Is(err, gomail.ErrPlainAuthNotSupported) {
		return true
	}
	if _, isNet := errors.AsType[net.Error](err); isNet {
		return false
	}
	return setUpText.MatchString(err.Error())
}

// The library says these two with plain text only.
var setUpText = regexp.MustCompile(`does not support (STARTTLS|SMTP AUTH)`)

// cause keeps of an error what logs may hold.
func cause(err error) error {
	for _, known := range []error{context.Canceled, context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF} {
		if errors.Is(err, known) {
			return known
		}
	}
	if e, ok := errors.AsType[*net.OpError](err); ok {
		return e
	}
	return fmt.Errorf("transport: %T", err)
}
