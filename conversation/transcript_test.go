package conversation_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the golden transcripts")

// TestTranscripts plays every testdata/*.transcript: dialogues that a hotelier
// can read and correct. Lines are
//
//	# a remark, "#: key value" a setting (country, lang, clock, hours, tax, template)
//	> a message of the guest; consecutive ones arrive together; "[title]" taps
//	  the newest button or row of that title, "[title @1]" the first ever shown,
//	  "(voice)" is a message of that kind
//	! an event (see play.event)
//	  indented: what the dialogue does, written by -update
func TestTranscripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.transcript")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 25)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".transcript"), func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			got := newPlay(t, string(want)).run(string(want))
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(got), 0o600))
				return
			}
			require.Equal(t, string(want), got)
		})
	}
}
