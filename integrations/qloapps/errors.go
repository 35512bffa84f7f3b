package qloapps

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/conserje/conserje/hotel"
)

// Alive tells whether the error is what a live QloApps said, to its end: such an
// error is no reason to open a breaker, and nothing of its request runs any more
// on the server. Callers that do not import this package look for the prefix
// "qloapps_" of the code.
func Alive(err error) bool {
	e, ok := errors.AsType[*hotel.Error](err)
	return ok && strings.HasPrefix(e.Code, live)
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

// odd is an answer with a good status that proves nothing.
func (a ask) odd(r reply, why string) error {
	kind := hotel.Transient
	if a.writes {
		kind = hotel.InDoubt
	}
	code := "odd_200"
	if r.answered() {
		code = live + code
	}
	return &hotel.Error{Op: a.op, Kind: kind, Code: code, Err: errors.New(why)}
}

// tooLong is an answer that was not read to its end.
func (a ask) tooLong(r reply) error {
	e := &hotel.Error{Op: a.op, Kind: hotel.Transient, Code: "too_long", Err: errors.New("the answer is too long")}
	switch {
	case a.writes: // nobody knows whether the server is done with it
		e.Kind = hotel.InDoubt
	case r.alive:
		e.Code = live + e.Code
	}
	return e
}

// live begins the code of an answer that a live QloApps gave to its end.
const live = "qloapps_"

// answered tells whether QloApps itself gave this answer, whole: its own headers
// say so, or, where PHP died before it set them ("Fatal error" with 200), its
// cookie. A 500 needs the headers: without them the server is not well.
func (r reply) answered() bool {
	return r.alive || r.cookie && r.status < http.StatusInternalServerError
}

// code is the first part of a refusal's code: "qloapps_400", "http_502".
func (r reply) code() string {
	if r.answered() {
		return fmt.Sprintf("%s%d", live, r.status)
	}
	return fmt.Sprintf("http_%d", r.status)
}

// complaint is one element of QloApps' error answer.
type complaint struct {
	Code    number `json:"code"`
	Message string `json:"message"`
}

// complaints reads an error answer, JSON or, as before a key is known, perhaps
// XML; none when it is neither.
func complaints(body []byte) []complaint {
	var e struct {
		Errors []complaint `json:"errors"`
	}
	if json.Unmarshal(body, &e, lax) == nil {
		return e.Errors
	}
	var x struct {
		Errors []struct {
			Code    string `xml:"code"`
			Message string `xml:"message"`
		} `xml:"errors>error"`
	}
	if xml.Unmarshal(body, &x) != nil {
		return nil
	}
	var all []complaint
	for _, c := range x.Errors {
		code, err := strconv.Atoi(strings.TrimSpace(c.Code))
		if err != nil {
			continue
		}
		all = append(all, complaint{number(strconv.Itoa(code)), strings.TrimSpace(c.Message)})
	}
	return all
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
