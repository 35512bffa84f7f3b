package rule_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

func TestHashIsKeyed(t *testing.T) {
	t.Parallel()
	same := rule.Hash([32]byte{1}, "a")
	require.Equal(t, same, rule.Hash([32]byte{1}, "a"))
	require.NotEqual(t, rule.Hash([32]byte{1}, "a"), rule.Hash([32]byte{2}, "a"))
	require.NotEqual(t, rule.Hash([32]byte{1}, "a", ""), rule.Hash([32]byte{1}, "a"))
	require.NotEqual(t, rule.Hash([32]byte{1}, "ab", "c"), rule.Hash([32]byte{1}, "a", "bc"))
}

func TestAReceiptWithoutAttemptIsKnownByItsProof(t *testing.T) {
	t.Parallel()
	row := hotel.OutboxRow{State: hotel.Sending, Attempt: 2, Proof: "wamid.2"}
	failed := func(id string) bool {
		return rule.Receipt(row, hotel.Receipt{MessageID: id, Status: hotel.DeliveryFailed}).Changed
	}
	require.True(t, failed("wamid.2"))
	require.False(t, failed("wamid.1"), "of the attempt before")
}

func TestSettledNeverChangesBack(t *testing.T) {
	t.Parallel()
	row := hotel.OutboxRow{State: hotel.Settled, Attempt: 1, Lane: "a"}
	for _, state := range []hotel.SendState{hotel.Pending, hotel.Sending, hotel.Dead} {
		v := rule.Settle(row, hotel.Settlement{Attempt: 1, State: state, MoveTo: "b"})
		require.Equal(t, rule.Verdict{Row: row}, v)
	}
	v := rule.Settle(row, hotel.Settlement{Attempt: 1, State: hotel.Settled, Proof: "late"})
	require.False(t, v.Applied)
	require.True(t, v.Changed)
	require.Equal(t, "late", v.Row.Proof)
}

func TestTranscriptReadsALineAndALists(t *testing.T) {
	t.Parallel()
	one, err := rule.Transcript([]byte(`{"who":"bot","text":"hola"}`))
	require.NoError(t, err)
	require.Equal(t, []hotel.TranscriptLine{{Who: "bot", Text: "hola"}}, one)
	many, err := rule.Transcript([]byte(`[{"who":"bot","text":"hola"},{"who":"guest","text":"x"}]`))
	require.NoError(t, err)
	require.Len(t, many, 2)
	_, err = rule.Transcript([]byte(`nothing`))
	require.Error(t, err)
}

// FuzzWithdrawnRow reads bodies that came from older versions, or were never JSON.
func FuzzWithdrawnRow(f *testing.F) {
	f.Add("k", string(hotel.KindBook), []byte(`{"reference":"R1"}`))
	f.Add("k/0", string(hotel.KindMail), []byte(`{"reservation":{"reference":"R1"}}`))
	f.Add("", "", []byte(`{`))
	f.Fuzz(func(t *testing.T, key, kind string, body []byte) {
		row := rule.WithdrawnRow(hotel.OutboxRow{Key: hotel.Key(key), Kind: hotel.RowKind(kind), Guest: "g", Body: body}, time.Now())
		require.Equal(t, hotel.Key(key)+"/withdrawn", row.Key)
		require.Equal(t, hotel.KindWithdrawn, row.Kind)
		require.NotEmpty(t, row.Body)
	})
}

// FuzzTranscript never panics, whatever a turn has kept.
func FuzzTranscript(f *testing.F) {
	f.Add([]byte(`[{"at":"2026-11-24T10:00:00Z","who":"bot","text":"hola"}]`))
	f.Add([]byte(`{"who":"bot"}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, b []byte) {
		lines, err := rule.Transcript(b)
		if err != nil {
			require.Nil(t, lines)
		}
	})
}

// FuzzSettle holds the rules that no settlement may break, whatever comes in which order.
func FuzzSettle(f *testing.F) {
	f.Add(uint8(0), uint8(0), 1, 1, "p", "accepted", "q", "sent")
	f.Add(uint8(3), uint8(2), 2, 1, "", "failed", "", "")
	states := []hotel.SendState{hotel.Pending, hotel.Sending, hotel.Settled, hotel.Dead, hotel.Withdrawn}
	f.Fuzz(func(t *testing.T, from, to uint8, attempt, of int, proof, status, newProof, newStatus string) {
		row := hotel.OutboxRow{State: states[int(from)%len(states)], Attempt: attempt, Lane: "a", Proof: proof, Status: hotel.DeliveryStatus(status)}
		s := hotel.Settlement{State: states[int(to)%4], Attempt: of, Proof: newProof, Status: hotel.DeliveryStatus(newStatus), MoveTo: "b"}
		v := rule.Settle(row, s)
		if row.State == hotel.Settled || s.State == hotel.Settled {
			require.Equal(t, hotel.Settled, v.Row.State, "settled is the end")
		}
		require.GreaterOrEqual(t, v.Row.Status.Rank(), row.Status.Rank(), "the rank only rises")
		if row.Proof != "" {
			require.Equal(t, row.Proof, v.Row.Proof, "the first proof stays")
		}
		if v.Row.State == hotel.Dead && row.State != hotel.Dead {
			require.Equal(t, attempt, of, "only the attempt that is out may die")
		}
	})
}
