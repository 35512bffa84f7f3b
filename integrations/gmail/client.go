package gmail

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	"golang.org/x/time/rate"
	gmailapi "google.golang.org/api/gmail/v1"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"

	"github.com/conserje/conserje/hotel"
)

const op = "gmail.Send"

// PerMinute is how many sends one account has in a minute (6,000 units of 100),
// less a margin for whoever else uses the project.
const PerMinute = 54

// Config is what a Client needs.
type Config struct {
	ClientID     string
	ClientSecret string
	RefreshToken string
	Endpoint     string        // of the API; empty = Google's
	TokenURL     string        // of the OAuth server; empty = Google's
	Timeout      time.Duration // of one send; 0 = 30 s
	PerMinute    int           // sends; 0 = 54, negative = no limit of ours
	// OnRefreshToken is told a new refresh token, which replaces the old one
	// and should be kept. Google rarely sends one. May be nil.
	OnRefreshToken func(token string)
}

// Client sends from one Gmail account. It is safe for concurrent use.
type Client struct {
	timeout time.Duration
	http    *http.Client
	service *gmailapi.Service
	oauth   oauth2.Config
	pace    *rate.Limiter
	renewed func(string)

	mu      sync.Mutex // guards what follows; the token source has its own
	source  oauth2.TokenSource
	refresh string
}

// New makes a Client. It asks nothing of anybody yet.
func New(cfg Config) (*Client, error) {
	if cfg.ClientID == "" || cfg.ClientSecret == "" || cfg.RefreshToken == "" {
		return nil, errors.New("gmail: client id, client secret and refresh token are needed")
	}
	c := &Client{timeout: cfg.Timeout, renewed: cfg.OnRefreshToken, refresh: cfg.RefreshToken}
	if c.timeout == 0 {
		c.timeout = 30 * time.Second
	}
	c.http = &http.Client{
		Timeout: c.timeout,
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			TLSHandshakeTimeout:   5 * time.Second,
			ResponseHeaderTimeout: c.timeout,
			IdleConnTimeout:       60 * time.Second,
			MaxIdleConnsPerHost:   4,
			ForceAttemptHTTP2:     true,
		},
		// A redirect of a send would be a second send.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	options := []option.ClientOption{option.WithHTTPClient(c.http)}
	if cfg.Endpoint != "" {
		options = append(options, option.WithEndpoint(cfg.Endpoint))
	}
	service, err := gmailapi.NewService(context.Background(), options...)
	if err != nil {
		return nil, fmt.Errorf("gmail: %w", err)
	}
	c.service = service
	c.oauth = oauth2.Config{ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret, Endpoint: google.Endpoint,
		Scopes: []string{gmailapi.GmailSendScope}}
	if cfg.TokenURL != "" {
		c.oauth.Endpoint = oauth2.Endpoint{TokenURL: cfg.TokenURL, AuthStyle: oauth2.AuthStyleInParams}
	}
	c.pace = newPace(cfg.PerMinute)
	c.source = c.newSource()
	return c, nil
}

func newPace(n int) *rate.Limiter {
	if n < 0 {
		return rate.NewLimiter(rate.Inf, 1)
	}
	if n == 0 {
		n = PerMinute
	}
	// A quarter may go at once: burst and refill together never pass n in a minute.
	burst := max(1, n/4)
	return rate.NewLimiter(rate.Limit(float64(max(1, n-burst))/60), burst)
}

// Close closes idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Send sends a whole RFC 5322 message; the API reads sender and recipients from
// its headers. It returns Gmail's id of the message. Kinds: NotSent, Throttled
// (ScopeNumber; with a long RetryAfter when the account is done for today, Code
// tells), Invalid (this mail never will), Unauthorised (ScopeNumber: the grant
// is dead or the account not set up), InDoubt (it may have been sent: a repeat
// may double it).
func (c *Client) Send(ctx context.Context, raw []byte, _ string, _ []string) (string, error) {
	if wait := c.reserve(); wait > 0 {
		return "", &hotel.Error{Op: op, Kind: hotel.Throttled, Scope: hotel.ScopeNumber, Code: "pace", RetryAfter: wait,
			Err: errors.New("own limit of the account")}
	}
	return c.submit(ctx, raw)
}

// submit sends with the token in hand, or with a new one when that is refused:
// the source does not know that the API refuses its token.
func (c *Client) submit(ctx context.Context, raw []byte) (string, error) {
	source := c.current()
	id, err := c.send(ctx, source, raw)
	if isRefusedToken(err) {
		id, err = c.send(ctx, c.replace(source), raw)
	}
	return id, err
}

// Probe asks the API to send a message without content, which it refuses: the
// scope gmail.send can read nothing. Any answer of its own means that it is there.
func (c *Client) Probe(ctx context.Context) error {
	c.reserve() // it costs what a mail costs
	_, err := c.submit(ctx, nil)
	switch hotel.KindOf(err) {
	case hotel.Invalid, hotel.Unauthorised, hotel.Throttled:
		return nil
	}
	return err
}

func (c *Client) reserve() time.Duration {
	r := c.pace.Reserve()
	wait := r.Delay()
	if wait > 0 {
		r.Cancel()
	}
	return wait
}

func (c *Client) send(ctx context.Context, source oauth2.TokenSource, raw []byte) (string, error) {
	token, err := c.token(ctx, source)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var left atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { left.Store(true) }})
	call := c.service.Users.Messages.Send("me", &gmailapi.Message{Raw: base64.URLEncoding.EncodeToString(raw)}).Context(ctx)
	call.Header().Set("Authorization", "Bearer "+token)
	sent, err := call.Do()
	if err != nil {
		return "", classify(err, left.Load(), time.Now())
	}
	if sent.Id == "" {
		return "", &hotel.Error{Op: op, Kind: hotel.InDoubt, Code: "no_id", Err: errors.New("an answer without an id")}
	}
	return sent.Id, nil
}

// classify gives an error of the API call its kind; left tells whether the request was written.
func classify(err error, left bool, now time.Time) error {
	if api, ok := errors.AsType[*googleapi.Error](err); ok {
		return apiError(api, now)
	}
	if !left {
		return &hotel.Error{Op: op, Kind: hotel.NotSent, Err: cause(err)}
	}
	return &hotel.Error{Op: op, Kind: hotel.InDoubt, Err: cause(err)}
}
