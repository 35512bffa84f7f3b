package transport_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/transport"
)

// archive is a store's part of guests' rights, with the guest g1.
type archive struct {
	entries []hotel.AuditEntry
	erased  []string
	err     error // of Note
}

func (a *archive) FindGuests(_ context.Context, p hotel.PropertyID, value string) ([]hotel.GuestID, error) {
	if p == "sol" && value == "+54 9 260" {
		return []hotel.GuestID{"g1"}, nil
	}
	return nil, nil
}

func (a *archive) Export(_ context.Context, g hotel.GuestID, page string) (hotel.ExportPage, error) {
	switch {
	case g != "g1":
		return hotel.ExportPage{}, notFound()
	case page == "":
		return hotel.ExportPage{Records: []hotel.Record{{What: "guest", Data: json.RawMessage(`{"id":"g1"}`)}}, Next: "inbox:1"}, nil
	case page == "inbox:1":
		return hotel.ExportPage{Records: []hotel.Record{{What: "inbox", Data: json.RawMessage(`{"text":"<hola>"}`)}}}, nil
	}
	return hotel.ExportPage{}, &hotel.Error{Op: "archive", Kind: hotel.Invalid}
}

func (a *archive) Note(_ context.Context, e hotel.AuditEntry) error {
	a.entries = append(a.entries, e)
	return a.err
}

func (a *archive) Audit(_ context.Context, before int64, limit int) ([]hotel.AuditEntry, error) {
	if before == 1 || limit < 1 {
		return nil, nil
	}
	return []hotel.AuditEntry{{ID: 1, At: arrival, By: "ana", What: hotel.AuditErased, Guest: "g9", Counts: map[string]int64{"inbox": 3}}}, nil
}

func (a *archive) ask(_ context.Context, g hotel.GuestID, e hotel.Erasure) error {
	if g != "g1" {
		return notFound()
	}
	a.erased = append(a.erased, string(g)+" by "+e.By)
	return nil
}

func withRights(a *archive) func(*transport.AdminConfig) {
	return func(c *transport.AdminConfig) {
		c.Privacy = transport.Rights{PrivacyStore: a, Properties: []hotel.PropertyID{"luna", "sol"}, Ask: a.ask}
	}
}

func TestRightsOverTheAPI(t *testing.T) {
	t.Parallel()
	a := &archive{}
	b := startAdmin(t, withRights(a))
	c := &transport.Client{URL: b.url, Token: "t0ken", HTTP: b.client}

	found, err := c.FindGuests(t.Context(), "", "+54 9 260")
	require.NoError(t, err)
	require.Equal(t, []hotel.GuestID{"g1"}, found)
	found, err = c.FindGuests(t.Context(), "luna", "+54 9 260")
	require.NoError(t, err)
	require.Empty(t, found)

	page, err := c.Export(t.Context(), "g1", "marta", "")
	require.NoError(t, err)
	require.Len(t, page.Records, 1)
	page, err = c.Export(t.Context(), "g1", "marta", page.Next)
	require.NoError(t, err)
	require.Empty(t, page.Next)
	require.JSONEq(t, `{"text":"<hola>"}`, string(page.Records[0].Data))
	require.Len(t, a.entries, 1, "one entry for an export, whatever its pages")
	require.Equal(t, hotel.AuditEntry{At: a.entries[0].At, By: "marta", What: hotel.AuditExported, Guest: "g1"}, a.entries[0])
	_, err = c.Export(t.Context(), "g1", "marta", "no such page")
	require.Equal(t, hotel.Invalid, hotel.KindOf(err))
	_, err = c.Export(t.Context(), "nobody", "marta", "")
	require.Equal(t, hotel.NotFound, hotel.KindOf(err))

	require.NoError(t, c.Erase(t.Context(), "g1", hotel.Erasure{By: "marta"}))
	require.Equal(t, hotel.NotFound, hotel.KindOf(c.Erase(t.Context(), "nobody", hotel.Erasure{})))
	require.Equal(t, []string{"g1 by marta"}, a.erased)
	require.Equal(t, 422, b.send(t, "/admin/api/guests/g1/erase", "{", "Authorization", "Bearer t0ken").status)

	list, err := c.Audit(t.Context(), 0, 10)
	require.NoError(t, err)
	require.Equal(t, hotel.AuditErased, list[0].What)
	require.EqualValues(t, 3, list[0].Counts["inbox"])
	list, err = c.Audit(t.Context(), 1, 10)
	require.NoError(t, err)
	require.Empty(t, list)
	require.NotContains(t, b.log.String(), "260", "no number in the log")
}

func TestNothingIsExportedThatTheAuditDoesNotHold(t *testing.T) {
	t.Parallel()
	a := &archive{err: &hotel.Error{Op: "archive", Kind: hotel.Unavailable}}
	page, err := transport.Rights{PrivacyStore: a}.Export(t.Context(), "g1", "marta", "")
	require.Equal(t, hotel.Unavailable, hotel.KindOf(err))
	require.Empty(t, page)
}

func TestTheReceptionErasesAGuest(t *testing.T) {
	t.Parallel()
	a := &archive{}
	b := startAdmin(t, withRights(a))
	page := b.get(t, "/guests/g1")
	require.Contains(t, page.body, `action="../guests/g1/erase"`)
	require.Contains(t, page.body, "No se puede deshacer")
	require.Equal(t, 303, b.form(t, "/guests/g1/erase", "").status)
	require.Equal(t, []string{"g1 by recepción"}, a.erased)
	require.Equal(t, 404, b.form(t, "/guests/nobody/erase", "").status)

	b = startAdmin(t, nil) // a store that cannot
	require.NotContains(t, b.get(t, "/guests/g1").body, "erase")
	require.Equal(t, 404, b.form(t, "/guests/g1/erase", "").status)
	require.Equal(t, 404, b.get(t, "/admin/api/audit").status)
}
