package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReplyTo(t *testing.T) {
	t.Parallel()

	c, err := load(t)
	require.NoError(t, err)
	require.Equal(t, "all", c.Properties[0].ReplyTo)

	c, err = load(t, "REPLY_TO=Listed", "REPLY_TO_NUMBERS=+5492944550199, 34600111222")
	require.NoError(t, err)
	require.Equal(t, "listed", c.Properties[0].ReplyTo)
	require.Equal(t, []string{"+5492944550199", "34600111222"}, c.Properties[0].ReplyToNumbers)

	for setting, want := range map[string]string{
		"REPLY_TO=some":              "REPLY_TO: is not known",
		"REPLY_TO=listed":            "REPLY_TO_NUMBERS: is empty",
		"REPLY_TO_NUMBERS=recepcion": "REPLY_TO_NUMBERS: holds what is no number",
		"REPLY_TO_NUMBERS=12345":     "REPLY_TO_NUMBERS: holds what is no number",
	} {
		_, err := load(t, setting)
		require.ErrorContains(t, err, want, setting)
	}
}

func TestReplyToOfOneHotel(t *testing.T) {
	t.Parallel()

	file := filepath.Join(t.TempDir(), "mar.yaml")
	require.NoError(t, os.WriteFile(file, []byte(smallHotel+"reply_to: listed\nreply_to_numbers: [\"5492944550199\"]\n"), 0o600))
	c, err := load(t, "HOTEL_CONFIG="+file, "TOKEN_MAR=tok", "KEY_MAR="+key, "REPLY_TO=none")
	require.NoError(t, err)
	require.Equal(t, "listed", c.Properties[0].ReplyTo, "the hotel's own comes first")

	require.NoError(t, os.WriteFile(file, []byte(smallHotel+"reply_to: listed\n"), 0o600))
	_, err = load(t, "HOTEL_CONFIG="+file, "TOKEN_MAR=tok", "KEY_MAR="+key)
	require.ErrorContains(t, err, "mar.yaml")
	require.ErrorContains(t, err, "is empty beside reply_to listed")
}
