package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLadderBodiesHave700Bytes(t *testing.T) {
	t.Parallel()

	body, _ := ladderBody(3, 123456)
	require.InDelta(t, ladderBytes, len(body), 5)
}
