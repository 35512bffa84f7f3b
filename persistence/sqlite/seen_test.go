package sqlite

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
)

// hearing is an id's message, each time by another key, as Meta repeats it.
func hearing(ids ...string) hotel.Accept {
	var a hotel.Accept
	for _, id := range ids {
		a.Arrivals = append(a.Arrivals, hotel.Arrival{Key: hotel.Key(keys.New()), Property: "sur", MessageID: id, Kind: hotel.KindSaid,
			Aliases: []hotel.Alias{{Kind: hotel.AliasPhone, Value: "54"}}, Body: []byte(`{}`), At: time.Now()})
	}
	return a
}

// repeated accepts a message and tells whether it was one already.
func repeated(t *testing.T, s *Store, id string) bool {
	t.Helper()
	res, err := s.Accept(t.Context(), hearing(id))
	require.NoError(t, err)
	return res.Arrivals[0].Duplicate
}

// inWriter runs f on the writer, outside a transaction.
func inWriter(t *testing.T, s *Store, f func(w *writer) error) {
	t.Helper()
	require.NoError(t, s.bare(t.Context(), "test", f))
}

// hashes counts what the tree, the young table and the memory hold.
func hashes(t *testing.T, s *Store) (tree, table, memory int) {
	t.Helper()
	inWriter(t, s, func(w *writer) error { memory = len(w.seen.young); return nil })
	require.NoError(t, s.read.db.QueryRow(`SELECT (SELECT count(*) FROM seen), (SELECT count(*) FROM seen_young)`).Scan(&tree, &table))
	return tree, table, memory
}

func TestAMessageIsKnownWhereverItsHashIs(t *testing.T) {
	t.Parallel()
	s := openTest(t, nil)
	require.False(t, repeated(t, s, "a"))
	require.False(t, repeated(t, s, "b"))
	require.True(t, repeated(t, s, "a"), "young")
	res, err := s.Accept(t.Context(), hearing("c", "c", "a"))
	require.NoError(t, err)
	require.Equal(t, []bool{false, true, true}, []bool{res.Arrivals[0].Duplicate, res.Arrivals[1].Duplicate, res.Arrivals[2].Duplicate})
	require.Equal(t, res.Arrivals[0].Row.Key, res.Arrivals[1].Row.Key, "the row that stands is named")

	tree, table, memory := hashes(t, s)
	require.Equal(t, [3]int{0, 3, 3}, [3]int{tree, table, memory})
	require.NoError(t, s.settleHashes(t.Context()))
	tree, table, memory = hashes(t, s)
	require.Equal(t, [3]int{3, 0, 0}, [3]int{tree, table, memory})
	require.True(t, repeated(t, s, "a"), "in the tree")
	require.False(t, repeated(t, s, "d"))
}

// TestAMoveIsBrokenOff: between its steps messages come, and a death begins it anew.
func TestAMoveIsBrokenOff(t *testing.T) {
	t.Parallel()
	s := openTest(t, nil)
	require.False(t, repeated(t, s, "a"))
	inWriter(t, s, func(w *writer) error {
		more, err := w.settleHashes()
		require.True(t, more)
		w.seen.rest()       // else the writer goes on with it at once
		w.seen.stale = true // as after a commit of which nobody knows, and as a start does
		return err
	})
	require.True(t, repeated(t, s, "a"))
	require.False(t, repeated(t, s, "b"))
	tree, table, memory := hashes(t, s)
	require.Equal(t, [3]int{1, 2, 2}, [3]int{tree, table, memory}, "one of them is in both")
	require.NoError(t, s.settleHashes(t.Context()))
	tree, table, memory = hashes(t, s)
	require.Equal(t, [3]int{2, 0, 0}, [3]int{tree, table, memory})
}

func TestAFailedTransactionRemembersNoHash(t *testing.T) {
	t.Parallel()
	s := openTest(t, nil)
	_, err := submit(t.Context(), s, "test", func(w *writer) (none struct{}, _ error) {
		w.remember([16]byte{1}, 1, 1)
		return none, os.ErrInvalid
	})
	require.Error(t, err)
	_, _, memory := hashes(t, s)
	require.Zero(t, memory)
}

// TestManyHashesAreMovedWhenNothingWaits, and those that come meanwhile stay young.
func TestManyHashesAreMovedWhenNothingWaits(t *testing.T) {
	t.Parallel()
	const webhook, moveAt = 256, 2048
	s := openTest(t, nil)
	inWriter(t, s, func(w *writer) error { w.moveAt = moveAt; return nil })
	ids := make([]string, webhook)
	for from := 0; from < moveAt; from += webhook {
		for i := range ids {
			ids[i] = strconv.Itoa(from + i)
		}
		_, err := s.Accept(t.Context(), hearing(ids...))
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool {
		tree, table, memory := hashes(t, s)
		return tree == moveAt && table == 0 && memory == 0
	}, time.Minute, 10*time.Millisecond)
	for _, id := range []string{"0", "77", strconv.Itoa(moveAt - 1)} {
		require.True(t, repeated(t, s, id))
	}
}

// TestAStoppedStoreLeavesNoHashYoung: the release before this one looks into the tree alone.
func TestAStoppedStoreLeavesNoHashYoung(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := Open(t.Context(), Config{Dir: dir})
	require.NoError(t, err)
	require.False(t, repeated(t, s, "a"))
	inWriter(t, s, func(w *writer) error { // a move is under way, and a message comes
		w.seen.notBefore = time.Now().Add(time.Hour)
		_, err := w.settleHashes()
		return err
	})
	require.False(t, repeated(t, s, "b"))
	require.NoError(t, s.Close())

	s, err = Open(context.Background(), Config{Dir: dir})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	tree, table, memory := hashes(t, s)
	require.Equal(t, [3]int{2, 0, 0}, [3]int{tree, table, memory})
	require.True(t, repeated(t, s, "a"))
	require.True(t, repeated(t, s, "b"))
}

// TestGoingBackMovesTheHashes of a store whose engine died: what the release
// before this one asks holds them.
func TestGoingBackMovesTheHashes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := Open(t.Context(), Config{Dir: dir})
	require.NoError(t, err)
	require.False(t, repeated(t, s, "a"))
	inWriter(t, s, func(w *writer) error { w.seen = newSeen(); return nil }) // so that its stop moves nothing, as a death
	require.NoError(t, s.Close())

	_, to, err := Migrate(t.Context(), Config{Dir: dir}, 6)
	require.NoError(t, err)
	require.EqualValues(t, 6, to)
	db, err := open(filepath.Join(dir, file), writerPragmas, 1)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	var n int
	require.NoError(t, db.QueryRow(`SELECT count(*) FROM seen`).Scan(&n))
	require.Equal(t, 1, n)
}
