package pgtest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestStart(t *testing.T) {
	s, err := pgtest.New(pgtest.Fast()...)
	require.NoError(t, err)
	s.Close()
}
