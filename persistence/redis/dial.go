package redis

import (
	"context"
	"net"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

type dialer func(ctx context.Context, network, addr string) (net.Conn, error)

// greeting dials and waits for a first answer, in a connection's own time. A
// TLS server may be 50 ms late with it: redis-server leaves what came with the
// end of the handshake in its buffer. Left to the first request, that was its
// whole patience, the connection was given up, and so the next one.
func greeting(o *goredis.Options) dialer {
	dial := goredis.NewDialer(o)
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		if err := greet(conn); err != nil {
			_ = conn.Close()
			return nil, err
		}
		return conn, nil
	}
}

// greet says PING and reads a line, whatever it says: without a password yet it may be a refusal.
func greet(conn net.Conn) error {
	if err := conn.SetDeadline(time.Now().Add(dialPatience)); err != nil {
		return err
	}
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	for b := make([]byte, 1); b[0] != '\n'; { // by bytes: nothing behind the line may be lost
		if _, err := conn.Read(b); err != nil {
			return err
		}
	}
	return conn.SetDeadline(time.Time{})
}
