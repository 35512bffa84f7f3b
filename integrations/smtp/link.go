package smtp

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"
)

// link holds a send's connection, so that it is closed whatever step failed,
// and cut when the caller leaves.
type link struct {
	deadline time.Time

	mu     sync.Mutex
	conn   net.Conn
	closed bool
}

func (l *link) dial(ctx context.Context, network, addr string, config *tls.Config) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.conn = conn
	closed := l.closed
	l.mu.Unlock()
	if closed {
		_ = conn.Close()
		return nil, context.Canceled
	}
	conn = &bounded{Conn: conn, deadline: l.deadline}
	if config == nil {
		return conn, nil
	}
	secure := tls.Client(conn, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return secure, nil
}

func (l *link) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if l.conn != nil {
		_ = l.conn.Close()
	}
}

// bounded never lets a step move the end of the whole send.
type bounded struct {
	net.Conn
	deadline time.Time
}

// SetDeadline sets the earlier of t and the send's own end.
func (b *bounded) SetDeadline(t time.Time) error {
	if t.IsZero() || t.After(b.deadline) {
		t = b.deadline
	}
	return b.Conn.SetDeadline(t)
}
