package whatsapp

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/conserje/conserje/hotel"
)

// graphError is the error object of a Graph answer. Its texts stay unread: they
// may quote what was sent.
type graphError struct {
	Error *struct {
		Code      int    `json:"code"`
		Subcode   int    `json:"error_subcode"`
		Transient bool   `json:"is_transient"`
		Trace     string `json:"fbtrace_id"`
	} `json:"error"`
}

// verdict is what an error code means for us.
type verdict struct {
	kind  hotel.Kind
	scope hotel.Scope
	after time.Duration
}

// classify turns an answer that is no 200 into an error. The code decides,
// never the status or the text: throttling is documented as 400.
func classify(op string, status int, header http.Header, body []byte) error {
	after := retryAfter(header)
	var g graphError
	if err := json.Unmarshal(body, &g); err != nil || g.Error == nil {
		v := judgeStatus(status)
		return &hotel.Error{Op: op, Kind: v.kind, Scope: v.scope, Code: "http_" + strconv.Itoa(status), RetryAfter: max(v.after, after),
			Err: fmt.Errorf("http %d without a Graph error", status)}
	}
	v, known := judge(g.Error.Code)
	if !known && (g.Error.Transient || status >= http.StatusInternalServerError) {
		v = verdict{kind: hotel.Transient}
	}
	return &hotel.Error{Op: op, Kind: v.kind, Scope: v.scope, Code: strconv.Itoa(g.Error.Code), RetryAfter: max(v.after, after),
		Err: fmt.Errorf("http %d, subcode %d, trace %s", status, g.Error.Subcode, traceID(g.Error.Trace))}
}

// judge is Meta's table of codes. What concerns one message is of that row
// even when a person must mend something, so that the others go on.
func judge(code int) (v verdict, known bool) {
	switch code {
	case 0, 190, // token
		3, 10, 131005, // permission
		33, 131045, 133010, // number unknown or not registered
		368, 131031, // policy block, account locked
		131037, 131042: // display name, payment
		return verdict{kind: hotel.Unauthorised, scope: hotel.ScopeNumber}, true
	case 1, 2, 131000, 131016, 133004:
		return verdict{kind: hotel.Transient}, true
	case 131057: // throughput upgrade: about a minute
		return verdict{kind: hotel.Transient, after: time.Minute}, true
	case 4, 80007, 130429:
		return verdict{kind: hotel.Throttled, scope: hotel.ScopeNumber, after: time.Second}, true
	case 131048, 131064: // quality; lifted by itself
		return verdict{kind: hotel.Throttled, scope: hotel.ScopeNumber, after: 5 * time.Minute}, true
	case 131056:
		return verdict{kind: hotel.Throttled, scope: hotel.ScopePair, after: 4 * time.Second}, true
	case 131047:
		return verdict{kind: hotel.WindowClosed}, true
	case 100, 130472, 130497, 131008, 131009, 131021, 131026, 131030, 131049, 131050, 131051, 131052, 131053, 131055, 131062,
		131063, 132000, 132001, 132005, 132007, 132012, 132015, 132016, 132018, 132068, 132069, 135000, 137000:
		return verdict{kind: hotel.Invalid}, true
	}
	switch {
	case code >= 200 && code <= 299, // permission
		code >= 133000 && code <= 133999: // registration
		return verdict{kind: hotel.Unauthorised, scope: hotel.ScopeNumber}, true
	}
	return verdict{kind: hotel.Invalid}, false
}

// judgeStatus is for answers that something in between gave. A 5xx may hide an
// acceptance; a wrong address or a proxy's refusal is for a person to mend,
// while the rows wait.
func judgeStatus(status int) verdict {
	switch {
	case status >= 500 || status < 300:
		return verdict{kind: hotel.InDoubt}
	case status == http.StatusTooManyRequests:
		return verdict{kind: hotel.Throttled, scope: hotel.ScopeNumber, after: time.Second}
	case status == http.StatusRequestTimeout:
		return verdict{kind: hotel.Transient}
	case status == http.StatusBadRequest, status == http.StatusRequestEntityTooLarge, status == http.StatusUnprocessableEntity:
		return verdict{kind: hotel.Invalid}
	default:
		return verdict{kind: hotel.Unauthorised, scope: hotel.ScopeNumber}
	}
}

func retryAfter(header http.Header) time.Duration {
	seconds, err := strconv.Atoi(header.Get("Retry-After"))
	if err != nil || seconds < 0 || seconds > 24*3600 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// traceID bounds Meta's name of the request, which their support asks for.
func traceID(s string) string {
	if len(s) > 40 {
		return s[:40]
	}
	return s
}
