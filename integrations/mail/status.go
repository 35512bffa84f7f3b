package mail

import (
	"maps"
	"slices"

	"github.com/conserje/conserje/hotel"
)

// Outside tells how each account stands, once, however many properties share it.
func (m *Mailer) Outside() []hotel.Upstream {
	var out []hotel.Upstream
	seen := map[Way]bool{}
	for _, id := range slices.Sorted(maps.Keys(m.accounts)) {
		a := m.accounts[id]
		for _, w := range []struct {
			name string
			way  Way
		}{{"gmail", a.Gmail}, {"smtp", a.SMTP}} {
			if w.way == nil || seen[w.way] {
				continue
			}
			seen[w.way] = true
			refused, code := m.ways[w.way].refused()
			out = append(out, hotel.Upstream{Destination: w.name, Property: id, Refused: refused, Code: code})
		}
	}
	return out
}

// refused tells whether the account is closed to us, until a mail goes again.
func (h *health) refused() (bool, string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err == nil || h.err.Code == codeAway {
		return false, ""
	}
	return true, h.err.Code
}
