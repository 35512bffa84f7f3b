package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/whatsapp/whatsapptest"
)

// One guest's word overflows the engine's stack: no recover catches that, and
// each start takes the same row up again and dies of it. After three deaths
// turns run one by one, the next death names the guest, it is parked, and
// everybody else is answered; what it wrote stands before the staff.
func TestAGuestWhoKillsTheEngineIsParked(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	require.NoError(t, err)
	r := newRun(t, build(t))
	r.Binary = self
	settings := []string{"CAREFUL_AFTER=3", "CONSERJE_TEST_POISON=veneno"}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	r.Start(settings...)
	phones := r.listen(ctx)
	const zulema = "5491150000009"
	others := make([]string, 20)
	for i := range others {
		others[i] = fmt.Sprintf("54911400000%02d", i)
		require.NoError(t, phones.Post(ctx, "/sim/guests", whatsapptest.Guest{Phone: others[i], Name: "Ana"}))
	}
	require.NoError(t, phones.Post(ctx, "/sim/guests", whatsapptest.Guest{Phone: zulema, Name: "Zulema"}))

	var talking sync.WaitGroup
	for _, phone := range others {
		talking.Go(func() { phones.talk(ctx, t, phone, []string{"¿Hay wifi?", "¿Aceptan mascotas?"}) })
	}
	require.NoError(t, phones.Post(ctx, "/sim/guests/"+zulema+"/messages", whatsapptest.Typed{Type: "text", Text: "esto es veneno"}))
	deaths := 0
	for died(r, 5*time.Second) {
		deaths++
		require.LessOrEqual(t, deaths, 5, "it dies on and on: %s", r.Log())
		r.Launch(settings...)
	}
	talking.Wait()
	require.NoError(t, ctx.Err(), "others were not answered: %s", r.Log())
	r.settled(ctx)
	require.Equal(t, 4, deaths, "three that make it careful, and the one that names the guest")

	r.Binary = build(t) // for commands
	out, err := r.command("handoff", "list", "--json")
	require.NoError(t, err)
	var waiting []struct{ Guest, Cause, Address string }
	require.NoError(t, json.Unmarshal(out, &waiting))
	require.Len(t, waiting, 1, "%s", out)
	require.Equal(t, "parked", waiting[0].Cause)
	require.Equal(t, zulema, waiting[0].Address)
	metrics, err := fetch(ctx, "http://"+r.webhook+"/metrics")
	require.NoError(t, err)
	require.Contains(t, string(metrics), `conserje_backlog{what="parked"} 1`)
	require.Contains(t, string(metrics), "conserje_careful 1")
	log, err := os.ReadFile(r.Dir + "/engine.log")
	require.NoError(t, err)
	for line := range strings.Lines(string(log)) {
		if strings.HasPrefix(line, "time=") {
			require.NotContains(t, line, "veneno")
			require.NotContains(t, line, zulema)
		}
	}

	out, err = r.command("deadletters", "list")
	require.NoError(t, err)
	require.Contains(t, string(out), "No dead letters")
	out, err = r.command("handoff", "unpark", waiting[0].Guest)
	require.NoError(t, err, "%s", out)
	require.Eventually(t, func() bool {
		out, err := r.command("handoff", "list")
		return err == nil && strings.Contains(string(out), "Nobody waits")
	}, 10*time.Second, 50*time.Millisecond)
}

// died waits for the engine to end, at most so long. It asks the kernel, since
// only one may wait for a process and the cleanup does.
func died(r *run, most time.Duration) bool {
	for end := time.Now().Add(most); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", r.Cmd.Process.Pid))
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return true
		}
	}
	return false
}
