package main

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"net"
	"strconv"
	"time"
)

// wire posts webhooks over one kept connection. A general client would cost
// the generator as much as the engine spends.
type wire struct {
	addr string
	conn net.Conn
	in   *bufio.Reader
	out  []byte
	mac  hash.Hash
	sum  [sha256.Size]byte
}

func newWire(addr string) *wire {
	return &wire{addr: addr, mac: hmac.New(sha256.New, []byte(secret))}
}

// requestTimeout is longer than the engine's own patience.
const requestTimeout = 20 * time.Second

// post signs and posts a body and returns the answer's status.
func (w *wire) post(body []byte) (int, error) {
	if w.conn == nil {
		conn, err := net.Dial("tcp", w.addr) //nolint:noctx // loopback
		if err != nil {
			return 0, err
		}
		w.conn, w.in = conn, bufio.NewReaderSize(conn, 4096)
	}
	status, err := w.exchange(body)
	if err != nil {
		w.close()
	}
	return status, err
}

func (w *wire) exchange(body []byte) (int, error) {
	w.mac.Reset()
	w.mac.Write(body)
	o := append(w.out[:0], "POST "+webhookPath+" HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nX-Hub-Signature-256: sha256="...)
	o = hex.AppendEncode(o, w.mac.Sum(w.sum[:0]))
	o = strconv.AppendInt(append(o, "\r\nContent-Length: "...), int64(len(body)), 10)
	o = append(append(o, "\r\n\r\n"...), body...)
	w.out = o
	if err := w.conn.SetDeadline(time.Now().Add(requestTimeout)); err != nil {
		return 0, err
	}
	if _, err := w.conn.Write(o); err != nil {
		return 0, err
	}
	return w.answer()
}

var contentLength = []byte("content-length:")

// answer reads one answer whole.
func (w *wire) answer() (status int, err error) {
	length := 0
	for first := true; ; first = false {
		line, err := w.in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case first:
			if len(line) < 12 {
				return 0, fmt.Errorf("odd answer %q", line)
			}
			if status, err = strconv.Atoi(string(line[9:12])); err != nil {
				return 0, err
			}
		case len(line) == 0:
			_, err = w.in.Discard(length)
			return status, err
		case len(line) > len(contentLength) && bytes.EqualFold(line[:len(contentLength)], contentLength):
			if length, err = strconv.Atoi(string(bytes.TrimSpace(line[len(contentLength):]))); err != nil {
				return 0, err
			}
		}
	}
}

func (w *wire) close() {
	if w.conn != nil {
		_ = w.conn.Close()
		w.conn = nil
	}
}
