package transport

import (
	"bytes"
	"io"
	"net"
	"sync/atomic"
	"time"
)

// door limits how many connections are open at once, and answers those past
// the limit itself: fasthttp's own answer there lacks the security headers.
type door struct {
	net.Listener
	limit   int64
	open    atomic.Int64
	headers []header
}

// Accept returns the next connection within the limit.
func (d *door) Accept() (net.Conn, error) {
	for {
		c, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if d.open.Add(1) <= d.limit {
			return &guarded{Conn: c, door: d}, nil
		}
		d.open.Add(-1)
		d.refuse(c)
	}
}

func (d *door) refuse(c net.Conn) {
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\nRetry-After: 2\r\n")
	for _, h := range d.headers {
		b.Write(h.key)
		b.WriteString(": ")
		b.Write(h.value)
		b.WriteString("\r\n")
	}
	b.WriteString("\r\n")
	_ = c.SetDeadline(time.Now().Add(100 * time.Millisecond)) // a fresh socket takes this at once
	_, _ = c.Write(b.Bytes())
	_ = c.Close()
}

// guarded is a connection that was let in.
type guarded struct {
	net.Conn
	door   *door
	linger atomic.Bool // it was answered before all of it was read
	closed atomic.Bool
}

// Close closes the connection. One with unread input is read on for a moment:
// closed at once, the kernel would reset it and the peer might never see its answer.
func (g *guarded) Close() error {
	if g.closed.Swap(true) {
		return net.ErrClosed
	}
	defer g.door.open.Add(-1)
	if g.linger.Load() {
		if half, ok := g.Conn.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
		_ = g.Conn.SetReadDeadline(time.Now().Add(time.Second))
		_, _ = io.CopyN(io.Discard, g.Conn, 4*MaxBody)
	}
	return g.Conn.Close()
}
