package main

import (
	"errors"
	"fmt"
	"os/user"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/transport"
)

func newHandoff(flags *settingsFlags) *cobra.Command {
	cmd := &cobra.Command{Use: "handoff", Short: "Guests who wait for a person: list, reply, close, unpark"}
	cmd.AddCommand(newHandoffList(flags), newHandoffReply(flags), newHandoffClose(flags), newUnpark(flags))
	return cmd
}

func newHandoffList(flags *settingsFlags) *cobra.Command {
	var all, asJSON bool
	var property string
	cmd := &cobra.Command{
		Use: "list", Short: "List the guests who wait for a person", Args: cobra.NoArgs,
		RunE: flags.withDesk(func(cmd *cobra.Command, d *desk, _ []string) error {
			list, err := d.Handoffs(cmd.Context(), hotel.PropertyID(property), !all, 200)
			if err != nil {
				return explain(err, "hand-overs")
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), list, transport.HandoffJSON)
			}
			if len(list) == 0 {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "Nobody waits for a person.")
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			fmt.Fprintln(w, "GUEST\tPROPERTY\tSTATE\tCAUSE\tNAME\tSINCE")
			for _, h := range list {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", h.Guest, h.Property, h.State, h.Cause, h.Name,
					time.Since(h.Opened).Round(time.Second))
			}
			return w.Flush()
		}),
	}
	cmd.Flags().BoolVar(&all, "all", false, "closed ones too")
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	cmd.Flags().StringVar(&property, "property", "", "of this property only")
	return cmd
}

func newHandoffReply(flags *settingsFlags) *cobra.Command {
	return &cobra.Command{
		Use: "reply GUEST TEXT...", Short: "Answer a guest, through the guest's WhatsApp lane",
		Example: "  conserje handoff reply 06b1f2… 'Hola, soy Ana. ¿En qué te ayudo?'",
		Args:    cobra.MinimumNArgs(2),
		RunE: flags.withDesk(func(cmd *cobra.Command, d *desk, args []string) error {
			w := hotel.StaffWord{By: whoami(), Text: strings.TrimSpace(strings.Join(args[1:], " "))}
			if w.Text == "" {
				return usageError(errors.New("the reply is empty"))
			}
			if err := explain(d.Say(cmd.Context(), hotel.GuestID(args[0]), w), "guest "+args[0]); err != nil {
				return err
			}
			return d.done(cmd, "Reply kept")
		}),
	}
}

func newHandoffClose(flags *settingsFlags) *cobra.Command {
	return &cobra.Command{
		Use: "close GUEST", Short: "End a hand-over: the bot resumes at the guest's next message",
		Args: cobra.ExactArgs(1),
		RunE: flags.withDesk(func(cmd *cobra.Command, d *desk, args []string) error {
			err := d.Staff.Close(cmd.Context(), hotel.GuestID(args[0]), hotel.StaffWord{By: whoami()})
			if err := explain(err, "guest "+args[0]); err != nil {
				return err
			}
			return d.done(cmd, "Hand-over closed")
		}),
	}
}

// whoami is who types the command.
func whoami() string {
	u, err := user.Current()
	if err != nil {
		return "conserje"
	}
	return u.Username
}
