package storetest

import (
	"github.com/conserje/conserje/hotel"
)

var fleetPromises = []promise{
	{"EnginesAreKnownByTheirCounters", fleetCounters},
	{"ASilentEnginesClaimsAreTakenOver", fleetTakeOver},
	{"ALivingEngineIsNotTakenOver", fleetAlive},
	{"AnEngineThatWasTakenOverComesBack", fleetBack},
	{"LateEvidenceOfTheFirstOwnerSettles", fleetEvidence},
	{"TheFirstOwnerRepeatsNothing", fleetRepeat},
	{"GuestsAreSweptByTheEngineThatAccepted", fleetGuests},
	{"DueGuestsAreSweptByTheEngineThatCommitted", fleetDue},
}

const other = "engine-2"

// fleet is the store as engines share it; its test ends when the store is one engine's.
func (h *house) fleet() (Fleet, bool) {
	f, ok := h.Store.(Fleet)
	if !ok {
		h.t.Log("this store has one engine: nothing to share")
	}
	return f, ok
}

// lease reads what is known of an engine, which must be known.
func (h *house) lease(f Fleet, owner string) hotel.EngineLease {
	h.t.Helper()
	engines, err := f.Engines(h.t.Context())
	h.NoError(err)
	for _, e := range engines {
		if e.Owner == owner {
			return e
		}
	}
	h.FailNow("engine not known", owner)
	return hotel.EngineLease{}
}

func fleetCounters(h *house) {
	f, ok := h.fleet()
	if !ok {
		return
	}
	h.NoError(f.Renew(h.t.Context(), engine))
	first := h.lease(f, engine)
	h.NoError(f.Renew(h.t.Context(), other))
	h.Equal(first, h.lease(f, engine), "another's renewal is not its own")
	h.NoError(f.Renew(h.t.Context(), engine))
	h.Greater(h.lease(f, engine).Counter, first.Counter)

	h.NoError(f.Leave(h.t.Context(), engine))
	h.True(h.lease(f, engine).Left)
	h.NoError(f.Leave(h.t.Context(), "unknown"))
	h.NoError(f.Renew(h.t.Context(), engine))
	h.False(h.lease(f, engine).Left, "it is back")
}

func fleetTakeOver(h *house) {
	f, ok := h.fleet()
	if !ok {
		return
	}
	h.NoError(f.Renew(h.t.Context(), engine))
	_, lane, out := h.reply(2, true)
	before := h.row(out[0])

	n, err := f.TakeOver(h.t.Context(), h.lease(f, engine), other, h.now)

	h.NoError(err)
	h.Equal(1, n)
	row := h.row(out[0])
	h.Equal(other, row.Owner)
	h.True(row.TakenOver, "whether its request left is not known")
	h.Equal(before.Attempt, row.Attempt)
	h.Equal(hotel.Pending, h.row(out[1]).State)
	h.refused(lane)
	engines, err := f.Engines(h.t.Context())
	h.NoError(err)
	h.Empty(engines)
	swept, err := h.Sweep(h.t.Context(), hotel.Sweep{Now: h.now, Owner: other, Limit: 10})
	h.NoError(err)
	h.Len(swept.Claims, 1)
	h.True(swept.Claims[0].TakenOver)

	again, err := h.Repeat(h.t.Context(), hotel.Repeat{Key: out[0], Attempt: 1, Owner: other, At: h.now})
	h.NoError(err)
	h.False(again.TakenOver, "this claim is its own")
	h.False(h.row(out[0]).TakenOver)
}

func fleetAlive(h *house) {
	f, ok := h.fleet()
	if !ok {
		return
	}
	h.NoError(f.Renew(h.t.Context(), engine))
	_, _, out := h.reply(1, true)
	read := h.lease(f, engine)
	h.NoError(f.Renew(h.t.Context(), engine))

	_, err := f.TakeOver(h.t.Context(), read, other, h.now)

	h.kind(hotel.Conflict, err)
	h.Equal(engine, h.row(out[0]).Owner)
	_, err = f.TakeOver(h.t.Context(), hotel.EngineLease{Owner: "unknown"}, other, h.now)
	h.kind(hotel.Conflict, err)
}

func fleetBack(h *house) {
	f, ok := h.fleet()
	if !ok {
		return
	}
	h.NoError(f.Renew(h.t.Context(), engine))
	_, err := f.TakeOver(h.t.Context(), h.lease(f, engine), other, h.now)
	h.NoError(err)
	h.NoError(f.Renew(h.t.Context(), engine))
	h.False(h.lease(f, engine).Left)
}

func fleetEvidence(h *house) {
	f, ok := h.fleet()
	if !ok {
		return
	}
	h.NoError(f.Renew(h.t.Context(), engine))
	_, _, out := h.reply(1, true)
	_, err := f.TakeOver(h.t.Context(), h.lease(f, engine), other, h.now)
	h.NoError(err)

	h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Settled, Proof: "wamid.late", Owner: engine})

	h.Equal(hotel.Settled, h.row(out[0]).State)
	h.Equal("wamid.late", h.row(out[0]).Proof)
}

func fleetRepeat(h *house) {
	f, ok := h.fleet()
	if !ok {
		return
	}
	h.NoError(f.Renew(h.t.Context(), engine))
	_, _, out := h.reply(1, true)
	_, err := f.TakeOver(h.t.Context(), h.lease(f, engine), other, h.now)
	h.NoError(err)

	_, err = h.Repeat(h.t.Context(), hotel.Repeat{Key: out[0], Attempt: 1, Owner: engine, At: h.now})
	h.kind(hotel.Conflict, err)
	moved := h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Sending, MoveTo: "ref:1", Owner: engine})
	h.False(moved.Applied)
	h.Equal(other, h.row(out[0]).Owner)
}

func fleetGuests(h *house) {
	f, ok := h.fleet()
	if !ok {
		return
	}
	h.NoError(f.Renew(h.t.Context(), engine))
	h.NoError(f.Renew(h.t.Context(), other))
	accept := func(owner, number string) hotel.GuestID {
		res, err := h.Accept(h.t.Context(), hotel.Accept{Owner: owner, Arrivals: []hotel.Arrival{h.said(phone(number))}})
		h.NoError(err)
		return res.Arrivals[0].Row.Guest
	}
	mine, theirs := accept(engine, "541"), accept(other, "542")
	h.Equal([]hotel.GuestID{mine}, h.sweep().Guests)

	h.NoError(f.Leave(h.t.Context(), other))
	h.Equal([]hotel.GuestID{mine, theirs}, h.sweep().Guests, "whose engine has left")

	h.NoError(f.Renew(h.t.Context(), other))
	h.Equal([]hotel.GuestID{mine}, h.sweep().Guests)
	_, err := f.TakeOver(h.t.Context(), h.lease(f, other), engine, h.now)
	h.NoError(err)
	h.Equal([]hotel.GuestID{mine, theirs}, h.sweep().Guests, "whose engine is gone")
}

func fleetDue(h *house) {
	f, ok := h.fleet()
	if !ok {
		return
	}
	h.NoError(f.Renew(h.t.Context(), engine))
	h.NoError(f.Renew(h.t.Context(), other))
	turn := h.turn(h.hear("541"))
	turn.Owner, turn.Due = other, h.now
	h.commit(turn)
	h.Empty(h.sweep().Due)
	h.NoError(f.Leave(h.t.Context(), other))
	h.Equal([]hotel.GuestID{turn.Guest}, h.sweep().Due)
}
