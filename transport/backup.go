package transport

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/conserje/conserje/hotel"
)

// backupStall is how long whoever takes a backup may take nothing of it.
const backupStall = time.Minute

var errNoBackup = &hotel.Error{Op: "transport.backup", Kind: hotel.Invalid,
	Err: errors.New("this engine's store is not the embedded one: back the database up with its own tools (pg_dump)")}

// apiBackup streams a backup. An end that comes too early cuts the connection,
// so that nobody takes half of one for whole.
func (a *Admin) apiBackup(w http.ResponseWriter, r *http.Request) {
	out := &stalling{w: w, control: http.NewResponseController(w)}
	err := error(errNoBackup)
	if a.Backup != nil {
		_ = out.control.SetWriteDeadline(time.Time{}) // making it may take minutes; a writer that cannot be told keeps its own
		err = a.Backup(r.Context(), out)
	}
	switch {
	case err == nil:
		a.Log.Info("backup taken", "bytes", out.written)
	case out.written == 0:
		_ = out.control.SetWriteDeadline(time.Now().Add(backupStall))
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(statusOf(err))
		_ = json.NewEncoder(w).Encode(errorOf(err)) // the peer is gone
	default:
		a.Log.Warn("backup broken off", "bytes", out.written, "kind", hotel.KindOf(err).String())
		panic(http.ErrAbortHandler)
	}
}

// stalling is a response that may take long, as long as it moves.
type stalling struct {
	w       http.ResponseWriter
	control *http.ResponseController
	written int64
}

func (s *stalling) Write(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if s.written == 0 {
		s.w.Header().Set("Content-Type", "application/octet-stream")
	}
	_ = s.control.SetWriteDeadline(time.Now().Add(backupStall)) // a writer that cannot be told keeps its own
	n, err := s.w.Write(b)
	s.written += int64(n)
	return n, err
}

// Backup streams a backup of the engine's store. Invalid: its store is not the
// embedded one. Conflict: another is under way.
func (c *Client) Backup(ctx context.Context, to io.Writer) error {
	const op = "transport.Client"
	r, err := c.request(ctx, http.MethodGet, "backup", nil)
	if err != nil {
		return err
	}
	patient := http.Client{} // until ctx ends: the first byte comes when the copy is made
	if c.HTTP != nil {
		patient.Transport = c.HTTP.Transport
	}
	resp, err := patient.Do(r)
	if err != nil {
		return &hotel.Error{Op: op, Kind: hotel.Unavailable, Err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return refusal(op, resp)
	}
	if _, err := io.Copy(to, resp.Body); err != nil {
		return &hotel.Error{Op: op, Kind: hotel.Transient, Err: err}
	}
	return nil
}
