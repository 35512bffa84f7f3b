package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/conserje/conserje/config"
	"github.com/conserje/conserje/hotel"
)

// pauseTarget is what a pause is for: the flags of pause and resume.
type pauseTarget struct{ property, guest string }

func (t *pauseTarget) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&t.property, "property", "", "of this hotel only")
	cmd.Flags().StringVar(&t.guest, "guest", "", "of this guest only, by the id that 'conserje handoff list' shows")
}

func (t *pauseTarget) pause() (hotel.Pause, error) {
	p := hotel.Pause{Property: hotel.PropertyID(t.property), Guest: hotel.GuestID(t.guest), By: whoami(), At: time.Now()}
	if !p.Valid() {
		return p, usageError(errors.New("name a --property or a --guest, not both"))
	}
	return p, nil
}

// pauseName is what a pause is for, for people.
func pauseName(p hotel.Pause) string {
	switch p.What() {
	case "guest":
		return "guest " + string(p.Guest)
	case "property":
		return "hotel " + string(p.Property)
	}
	return "the whole engine"
}

func newPause(flags *settingsFlags) *cobra.Command {
	var target pauseTarget
	cmd := &cobra.Command{
		Use:   "pause",
		Short: "Keep the bot quiet: everything is taken, kept and handed to the staff",
		Long: `Keep the bot quiet for the whole engine, one hotel or one guest. Everything that
comes is taken, kept and handed to the staff; nothing leaves but their own words.
It lasts, over restarts too, until "conserje resume". See docs/pause.md.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return flags.setPause(cmd, target, true) },
	}
	target.register(cmd)
	cmd.AddCommand(newPauseList(flags))
	return cmd
}

func newResume(flags *settingsFlags) *cobra.Command {
	var target pauseTarget
	cmd := &cobra.Command{
		Use:   "resume",
		Short: "End a pause: the bot answers again from the guests' next messages on",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return flags.setPause(cmd, target, false) },
	}
	target.register(cmd)
	return cmd
}

// setPause begins or ends a pause, and says what stands after it.
func (f *settingsFlags) setPause(cmd *cobra.Command, target pauseTarget, on bool) error {
	p, err := target.pause()
	if err != nil {
		return err
	}
	cfg, err := f.loadForDesk(cmd)
	if err != nil {
		return err
	}
	return f.withDesk(func(cmd *cobra.Command, d *desk, _ []string) error {
		if !d.running && on && p.Property != "" && !slices.ContainsFunc(cfg.Properties, func(x config.Property) bool { return x.ID == target.property }) {
			return fmt.Errorf("hotel %s: there is none", target.property)
		}
		if err := explain(d.SetPause(cmd.Context(), p, on), pauseName(p)); err != nil {
			return err
		}
		what := "Resumed " + pauseName(p)
		if on {
			what = "Paused " + pauseName(p)
		}
		if err := d.done(cmd, what); err != nil || on {
			return err
		}
		return stillPaused(cmd.Context(), cmd.OutOrStdout(), d)
	})(cmd, nil)
}

// stillPaused says which pauses stand after one has ended.
func stillPaused(ctx context.Context, out io.Writer, d *desk) error {
	list, err := d.Pauses(ctx)
	if err != nil || len(list) == 0 {
		return err
	}
	_, err = fmt.Fprintf(out, "Still paused: %d (conserje pause list).\n", len(list))
	return err
}

func newPauseList(flags *settingsFlags) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List the pauses in force", Args: cobra.NoArgs,
		RunE: flags.withDesk(func(cmd *cobra.Command, d *desk, _ []string) error {
			list, err := d.Pauses(cmd.Context())
			if err != nil {
				return explain(err, "pauses")
			}
			out := cmd.OutOrStdout()
			if asJSON {
				return printJSON(out, list, func(p hotel.Pause) any { return p })
			}
			if len(list) == 0 {
				_, err := fmt.Fprintln(out, "Nothing is paused.")
				return err
			}
			w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
			fmt.Fprintln(w, "PAUSED\tSINCE\tBY")
			for _, p := range list {
				fmt.Fprintf(w, "%s\t%s\t%s\n", pauseName(p), p.At.Format(time.RFC3339), p.By)
			}
			return w.Flush()
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

// replyTo is whom the bot of a hotel answers.
func replyTo(p config.Property) hotel.ReplyTo {
	return hotel.NewReplyTo(hotel.ReplyMode(p.ReplyTo), p.ReplyToNumbers)
}

// sayReplyTo says at the start who is answered, in numbers only.
func (a *app) sayReplyTo() {
	for _, p := range a.cfg.Properties {
		if r := replyTo(p); r.Mode != hotel.ReplyAll && r.Mode != "" {
			a.log.Warn("the bot does not answer everyone: the others are handed to the staff",
				"property", p.ID, "reply_to", string(r.Mode), "numbers", r.Numbers())
		} else {
			a.log.Info("the bot answers everyone", "property", p.ID)
		}
	}
}

// replyMode is the strictest mode of the hotels, for the reception page.
func (a *app) replyMode() hotel.ReplyMode {
	mode := hotel.ReplyAll
	for i, p := range a.cfg.Properties {
		switch m := hotel.ReplyMode(p.ReplyTo); {
		case m == hotel.ReplyListed, m == hotel.ReplyNone && i > 0 && mode == hotel.ReplyAll:
			mode = hotel.ReplyListed // some are answered
		case m == hotel.ReplyNone && mode == hotel.ReplyAll:
			mode = hotel.ReplyNone
		}
	}
	return mode
}
