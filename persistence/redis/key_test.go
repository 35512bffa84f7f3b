package redis

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The keys are the contract between engines of different releases.
func TestKeysStayAsTheyAre(t *testing.T) {
	t.Parallel()

	c := &Client{prefix: "conserje", hashKey: []byte("k")}
	require.Equal(t, "conserje:1:mark:19dba2763ef0d6ff", c.markKey("posada")[:len("conserje:1:mark:")+16])
	require.NotEqual(t, c.key("pace", "ab", "c"), c.key("pace", "a", "bc"))
}

func FuzzUnframe(f *testing.F) {
	mark := newMark()
	f.Add(frame(mark, []byte("answer")), mark)
	f.Add([]byte{}, "")
	f.Add([]byte("short"), mark)
	f.Fuzz(func(t *testing.T, b []byte, mark string) {
		if value, ok := unframe(b, mark); ok {
			require.Equal(t, b, frame(mark, value))
			require.NotEmpty(t, value)
			require.LessOrEqual(t, len(value), maxValue)
		}
	})
}
