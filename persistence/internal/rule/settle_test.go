package rule_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

func TestSettle(t *testing.T) {
	t.Parallel()
	later := time.UnixMilli(1000).UTC()
	out := hotel.OutboxRow{Key: "k", Lane: "a", State: hotel.Sending, Owner: "e", Attempt: 2}
	with := func(change func(*hotel.OutboxRow)) hotel.OutboxRow {
		row := out
		change(&row)
		return row
	}
	proven := with(func(r *hotel.OutboxRow) { r.Proof, r.Status = "wamid", hotel.DeliverySent })
	for name, c := range map[string]struct {
		row  hotel.OutboxRow
		s    hotel.Settlement
		want rule.Verdict
	}{
		"proof settles": {out, hotel.Settlement{Attempt: 2, State: hotel.Settled, Proof: "p", Status: hotel.DeliveryAccepted},
			rule.Verdict{Applied: true, Changed: true, Freed: true, Row: with(func(r *hotel.OutboxRow) {
				r.State, r.Proof, r.Status = hotel.Settled, "p", hotel.DeliveryAccepted
			})}},
		"proof of an older attempt settles": {out, hotel.Settlement{Attempt: 1, State: hotel.Settled},
			rule.Verdict{Applied: true, Changed: true, Freed: true, Row: with(func(r *hotel.OutboxRow) { r.State = hotel.Settled })}},
		"proof revives the dead": {with(func(r *hotel.OutboxRow) { r.State = hotel.Dead }), hotel.Settlement{Attempt: 2, State: hotel.Settled},
			rule.Verdict{Applied: true, Changed: true, Closes: true, Row: with(func(r *hotel.OutboxRow) { r.State = hotel.Settled })}},
		"it dies": {out, hotel.Settlement{Attempt: 2, State: hotel.Dead},
			rule.Verdict{Applied: true, Changed: true, Freed: true, Buried: true, Row: with(func(r *hotel.OutboxRow) { r.State = hotel.Dead })}},
		"an older attempt does not die": {out, hotel.Settlement{Attempt: 1, State: hotel.Dead}, rule.Verdict{Row: out}},
		"it is released": {out, hotel.Settlement{Attempt: 2, State: hotel.Pending, NotBefore: later},
			rule.Verdict{Applied: true, Changed: true, Freed: true, Row: with(func(r *hotel.OutboxRow) {
				r.State, r.Owner, r.Attempt, r.NotBefore = hotel.Pending, "", 1, later
			})}},
		"it is released into another lane": {out, hotel.Settlement{Attempt: 2, State: hotel.Pending, MoveTo: "b"},
			rule.Verdict{Applied: true, Changed: true, Freed: true, Moved: true, Row: with(func(r *hotel.OutboxRow) {
				r.State, r.Owner, r.Attempt, r.Lane = hotel.Pending, "", 1, "b"
			})}},
		"another's is not moved": {out, hotel.Settlement{Attempt: 2, State: hotel.Sending, MoveTo: "b", Owner: "f"}, rule.Verdict{Row: out}},
		"it moves as it is": {out, hotel.Settlement{Attempt: 2, State: hotel.Sending, MoveTo: "b", Owner: "e"},
			rule.Verdict{Applied: true, Changed: true, Freed: true, Moved: true, Row: with(func(r *hotel.OutboxRow) { r.Lane = "b" })}},
		"what is proven does not die": {proven, hotel.Settlement{Attempt: 2, State: hotel.Dead},
			rule.Verdict{Changed: true, Freed: true, Row: with(func(r *hotel.OutboxRow) {
				r.State, r.Proof, r.Status = hotel.Settled, "wamid", hotel.DeliverySent
			})}},
	} {
		require.Equal(t, c.want, rule.Settle(c.row, c.s), name)
	}
}

func TestReceipt(t *testing.T) {
	t.Parallel()
	out := hotel.OutboxRow{Key: "k", State: hotel.Sending, Attempt: 1}
	got := rule.Receipt(out, hotel.Receipt{Attempt: 1, MessageID: "w", Status: hotel.DeliveryFailed})
	require.True(t, got.Changed)
	require.True(t, got.Failed)
	require.True(t, got.Proof)
	require.False(t, rule.Proven(got.Row), "a failure proves nothing")
	require.True(t, rule.Evident(got.Row), "but somebody has spoken")

	require.Equal(t, out, rule.Receipt(out, hotel.Receipt{Attempt: 2, MessageID: "w", Status: hotel.DeliveryFailed}).Row)
	require.Equal(t, out, rule.Receipt(out, hotel.Receipt{Attempt: 1, MessageID: "w", Status: "warmed"}).Row, "a status that does not exist yet")

	out.State = hotel.Dead
	got = rule.Receipt(out, hotel.Receipt{Attempt: 1, MessageID: "w", Status: hotel.DeliveryRead})
	require.True(t, got.Closes)
	require.Equal(t, hotel.Settled, got.Row.State)
}

func TestCheckAccept(t *testing.T) {
	t.Parallel()
	good := hotel.Arrival{Key: "k", Property: "sur", Aliases: []hotel.Alias{{Kind: hotel.AliasPhone, Value: "1"}}}
	require.NoError(t, rule.CheckAccept("op", hotel.Accept{Arrivals: []hotel.Arrival{good}}))
	for _, spoil := range []func(a *hotel.Arrival){
		func(a *hotel.Arrival) { a.Key = "" },
		func(a *hotel.Arrival) { a.Property = "" },
		func(a *hotel.Arrival) { a.Aliases = nil },
		func(a *hotel.Arrival) { a.Aliases = []hotel.Alias{{Kind: hotel.AliasPhone}} },
	} {
		bad := good
		spoil(&bad)
		err := rule.CheckAccept("op", hotel.Accept{Arrivals: []hotel.Arrival{good, bad}})
		require.Equal(t, hotel.Invalid, hotel.KindOf(err))
	}
}

func TestLimitsAndDays(t *testing.T) {
	t.Parallel()
	require.Equal(t, rule.DefaultLimit, rule.Limit(0))
	require.Equal(t, 7, rule.Limit(7))
	require.EqualValues(t, 1, rule.Day(time.Unix(86400, 0)))
	require.EqualValues(t, 0, rule.Day(time.Unix(86399, 0)))
}
