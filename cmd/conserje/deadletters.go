package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/transport"
)

func newDeadLetters(flags *settingsFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use: "deadletters", Aliases: []string{"dead"},
		Short: "What will not be processed by itself: list, show, replay, drop",
		Long: `What will not be processed by itself is kept with its reason: messages that could
not be read or routed, bubbles, mails and requests that failed for good.

  list    which there are; by reason and age
  show    one of them, without the guest's data; --full shows all
  replay  puts one back at its guest's or lane's end, under a new key. Refused, and
          kept open: a bubble whose guest's 24 h window has closed, and, without
          --again, one in doubt: it may have been sent already
  drop    closes one without processing it

A letter whose send is proven after all, by a late answer or status, closes itself.`,
	}
	cmd.AddCommand(newDeadList(flags), newDeadShow(flags), newDeadReplay(flags), newDeadDrop(flags))
	return cmd
}

// letterFlags choose dead letters by reason and age.
type letterFlags struct {
	reason         string
	older, younger time.Duration
}

func (f *letterFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.reason, "reason", "", "those whose reason has this part")
	cmd.Flags().DurationVar(&f.older, "older", 0, "those that died at least so long ago (90m, 24h)")
	cmd.Flags().DurationVar(&f.younger, "younger", 0, "those that died less than so long ago")
}

func (f *letterFlags) given() bool { return f.reason != "" || f.older > 0 || f.younger > 0 }

func (f *letterFlags) query(now time.Time) hotel.LetterQuery {
	q := hotel.LetterQuery{Reason: f.reason, Limit: lettersAtOnce}
	if f.older > 0 {
		q.Before = now.Add(-f.older)
	}
	if f.younger > 0 {
		q.After = now.Add(-f.younger)
	}
	return q
}

// lettersAtOnce is how many letters one command handles.
const lettersAtOnce = 1000

func newDeadList(flags *settingsFlags) *cobra.Command {
	var all, asJSON bool
	var choose letterFlags
	cmd := &cobra.Command{
		Use: "list", Short: "List dead letters with their reasons, by reason and age", Args: cobra.NoArgs,
		Example: "  conserje deadletters list --reason 'window' --older 24h",
		RunE: flags.withDesk(func(cmd *cobra.Command, d *desk, _ []string) error {
			q := choose.query(time.Now())
			q.All = all
			list, err := d.DeadLetters(cmd.Context(), q)
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
				fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", l.ID, l.Source, l.Kind, l.Property,
					time.Since(l.At).Round(time.Second), letterState(l), l.Reason)
			}
			return w.Flush()
		}),
	}
	cmd.Flags().BoolVar(&all, "all", false, "closed ones too")
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	choose.register(cmd)
	return cmd
}

func letterState(l hotel.DeadLetter) string {
	switch {
	case !l.Closed.IsZero():
		return l.Closing
	case l.InDoubt:
		return "in doubt"
	}
	return "open"
}

func newDeadShow(flags *settingsFlags) *cobra.Command {
	var full bool
	cmd := &cobra.Command{
		Use: "show ID", Short: "Show one dead letter, without the guest's data unless --full", Args: cobra.ExactArgs(1),
		RunE: flags.withLetter(func(cmd *cobra.Command, d *desk, id int64) error {
			l, err := d.DeadLetter(cmd.Context(), id)
			if err != nil {
				return explain(err, letterName(id))
			}
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "id:       %d\nstate:    %s\nsource:   %s\nkey:      %s\nguest:    %s\nproperty: %s\nkind:     %s\nat:       %s\nreason:   %s\n",
				l.ID, letterState(l), l.Source, l.Key, l.Guest, l.Property, l.Kind, l.At.Format(time.RFC3339), l.Reason)
			if !l.Closed.IsZero() {
				fmt.Fprintf(out, "closed:   %s (%s)\n", l.Closed.Format(time.RFC3339), l.Closing)
			}
			body := transport.Redact(l.Body)
			if full {
				body = string(l.Body)
			}
			fmt.Fprintf(out, "\n%s\n", body)
			return nil
		}),
	}
	cmd.Flags().BoolVar(&full, "full", false, "with its content as it is: guests' data")
	return cmd
}

func letterName(id int64) string { return "dead letter " + strconv.FormatInt(id, 10) }

func newDeadReplay(flags *settingsFlags) *cobra.Command {
	var again bool
	cmd := flags.perLetter("replay", func(cmd *cobra.Command, d *desk, id int64) error {
		if !d.running {
			if l, err := d.DeadLetter(cmd.Context(), id); err == nil && l.Source == "webhook" {
				return fmt.Errorf("%s: the engine must run to take a webhook in anew: start it, then replay", letterName(id))
			}
		}
		if _, _, err := d.Replay(cmd.Context(), hotel.Replay{ID: id, At: time.Now(), Again: again}); err != nil {
			return explain(err, letterName(id))
		}
		return d.done(cmd, "Put back "+letterName(id))
	})
	cmd.Short = "Put one back, or those of a reason and age: at the guest's or lane's end, a webhook the way it came"
	cmd.Flags().BoolVar(&again, "again", false, "also when it may have been sent already: once more may double it")
	return cmd
}

func newDeadDrop(flags *settingsFlags) *cobra.Command {
	cmd := flags.perLetter("drop", func(cmd *cobra.Command, d *desk, id int64) error {
		if err := d.Drop(cmd.Context(), id, time.Now()); err != nil {
			return explain(err, letterName(id))
		}
		_, err := fmt.Fprintf(cmd.OutOrStdout(), "Dropped %s.\n", letterName(id))
		return err
	})
	cmd.Short = "Close one, or those of a reason and age, without processing it"
	return cmd
}

// perLetter makes a command about one dead letter, or about the open ones of a reason and age.
func (f *settingsFlags) perLetter(name string, do func(*cobra.Command, *desk, int64) error) *cobra.Command {
	var choose letterFlags
	cmd := &cobra.Command{
		Use: name + " [ID]", Args: cobra.MaximumNArgs(1),
		Example: "  conserje deadletters " + name + " 17\n  conserje deadletters " + name + " --reason 'refused three times' --older 1h",
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) == 1 && choose.given():
				return usageError(errors.New("give a letter's number, or a reason and an age, not both"))
			case len(args) == 1:
				return f.withLetter(do)(cmd, args)
			case !choose.given():
				return usageError(errors.New("which one? Give its number, or --reason, --older, --younger"))
			}
			return f.withDesk(func(cmd *cobra.Command, d *desk, _ []string) error {
				return eachLetter(cmd.Context(), d, choose.query(time.Now()), func(id int64) error { return do(cmd, d, id) })
			})(cmd, args)
		},
	}
	choose.register(cmd)
	return cmd
}

// eachLetter handles the open letters that are chosen, oldest first; one that is refused does not stop the others.
func eachLetter(ctx context.Context, d *desk, q hotel.LetterQuery, do func(int64) error) error {
	list, err := d.DeadLetters(ctx, q)
	if err != nil {
		return explain(err, "dead letters")
	}
	if len(list) == 0 {
		return errors.New("no open dead letter is like that")
	}
	var errs []error
	for i := len(list) - 1; i >= 0; i-- {
		errs = append(errs, do(list[i].ID))
	}
	return errors.Join(errs...)
}
