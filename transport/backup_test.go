package transport_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/transport"
)

func TestBackupIsStreamed(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("0123456789abcdef", 1<<16)
	b := startAdmin(t, func(c *transport.AdminConfig) {
		c.Backup = func(_ context.Context, to io.Writer) error {
			_, err := io.Copy(to, strings.NewReader(large))
			return err
		}
	})
	c := &transport.Client{URL: b.url, Token: "t0ken", HTTP: b.client}
	var got bytes.Buffer
	require.NoError(t, c.Backup(t.Context(), &got))
	require.Equal(t, len(large), got.Len())
	require.Equal(t, large, got.String())

	c.Token = "wrong"
	require.Equal(t, hotel.Unauthorised, hotel.KindOf(c.Backup(t.Context(), io.Discard)))
	away := &transport.Client{URL: "http://127.0.0.1:1"}
	require.Equal(t, hotel.Unavailable, hotel.KindOf(away.Backup(t.Context(), io.Discard)))
	require.Equal(t, hotel.Invalid, hotel.KindOf((&transport.Client{URL: ":"}).Backup(t.Context(), io.Discard)))
}

// TestHalfABackupIsNone: what breaks off in the middle is an error to who takes it.
func TestHalfABackupIsNone(t *testing.T) {
	t.Parallel()
	before := 0
	b := startAdmin(t, func(c *transport.AdminConfig) {
		c.Backup = func(_ context.Context, to io.Writer) error {
			if _, err := to.Write(make([]byte, before)); err != nil {
				return err
			}
			return &hotel.Error{Op: "test", Kind: hotel.Conflict, Err: io.ErrUnexpectedEOF}
		}
	})
	c := &transport.Client{URL: b.url, Token: "t0ken", HTTP: b.client}
	err := c.Backup(t.Context(), io.Discard)
	require.Equal(t, hotel.Conflict, hotel.KindOf(err), "nothing was written: the reason is told")
	require.ErrorContains(t, err, "unexpected EOF")

	before = 1 << 20
	require.Equal(t, hotel.Transient, hotel.KindOf(c.Backup(t.Context(), io.Discard)))
}

func TestAStoreThatMakesNoBackups(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, nil)
	c := &transport.Client{URL: b.url, Token: "t0ken", HTTP: b.client}
	err := c.Backup(t.Context(), io.Discard)
	require.Equal(t, hotel.Invalid, hotel.KindOf(err))
	require.ErrorContains(t, err, "pg_dump")
}
