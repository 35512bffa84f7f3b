package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/transport"
)

func newGuest(flags *settingsFlags) *cobra.Command {
	cmd := &cobra.Command{Use: "guest", Short: "What is kept of a guest: find, export, erase"}
	cmd.AddCommand(newGuestFind(flags), newGuestExport(flags), newGuestErase(flags))
	return cmd
}

// who is a guest as a command names one: by id, or by what is known of them.
type who struct{ phone, email, code, property string }

func (w *who) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&w.phone, "phone", "", "the guest with this phone number")
	cmd.Flags().StringVar(&w.email, "email", "", "the guest who booked with this e-mail")
	cmd.Flags().StringVar(&w.code, "booking", "", "the guest of this booking code")
	cmd.Flags().StringVar(&w.property, "property", "", "of this property only")
}

// find lists the guests that are meant.
func (w *who) find(ctx context.Context, d *desk) ([]hotel.GuestID, error) {
	value := cmp.Or(w.phone, w.email, strings.ToUpper(w.code))
	if value == "" {
		return nil, usageError(errors.New("name a guest: by id, or with --phone, --email or --booking"))
	}
	found, err := d.Privacy.FindGuests(ctx, hotel.PropertyID(w.property), value)
	return found, explain(err, "guests")
}

// one is the guest that is meant; none and several are errors.
func (w *who) one(ctx context.Context, d *desk, args []string) (hotel.GuestID, error) {
	if len(args) == 1 {
		return hotel.GuestID(args[0]), nil
	}
	found, err := w.find(ctx, d)
	switch {
	case err != nil:
		return "", err
	case len(found) == 0:
		return "", errors.New("no guest is known by that")
	case len(found) > 1:
		return "", fmt.Errorf("%d guests are known by that: name one by id (conserje guest find), or give --property", len(found))
	}
	return found[0], nil
}

func newGuestFind(flags *settingsFlags) *cobra.Command {
	var w who
	cmd := &cobra.Command{
		Use: "find", Short: "Print the ids of the guests known by a phone, an e-mail or a booking", Args: cobra.NoArgs,
		Example: "  conserje guest find --phone '+54 9 261 555-0101'",
		RunE: flags.withDesk(func(cmd *cobra.Command, d *desk, _ []string) error {
			found, err := w.find(cmd.Context(), d)
			if err != nil {
				return err
			}
			for _, id := range found {
				if _, err := fmt.Fprintln(cmd.OutOrStdout(), id); err != nil {
					return err
				}
			}
			return nil
		}),
	}
	w.flags(cmd)
	return cmd
}

func newGuestExport(flags *settingsFlags) *cobra.Command {
	var w who
	var file string
	cmd := &cobra.Command{
		Use: "export [GUEST]", Short: "Write all that is kept of a guest, as JSON Lines", Args: cobra.MaximumNArgs(1),
		Long: `Write all that is kept of a guest, as JSON Lines: one record a line, {"what": ..., "data": ...}.
The guest's bookings themselves are in the hotel system; what the engine keeps of them is here.
The audit tells that it was exported, by whom and when.`,
		Example: "  conserje guest export --phone +5492615550101 --out ana.jsonl",
		RunE: flags.withDesk(func(cmd *cobra.Command, d *desk, args []string) error {
			id, err := w.one(cmd.Context(), d, args)
			if err != nil {
				return err
			}
			if file == "" {
				_, err := export(cmd.Context(), d.Privacy, id, cmd.OutOrStdout())
				return err
			}
			n, err := exportFile(cmd.Context(), d.Privacy, id, file)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d records in %s, readable by you only.\n", n, file)
			return err
		}),
	}
	w.flags(cmd)
	cmd.Flags().StringVarP(&file, "out", "o", "", "into this new file instead of standard output")
	return cmd
}

// exportFile writes into a new file that only its owner may read. One that is
// not whole is removed again.
func exportFile(ctx context.Context, p transport.Privacy, id hotel.GuestID, file string) (n int, err error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	b := bufio.NewWriter(f)
	n, err = export(ctx, p, id, b)
	if err = errors.Join(err, b.Flush(), f.Close()); err != nil {
		return 0, errors.Join(err, os.Remove(file))
	}
	return n, nil
}

// export writes all pages, a record a line.
func export(ctx context.Context, p transport.Privacy, id hotel.GuestID, out io.Writer) (n int, err error) {
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	for page := ""; ; {
		got, err := p.Export(ctx, id, whoami(), page)
		if err != nil {
			return n, explain(err, "guest "+string(id))
		}
		for _, r := range got.Records {
			if err := lines.Encode(r); err != nil {
				return n, err
			}
			n++
		}
		if page = got.Next; page == "" {
			return n, nil
		}
	}
}

func newGuestErase(flags *settingsFlags) *cobra.Command {
	var w who
	var yes bool
	cmd := &cobra.Command{
		Use: "erase [GUEST] --yes", Short: "Delete all that is kept of a guest; bookings stay in the hotel system", Args: cobra.MaximumNArgs(1),
		Long: `Delete all that is kept of a guest: messages, transcript, state, mails, dead letters, names and numbers.
The guest hears one goodbye. What waits to be sent is taken back; a booking under way ends properly, and
bookings stay in the hotel system, which has its own duties. The rows go as soon as nothing of the guest is
being sent. It cannot be undone. docs/privacy.md tells what the operator does beside it (backups, scrub).`,
		RunE: flags.withDesk(func(cmd *cobra.Command, d *desk, args []string) error {
			if !yes {
				return usageError(errors.New("nothing was deleted: add --yes, it cannot be undone"))
			}
			id, err := w.one(cmd.Context(), d, args)
			if err != nil {
				return err
			}
			if err := d.Privacy.Erase(cmd.Context(), id, hotel.Erasure{By: whoami()}); err != nil {
				return explain(err, "guest "+string(id))
			}
			return d.done(cmd, "Erasure of guest "+string(id)+" asked for")
		}),
	}
	w.flags(cmd)
	cmd.Flags().BoolVar(&yes, "yes", false, "yes, delete it all")
	return cmd
}

func newAudit(flags *settingsFlags) *cobra.Command {
	var asJSON bool
	var limit int
	cmd := &cobra.Command{
		Use: "audit", Short: "What was done with guests' data: exports, erasures, scrubs", Args: cobra.NoArgs,
		RunE: flags.withDesk(func(cmd *cobra.Command, d *desk, _ []string) error {
			list, err := d.Privacy.Audit(cmd.Context(), 0, limit)
			if err != nil {
				return explain(err, "audit")
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), list, func(e hotel.AuditEntry) any { return e })
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			fmt.Fprintln(w, "ID\tAT\tBY\tWHAT\tGUEST\tROWS")
			for _, e := range list {
				fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\n", e.ID, e.At.Local().Format(time.DateTime), e.By, e.What, e.Guest, rowsOf(e))
			}
			return w.Flush()
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	cmd.Flags().IntVar(&limit, "limit", 100, "the newest so many")
	return cmd
}

// rowsOf are an entry's counts: "inbox 12, outbox 9".
func rowsOf(e hotel.AuditEntry) string {
	var out []string
	for _, what := range slices.Sorted(maps.Keys(e.Counts)) {
		out = append(out, fmt.Sprintf("%s %d", what, e.Counts[what]))
	}
	return strings.Join(out, ", ")
}
