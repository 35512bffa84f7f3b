package main_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/qloapps/contract"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

// doctored is the command against a stand-in, as a process of its own.
func doctored(t *testing.T, config qloappstest.Config, args ...string) (*exec.Cmd, *qloappstest.Server, *bytes.Buffer) {
	t.Helper()
	sim, err := qloappstest.New(config)
	require.NoError(t, err)
	url, err := sim.Start("127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sim.Close()) })
	cmd := exec.CommandContext(t.Context(), build(t), append([]string{"doctor", "pms", "--set", "PMS_TYPE=qloapps", "--set", "PMS_BASE_URL=" + url,
		"--set", "PMS_API_KEY=" + qloappstest.DemoKey, "--set", "CURRENCY=USD"}, args...)...)
	cmd.Dir = t.TempDir()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	return cmd, sim, &out
}

func booked(sim *qloappstest.Server) (n int) {
	for _, b := range sim.State().Bookings {
		if b.Status == "booked" && strings.HasPrefix(b.Source, contract.Prefix) {
			n++
		}
	}
	return n
}

func TestDoctor(t *testing.T) {
	t.Parallel()

	cmd, sim, out := doctored(t, qloappstest.Config{Property: qloappstest.PrimeHotel()}, "--json")
	require.NoError(t, cmd.Run(), out)
	var reports map[string]contract.Report
	require.NoError(t, json.Unmarshal(out.Bytes(), &reports), out)
	require.Empty(t, reports["default"].Failures())
	require.Greater(t, len(reports["default"]), 10)
	require.Zero(t, booked(sim))
	require.Positive(t, sim.Requests("POST bookings"))
}

// A trial that is ended gives back what it has booked, before the process ends.
func TestDoctorEndedByASignal(t *testing.T) {
	t.Parallel()

	cmd, sim, out := doctored(t, qloappstest.Config{Property: qloappstest.PrimeHotel(), Create: qloappstest.Delay{Min: 100 * time.Millisecond}})
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool { return booked(sim) > 1 }, 30*time.Second, time.Millisecond, "something is booked")
	require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
	require.NoError(t, cmd.Process.Signal(syscall.SIGINT), "as somebody impatient does")
	require.Error(t, cmd.Wait())
	require.Equal(t, 1, cmd.ProcessState.ExitCode(), out)
	require.Contains(t, out.String(), "clean up")
	require.Zero(t, booked(sim), out)
}

func TestDoctorWithoutWhatItNeeds(t *testing.T) {
	t.Parallel()

	for want, args := range map[string][]string{
		"2: --far: write how many days ahead":   {"--far", "-3"},
		"2: --property nowhere: no hotel":       {"--property", "nowhere"},
		"3: PMS_API_KEY: has 5 characters, and": {"--set", "PMS_API_KEY=short"},
	} {
		cmd, sim, out := doctored(t, qloappstest.Config{Property: qloappstest.PrimeHotel()}, args...)
		require.Error(t, cmd.Run())
		code, text, _ := strings.Cut(want, ": ")
		require.Contains(t, out.String(), text)
		require.Equal(t, code, string(rune('0'+cmd.ProcessState.ExitCode())), out)
		require.Zero(t, sim.Requests("POST bookings"))
	}
}
