package storetest

import (
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
)

// Run is the suite. Each promise opens a store of its own; open closes it when
// its test ends, and gives a fresh one to each call.
func Run(t *testing.T, open func(t *testing.T) Store) { RunChapters(t, nil, open) }

// RunChapters runs some chapters of the suite, nil = all: for a store that is
// tried once more by another way.
func RunChapters(t *testing.T, only []string, open func(t *testing.T) Store) {
	for _, chapter := range []struct {
		name     string
		promises []promise
	}{
		{"Accept", acceptPromises},
		{"Receipt", receiptPromises},
		{"Turn", turnPromises},
		{"Lane", lanePromises},
		{"Settle", settlePromises},
		{"Doubt", doubtPromises},
		{"Sweep", sweepPromises},
		{"Letter", letterPromises},
		{"Park", parkPromises},
		{"Read", readPromises},
		{"Privacy", privacyPromises},
		{"Pause", pausePromises},
		{"Model", modelPromises},
		{"Fleet", fleetPromises},
	} {
		if only != nil && !slices.Contains(only, chapter.name) {
			continue
		}
		t.Run(chapter.name, func(t *testing.T) {
			t.Parallel()
			for _, p := range chapter.promises {
				t.Run(p.name, func(t *testing.T) {
					t.Parallel()
					p.keep(setup(t, open(t)))
				})
			}
		})
	}
}

// promise is one thing that every store keeps.
type promise struct {
	name string
	keep func(h *house)
}

const (
	sur    hotel.PropertyID = "sur"
	norte  hotel.PropertyID = "norte"
	engine                  = "engine-1"
)

// house is a store with one hotel, and what tests do with it over and over.
type house struct {
	Store
	*require.Assertions
	t     *testing.T
	now   time.Time
	count atomic.Int64
}

func setup(t *testing.T, s Store) *house {
	return &house{Store: s, Assertions: require.New(t), t: t, now: time.Now().UTC().Truncate(time.Millisecond)}
}

// name makes a name that this house has not used yet.
func (h *house) name(prefix string) string { return prefix + strconv.FormatInt(h.count.Add(1), 10) }

func phone(number string) hotel.Alias { return hotel.Alias{Kind: hotel.AliasPhone, Value: number} }
func bsuid(value string) hotel.Alias  { return hotel.Alias{Kind: hotel.AliasBSUID, Value: value} }
func parent(value string) hotel.Alias { return hotel.Alias{Kind: hotel.AliasParent, Value: value} }

// said is a message of a person to the hotel "sur", with a fresh wamid.
func (h *house) said(who ...hotel.Alias) hotel.Arrival {
	return hotel.Arrival{Key: hotel.Key(keys.New()), Property: sur, MessageID: h.name("wamid."), Aliases: who,
		Kind: hotel.KindSaid, Body: []byte(`{"text":"hola"}`), At: h.now}
}

// accept commits arrivals and returns what became of them.
func (h *house) accept(arrivals ...hotel.Arrival) []hotel.Accepted {
	h.t.Helper()
	res, err := h.Accept(h.t.Context(), hotel.Accept{Arrivals: arrivals})
	h.NoError(err)
	h.Len(res.Arrivals, len(arrivals))
	return res.Arrivals
}

// hear accepts one message of a person and returns its row.
func (h *house) hear(number string) hotel.InboxRow {
	h.t.Helper()
	return h.accept(h.said(phone(number)))[0].Row
}

// pending reads a guest's unconsumed rows.
func (h *house) pending(guest hotel.GuestID) []hotel.InboxRow {
	h.t.Helper()
	a, err := h.Activate(h.t.Context(), guest, 0)
	h.NoError(err)
	return a.Pending
}

// turn is a turn that consumes rows of one guest, in order, from version 0.
func (h *house) turn(rows ...hotel.InboxRow) hotel.TurnCommit {
	t := hotel.TurnCommit{Guest: rows[0].Guest, Property: sur, State: []byte("state"), Facts: "facts-1", Owner: engine, At: h.now}
	for _, r := range rows {
		t.Consumed = append(t.Consumed, r.Key)
	}
	return t
}

// say is an outbox row of a turn: a bubble in a lane.
func (h *house) say(lane hotel.Lane) hotel.OutboxRow {
	return hotel.OutboxRow{Key: hotel.Key(h.name("out")), Lane: lane, Kind: hotel.KindSay, Body: []byte(`{"bubble":{"text":"hola"}}`)}
}

// commit commits a turn that must succeed.
func (h *house) commit(t hotel.TurnCommit) hotel.TurnCommitted {
	h.t.Helper()
	done, err := h.Commit(h.t.Context(), t)
	h.NoError(err)
	return done
}

// reply hears a new person once, and commits a turn with n bubbles in their
// lane, of which the first is claimed when asked. It returns the rows' keys.
func (h *house) reply(n int, claimed bool) (hotel.GuestID, hotel.Lane, []hotel.Key) {
	h.t.Helper()
	t := h.turn(h.hear(h.name("54911")))
	lane := hotel.GuestLane(t.Guest)
	var out []hotel.Key
	for range n {
		t.Outbox = append(t.Outbox, h.say(lane))
		out = append(out, t.Outbox[len(t.Outbox)-1].Key)
	}
	if claimed {
		t.Claim = []hotel.Lane{lane}
	}
	h.commit(t)
	return t.Guest, lane, out
}

// settle settles a row that must be there.
func (h *house) settle(s hotel.Settlement) hotel.SettleResult {
	h.t.Helper()
	if s.At.IsZero() {
		s.At = h.now
	}
	if s.Owner == "" {
		s.Owner = engine
	}
	res, err := h.Settle(h.t.Context(), s)
	h.NoError(err)
	return res
}

// row reads an outbox row that must be there.
func (h *house) row(key hotel.Key) hotel.OutboxRow {
	h.t.Helper()
	row, err := h.Row(h.t.Context(), key)
	h.NoError(err)
	return row
}

// claim claims a lane's next row, which must be claimable.
func (h *house) claim(lane hotel.Lane) hotel.OutboxRow {
	h.t.Helper()
	row, err := h.Claim(h.t.Context(), hotel.Claim{Lane: lane, Owner: engine, At: h.now})
	h.NoError(err)
	return row
}

// refused tells that nothing of a lane may be claimed now.
func (h *house) refused(lane hotel.Lane) {
	h.t.Helper()
	_, err := h.Claim(h.t.Context(), hotel.Claim{Lane: lane, Owner: engine, At: h.now})
	h.kind(hotel.NotFound, err)
}

// kind tells that an error is of a kind.
func (h *house) kind(want hotel.Kind, err error) {
	h.t.Helper()
	h.Error(err)
	h.Equal(want.String(), hotel.KindOf(err).String())
}

// sweep asks what waits, whatever its age.
func (h *house) sweep() hotel.Swept {
	h.t.Helper()
	swept, err := h.Sweep(h.t.Context(), hotel.Sweep{Now: h.now, Owner: engine, Limit: 100})
	h.NoError(err)
	return swept
}

func keysOf(rows []hotel.InboxRow) []hotel.Key {
	var out []hotel.Key
	for _, r := range rows {
		out = append(out, r.Key)
	}
	return out
}
