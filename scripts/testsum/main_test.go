package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func sum(t *testing.T, events ...event) (*summary, string) {
	t.Helper()
	var in, out bytes.Buffer
	for _, e := range events {
		require.NoError(t, json.NewEncoder(&in).Encode(e))
	}
	s := newSummary(&out)
	require.NoError(t, s.read(&in))
	s.finish()
	return s, out.String()
}

func TestCounts(t *testing.T) {
	t.Parallel()

	s, out := sum(t,
		event{Action: "run", Package: "a", Test: "TestX"},
		event{Action: "output", Package: "a", Test: "TestX", Output: "quiet\n"},
		event{Action: "pass", Package: "a", Test: "TestX/one"},
		event{Action: "pass", Package: "a", Test: "TestX"},
		event{Action: "skip", Package: "a", Test: "TestZ"},
		event{Action: "output", Package: "a", Test: "TestW", Output: "    w_test.go:7: no data here\n"},
		event{Action: "output", Package: "a", Test: "TestW", Output: "--- SKIP: TestW (0.00s)\n"},
		event{Action: "skip", Package: "a", Test: "TestW"},
		event{Action: "output", Package: "a", Test: "TestV", Output: "    v_test.go:9: SUMMARY: 3 of 4 covered\n"},
		event{Action: "pass", Package: "a", Test: "TestV"},
		event{Action: "pass", Package: "a", Elapsed: 12.5},
		event{Action: "run", Package: "b", Test: "TestY"},
		event{Action: "output", Package: "b", Test: "TestY", Output: "why it failed\n"},
		event{Action: "fail", Package: "b", Test: "TestY", Elapsed: 1},
		event{Action: "fail", Package: "b"},
	)
	require.Equal(t, 3, s.passed)
	require.Equal(t, 1, s.failed)
	require.NotContains(t, out, "quiet")
	require.Contains(t, out, "--- FAIL b TestY (1.00s)\nwhy it failed\n")
	require.Contains(t, out, "ok   a: 3 passed (12.5s)\n")
	require.Contains(t, out, "\n3 of 4 covered\n")
	require.Contains(t, out, "SKIPPED a TestW (no data here)\n")
	require.Contains(t, out, "slow a: 12.5s\n")
	require.Contains(t, out, "SKIPPED a TestZ\n")
}

func TestWhatHasNoTestToBlame(t *testing.T) {
	t.Parallel()

	s, out := sum(t,
		event{Action: "build-output", ImportPath: "a [a.test]", Output: "a.go:1: undefined: x\n"},
		event{Action: "build-fail", ImportPath: "a [a.test]"},
		event{Action: "fail", Package: "a", FailedBuild: "a [a.test]"},
		event{Action: "run", Package: "b", Test: "TestHang"},
		event{Action: "output", Package: "b", Test: "TestHang", Output: "panic: test timed out\n"},
		event{Action: "output", Package: "b", Output: "FAIL b 600s\n"},
		event{Action: "fail", Package: "b"},
		event{Action: "run", Package: "c", Test: "TestKilled"},
		event{Action: "output", Package: "c", Test: "TestKilled", Output: "started\n"},
	)
	require.Equal(t, 3, s.failed)
	require.Contains(t, out, "a.go:1: undefined: x")
	require.Contains(t, out, "panic: test timed out")
	require.Contains(t, out, "FAIL b 600s")
	require.Contains(t, out, "--- FAIL c: ended without a result")
}

func TestNothingRanFails(t *testing.T) {
	t.Parallel()

	s, out := sum(t, event{Action: "start", Package: "a"}, event{Action: "skip", Package: "a"})
	require.Equal(t, 1, s.failed)
	require.Contains(t, out, "no test ran")
}

func TestOtherLinesArePassedOn(t *testing.T) {
	t.Parallel()

	var out bytes.Buffer
	s := newSummary(&out)
	require.NoError(t, s.read(strings.NewReader("go: no such module\n{\"Action\":\"\"}\nlast")))
	require.Contains(t, out.String(), "go: no such module\n")
	require.Contains(t, out.String(), "last")
	require.Error(t, s.read(iotest.ErrReader(errors.New("gone"))))
}
