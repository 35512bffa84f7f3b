package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/conserje/conserje/hotel"
)

const (
	opSend     = "whatsapp.Send"
	opMarkRead = "whatsapp.MarkRead"
	opProbe    = "whatsapp.Probe"
)

// Number is a property's WhatsApp number.
type Number struct {
	PhoneNumberID string // Graph's id of it, not the phone
	Token         string // system user's access token
}

// Config is what a Client needs.
type Config struct {
	Numbers    map[hotel.PropertyID]Number
	BaseURL    string        // default https://graph.facebook.com; a version in it wins over Version
	Version    string        // default DefaultVersion
	HTTPClient *http.Client  // default one with a pool for thousands of requests a second to one host
	Timeout    time.Duration // of one request, default 20 s: past it the outcome is unknown
}

// Client sends through the Graph API, for every property. It implements actors'
// Messenger and is safe for concurrent use.
type Client struct {
	http    *http.Client
	timeout time.Duration
	numbers map[hotel.PropertyID]endpoint
}

// endpoint is a number with what every request to it needs.
type endpoint struct {
	messages *url.URL
	self     *url.URL
	auth     string
}

// New returns a Client, or the reason why its Config cannot be used.
func New(c Config) (*Client, error) {
	base, version, _ := ParseBase(c.BaseURL, c.Version)
	root, err := url.Parse(base)
	if err != nil || root.Host == "" || root.Scheme != "http" && root.Scheme != "https" {
		return nil, errors.New("whatsapp: BaseURL is no http(s) URL")
	}
	root.Path = "/" + strings.Trim(root.Path, "/")
	client := &Client{http: c.HTTPClient, timeout: c.Timeout, numbers: make(map[hotel.PropertyID]endpoint, len(c.Numbers))}
	if client.http == nil {
		client.http = newHTTPClient()
	}
	if client.timeout == 0 {
		client.timeout = 20 * time.Second
	}
	for property, n := range c.Numbers {
		if n.PhoneNumberID == "" {
			return nil, fmt.Errorf("whatsapp: property %q has no phone number id", property)
		}
		self := root.JoinPath(version, url.PathEscape(n.PhoneNumberID))
		client.numbers[property] = endpoint{messages: self.JoinPath("messages"), self: withQuery(self, "fields=id"), auth: "Bearer " + n.Token}
	}
	return client, nil
}

func withQuery(u *url.URL, query string) *url.URL {
	c := *u
	c.RawQuery = query
	return &c
}

// newHTTPClient keeps its connections: all requests go to one host, and each
// handshake saved is a guest answered sooner. Idle ones are dropped before
// usual load balancers do, since a request that meets a closing connection is in doubt.
func newHTTPClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			TLSHandshakeTimeout:   5 * time.Second,
			MaxIdleConns:          1024,
			MaxIdleConnsPerHost:   1024,
			IdleConnTimeout:       45 * time.Second,
			ForceAttemptHTTP2:     true,
			HTTP2:                 &http.HTTP2Config{SendPingTimeout: 10 * time.Second, PingTimeout: 5 * time.Second}, // finds dead ones
			DisableCompression:    true,                                                                               // answers are 200 bytes
			ExpectContinueTimeout: time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Send sends one message; callback comes back on its statuses. It returns the
// wamid. Limits are checked before anything leaves (hotel.Invalid). A refusal
// has the kind of its code, with the code; hotel.NotSent: nothing left;
// hotel.InDoubt: it may have left. A repeat sends again: there is no idempotency key.
func (c *Client) Send(ctx context.Context, m hotel.Message, callback string) (string, error) {
	to, err := c.endpoint(opSend, m.Property)
	if err != nil {
		return "", err
	}
	body, err := encodeMessage(m, callback)
	if err != nil {
		return "", &hotel.Error{Op: opSend, Kind: hotel.Invalid, Code: "limits", Err: err}
	}
	answer, err := c.call(ctx, opSend, http.MethodPost, to.messages, to.auth, body)
	if err != nil {
		return "", err
	}
	id := acceptedID(answer)
	if id == "" { // a 200: somebody took it
		return "", &hotel.Error{Op: opSend, Kind: hotel.InDoubt, Code: codeOddAnswer, Err: errNoID}
	}
	return id, nil
}

// MarkRead marks a guest's message, and all before it, read and shows the
// typing indicator for 25 s or until the answer. A repeat is harmless.
func (c *Client) MarkRead(ctx context.Context, property hotel.PropertyID, messageID string) error {
	to, err := c.endpoint(opMarkRead, property)
	if err != nil {
		return err
	}
	if messageID == "" {
		return &hotel.Error{Op: opMarkRead, Kind: hotel.Invalid, Code: "limits", Err: errNoID}
	}
	_, err = c.call(ctx, opMarkRead, http.MethodPost, to.messages, to.auth, encodeRead(messageID))
	return harmless(err)
}

// Probe reads the property's number: harmless, and it answers when sending would work.
func (c *Client) Probe(ctx context.Context, property hotel.PropertyID) error {
	to, err := c.endpoint(opProbe, property)
	if err != nil {
		return err
	}
	_, err = c.call(ctx, opProbe, http.MethodGet, to.self, to.auth, nil)
	return harmless(err)
}

func (c *Client) endpoint(op string, property hotel.PropertyID) (endpoint, error) {
	to, ok := c.numbers[property]
	if !ok {
		return endpoint{}, &hotel.Error{Op: op, Kind: hotel.Unauthorised, Scope: hotel.ScopeNumber, Code: "no_number",
			Err: fmt.Errorf("property %q has no WhatsApp number", property)}
	}
	return to, nil
}

// harmless turns a doubt about a request that may be repeated at will into Transient.
func harmless(err error) error {
	if err == nil || hotel.KindOf(err) != hotel.InDoubt {
		return err
	}
	e := *hotel.AsError(err)
	e.Kind = hotel.Transient
	return &e
}
