package qloapps

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/conserje/conserje/hotel"
)

// Secret is a credential that does not show itself when printed or logged.
type Secret string

const redacted = "[redacted]"

// String hides the secret.
func (Secret) String() string { return redacted }

// GoString hides the secret from %#v.
func (Secret) GoString() string { return redacted }

// MarshalText hides the secret from JSON and slog.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Time limits of requests: a shared hosting's pace.
const (
	readTimeout         = 5 * time.Second
	availabilityTimeout = 10 * time.Second
	writeTimeout        = 30 * time.Second
)

// Config is what a Client needs.
type Config struct {
	Property hotel.PropertyID
	BaseURL  string // "https://hotel.example"; the API is at /api under it
	Key      Secret // web service key, 32 characters
	// BearerToken is for a proxy in front of QloApps: it goes as Authorization,
	// and the key as the query's ws_key. Empty = the key goes as Basic's user.
	BearerToken Secret
	HotelID     int // QloApps' id_hotel
	// Timeout is the limit of availability; 0 = 10 s. Other reads have as long,
	// and 5 s at most. A create, change or cancel always has 30 s: giving up early
	// leaves it in doubt.
	Timeout time.Duration
	Zone    *time.Location // the hotel's; nil = UTC
	// Currency is the one that the hotel sells in; empty = the shop's default.
	// Another one must be active in QloApps: quotes are converted by its rate.
	Currency string
	// Services are ids of QloApps' services that every booking of this hotel gets,
	// and every quote holds. None is booked that is not listed here.
	Services []int
	// NoEmailDomain is where bookings of guests without an e-mail stand, as
	// <guest>@<domain>; empty = such a booking is refused with bad_email.
	NoEmailDomain string
	CatalogueTTL  time.Duration // how long limits and services are remembered; 0 = 10 min
	// HTTPClient is nil for one of its own. Its redirects and cookies are not
	// used; its transport must honour net/http/httptrace, by which the client
	// knows whether a request can have left.
	HTTPClient *http.Client
	// Version of this program, for the User-Agent: "conserje/1.2.3". Empty = without.
	Version string
	Now     func() time.Time // nil = time.Now
}

// Client speaks to one property. It is safe for concurrent use.
type Client struct {
	config    Config
	api       *url.URL
	http      *http.Client
	agent     string
	catalogue remembered[contents]
	rates     remembered[[]currency]
}

// New returns a client, or what is wrong with the configuration.
func New(config Config) (*Client, error) {
	base, err := url.Parse(strings.TrimSuffix(strings.TrimSuffix(config.BaseURL, "/"), "/api"))
	if err != nil {
		return nil, errors.New("qloapps: the base URL cannot be read")
	}
	var wrong []error
	if base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		wrong = append(wrong, errors.New("qloapps: the base URL must be http(s)://host"))
	}
	if len(config.Key) != 32 {
		wrong = append(wrong, fmt.Errorf("qloapps: the web service key has %d characters, not 32", len(config.Key)))
	}
	if config.HotelID < 1 {
		wrong = append(wrong, errors.New("qloapps: the hotel id must be 1 or more"))
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	if config.Zone == nil {
		config.Zone = time.UTC
	}
	config.Currency, config.NoEmailDomain = strings.ToUpper(config.Currency), strings.ToLower(config.NoEmailDomain)
	if config.CatalogueTTL == 0 {
		config.CatalogueTTL = catalogueTTL
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	c := &Client{config: config, api: base.JoinPath("api"), http: plain(config.HTTPClient), agent: "conserje"}
	if config.Version != "" {
		c.agent += "/" + config.Version
	}
	c.catalogue, c.rates = remember[contents](), remember[[]currency]()
	return c, nil
}

// plain copies the client without redirects (a POST would come out as a GET of
// the shop's front page) and cookies (QloApps sets a new one with each answer).
func plain(given *http.Client) *http.Client {
	own := http.Client{}
	if given != nil {
		own = *given
	} else if usual, ok := http.DefaultTransport.(*http.Transport); ok {
		t := usual.Clone() // connections of its own, so that Close may end them
		t.MaxIdleConnsPerHost = 8
		own.Transport = t
	}
	own.Jar = nil
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

// Close ends idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Property is the one the client is for.
func (c *Client) Property() hotel.PropertyID { return c.config.Property }

// Probe is a harmless read of the hotel's own record.
func (c *Client) Probe(ctx context.Context) error {
	const op = "qloapps.Probe"
	var hotels []struct {
		ID number `json:"id"`
	}
	q := query{"display": "[id]", "filter[id]": fmt.Sprintf("[%d]", c.config.HotelID)}
	if err := c.list(ctx, op, "hotels", "hotels", q, &hotels); err != nil {
		return err
	}
	if len(hotels) == 0 {
		return c.noHotel(op)
	}
	if hotels[0].ID.int() != c.config.HotelID {
		return odd(op, errNotHeeded)
	}
	return nil
}

func (c *Client) readLimit() time.Duration { return min(c.availabilityLimit(), readTimeout) }

func (c *Client) availabilityLimit() time.Duration {
	return orDefault(c.config.Timeout, availabilityTimeout)
}

func orDefault(set, usual time.Duration) time.Duration {
	if set > 0 {
		return set
	}
	return usual
}
