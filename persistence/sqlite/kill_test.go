package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/sqlite"
)

const childDir = "CONSERJE_SQLITE_CHILD"

// live is the child: it takes messages, turns and settlements as fast as it
// can, and says of each that it is acknowledged, in one write to a line.
func live(dir string) {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, sqlite.Config{Dir: dir})
	if err != nil {
		panic(err)
	}
	var count atomic.Int64
	count.Store(time.Now().UnixMicro()) // each life hears other people
	tell := func(what string, row hotel.InboxRow) {
		_, _ = fmt.Fprintln(os.Stdout, what, row.Key, row.Guest)
	}
	for range 16 {
		go func() {
			for {
				res, err := s.Accept(ctx, hotel.Accept{Arrivals: []hotel.Arrival{message(count.Add(1))}})
				if err != nil {
					panic(err)
				}
				row := res.Arrivals[0].Row
				tell("accepted", row)
				if _, err := s.Commit(ctx, turn(row, 0)); err != nil {
					panic(err)
				}
				tell("committed", row)
				_, err = s.Settle(ctx, hotel.Settlement{Key: row.Key + "/0", Attempt: 1, State: hotel.Settled, Owner: "engine", At: time.Now()})
				if err != nil {
					panic(err)
				}
				tell("settled", row)
			}
		}()
	}
	select {}
}

// TestWhatIsAcknowledgedSurvivesSIGKILL kills an engine at random instants, again and again in one folder.
func TestWhatIsAcknowledgedSurvivesSIGKILL(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	for range 3 {
		told := killed(t, dir, 100+random.IntN(700))
		s, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir})
		require.NoError(t, err)
		for _, line := range told {
			check(t, s, line)
		}
		require.NoError(t, s.Close())
	}
}

// killed runs the child until it has told that many lines, kills it, and returns all that it told.
func killed(t *testing.T, dir string, lines int) []string {
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	var told []string
	scan := bufio.NewScanner(out)
	for scan.Scan() {
		told = append(told, scan.Text())
		if len(told) == lines {
			require.NoError(t, child.Process.Kill())
		}
	}
	require.Error(t, child.Wait(), "killed")
	require.GreaterOrEqual(t, len(told), lines)
	return told
}

// check finds in the store what the child was told.
func check(t *testing.T, s *sqlite.Store, line string) {
	t.Helper()
	word := strings.Fields(line)
	require.Len(t, word, 3, line)
	what, key, guest := word[0], hotel.Key(word[1]), hotel.GuestID(word[2])
	a, err := s.Activate(t.Context(), guest, 100)
	require.NoError(t, err, line)
	switch what {
	case "accepted":
		again := message(0)
		again.Key, again.MessageID, again.Aliases[0].Value = key, "", strconv.Itoa(rand.Int())
		res, err := s.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{again}})
		require.NoError(t, err)
		require.True(t, res.Arrivals[0].Duplicate, line)
		require.Equal(t, guest, res.Arrivals[0].Row.Guest)
	case "committed":
		require.Positive(t, a.Guest.Version, line)
		for _, row := range a.Pending {
			require.NotEqual(t, key, row.Key, line)
		}
	case "settled":
		row, err := s.Row(t.Context(), key+"/0")
		require.NoError(t, err, line)
		require.Equal(t, hotel.Settled, row.State, line)
	}
}
