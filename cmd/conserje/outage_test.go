package main_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

// The hotel system fails in every way while guests talk: each hears an honest
// answer, can ask for a person, and nothing is booked twice or lost.
func TestHotelSystemFailsInEveryWay(t *testing.T) {
	t.Parallel()

	for _, tc := range []struct {
		name, on string
		opens    bool // five failures in a row open the breaker
	}{
		{"Cut", `{"down":true}`, true},
		{"Hanging", `{"hang":true}`, true},
		{"Error500WithoutItsHeaders", `{"error":500}`, true},
		{"Error502WithoutItsHeaders", `{"error":502}`, true},
		{"BookedBut500", `{"booked_but_500":true}`, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()

			r := newRun(t, build(t))
			r.startEngine("PMS_TIMEOUT=1", "BREAKER_OPEN_FOR=2s")
			ctx := within(t, 2*time.Minute)
			ps := r.listen(ctx)
			g := r.guest(ctx, ps, "5491155558001", "Ana")
			g.say("quiero una habitación doble " + dates(time.Now(), 160) + " para 2 adultos")
			g.say("doble")
			g.say("Ana Pérez, ana@example.com")

			r.switches(t, "PMS_BASE_URL", tc.on)
			if tc.opens {
				for i := range 5 {
					other := r.guest(ctx, ps, fmt.Sprintf("549115556%04d", i), "Luis")
					heard := other.say("¿tienen lugar " + dates(time.Now(), 200+3*i) + " para 2 adultos?")
					for n := 1; !strings.Contains(heard.Text, "no me está respondiendo"); n++ { // a greeting may come first
						require.NotContains(t, heard.Text, "ARS", "no price is made up")
						require.Nil(t, heard.List, "no room is offered")
						heard = other.next(n)
					}
					require.Contains(t, heard.Text, "le aviso a una persona")
					require.Len(t, heard.Buttons, 2, "again, or a person")
				}
				r.metric(t, `pms_circuit_breaker_calls_total\{state="closed"\} ([1-9]\d*)`)
				r.metric(t, `conserje_breaker_changes_total\{destination="pms",to="open"\} ([1-9]\d*)`)
			}
			before := len(g.heard())
			require.NoError(t, ps.post(ctx, "/sim/guests/"+g.phone+"/messages", map[string]string{"type": "text", "text": "sí"}))
			r.metric(t, `reservation_attempts_total\{property="[^"]+"\} ([1-9]\d*)`)
			if tc.opens {
				person := g.say("quiero hablar con una persona")
				require.Regexp(t, regexp.MustCompile(`(?i)recepci|persona`), person.Text)
				r.switches(t, "PMS_BASE_URL", strings.NewReplacer("true", "false", "500", "0", "502", "0").Replace(tc.on))
			}
			g.next(before)
			g.untilCode()
			active := 0
			for _, b := range get[qloappstest.State](t, r.env["PMS_BASE_URL"]+"/sim/state").Bookings {
				if b.Status == "booked" && b.Guest.Email == "ana@example.com" {
					active++
				}
			}
			require.Equal(t, 1, active)
			if !tc.opens {
				body, err := fetch(ctx, "http://"+r.webhook+"/metrics")
				require.NoError(t, err)
				require.NotContains(t, string(body), `conserje_breaker_changes_total{destination="pms",to="open"}`)
			}
		})
	}
}

// untilCode waits for the confirmation with its code.
func (g *guest) untilCode() {
	g.t.Helper()
	for n := 0; ; n++ {
		if codeIn.MatchString(g.next(n).Text) {
			return
		}
	}
}

// metric waits until the engine's metrics match.
func (r *run) metric(t *testing.T, pattern string) {
	t.Helper()
	re := regexp.MustCompile(`(?m)^` + pattern)
	require.Eventually(t, func() bool {
		body, err := fetch(t.Context(), "http://"+r.webhook+"/metrics")
		return err == nil && re.Match(body)
	}, 30*time.Second, 20*time.Millisecond, pattern)
}
