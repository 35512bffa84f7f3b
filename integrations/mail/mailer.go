package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/metrics"
)

// Way carries a whole message out of one account; gmail.Client and smtp.Client
// are ways. It fails with the kinds of Mailer.SendMail, and says in them
// whether the message may have left.
type Way interface {
	Send(ctx context.Context, raw []byte, from string, to []string) (proof string, err error)
	// Probe asks the account something harmless. An error means that the way is
	// away; a refusal of ours is an answer, and none.
	Probe(ctx context.Context) error
}

// Account is one property's hotel and its ways out. Properties may share a way:
// it is then the same account, with one fate.
type Account struct {
	Hotel Hotel
	Gmail Way // nil = none
	// SMTP is the fallback, or the only way. nil = none.
	SMTP     Way
	SMTPFrom string // sender on the SMTP way; empty = the hotel's From
}

// Config is what a Mailer needs.
type Config struct {
	Accounts []Account
	// Patience is how long the Gmail API may fail before mails go by SMTP; 0 = 5 min.
	Patience time.Duration
	// Reopen is when an account that was closed to us is tried again; 0 = 30 min.
	Reopen time.Duration
	Now    func() time.Time // nil = time.Now
	ID     func() string    // left side of Message-IDs; nil = random
	Log    *slog.Logger     // nil = none
	// Metrics counts sends by way; nil = none.
	Metrics *metrics.Metrics
	// OnClosed is told once when an account closes (a dead grant, a wrong
	// password, the day's limit), even though mails may go on by another way: a
	// person must look. It must not block. May be nil.
	OnClosed func(property hotel.PropertyID, way string, err error)
}

// Mailer sends the mails of every property. It is safe for concurrent use.
type Mailer struct {
	composer *Composer
	accounts map[hotel.PropertyID]Account
	ways     map[Way]*health
	patience time.Duration
	reopen   time.Duration
	now      func() time.Time
	log      *slog.Logger
	metrics  *metrics.Metrics
	onClosed func(hotel.PropertyID, string, error)
}

// New makes a Mailer, or tells everything that is wrong with the settings.
func New(cfg Config) (*Mailer, error) {
	m := &Mailer{accounts: map[hotel.PropertyID]Account{}, ways: map[Way]*health{}, patience: cfg.Patience,
		reopen: cfg.Reopen, now: cfg.Now, log: cfg.Log, metrics: cfg.Metrics, onClosed: cfg.OnClosed}
	if m.patience == 0 {
		m.patience = 5 * time.Minute
	}
	if m.reopen == 0 {
		m.reopen = 30 * time.Minute
	}
	if m.now == nil {
		m.now = time.Now
	}
	if m.log == nil {
		m.log = slog.New(slog.DiscardHandler)
	}
	var errs []error
	for _, a := range cfg.Accounts {
		errs = append(errs, m.add(a))
	}
	composer, err := NewComposer(m.now, cfg.ID)
	m.composer = composer
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, err
	}
	return m, nil
}

func (m *Mailer) add(a Account) error {
	id := a.Hotel.ID
	if _, twice := m.accounts[id]; twice {
		return fmt.Errorf("mail of property %q: named twice", id)
	}
	m.accounts[id] = a
	for _, w := range []Way{a.Gmail, a.SMTP} {
		if w != nil && m.ways[w] == nil {
			m.ways[w] = &health{failing: map[string]failure{}}
		}
	}
	if a.SMTPFrom != "" {
		if _, err := address(a.SMTPFrom); err != nil {
			return errors.Join(a.Hotel.Validate(), fmt.Errorf("mail of property %q: SMTP from: %w", id, err))
		}
	}
	return a.Hotel.Validate()
}

// SendMail mails a guest. Kinds: NotSent, Throttled, Invalid (this mail never
// will), Unauthorised (every way is closed), Transient, InDoubt (it may have
// been sent: a repeat may double it, and says so when Mail.Repeat is set).
func (m *Mailer) SendMail(ctx context.Context, mail hotel.Mail) (string, error) {
	const op = "mail.SendMail"
	a, err := m.account(op, mail.Reservation.Property)
	if err != nil {
		return "", err
	}
	row := string(mail.Kind) + " " + bookingRef(mail.Reservation)
	return m.send(ctx, op, a, row, func(from string) (Message, error) { return m.composer.Mail(a.Hotel, mail, from) })
}

