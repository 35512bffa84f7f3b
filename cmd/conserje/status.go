package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/conserje/conserje/config"
	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/disk"
	"github.com/conserje/conserje/transport"
)

// exitCannotTell is `status` without a running engine: what it alone knows is not known.
const exitCannotTell = 2

var (
	errPersonNeeded = errors.New("a person is needed")
	errNoEngine     = errors.New("no engine runs on this data folder: only what the store holds is shown, and how the outside stands the engines elsewhere know")
)

func newStatus(flags *settingsFlags) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "status", Short: "How the engine stands, and whether a person is needed",
		Long: `Print open hand-overs, the oldest inbox and outbox rows, sends in doubt, breakers,
tokens and accounts, and the room on the disk, with what a person must do.

Exit codes: 0 nobody is needed, 1 a person is needed, 2 it cannot be told: nothing
answers, or the engines run elsewhere. An engine that does not run is itself a reason.`,
		Example: "  conserje status --json | jq .needs",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := flags.status(cmd)
			if err != nil {
				return &exitError{code: exitCannotTell, err: explain(err, "status")}
			}
			if asJSON {
				encoder := json.NewEncoder(cmd.OutOrStdout())
				encoder.SetIndent("", "  ")
				err = encoder.Encode(s)
			} else {
				err = writeStatus(cmd.OutOrStdout(), s)
			}
			switch {
			case err != nil:
				return err
			case len(s.Needs) > 0:
				return &exitError{code: exitFailed, err: errPersonNeeded}
			case !s.Running:
				return &exitError{code: exitCannotTell, err: errNoEngine}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

// status asks the running engine, or else reads what its store holds.
func (f *settingsFlags) status(cmd *cobra.Command) (transport.Status, error) {
	cfg, err := f.loadForDesk(cmd)
	if err != nil {
		return transport.Status{}, err
	}
	d, err := reach(cmd.Context(), cfg)
	if err != nil {
		return transport.Status{}, err
	}
	defer d.close()
	if d.engine != nil {
		return d.engine.Status(cmd.Context())
	}
	s, err := transport.StatusOf(cmd.Context(), d.Reception, d.Pauser, time.Now())
	if err != nil {
		return s, err
	}
	before := s.Now // of an engine that is dead all claims are in doubt
	if s.Others = d.others; s.Others > 0 {
		before = before.Add(-cfg.WhatsApp.InDoubtWait)
	}
	doubts, err := d.store.Doubts(cmd.Context(), before)
	if err != nil {
		return s, err
	}
	st := storedState(cfg, doubts)
	st.Down = s.Others == 0
	s.Judge(st)
	return s, nil
}

// storedState is what can be said of an engine that does not run: what it was
// sending is in doubt, and how the outside stands nobody knows.
func storedState(cfg *config.Config, doubts hotel.Doubts) transport.State {
	free, err := disk.Free(cfg.General.DataDir)
	least := uint64(cfg.General.DiskMinFree)
	if err != nil {
		free, least = 0, 0
	}
	return transport.State{Doubts: doubts, DiskFree: free, DiskMin: least, Oldest: cfg.Operator.OldestAlert}
}

// writeStatus is the status for people.
func writeStatus(out io.Writer, s transport.Status) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	row := func(name, format string, args ...any) {
		_, _ = fmt.Fprintf(w, "%s\t%s\n", name, fmt.Sprintf(format, args...)) // the writer keeps its first error for Flush
	}
	age := func(t time.Time) string {
		if t.IsZero() {
			return "-"
		}
		return s.Now.Sub(t).Round(time.Second).String()
	}
	if s.Running {
		row("engine", "%s, %s, up %s", s.Version, s.Health.Status, age(s.Started))
	} else if s.Others > 0 {
		row("engine", "does not run on this data folder; %d known elsewhere", s.Others)
	} else {
		row("engine", "does not run")
	}
	row("open hand-overs", "%d, oldest %s", s.Waiting.Guests, age(s.Waiting.Oldest))
	row("inbox", "%d unanswered, oldest %s", s.Backlog.Unconsumed, age(s.Backlog.OldestInbox))
	row("outbox", "oldest %s, %d being sent", age(s.Backlog.OldestOutbox), s.Backlog.Sending)
	row("in doubt", "%d, oldest %s", s.Doubts.Rows, age(s.Doubts.Oldest))
	row("parked guests", "%d", s.Backlog.Parked)
	for _, p := range s.Paused {
		row("paused", "%s, for %s", pauseName(p), age(p.At))
	}
	row("dead letters", "%d open", s.Backlog.DeadLetters)
	for _, u := range s.Outside {
		row(u.Destination+" "+string(u.Property), "%s", upstreamText(u, age))
	}
	row("disk", "%d MB free, least %d MB", s.DiskFree/1e6, s.DiskMin/1e6)
	if len(s.Needs) == 0 && s.Running {
		row("\nNobody is needed.", "")
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, n := range s.Needs {
		where := ""
		if n.Property != "" {
			where = "[" + string(n.Property) + "] "
		}
		if _, err := fmt.Fprintf(out, "\nNEEDED %s%s\n       %s\n", where, n.What, n.Fix); err != nil {
			return err
		}
	}
	return nil
}

// upstreamText is one way to the outside: its token or account, and its breaker.
func upstreamText(u hotel.Upstream, age func(time.Time) string) string {
	text := "not refused"
	if u.Refused {
		text = "REFUSED " + u.Code
	}
	if u.Breaker != "" {
		text += ", breaker " + u.Breaker
	}
	if !u.Since.IsZero() {
		text += " for " + age(u.Since)
	}
	return text
}
