package conversation_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

// TestHold checks what is waited for; the transcripts burst_*.transcript show the rest.
func TestHold(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 13, 0, 0, 0, time.UTC)
	facts := testFacts(t)
	facts.Quiet = 700 * time.Millisecond
	dialogue := conversation.New(facts)
	said := func(text string, before time.Duration) conversation.Input {
		return conversation.GuestSaid{Key: "k", Inbound: hotel.Inbound{Kind: hotel.InText, Text: text, At: now.Add(-before), From: hotel.Address{Phone: "1"}}}
	}
	booking := dialogue.Take(conversation.State{Guest: "g"}, []conversation.Input{said("quiero reservar para 2", 0)}, now).State
	staff := conversation.GuestSaid{Key: "k", Inbound: hotel.Inbound{Kind: hotel.InText, Text: "Hola", At: now, From: hotel.Address{Phone: facts.StaffPhones[0]}}}
	for name, tc := range map[string]struct {
		state  conversation.State
		inputs []conversation.Input
		until  time.Duration // from now; 0 = not held
	}{
		"greeting":                     {inputs: []conversation.Input{said("Hola", 0)}, until: 700 * time.Millisecond},
		"greeting in English":          {inputs: []conversation.Input{said("hi there", 0)}, until: 700 * time.Millisecond},
		"good evening":                 {inputs: []conversation.Input{said("Buenas tardes!", 0)}, until: 700 * time.Millisecond},
		"wish to book":                 {inputs: []conversation.Input{said("Hola, quiero reservar", 0)}, until: 700 * time.Millisecond},
		"a while ago":                  {inputs: []conversation.Input{said("Hola", 500*time.Millisecond)}, until: 200 * time.Millisecond},
		"window over":                  {inputs: []conversation.Input{said("Hola", 700*time.Millisecond)}},
		"two beginnings":               {inputs: []conversation.Input{said("Hola", 600*time.Millisecond), said("quiero reservar", 100*time.Millisecond)}, until: 600 * time.Millisecond},
		"a trickle":                    {inputs: []conversation.Input{said("Hola", 2500*time.Millisecond), said("hola", 100*time.Millisecond)}, until: 300 * time.Millisecond},
		"one is whole":                 {inputs: []conversation.Input{said("Hola", 0), said("¿hay wifi?", 0)}},
		"a day":                        {inputs: []conversation.Input{said("quiero reservar para mañana", 0)}},
		"a room":                       {inputs: []conversation.Input{said("quiero reservar una suite", 0)}},
		"guests":                       {inputs: []conversation.Input{said("reservar para dos", 0)}},
		"a question":                   {inputs: []conversation.Input{said("hola?", 0)}},
		"a wish":                       {inputs: []conversation.Input{said("quiero cancelar", 0)}},
		"a person":                     {inputs: []conversation.Input{said("hola, quiero hablar con una persona", 0)}},
		"nothing but a dot":            {inputs: []conversation.Input{said(".", 0)}},
		"a clock that went back":       {inputs: []conversation.Input{said("Hola", -time.Hour)}},
		"time has passed, too":         {inputs: []conversation.Input{said("Hola", 0), conversation.Due{}}},
		"a question of ours is open":   {state: booking, inputs: []conversation.Input{said("Hola", 0)}},
		"the staff":                    {inputs: []conversation.Input{staff}},
		"nothing":                      {inputs: nil},
		"long, and says what it wants": {inputs: []conversation.Input{said("Hola, buenas tardes, somos una familia y quisiéramos reservar", 0)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			turn := dialogue.Take(tc.state, tc.inputs, now)
			if tc.until == 0 {
				require.True(t, turn.Hold.IsZero(), turn.Hold)
				return
			}
			require.Equal(t, tc.until, turn.Hold.Sub(now))
			require.Equal(t, tc.state, turn.State)
			require.Empty(t, turn.Effects)
			require.Nil(t, turn.Read)
			require.True(t, dialogue.Take(tc.state, tc.inputs, turn.Hold).Hold.IsZero(), "then it is answered")
		})
	}
	require.True(t, conversation.New(testFacts(t)).Take(conversation.State{}, []conversation.Input{said("Hola", 0)}, now).Hold.IsZero(), "off unless asked for")
}
