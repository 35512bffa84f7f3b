package redistest

import "net"

// Listens tells whether somebody takes connections at the address.
func Listens(addr string) bool {
	conn, err := net.Dial("tcp", addr)
	if err == nil {
		_ = conn.Close()
	}
	return err == nil
}

// Try starts a server and ends it.
func Try() error {
	s, err := start(nil)
	if err == nil {
		s.Close()
	}
	return err
}

// Hold starts a server and leaves it to its guard.
func Hold() (addr string, err error) {
	s, err := start(nil)
	if err != nil {
		return "", err
	}
	return s.Addr(), nil
}
