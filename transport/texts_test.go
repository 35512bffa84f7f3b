package transport

import (
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
)

// needs are the causes that the status page tells; engine_down is the command's alone.
var needs = []hotel.TroubleCause{hotel.TroubleNumber, hotel.TroubleGraphAway, hotel.TroublePMSRefused, hotel.TroublePMSAway, hotel.TroubleMailClosed,
	hotel.TroubleStoreAway, hotel.TroubleInboxStuck, hotel.TroubleOutboxStuck, hotel.TroubleDeadLetters, hotel.TroubleParked, hotel.TroubleDisk,
	hotel.TroublePaused, hotel.TroubleUnanswered}

var used = regexp.MustCompile(`\.T "([a-z_]+)"`)

func TestTextsAreComplete(t *testing.T) {
	t.Parallel()

	require.Equal(t, slices.Sorted(maps.Keys(texts["es"])), slices.Sorted(maps.Keys(texts["en"])))
	names, err := fs.Glob(ui, "ui/*.html")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		b, err := ui.ReadFile(name)
		require.NoError(t, err)
		for _, m := range used.FindAllStringSubmatch(string(b), -1) {
			require.Contains(t, texts["es"], m[1], name)
		}
	}
	for _, cause := range needs {
		require.Contains(t, texts["es"], "need_"+string(cause))
	}
	for lang, phrases := range texts {
		for key, text := range phrases {
			require.NotEmpty(t, text, lang+" "+key)
		}
	}
}

func TestSessionsAreFew(t *testing.T) {
	t.Parallel()
	g := newGuard(AdminConfig{Password: "x", Now: fixed})

	for range maxSessions + 5 {
		g.open("ana", false)
	}

	require.LessOrEqual(t, len(g.sessions), maxSessions)
}

func fixed() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }
