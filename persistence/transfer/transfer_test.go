package transfer_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/persistence/transfer"
)

// shelf is a store of rows in memory.
type shelf struct {
	rows   map[string][]transfer.Row
	begun  bool
	ended  bool
	failed error // of Load
}

func (s *shelf) Page(_ context.Context, t transfer.Table, after transfer.Row, limit int) ([]transfer.Row, error) {
	from := 0
	if after != nil {
		for i, r := range s.rows[t.Name] {
			if r[0] == after[0] {
				from = i + 1
			}
		}
	}
	rows := s.rows[t.Name][from:]
	return rows[:min(limit, len(rows))], nil
}

func (s *shelf) Begin(context.Context) error { s.begun = true; return nil }

func (s *shelf) Load(_ context.Context, t transfer.Table, rows []transfer.Row) error {
	s.rows[t.Name] = append(s.rows[t.Name], rows...)
	return s.failed
}

func (s *shelf) End(context.Context) error { s.ended = true; return nil }

func aliases(n int) (out []transfer.Row) {
	for i := range n {
		out = append(out, transfer.Row{string(rune('a' + i)), "g"})
	}
	return out
}

func TestCopyGoesPageByPage(t *testing.T) {
	t.Parallel()
	from := &shelf{rows: map[string][]transfer.Row{"aliases": aliases(1234)}}
	to := &shelf{rows: map[string][]transfer.Row{}}
	var moved []transfer.Result
	require.NoError(t, transfer.Copy(t.Context(), from, to, func(r transfer.Result) { moved = append(moved, r) }))
	require.Equal(t, from.rows["aliases"], to.rows["aliases"])
	require.True(t, to.begun && to.ended)
	require.Len(t, moved, len(transfer.Tables()))
	for _, r := range moved {
		if r.Table == "aliases" {
			require.EqualValues(t, 1234, r.Rows)
			require.NotZero(t, r.Sum)
		}
	}
}

func TestCopyEndsOnlyWhenAllIsThere(t *testing.T) {
	t.Parallel()
	from := &shelf{rows: map[string][]transfer.Row{"aliases": aliases(3)}}
	for name, to := range map[string]*shelf{
		"it fails":      {rows: map[string][]transfer.Row{}, failed: errors.New("away")},
		"there is more": {rows: map[string][]transfer.Row{"aliases": {{"z", "g"}}}},
	} {
		require.Error(t, transfer.Copy(t.Context(), from, to, func(transfer.Result) {}), name)
		require.False(t, to.ended, name)
	}
	odd := &shelf{rows: map[string][]transfer.Row{"aliases": {{"a", 1.5}}}}
	require.ErrorContains(t, transfer.Copy(t.Context(), odd, &shelf{rows: map[string][]transfer.Row{}}, func(transfer.Result) {}), "what no store should")
	short := &shelf{rows: map[string][]transfer.Row{"aliases": {{"a"}}}}
	require.ErrorContains(t, transfer.Copy(t.Context(), short, &shelf{rows: map[string][]transfer.Row{}}, func(transfer.Result) {}), "1 columns instead of 2")
}

func TestTablesAreNamedOnce(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, table := range transfer.Tables() {
		require.False(t, seen[table.Name])
		seen[table.Name] = true
		require.NotEmpty(t, table.Key)
		columns := map[string]bool{}
		for _, c := range table.Columns {
			require.False(t, columns[c.Name], "%s.%s", table.Name, c.Name)
			columns[c.Name] = true
		}
		for _, k := range table.Key {
			require.True(t, columns[k], "%s.%s", table.Name, k)
		}
	}
}
