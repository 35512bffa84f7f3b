package whatsapp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/conserje/conserje/hotel"
)

const (
	// maxAnswer bounds what is read of an answer: real ones are a few hundred bytes.
	maxAnswer = 64 << 10
	// codeOddAnswer marks an answer that is neither an acceptance nor a Graph error.
	codeOddAnswer = "odd_answer"
)

var errNoID = errors.New("no message id")

// acceptedID finds the message id in a successful answer of /messages; "" when
// it is none.
func acceptedID(answer []byte) (id string) {
	if !jsontext.Value(answer).IsValid(lax) {
		return ""
	}
	d := decoder{cursor: cursor{b: answer}}
	if !d.enter('{') {
		return ""
	}
	for d.more('}') {
		if string(d.key()) == "messages" {
			d.each(func() { fill(&id, d.field("id")) })
		} else {
			d.skip()
		}
	}
	return id
}

// call makes one request and returns the body of a 200.
func (c *Client) call(ctx context.Context, op, method string, u *url.URL, auth string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	left := &departure{}
	resp, err := c.http.Do(newRequest(left.watch(ctx), method, u, auth, body))
	if err != nil {
		return nil, left.fail(op, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, &hotel.Error{Op: op, Kind: hotel.InDoubt, Code: "cut", Err: cause(err)}
	}
	if resp.StatusCode != http.StatusOK {
		return nil, classify(op, resp.StatusCode, resp.Header, answer)
	}
	return answer, nil
}

func newRequest(ctx context.Context, method string, u *url.URL, auth string, body []byte) *http.Request {
	r := &http.Request{
		Method: method, URL: u, Host: u.Host, ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Authorization": {auth}, "User-Agent": {"conserje"}},
	}
	if body != nil {
		r.Header["Content-Type"] = []string{"application/json"}
		r.ContentLength = int64(len(body))
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		r.Body, _ = r.GetBody()
	}
	return r.WithContext(ctx)
}

// departure tells whether a request may have left: from the moment that it had
// a connection. Before, it was dialling or shaking hands. net/http repeats a
// POST by itself only when nothing of it was written; it then asks for a
// connection anew, and so starts afresh here.
type departure struct{ left atomic.Bool }

func (d *departure) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { d.left.Store(false) },
		GotConn: func(httptrace.GotConnInfo) { d.left.Store(true) },
	})
}

// fail returns the error of a request that got no answer.
func (d *departure) fail(op string, err error) error {
	kind, code := hotel.NotSent, "dial"
	if d.left.Load() {
		kind, code = hotel.InDoubt, "cut"
		if errors.Is(err, context.DeadlineExceeded) {
			code = "timeout"
		}
	}
	return &hotel.Error{Op: op, Kind: kind, Code: code, Err: cause(err)}
}

// cause strips the URL from a client's error.
func cause(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("no answer: %w", u.Err)
	}
	return fmt.Errorf("no answer: %w", err)
}
