package nlu_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/conversation/nlu"
)

// tuesday is the day that the tests are on.
var tuesday = time.Date(2026, 11, 24, 15, 0, 0, 0, time.UTC)

func TestUnderstandReadsABookingInOneMessage(t *testing.T) {
	t.Parallel()

	u := nlu.Understand("Hola! Quiero reservar del 4 al 6 de marzo para 2 adultos y un niño de 5", nlu.Context{Ref: tuesday, Country: "AR"})

	require.Equal(t, "es", u.Lang)
	require.Equal(t, nlu.MakeReservation, u.Intent)
	require.True(t, u.Sure)
	require.Equal(t, nlu.TopicBook, u.Topic)
	require.Equal(t, "2027-03-04", u.Slots.CheckIn.String())
	require.Equal(t, "2027-03-06", u.Slots.CheckOut.String())
	require.Equal(t, 2, u.Slots.Nights)
	require.Equal(t, 2, u.Slots.Adults)
	require.Equal(t, 1, u.Slots.Children)
	require.Equal(t, []int{5}, u.Slots.Ages)
	require.Len(t, u.Dates, 1)
	require.True(t, u.Dates[0].Range)
	require.Equal(t, 22, u.Dates[0].At)
}
