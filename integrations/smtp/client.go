package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	gosmtp "github.com/wneessen/go-mail/smtp"

	"github.com/conserje/conserje/hotel"
)

const op = "smtp.Send"

// TLS tells how the connection is protected.
type TLS string

// The policies.
const (
	TLSMandatory TLS = ""         // implicit on port 465, STARTTLS on every other; never without
	TLSImplicit  TLS = "implicit" // TLS from the first byte, whatever the port
	TLSNone      TLS = "none"     // in the clear: servers on loopback only
)

// Config is what a Client needs.
type Config struct {
	Host     string
	Port     int    // 0 = 587
	Username string // empty = no authentication
	Password string
	From     string // address that this server lets us send from
	TLS      TLS
	// TLSConfig replaces the default one (for a server with a certificate of its own). May be nil.
	TLSConfig *tls.Config
	Timeout   time.Duration // of one send, all steps; 0 = 30 s
}

// Client sends through one SMTP account. It is safe for concurrent use: every
// send has its own connection.
type Client struct {
	cfg     Config
	options []gomail.Option
}

// New makes a Client. It dials nothing yet.
func New(cfg Config) (*Client, error) {
	if cfg.Host == "" {
		return nil, errors.New("smtp: host is needed")
	}
	if cfg.Port == 0 {
		cfg.Port = 587
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 30 * time.Second
	}
	if cfg.TLS == TLSMandatory && cfg.Port == 465 {
		cfg.TLS = TLSImplicit
	}
	if cfg.TLS == TLSNone && !isLoopback(cfg.Host) {
		return nil, errors.New("smtp: without TLS only servers on loopback are allowed")
	}
	if cfg.TLSConfig == nil {
		cfg.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	cfg.TLSConfig = cfg.TLSConfig.Clone()
	if cfg.TLSConfig.ServerName == "" {
		cfg.TLSConfig.ServerName = cfg.Host
	}
	c := &Client{cfg: cfg, options: options(cfg)}
	if _, err := gomail.NewClient(cfg.Host, c.options...); err != nil {
		return nil, fmt.Errorf("smtp: %w", err)
	}
	return c, nil
}

func options(cfg Config) []gomail.Option {
	_, domain, found := strings.Cut(cfg.From, "@")
	if !found || domain == "" {
		domain = "localhost"
	}
	policy, auth := gomail.TLSMandatory, gomail.SMTPAuthAutoDiscover
	switch cfg.TLS {
	case TLSNone:
		policy, auth = gomail.NoTLS, gomail.SMTPAuthPlainNoEnc
	case TLSImplicit: // our dialer speaks TLS from the first byte; the library needs not know
		policy, auth = gomail.NoTLS, gomail.SMTPAuthPlain
	}
	o := []gomail.Option{gomail.WithPort(cfg.Port), gomail.WithTimeout(cfg.Timeout), gomail.WithHELO(domain),
		gomail.WithTLSConfig(cfg.TLSConfig), gomail.WithTLSPolicy(policy), gomail.WithoutSMTPUTF8()}
	if cfg.Username == "" {
		return append(o, gomail.WithSMTPAuth(gomail.SMTPAuthNoAuth))
	}
	return append(o, gomail.WithSMTPAuth(auth), gomail.WithUsername(cfg.Username), gomail.WithPassword(cfg.Password))
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// From is the address that mails of this way carry.
func (c *Client) From() string { return c.cfg.From }

// Send sends a whole RFC 5322 message and returns what the server said when it
// took it. Recipients that the server refuses are left out while others are
// taken. Kinds: NotSent (it could not be reached), Transient (it refused for
// now), Throttled (ScopeNumber: the day's limit), Invalid (this mail never
// will), Unauthorised (ScopeNumber: password or set-up), InDoubt (the
// connection was lost after DATA: a repeat may double it).
func (c *Client) Send(ctx context.Context, raw []byte, from string, to []string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	link := &link{deadline: time.Now().Add(c.cfg.Timeout)}
	defer link.close()
	stop := context.AfterFunc(ctx, link.close) // a caller that leaves cuts the line
	defer stop()

	session, err := c.open(ctx, link)
	if err != nil {
		return "", openError(err)
	}
	if err := envelope(session, from, to); err != nil {
		_ = session.Quit()
		return "", stepError(err)
	}
	body, err := session.Data()
	if err != nil {
		_ = session.Quit()
		return "", stepError(err)
	}
	if _, err := body.Write(raw); err != nil {
		return "", sentError(err)
	}
	if err := body.Close(); err != nil {
		return "", sentError(err)
	}
	said := "accepted"
	if d, ok := body.(*gosmtp.DataCloser); ok && d.ServerResponse() != "" {
		said = d.ServerResponse()
	}
	_ = session.Quit() // it is taken: what the farewell brings changes nothing
	return "smtp " + said, nil
}

// Probe says hello and good-bye, password included. Any reply of the server
// means that it is there.
func (c *Client) Probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	link := &link{deadline: time.Now().Add(c.cfg.Timeout)}
	defer link.close()
	stop := context.AfterFunc(ctx, link.close)
	defer stop()
	session, err := c.open(ctx, link)
	if err == nil {
		return session.Quit()
	}
	err = openError(err)
	switch hotel.KindOf(err) {
	case hotel.Unauthorised, hotel.Throttled, hotel.Invalid:
		return nil
	}
	return err
}

func (c *Client) open(ctx context.Context, l *link) (*gosmtp.Client, error) {
	dial := gomail.WithDialContextFunc(func(ctx context.Context, network, addr string) (net.Conn, error) {
		return l.dial(ctx, network, net.JoinHostPort(c.cfg.Host, strconv.Itoa(c.cfg.Port)), c.implicitTLS())
	})
	client, err := gomail.NewClient(c.cfg.Host, append(c.options[:len(c.options):len(c.options)], dial)...)
	if err != nil {
		return nil, err
	}
	return client.DialToSMTPClientWithContext(ctx)
}

func (c *Client) implicitTLS() *tls.Config {
	if c.cfg.TLS != TLSImplicit {
		return nil
	}
	return c.cfg.TLSConfig
}

func envelope(session *gosmtp.Client, from string, to []string) error {
	if err := session.Mail("<" + from + ">"); err != nil {
		return err
	}
	var refused error
	taken := 0
	for _, rcpt := range to {
		err := session.Rcpt("<" + rcpt + ">")
		if err == nil {
			taken++
			continue
		}
		if _, isReply := reply(err); !isReply {
			return err
		}
		if refused == nil {
			refused = err
		}
	}
	if taken == 0 {
		return refused
	}
	return nil
}
