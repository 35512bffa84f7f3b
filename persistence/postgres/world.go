package postgres

import (
	"slices"
	"strings"

	"github.com/conserje/conserje/hotel"
)

// world is what a batch holds: the rows as they are in the store, locked until
// the commit, and as the batch's requests change them, one after the other.
type world struct {
	need     need
	patience bool            // a lane that is not held may be by the next transaction
	held     map[string]bool // names that are locked: lanes, new aliases
	guests   map[hotel.GuestID]*guestRow
	aliases  map[string]hotel.GuestID
	seen     map[[16]byte]*inboxRow // of message ids taken before
	inbox    map[hotel.Key]*inboxRow
	waiting  map[hotel.GuestID][]waitingRow // a guest's oldest unconsumed rows
	unsent   map[hotel.GuestID][]hotel.Key  // keys of its unsettled outbox rows
	rows     map[hotel.Key]*outboxRow
	proofs   map[string]*outboxRow
	lanes    map[hotel.Lane]*lane
	orders   []int64
	out      writes
}

type guestRow struct {
	id       hotel.GuestID
	property hotel.PropertyID
	version  int64
	erasing  bool // a turn has said that it is to be erased
	turned   bool // by this batch
}

type inboxRow struct {
	hotel.InboxRow
	consumed bool
	there    bool // false: trimmed, only the hash is left
}

type waitingRow struct {
	id  int64
	key hotel.Key
}

// outboxRow is a row with what the store knows beside.
type outboxRow struct {
	hotel.OutboxRow
	done  int64
	fresh bool // made by this batch
	dirty bool // changed by it
	moved bool // it stands in another lane than before
}

// lane is what is unsettled in a lane: what is out, and the oldest that wait.
type lane struct {
	sending *outboxRow
	pending []*outboxRow // by order
	tail    bool         // there may be more behind pending
}

const laneDepth = 4 // pending rows of a lane that are read

func newWorld() *world {
	return &world{
		held: map[string]bool{}, guests: map[hotel.GuestID]*guestRow{}, aliases: map[string]hotel.GuestID{}, seen: map[[16]byte]*inboxRow{},
		inbox: map[hotel.Key]*inboxRow{}, waiting: map[hotel.GuestID][]waitingRow{}, unsent: map[hotel.GuestID][]hotel.Key{}, rows: map[hotel.Key]*outboxRow{},
		proofs: map[string]*outboxRow{}, lanes: map[hotel.Lane]*lane{},
	}
}

func (w *world) reset(careful bool) {
	w.need.reset(careful)
	clear(w.held)
	clear(w.guests)
	clear(w.aliases)
	clear(w.seen)
	clear(w.inbox)
	clear(w.waiting)
	clear(w.unsent)
	clear(w.rows)
	clear(w.proofs)
	clear(w.lanes)
	w.orders = w.orders[:0]
	w.out = writes{}
}

// next gives an order, greater than all that were committed of its guest and its lane.
func (w *world) next() int64 {
	n := w.orders[0]
	w.orders = w.orders[1:]
	return n
}

// holds tells whether a row's lane is locked. It is not when the row moved
// after its lane was looked up. (A guest's lane whose guest is nobody is held by
// nobody; it is asked for again some times, then believed.)
func (w *world) holds(l hotel.Lane) bool {
	if id, ok := laneGuest(l); ok {
		return w.guests[id] != nil || slices.Contains(w.need.lanes, string(l)) || !w.patience
	}
	return w.held[string(l)]
}

// lane is a lane as it stands.
func (w *world) lane(l hotel.Lane) *lane {
	x := w.lanes[l]
	if x == nil {
		x = &lane{}
		w.lanes[l] = x
	}
	return x
}

// fill sorts the rows that were read into their lanes.
func (w *world) fill() {
	for _, r := range w.rows {
		l := w.lane(r.Lane)
		switch r.State {
		case hotel.Sending:
			l.sending = r
		case hotel.Pending:
			l.pending = append(l.pending, r)
		}
		if r.Proof != "" {
			w.proofs[r.Proof] = r
		}
	}
	for _, l := range w.lanes {
		slices.SortFunc(l.pending, byOrder)
		if len(l.pending) >= laneDepth { // what is behind may have gaps
			l.pending, l.tail = l.pending[:laneDepth], true
		}
	}
}

func byOrder(a, b *outboxRow) int { return int(a.Order - b.Order) }

// unsure tells that the batch has used up what was read of the lane.
func (l *lane) unsure() bool { return l.tail && len(l.pending) <= 1 }

// leave takes a row out of its lane.
func (l *lane) leave(r *outboxRow) {
	if l.sending == r {
		l.sending = nil
	}
	l.pending = slices.DeleteFunc(l.pending, func(x *outboxRow) bool { return x == r })
}

// enter puts a row into a lane, at the place of its order.
func (l *lane) enter(r *outboxRow) {
	if r.State == hotel.Sending {
		l.sending = r
		return
	}
	i, _ := slices.BinarySearchFunc(l.pending, r, byOrder)
	if i == len(l.pending) && l.tail {
		return // behind what was read
	}
	l.pending = slices.Insert(l.pending, i, r)
}

// change makes a row what it is from now on.
func (w *world) change(r *outboxRow, to hotel.OutboxRow) {
	unsettled := r.State == hotel.Pending || r.State == hotel.Sending
	if unsettled {
		w.lane(r.Lane).leave(r)
	}
	r.moved = r.moved || r.Lane != to.Lane
	if to.Body == nil {
		to.Body = r.Body
	}
	r.OutboxRow = to
	if to.State == hotel.Pending || to.State == hotel.Sending {
		w.lane(to.Lane).enter(r)
	}
	if to.Proof != "" {
		w.proofs[to.Proof] = r
	}
	w.touch(r)
}

// touch notes that a row is to be written.
func (w *world) touch(r *outboxRow) {
	if !r.dirty && !r.fresh {
		r.dirty = true
		w.out.changed = append(w.out.changed, r)
	}
}

// add writes a fresh row.
func (w *world) add(row hotel.OutboxRow) *outboxRow {
	r := &outboxRow{OutboxRow: row, fresh: true}
	w.rows[row.Key] = r
	w.lane(row.Lane).enter(r)
	w.out.added = append(w.out.added, r)
	return r
}

// arrive writes an unconsumed inbox row at its guest's end, unless its key stands already.
func (w *world) arrive(owner string, row hotel.InboxRow) (hotel.InboxRow, bool) {
	if _, stands := w.inbox[row.Key]; stands {
		return hotel.InboxRow{}, false
	}
	row.Order, row.At = w.next(), stored(row.At)
	w.inbox[row.Key] = &inboxRow{InboxRow: row, there: true}
	in := &w.out.inbox
	in.ids = append(in.ids, row.Order)
	in.keys = append(in.keys, string(row.Key))
	in.guests = append(in.guests, string(row.Guest))
	in.kinds = append(in.kinds, string(row.Kind))
	in.ats = append(in.ats, ms(row.At))
	in.owners = append(in.owners, owner)
	in.bodies = append(in.bodies, row.Body)
	return row, true
}

const aliasSeparator = "\x1f"

// aliasName is the name under which an alias is kept.
func aliasName(p hotel.PropertyID, a hotel.Alias) string {
	return strings.Join([]string{string(p), string(a.Kind), a.Value}, aliasSeparator)
}
