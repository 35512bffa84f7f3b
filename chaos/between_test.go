package chaos_test

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/internal/livetest"
)

// moment is where in a commit a connection is cut.
type moment int

const (
	before  moment = iota // the server never hears of it
	halfway               // it hears a part
	after                 // it is done, and nobody is told
	moments
)

// cutter stands between the engine and PostgreSQL and cuts connections.
type cutter struct {
	addr   string
	server string
	random *dice
	armed  atomic.Int32 // 0 = not, else 1 + moment
	cuts   [moments]atomic.Int64
}

func newCutter(t *testing.T, server string, random *dice) *cutter {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	c := &cutter{addr: ln.Addr().String(), server: server, random: random}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go c.serve(conn)
		}
	}()
	return c
}

// arm has the next commit of any connection cut.
func (c *cutter) arm()                 { c.armed.Store(int32(1 + c.random.n(int(moments)))) }
func (c *cutter) rest()                { c.armed.Store(0) }
func (c *cutter) count(m moment) int64 { return c.cuts[m].Load() }

func (c *cutter) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := net.Dial("tcp", c.server)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	var muted atomic.Bool // an answer is not passed on any more: both ends are cut
	go func() {
		defer func() { _, _ = client.Close(), server.Close() }()
		buf := make([]byte, 64<<10)
		for {
			n, err := server.Read(buf)
			if err != nil || muted.Load() {
				return
			}
			if _, err := client.Write(buf[:n]); err != nil {
				return
			}
		}
	}()
	buf := make([]byte, 256<<10)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		chunk := buf[:n]
		if armed := c.armed.Load(); armed > 0 && commits(chunk) && c.armed.CompareAndSwap(armed, 0) {
			m := moment(armed - 1)
			c.cuts[m].Add(1)
			switch m {
			case before:
				return
			case halfway:
				_, _ = server.Write(chunk[:1+c.random.n(n)])
				return
			}
			muted.Store(true) // the other direction cuts when the answer comes
		}
		if _, err := server.Write(chunk); err != nil {
			return
		}
	}
}

// commits tells whether what a client sends ends a transaction that writes: a
// pipeline's Sync behind the statements, which are long; a lone read is short.
func commits(chunk []byte) bool {
	const sync = "S\x00\x00\x00\x04"
	return len(chunk) > 600 && string(chunk[len(chunk)-len(sync):]) == sync
}

// pathOf is the path of a URL.
func pathOf(t *testing.T, raw string) string {
	t.Helper()
	u, err := url.Parse(raw)
	require.NoError(t, err)
	return u.Path
}

// spread puts a proxy on the address that the webhooks go to, which sends each
// to one of the engines at random. One that is away or stands still answers
// 502, and the phone network tries again, as Meta does.
func (s *shared) spread(t *testing.T, random *dice, others ...*livetest.Engine) {
	t.Helper()
	ln, err := net.Listen("tcp", s.Webhook)
	require.NoError(t, err)
	s.Webhook = livetest.FreeAddr(t)
	engines := append([]*livetest.Engine{s.Engine}, others...)
	proxy := &http.Server{ReadHeaderTimeout: time.Minute, Handler: &httputil.ReverseProxy{
		Transport: &http.Transport{ResponseHeaderTimeout: 5 * time.Second, MaxIdleConnsPerHost: 64},
		ErrorLog:  log.New(io.Discard, "", 0),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: engines[random.n(len(engines))].Webhook})
		},
	}}
	var gone sync.WaitGroup
	gone.Go(func() { _ = proxy.Serve(ln) })
	t.Cleanup(func() { _ = proxy.Close(); gone.Wait() })
}
