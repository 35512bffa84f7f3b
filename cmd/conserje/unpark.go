package main

import (
	"github.com/spf13/cobra"

	"github.com/conserje/conserje/hotel"
)

func newUnpark(flags *settingsFlags) *cobra.Command {
	return &cobra.Command{
		Use: "unpark GUEST", Short: "Give a guest whose messages made the engine fail back to the bot",
		Long: `A guest whose turns made the engine fail three times is parked: people answer, the
bot does not. Once the cause is mended (a newer release, as a rule) unpark gives the
guest back, where the conversation stood. If it fails again, it is parked again.`,
		Args: cobra.ExactArgs(1),
		RunE: flags.withDesk(func(cmd *cobra.Command, d *desk, args []string) error {
			err := d.Unpark(cmd.Context(), hotel.GuestID(args[0]), hotel.StaffWord{By: whoami()})
			if err := explain(err, "guest "+args[0]); err != nil {
				return err
			}
			return d.done(cmd, "Given back to the bot")
		}),
	}
}