// SendAlert mails the property's staff, or the operator; guests are those that
// a joined alert names. Kinds as SendMail.
func (m *Mailer) SendAlert(ctx context.Context, alert hotel.Alert, guests []hotel.GuestID) (string, error) {
	const op = "mail.SendAlert"
	a, err := m.account(op, alert.Property)
	if err != nil {
		return "", err
	}
	row := "alert " + string(alert.Cause) + " " + string(alert.Guest)
	return m.send(ctx, op, a, row, func(from string) (Message, error) {
		return m.composer.Alert(a.Hotel, alert, guests, from)
	})
}

func (m *Mailer) account(op string, id hotel.PropertyID) (Account, error) {
	a, ok := m.accounts[id]
	if !ok {
		return Account{}, &hotel.Error{Op: op, Kind: hotel.Invalid, Code: "mail_property", Err: errors.New("no such property")}
	}
	return a, nil
}

// send finds the way by the rule of the package: Gmail first; by SMTP what the
// API will not take from this account, now or for longer than the patience.
// What may have left, or would be refused everywhere, goes no second way.
func (m *Mailer) send(ctx context.Context, op string, a Account, row string, write func(from string) (Message, error)) (string, error) {
	if a.Gmail == nil && a.SMTP == nil {
		return "", &hotel.Error{Op: op, Kind: hotel.Unauthorised, Scope: hotel.ScopeNumber, Code: "mail_way",
			Err: errors.New("no way out is configured")}
	}
	from := a.Hotel.From
	if a.Gmail != nil {
		proof, err := m.try(ctx, a, "gmail", a.Gmail, row, from, write)
		if err == nil || a.SMTP == nil || !m.fallsBack(a.Gmail, row, err) {
			return proof, err
		}
		m.log.Warn("mail goes by the fallback", "property", a.Hotel.ID, "op", op, "kind", hotel.KindOf(err).String())
	}
	if a.SMTPFrom != "" {
		from = a.SMTPFrom
	}
	return m.try(ctx, a, "smtp", a.SMTP, row, from, write)
}

// try sends by one way, unless that is closed, and remembers how it went.
func (m *Mailer) try(ctx context.Context, a Account, name string, way Way, row, from string,
	write func(from string) (Message, error),
) (string, error) {
	health := m.ways[way]
	err, probe := health.closed(m.now())
	if probe && way.Probe(ctx) == nil {
		m.log.Info("mail way answers again", "property", a.Hotel.ID, "way", name)
		health.open()
		err = nil
	}
	if err != nil {
		return "", err
	}
	msg, err := write(from)
	if err != nil {
		return "", err
	}
	if err := hotel.Fence(ctx); err != nil { // the other way, or a probe, took its time
		return "", err
	}
	proof, err := way.Send(ctx, msg.Raw, msg.From, msg.To)
	if m.metrics != nil {
		result := "sent"
		if err != nil {
			result = hotel.KindOf(err).String()
		}
		m.metrics.Sends.WithLabelValues(name, result).Inc()
	}
	if health.settle(row, err, m.now(), m.patience, m.reopen) {
		e := hotel.AsError(err)
		m.log.Error("mail account closed", "property", a.Hotel.ID, "way", name, "op", e.Op, "kind", e.Kind.String(),
			"code", e.Code, "fix", fix(name, e))
		if m.onClosed != nil {
			m.onClosed(a.Hotel.ID, name, err)
		}
	}
	return proof, err
}

// fallsBack tells whether a mail that the Gmail API did not take goes by SMTP.
func (m *Mailer) fallsBack(way Way, row string, err error) bool {
	e := hotel.AsError(err)
	switch e.Kind {
	case hotel.Unauthorised:
		return true
	case hotel.Throttled:
		return e.RetryAfter > m.patience || m.ways[way].failedFor(row, m.now()) >= m.patience
	case hotel.NotSent, hotel.Transient, hotel.Unavailable:
		return m.ways[way].failedFor(row, m.now()) >= m.patience
	default: // InDoubt may have left; Invalid no way will take; Other is looked at first
		return false
	}
}

// fix tells a person what to do about a closed account.
func fix(way string, e *hotel.Error) string {
	switch {
	case e.Kind == hotel.Throttled:
		return "the account's daily limit is reached: wait, or send from another account"
	case way == "smtp":
		return "check SMTP_USERNAME, SMTP_PASSWORD and the server's TLS"
	case e.Code == "invalid_grant":
		return "consent anew with access_type=offline and prompt=consent, and set GMAIL_REFRESH_TOKEN"
	default:
		return "check GMAIL_CLIENT_ID, GMAIL_CLIENT_SECRET, the Gmail API of the project and the scope gmail.send"
	}
}
