package qloapps

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/conserje/conserje/hotel"
)

const maxAnswer = 8 << 20

type query map[string]string

// ask is one request.
type ask struct {
	op       string
	method   string
	resource string // "orders", "bookings/17"
	query    query
	body     []byte
	kind     string // Content-Type of body
	xml      bool   // the answer is wanted as XML, which says more
	limit    time.Duration
	// writes tells that the request changes something: once it has left, no
	// failure is certain.
	writes bool
}

// reply is an answer with a status below 400 or, for writes, any.
type reply struct {
	status int
	json   bool
	alive  bool // it carries QloApps' own headers
	cookie bool // it carries QloApps' cookie: PHP may have died before the headers
	body   []byte
}

// do sends a request and reads its whole answer, or tells by kind why not.
func (c *Client) do(ctx context.Context, a ask) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, a.limit)
	defer cancel()
	left := false // whether a connection was there to write on
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { left = true }})
	req, err := c.request(ctx, a)
	if err != nil {
		return reply{}, &hotel.Error{Op: a.op, Kind: hotel.Invalid, Err: err}
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return reply{}, a.broken(err, left)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return reply{}, a.broken(err, true)
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	r := reply{status: resp.StatusCode, json: kind == "application/json", cookie: hasCookie(resp.Header), body: body,
		alive: resp.Header.Get("PSWS-Version") != "" || resp.Header.Get("Access-Time") != ""}
	if len(body) > maxAnswer {
		return reply{}, a.tooLong(r)
	}
	if r.status >= 300 {
		return reply{}, a.refused(r)
	}
	return r, nil
}

func hasCookie(h http.Header) bool {
	return slices.ContainsFunc(h.Values("Set-Cookie"), func(v string) bool { return strings.HasPrefix(v, "QloApps-") })
}

func (c *Client) request(ctx context.Context, a ask) (*http.Request, error) {
	u := c.api.JoinPath(a.resource)
	q := url.Values{"output_format": {"JSON"}}
	if a.xml {
		q.Del("output_format")
	}
	for name, value := range a.query {
		q.Set(name, value)
	}
	if c.config.BearerToken != "" {
		q.Set("ws_key", string(c.config.Key))
	}
	u.RawQuery = q.Encode()
	req, err := http.NewRequestWithContext(ctx, a.method, u.String(), bytes.NewReader(a.body))
	if err != nil {
		return nil, errors.New("the request cannot be made") // err holds the URL, which may hold the key
	}
	if c.config.BearerToken != "" {
		req.Header.Set("Authorization", "Bearer "+string(c.config.BearerToken))
	} else {
		req.SetBasicAuth(string(c.config.Key), "")
	}
	if a.kind != "" {
		req.Header.Set("Content-Type", a.kind)
	}
	req.Header.Set("User-Agent", c.agent)
	return req, nil
}

// get reads JSON into out.
func (c *Client) get(ctx context.Context, op, resource string, q query, out any) error {
	a := c.reading(op, resource, q)
	r, err := c.do(ctx, a)
	if err != nil {
		return err
	}
	return a.decode(r, out)
}

func (c *Client) reading(op, resource string, q query) ask {
	return ask{op: op, method: http.MethodGet, resource: resource, query: q, limit: c.readLimit()}
}

// list reads a list's elements into out, a pointer to a slice: an empty list is
// [], a full one stands under its name.
func (c *Client) list(ctx context.Context, op, resource, name string, q query, out any) error {
	a := c.reading(op, resource, q)
	r, err := c.do(ctx, a)
	if err != nil {
		return err
	}
	if !r.json {
		return a.odd(r, notJSON)
	}
	if err := elements(r.body, name, out); err != nil {
		return a.odd(r, err.Error())
	}
	return nil
}

// elements reads the answer once, for lists are long.
func elements(body []byte, name string, out any) error {
	const unread = "the list cannot be read"
	d := jsontext.NewDecoder(bytes.NewBuffer(body), lax)
	found := false
	switch d.PeekKind() {
	case '[':
		var none []jsontext.Value
		if err := json.UnmarshalDecode(d, &none); err != nil {
			return plainError(unread, err)
		}
		if len(none) > 0 {
			return fmt.Errorf("the list of %s has no name", name)
		}
		found = true
	case '{':
		if _, err := d.ReadToken(); err != nil {
			return plainError(unread, err)
		}
		for d.PeekKind() == '"' {
			key, err := d.ReadToken()
			if err != nil {
				return plainError(unread, err)
			}
			if key.String() != name {
				err = d.SkipValue()
			} else {
				found, err = true, json.UnmarshalDecode(d, out)
			}
			if err != nil {
				return plainError(unread, err)
			}
		}
		if _, err := d.ReadToken(); err != nil {
			return plainError(unread, err)
		}
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New(unread)
	}
	if !found {
		return fmt.Errorf("the answer has no %s", name)
	}
	return nil
}

const notJSON = "the answer is no JSON"

// decode takes JSON only: "Fatal error" comes with 200, too.
func (a ask) decode(r reply, out any) error {
	if !r.json {
		return a.odd(r, notJSON)
	}
	if err := json.Unmarshal(r.body, out, lax); err != nil {
		return a.odd(r, plainError("the answer cannot be read", err).Error())
	}
	return nil
}

// plainError drops what a JSON error quotes of its input: it may be a guest's data.
func plainError(what string, err error) error {
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		return fmt.Errorf("%s: field %q is of another type", what, e.JSONPointer)
	}
	return errors.New(what)
}
