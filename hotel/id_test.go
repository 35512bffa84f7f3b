package hotel_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
)

func TestAReferenceNamesTheTurnThatMadeIt(t *testing.T) {
	t.Parallel()

	for _, base := range []hotel.Key{"06h0pr0mndomjaqhdcupd49p1k", "06h0pr0mndomjaqhdcupd49p1k.12", "06h0pr0mndomjaqhdcupd49p1k/2/booking_failed"} {
		ref := hotel.ReferenceOf(base)
		for _, r := range []hotel.Reference{ref, ref + "-1", ref + "-2"} {
			got, ours := r.Base()
			require.True(t, ours)
			require.Equal(t, base, got)
		}
	}
	for _, r := range []hotel.Reference{"", "WA-", "127.0.0.1", "booking.com"} {
		_, ours := r.Base()
		require.False(t, ours, r)
	}
}
