package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/conserje/conserje/hotel"
)

// Client speaks the admin API of a running engine. It is a Reception and a
// Staff, so that a command works the same on an engine and on its store.
type Client struct {
	URL      string       // of the admin listener: "http://127.0.0.1:8003"
	Token    string       // Bearer; or
	Password string       // Basic
	By       string       // who, for Basic
	HTTP     *http.Client // nil = one with a patience of 30 s
}

var (
	_ Reception = (*Client)(nil)
	_ Staff     = (*Client)(nil)
)

// Handoffs is Reception's.
func (c *Client) Handoffs(ctx context.Context, p hotel.PropertyID, openOnly bool, limit int) ([]hotel.HandoffRecord, error) {
	var wire []handoffWire
	q := url.Values{"property": {string(p)}, "limit": {strconv.Itoa(limit)}}
	if openOnly {
		q.Set("open", "1")
	}
	err := c.call(ctx, http.MethodGet, "handoffs?"+q.Encode(), nil, &wire)
	out := make([]hotel.HandoffRecord, len(wire))
	for i, h := range wire {
		out[i] = hotel.HandoffRecord(h)
	}
	return out, err
}

// Transcript is Reception's.
func (c *Client) Transcript(ctx context.Context, guest hotel.GuestID, limit int) ([]hotel.TranscriptLine, error) {
	var lines []hotel.TranscriptLine
	err := c.call(ctx, http.MethodGet, "guests/"+url.PathEscape(string(guest))+"/transcript?limit="+strconv.Itoa(limit), nil, &lines)
	return lines, err
}

// Reservations is Reception's.
func (c *Client) Reservations(ctx context.Context, p hotel.PropertyID, limit int) ([]hotel.Reservation, error) {
	var list []hotel.Reservation
	q := url.Values{"property": {string(p)}, "limit": {strconv.Itoa(limit)}}
	err := c.call(ctx, http.MethodGet, "reservations?"+q.Encode(), nil, &list)
	return list, err
}

// Backlog is Reception's.
func (c *Client) Backlog(ctx context.Context) (hotel.Backlog, error) {
	var b backlogWire
	err := c.call(ctx, http.MethodGet, "backlog", nil, &b)
	return hotel.Backlog(b), err
}

// DeadLetters is Reception's; the letters come without their bodies.
func (c *Client) DeadLetters(ctx context.Context, l hotel.LetterQuery) ([]hotel.DeadLetter, error) {
	var wire []letterWire
	q := url.Values{"limit": {strconv.Itoa(l.Limit)}, "reason": {l.Reason}}
	if l.All {
		q.Set("all", "1")
	}
	// As ages: the engine's clock counts.
	for name, at := range map[string]time.Time{"older": l.Before, "younger": l.After} {
		if !at.IsZero() {
			q.Set(name, max(0, time.Since(at)).String())
		}
	}
	err := c.call(ctx, http.MethodGet, "deadletters?"+q.Encode(), nil, &wire)
	out := make([]hotel.DeadLetter, len(wire))
	for i, w := range wire {
		out[i] = w.letter()
	}
	return out, err
}

// DeadLetter is Reception's.
func (c *Client) DeadLetter(ctx context.Context, id int64) (hotel.DeadLetter, error) {
	var w letterWire
	err := c.call(ctx, http.MethodGet, fmt.Sprintf("deadletters/%d?full=1", id), nil, &w)
	return w.letter(), err
}

// Replay is Reception's; the engine nudges, and its clock and what it knows of the window count.
func (c *Client) Replay(ctx context.Context, r hotel.Replay) (hotel.GuestID, hotel.Lane, error) {
	var w nudgedWire
	path := fmt.Sprintf("deadletters/%d/replay", r.ID)
	if r.Again {
		path += "?again=1"
	}
	err := c.call(ctx, http.MethodPost, path, nil, &w)
	return w.Guest, w.Lane, err
}

// Drop is Reception's; the engine's clock counts.
func (c *Client) Drop(ctx context.Context, id int64, _ time.Time) error {
	return c.call(ctx, http.MethodPost, fmt.Sprintf("deadletters/%d/drop", id), nil, nil)
}

// Say is Staff's.
func (c *Client) Say(ctx context.Context, guest hotel.GuestID, w hotel.StaffWord) error {
	return c.call(ctx, http.MethodPost, "handoffs/"+url.PathEscape(string(guest))+"/reply", w, nil)
}

// Close is Staff's.
func (c *Client) Close(ctx context.Context, guest hotel.GuestID, w hotel.StaffWord) error {
	return c.call(ctx, http.MethodPost, "handoffs/"+url.PathEscape(string(guest))+"/close", w, nil)
}

// Unpark is Staff's.
func (c *Client) Unpark(ctx context.Context, guest hotel.GuestID, w hotel.StaffWord) error {
	return c.call(ctx, http.MethodPost, "guests/"+url.PathEscape(string(guest))+"/unpark", w, nil)
}

// call asks one thing. Unavailable: no engine answers there. Unauthorised: wrong token or password.
func (c *Client) call(ctx context.Context, method, path string, in, out any) error {
	const op = "transport.Client"
	r, err := c.request(ctx, method, path, in)
	if err != nil {
		return err
	}
	httpClient := c.HTTP
	if httpClient == nil {
		httpClient = &http.Client{Timeout: 30 * time.Second}
	}
	resp, err := httpClient.Do(r)
	if err != nil {
		return &hotel.Error{Op: op, Kind: hotel.Unavailable, Err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return refusal(op, resp)
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return &hotel.Error{Op: op, Kind: hotel.Unavailable, Err: err}
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return &hotel.Error{Op: op, Kind: hotel.Other, Err: err}
	}
	return nil
}

// request is one of ours, with its credentials.
func (c *Client) request(ctx context.Context, method, path string, in any) (*http.Request, error) {
	const op = "transport.Client"
	body, err := json.Marshal(in)
	if err != nil {
		return nil, &hotel.Error{Op: op, Kind: hotel.Invalid, Err: err}
	}
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.URL, "/")+"/admin/api/"+path, bytes.NewReader(body))
	if err != nil {
		return nil, &hotel.Error{Op: op, Kind: hotel.Invalid, Err: err}
	}
	switch {
	case c.Token != "":
		r.Header.Set("Authorization", "Bearer "+c.Token)
	case c.Password != "":
		r.SetBasicAuth(c.By, c.Password)
	}
	return r, nil
}

// refusal is the error that an answer tells.
func refusal(op string, resp *http.Response) error {
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return &hotel.Error{Op: op, Kind: hotel.Unavailable, Err: err}
	}
	return &hotel.Error{Op: op, Kind: kindOf(resp.StatusCode), Code: strconv.Itoa(resp.StatusCode), Err: reasonIn(answer)}
}

// reasonIn is the reason that an answer tells, if any.
func reasonIn(answer []byte) error {
	var w errorWire
	_ = json.Unmarshal(answer, &w) // a proxy's answer is no JSON: it tells no reason
	if w.Reason == "" {
		return nil
	}
	return errors.New(w.Reason)
}

func kindOf(status int) hotel.Kind {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusMisdirectedRequest:
		return hotel.Unauthorised
	case http.StatusNotFound:
		return hotel.NotFound
	case http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge:
		return hotel.Invalid
	case http.StatusConflict:
		return hotel.Conflict
	case http.StatusTooManyRequests:
		return hotel.Throttled
	case http.StatusServiceUnavailable:
		return hotel.Unavailable
	}
	return hotel.Other
}
