package main

import (
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/conserje/conserje/transport"
)

func newDeadLetters(flags *settingsFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use: "deadletters", Aliases: []string{"dead"},
		Short: "What will not be processed by itself: list, show, replay, drop",
	}
	cmd.AddCommand(newDeadList(flags), newDeadShow(flags), newDeadReplay(flags), newDeadDrop(flags))
	return cmd
}

func newDeadList(flags *settingsFlags) *cobra.Command {
	var all, asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List dead letters with their reasons", Args: cobra.NoArgs,
		RunE: flags.withDesk(func(cmd *cobra.Command, d *desk, _ []string) error {
			list, err := d.DeadLetters(cmd.Context(), all, 200)
			if err != nil {
				return explain(err, "dead letters")
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), list, transport.LetterJSON)
			}
			if len(list) == 0 {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "No dead letters.")
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			fmt.Fprintln(w, "ID\tSOURCE\tKIND\tPROPERTY\tAGE\tSTATE\tREASON")
			for _, l := range list {
				state := "open"
				if !l.Closed.IsZero() {
					state = l.Closing
				}
				fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", l.ID, l.Source, l.Kind, l.Property,
					time.Since(l.At).Round(time.Second), state, l.Reason)
			}
			return w.Flush()
		}),
	}
	cmd.Flags().BoolVar(&all, "all", false, "closed ones too")
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

func newDeadShow(flags *settingsFlags) *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show one dead letter with its content (guests' data)", Args: cobra.ExactArgs(1),
		RunE: flags.withLetter(func(cmd *cobra.Command, d *desk, id int64) error {
			l, err := d.DeadLetter(cmd.Context(), id)
			if err != nil {
				return explain(err, "dead letter "+strconv.FormatInt(id, 10))
			}
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "id:       %d\nsource:   %s\nkey:      %s\nguest:    %s\nproperty: %s\nkind:     %s\nat:       %s\nreason:   %s\n",
				l.ID, l.Source, l.Key, l.Guest, l.Property, l.Kind, l.At.Format(time.RFC3339), l.Reason)
			if !l.Closed.IsZero() {
				fmt.Fprintf(out, "closed:   %s (%s)\n", l.Closed.Format(time.RFC3339), l.Closing)
			}
			fmt.Fprintf(out, "\n%s\n", l.Body)
			return nil
		}),
	}
}

func newDeadReplay(flags *settingsFlags) *cobra.Command {
	return &cobra.Command{
		Use: "replay ID", Short: "Put one back: at its guest's or lane's end, a webhook the way it came", Args: cobra.ExactArgs(1),
		RunE: flags.withLetter(func(cmd *cobra.Command, d *desk, id int64) error {
			what := "dead letter " + strconv.FormatInt(id, 10)
			if !d.running {
				if l, err := d.DeadLetter(cmd.Context(), id); err == nil && l.Source == "webhook" {
					return fmt.Errorf("%s: the engine must run to take a webhook in anew: start it, then replay", what)
				}
			}
			if _, _, err := d.Replay(cmd.Context(), id, time.Now()); err != nil {
				return explain(err, what)
			}
			return d.done(cmd, "Put back "+what)
		}),
	}
}

func newDeadDrop(flags *settingsFlags) *cobra.Command {
	return &cobra.Command{
		Use: "drop ID", Short: "Close one without processing it", Args: cobra.ExactArgs(1),
		RunE: flags.withLetter(func(cmd *cobra.Command, d *desk, id int64) error {
			what := "dead letter " + strconv.FormatInt(id, 10)
			if err := d.Drop(cmd.Context(), id, time.Now()); err != nil {
				return explain(err, what)
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "Dropped %s.\n", what)
			return err
		}),
	}
}
