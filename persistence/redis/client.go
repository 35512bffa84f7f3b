package redis

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/go-redis/redis_rate/v10"
	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/metrics"
)

// Config is what a client needs. URL, Metrics and Log are required.
type Config struct {
	URL     string // redis:// or rediss://
	CAFile  string // PEM file of who vouches for a rediss:// server; "" = the system's
	Prefix  string // begins every key, so that installations can share a Redis; "" = conserje
	HashKey []byte // the engines' common secret: keys are hashed with it
	// Patience is what a request has for Redis, all in all; 0 = 50 ms.
	Patience time.Duration
	Metrics  *metrics.Metrics
	Log      *slog.Logger
}

// Client is a Redis that may be away. Safe for concurrent use.
type Client struct {
	redis   *goredis.Client
	limiter *redis_rate.Limiter
	breaker *breaker
	prefix  string
	hashKey []byte
	metrics *metrics.Metrics
	log     *slog.Logger

	patience time.Duration
	ctx      context.Context // ends with Close
	cancel   context.CancelFunc
	mu       sync.Mutex // of closed: nothing is begun after it
	closed   bool
	work     sync.WaitGroup
	stale    stale
}

// quiet keeps go-redis from writing to stderr: what it would say is an error of
// a call too, and is counted and logged there.
type quiet struct{ once sync.Once }

func (*quiet) Printf(context.Context, string, ...any) {}

var silence quiet

// Open makes a client. It dials in the background: a Redis that is away is said
// once, and asked again until it is there. An error is one of the configuration.
func Open(c Config) (*Client, error) {
	options, err := c.options()
	if err != nil {
		return nil, err
	}
	silence.once.Do(func() { goredis.SetLogger(&silence) })
	client := &Client{
		redis: goredis.NewClient(options), prefix: c.Prefix, hashKey: c.HashKey, metrics: c.Metrics, log: c.Log,
		patience: c.Patience, stale: stale{pending: map[hotel.PropertyID]int{}, hired: map[hotel.PropertyID]bool{}},
	}
	if client.prefix == "" {
		client.prefix = "conserje"
	}
	if client.patience == 0 {
		client.patience = patience
	}
	client.limiter = redis_rate.NewLimiter(client.redis)
	client.ctx, client.cancel = context.WithCancel(context.Background())
	client.breaker = newBreaker(client)
	client.spawn(client.meet)
	return client, nil
}

func (c Config) options() (*goredis.Options, error) {
	o, err := goredis.ParseURL(c.URL)
	if err != nil {
		return nil, errors.New("redis: the URL cannot be read") // the parser's error may hold the password
	}
	// A request's patience is its context. Dialling goes on behind it, for the next.
	o.ContextTimeoutEnabled = true
	o.DialTimeout, o.DialerRetries = dialPatience, 1
	o.ReadTimeout, o.WriteTimeout = dialPatience, dialPatience
	o.MaxRetries, o.MinRetryBackoff, o.MaxRetryBackoff = 1, -1, -1 // one: a connection that died in the pool
	o.PoolSize, o.MinIdleConns, o.ConnMaxIdleTime = 16, 2, 4*time.Minute
	o.DisableIdentity = true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	if o.TLSConfig == nil {
		o.Dialer = greeting(o)
		return o, nil
	}
	o.TLSConfig.MinVersion = tls.VersionTLS12
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("redis: %w", err)
		}
		o.TLSConfig.RootCAs = x509.NewCertPool()
		if !o.TLSConfig.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("redis: %s holds no certificate", c.CAFile)
		}
	}
	o.Dialer = greeting(o)
	return o, nil
}

// Ping asks whether Redis answers, for readiness; Unavailable when it does not.
func (c *Client) Ping(ctx context.Context) error {
	if err := c.redis.Ping(ctx).Err(); err != nil {
		return &hotel.Error{Op: "redis.Ping", Kind: hotel.Unavailable, Err: err}
	}
	return nil
}

// spawn runs f in the background; Close waits for it.
func (c *Client) spawn(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.work.Go(f)
	}
}

// Close ends the client.
func (c *Client) Close() error {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.cancel()
	c.work.Wait()
	return c.redis.Close()
}
