package postgres

import (
	"strings"

	"github.com/conserje/conserje/hotel"
)

// need is what a batch must hold and read before it is decided.
type need struct {
	hashes  [][]byte // of message ids: seen already?
	aliases []string // whose guests they are; new ones are locked by name
	guests  []string // locked
	keys    []string // outbox rows, locked
	proofs  []string // outbox rows by what proves them, locked
	bodies  []string // keys of outbox rows whose body is wanted
	guestOf []string // keys of outbox rows whose guests are locked
	guestBy []string // the same by proof
	laneOf  []string // keys of outbox rows whose lanes are locked and read
	lanes   []string // locked and read
	inbox   []string // inbox rows by key
	turns   []string // guests whose oldest unconsumed rows are read
	counts  []int32  // and how many of them
	unsent  []string // guests whose unsettled outbox rows are read, once the guests are locked
	orders  int      // new orders at most
	careful bool     // look for every key before it is written
}

func (n *need) reset(careful bool) {
	clear(n.hashes)
	*n = need{hashes: n.hashes[:0], aliases: n.aliases[:0], guests: n.guests[:0], keys: n.keys[:0], proofs: n.proofs[:0], bodies: n.bodies[:0],
		guestOf: n.guestOf[:0], guestBy: n.guestBy[:0], laneOf: n.laneOf[:0], lanes: n.lanes[:0], inbox: n.inbox[:0], turns: n.turns[:0], unsent: n.unsent[:0],
		counts: n.counts[:0], careful: careful}
}

// row asks for an outbox row, its guest and its lane.
func (n *need) row(key hotel.Key, body bool) {
	n.keys = append(n.keys, string(key))
	n.guestOf = append(n.guestOf, string(key))
	n.laneOf = append(n.laneOf, string(key))
	if body {
		n.bodies = append(n.bodies, string(key))
	}
}

// lane asks for a lane. A guest's lane is held by the guest's row.
func (n *need) lane(l hotel.Lane) {
	n.lanes = append(n.lanes, string(l))
	if id, ok := laneGuest(l); ok {
		n.guests = append(n.guests, string(id))
	}
}

const guestLanes = "guest:"

// laneGuest is whose lane it is, when it is a guest's.
func laneGuest(l hotel.Lane) (hotel.GuestID, bool) {
	id, ok := strings.CutPrefix(string(l), guestLanes)
	return hotel.GuestID(id), ok
}

// named are the lanes that are locked by name.
func named(lanes []string) []string {
	out := make([]string, 0, len(lanes))
	for _, l := range lanes {
		if !strings.HasPrefix(l, guestLanes) {
			out = append(out, l)
		}
	}
	return out
}
