package hotel_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
)

func TestSameNumberTellsLinesApartAndNotTheirSpellings(t *testing.T) {
	t.Parallel()

	for _, line := range [][]string{
		{"5492944550199", "+54 9 294 455-0199", "542944550199", "005492944550199"}, // Argentina, with its 9 and without
		{"5215512345678", "+52 1 55 1234 5678", "525512345678"},                    // Mexico
		{"5511987654321", "+55 (11) 98765-4321", "551187654321"},                   // Brazil
		{"34600111222", "+34 600 111 222"},
		{"14155550101", "+1 415 555 0101"},
	} {
		for _, spelling := range line {
			require.Equal(t, hotel.SameNumber(line[0]), hotel.SameNumber(spelling), spelling)
		}
	}
	different := map[string]string{}
	for _, n := range []string{"5492944550199", "5492944550198", "5215512345678", "5511987654321", "34600111222", "14155550101", "541155501999", "5591187654321"} {
		key := hotel.SameNumber(n)
		require.Empty(t, different[key], "%s and %s", n, different[key])
		different[key] = n
	}
	require.Empty(t, hotel.SameNumber("recepción"))
}

func TestReplyTo(t *testing.T) {
	t.Parallel()

	ana, beto, nobody := hotel.Address{Phone: "5492944550199"}, hotel.Address{Phone: "34600111222"}, hotel.Address{BSUID: "AR.1349"}
	listed := hotel.NewReplyTo(hotel.ReplyListed, []string{"+54 294 455 0199", "x"})
	require.Equal(t, 1, listed.Numbers())
	for name, c := range map[string]struct {
		policy hotel.ReplyTo
		want   [3]bool
	}{
		"zero":         {hotel.ReplyTo{}, [3]bool{true, true, true}},
		"all":          {hotel.NewReplyTo(hotel.ReplyAll, nil), [3]bool{true, true, true}},
		"listed":       {listed, [3]bool{true, false, false}},
		"listed empty": {hotel.NewReplyTo(hotel.ReplyListed, nil), [3]bool{}},
		"none":         {hotel.NewReplyTo(hotel.ReplyNone, []string{ana.Phone}), [3]bool{}},
	} {
		require.Equal(t, c.want, [3]bool{c.policy.Answers(ana), c.policy.Answers(beto), c.policy.Answers(nobody)}, name)
	}
}

func TestPauseIsForOneThing(t *testing.T) {
	t.Parallel()

	all, sur, ana := hotel.Pause{}, hotel.Pause{Property: "sur"}, hotel.Pause{Guest: "g1", By: "Marta"}
	require.Equal(t, []string{"engine", "property", "guest"}, []string{all.What(), sur.What(), ana.What()})
	require.True(t, all.Valid() && sur.Valid() && ana.Valid())
	require.False(t, hotel.Pause{Property: "sur", Guest: "g1"}.Valid())
	require.True(t, ana.Same(hotel.Pause{Guest: "g1"}))
	require.False(t, ana.Same(all))
}
