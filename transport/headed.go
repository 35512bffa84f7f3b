package transport

import (
	"bytes"
	"net"
)

// headed is a listener for net/http whose answers to what never became a
// request carry the security headers too: the server writes those by itself,
// past every handler.
type headed struct {
	net.Listener
	headers []header
}

// Accept returns the next connection.
func (l *headed) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &headedConn{c, l.headers}, nil
}

type headedConn struct {
	net.Conn
	headers []header
}

// What net/http writes, in one go, for a bad request: status line, these, and a text.
var (
	rawStart   = []byte("HTTP/1.1 ")
	rawHeaders = []byte("\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n")
)

// Write writes p, with the security headers when it is such an answer. A
// handler's answer has other headers right after its status line.
func (c *headedConn) Write(p []byte) (int, error) {
	if !bytes.HasPrefix(p, rawStart) {
		return c.Conn.Write(p)
	}
	status, text, found := bytes.Cut(p, rawHeaders)
	if !found || bytes.IndexByte(status, '\n') >= 0 {
		return c.Conn.Write(p)
	}
	b := bytes.NewBuffer(bytes.Clone(status))
	for _, h := range c.headers {
		b.WriteString("\r\n")
		b.Write(h.key)
		b.WriteString(": ")
		b.Write(h.value)
	}
	b.Write(rawHeaders)
	b.Write(text)
	if _, err := c.Conn.Write(b.Bytes()); err != nil {
		return 0, err
	}
	return len(p), nil
}

// CloseWrite is what net/http looks for, to let the peer read such an answer
// before the connection goes.
func (c *headedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// WithHeaders gives a listener of net/http's the security headers on what it
// answers by itself, before any handler: garbage, no Host, headers too large.
func WithHeaders(ln net.Listener) net.Listener {
	return &headed{ln, securityHeaders(policyPages, Isolation{COOP: true})}
}
