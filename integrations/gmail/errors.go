package gmail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"google.golang.org/api/googleapi"

	"github.com/conserje/conserje/hotel"
)

// Codes of a Throttled error that ends the account's day.
const (
	CodeDaily       = "dailyLimitExceeded"
	CodeMailSending = "mailSending" // 429 "(Mail sending)": hours, as a rule
)

// longPause is the least RetryAfter of an account that is done for today: the
// limit is a rolling day's, so it may open again at any hour.
const longPause = time.Hour

// apiError gives an answer of the API its kind. The cause is our own text: the
// API's may quote an address.
//
//	400 failedPrecondition (no Gmail on it)      Unauthorised: the account, not the mail
//	400, 404, 413, other 4xx                      Invalid
//	401                                           Unauthorised (after one new token)
//	403, 429 rate                                 Throttled
//	403 dailyLimitExceeded, 429 (Mail sending)    Throttled, an hour at least
//	403 otherwise                                 Unauthorised: configuration
//	408, 5xx, and what is no answer of Gmail      InDoubt
func apiError(e *googleapi.Error, now time.Time) error {
	why := reason(e)
	out := &hotel.Error{Op: op, Kind: hotel.Invalid, Code: why, Err: fmt.Errorf("the API answered %d %s", e.Code, why)}
	switch {
	case e.Code >= 500, e.Code == http.StatusRequestTimeout, e.Code < 400:
		out.Kind = hotel.InDoubt
	case e.Code == http.StatusTooManyRequests, e.Code == http.StatusForbidden && isQuota(why):
		out.Kind, out.Scope = hotel.Throttled, hotel.ScopeNumber
		out.RetryAfter = retryAfter(e, now)
		if strings.Contains(e.Message, "(Mail sending)") {
			out.Code = CodeMailSending
		}
		if out.Code == CodeMailSending || out.Code == CodeDaily {
			out.RetryAfter = max(out.RetryAfter, longPause)
		}
	case e.Code == http.StatusUnauthorized, e.Code == http.StatusForbidden, why == "failedPrecondition":
		out.Kind, out.Scope = hotel.Unauthorised, hotel.ScopeNumber
	}
	if out.Code == "" {
		out.Code = strconv.Itoa(e.Code)
	}
	return out
}

func isQuota(reason string) bool {
	switch reason {
	case "rateLimitExceeded", "userRateLimitExceeded", CodeDaily, "quotaExceeded", "RATE_LIMIT_EXCEEDED":
		return true
	}
	return false
}

// reason is errors[0].reason, or else the reason among details[].
func reason(e *googleapi.Error) string {
	if len(e.Errors) > 0 && e.Errors[0].Reason != "" {
		return word(e.Errors[0].Reason)
	}
	var body struct {
		Error struct {
			Details []struct {
				Reason string `json:"reason"`
			} `json:"details"`
		} `json:"error"`
	}
	if json.Unmarshal([]byte(e.Body), &body) == nil {
		for _, d := range body.Error.Details {
			if d.Reason != "" {
				return word(d.Reason)
			}
		}
	}
	return ""
}

// word lets through what looks like a reason and nothing else.
func word(s string) string {
	if len(s) > 60 || strings.ContainsFunc(s, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) {
		return "other"
	}
	return s
}

var retryText = regexp.MustCompile(`(?i)retry after (\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d))`)

// retryAfter reads the header (seconds or a date) and the message's time: the later wins.
func retryAfter(e *googleapi.Error, now time.Time) time.Duration {
	var wait time.Duration
	if h := e.Header.Get("Retry-After"); h != "" {
		if n, err := strconv.Atoi(strings.TrimSpace(h)); err == nil {
			wait = time.Duration(min(max(n, 0), 7*24*3600)) * time.Second
		} else if at, err := http.ParseTime(h); err == nil {
			wait = at.Sub(now)
		}
	}
	for _, text := range []string{e.Message, e.Body} {
		if m := retryText.FindStringSubmatch(text); m != nil {
			if at, err := time.Parse(time.RFC3339Nano, m[1]); err == nil {
				wait = max(wait, at.Sub(now))
			}
		}
	}
	return max(wait, 0)
}

func isRefusedToken(err error) bool {
	e, ok := errors.AsType[*hotel.Error](err)
	if !ok || e.Kind != hotel.Unauthorised {
		return false
	}
	return e.Code == "authError" || e.Code == "401"
}

// cause keeps of a transport's error what logs may hold: which step failed and how.
func cause(err error) error {
	for _, known := range []error{context.Canceled, context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF} {
		if errors.Is(err, known) {
			return known
		}
	}
	if e, ok := errors.AsType[*net.OpError](err); ok {
		return e
	}
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
		return errors.New("time-out")
	}
	return fmt.Errorf("transport: %T", err)
}
