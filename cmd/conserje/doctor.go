package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/conserje/conserje/config"
	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/qloapps"
	"github.com/conserje/conserje/integrations/qloapps/contract"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

func newDoctor(flags *settingsFlags) *cobra.Command {
	cmd := &cobra.Command{Use: "doctor", Short: "Try what the engine needs of the outside"}
	cmd.AddCommand(newDoctorPMS(flags))
	return cmd
}

// errContract is a hotel system that does not do what the engine needs.
var errContract = errors.New("the hotel system does not do all that is needed: see what failed")

func newDoctorPMS(flags *settingsFlags) *cobra.Command {
	var o contract.Options
	var property string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "pms",
		Short: "Try each hotel's QloApps: read, quote, book, move, cancel, race",
		Long: `Try on each hotel's QloApps what the engine needs of it: that the key may do what
it must, that a quote is what the booking costs, that a booking is found, moved and
cancelled, and that a race for the last room ends with one guest in it.

It books rooms --far days ahead and up to eight months later, under references that
begin with ` + contract.Prefix + `, and cancels them before it ends, also after Ctrl-C (give it
a moment). The cancelled orders and one customer stay in QloApps. For the race it takes
all rooms of one type for one night for some seconds. --read-only books nothing.

With PMS_TYPE=mock it tries a fresh stand-in. Exit codes: 0 everything passed, 1 something
failed, 3 a setting must be mended first.`,
		Example: `  conserje doctor pms --read-only
  PMS_TYPE=qloapps PMS_BASE_URL=https://pms.example.com PMS_API_KEY_FILE=key conserje doctor pms`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Far < 0 {
				return usageError(errors.New("--far: write how many days ahead, from 1"))
			}
			cfg, err := flags.load(cmd)
			if err != nil {
				return err
			}
			properties, err := chosen(cfg, property)
			if err != nil {
				return usageError(err)
			}
			// A signal ends the trial, not the process: what was booked is given back first.
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			return tryHotels(ctx, cmd.OutOrStdout(), cfg, properties, o, asJSON)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.ReadOnly, "read-only", false, "book nothing")
	f.StringVar(&property, "property", "", "id of one hotel (default: each)")
	f.IntVar(&o.Far, "far", 0, "days from today to the first nights that are looked at (default 120)")
	f.BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

// tryHotels tries each hotel's system and says how that went. One that cannot be tried hides no other.
func tryHotels(ctx context.Context, out io.Writer, cfg *config.Config, properties []config.Property, o contract.Options, asJSON bool) error {
	reports, failed := map[string]contract.Report{}, 0
	var broken error
	for _, p := range properties {
		tell := func(contract.Step) {}
		if !asJSON {
			against := p.PMS.BaseURL
			if p.PMS.Type == "mock" {
				against = "PMS_TYPE=mock: a fresh STAND-IN, no hotel's system"
			}
			_, _ = fmt.Fprintf(out, "%s (%s), %s\n", p.Name, p.ID, against) // an output that is gone ends nothing: rooms are to be given back
			tell = func(s contract.Step) { writeStep(out, s) }
		}
		report, err := tryHotel(ctx, cfg, p, o, tell)
		if err != nil {
			broken = errors.Join(broken, fmt.Errorf("property %s: %w", p.ID, err))
			continue
		}
		reports[p.ID] = report
		failed += len(report.Failures())
	}
	if asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(reports); err != nil {
			return err
		}
	}
	switch {
	case broken != nil:
		return &exitError{code: exitConfig, err: broken}
	case ctx.Err() != nil:
		return &exitError{code: exitFailed, err: errors.New("ended by a signal; what was booked was given back, see clean up")}
	case failed > 0:
		return &exitError{code: exitFailed, err: errContract}
	}
	return nil
}

// chosen are the hotels to try.
func chosen(cfg *config.Config, id string) ([]config.Property, error) {
	if id == "" {
		return cfg.Properties, nil
	}
	i := slices.IndexFunc(cfg.Properties, func(p config.Property) bool { return p.ID == id })
	if i < 0 {
		return nil, fmt.Errorf("--property %s: no hotel has this id; see conserje config print", id)
	}
	return cfg.Properties[i : i+1], nil
}

// tryHotel tries one hotel's system, or a fresh stand-in for it.
func tryHotel(ctx context.Context, cfg *config.Config, p config.Property, o contract.Options, tell func(contract.Step)) (report contract.Report, err error) {
	o.Config = hotelConfig(cfg, p)
	if p.PMS.Type == "mock" {
		s, err := qloappstest.New(qloappstest.Config{Property: qloappstest.DemoHotel(hotel.DateOf(time.Now())), Create: qloappstest.RealDelay})
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, s.Close()) }()
		if o.Config.BaseURL, err = s.Start("127.0.0.1:0"); err != nil {
			return nil, err
		}
		o.Config.Key, o.Config.HotelID = qloapps.Secret(qloappstest.DemoKey), 1
	}
	return contract.Run(ctx, o, tell)
}

func writeStep(out io.Writer, s contract.Step) {
	mark := map[contract.Outcome]string{contract.Passed: "ok     ", contract.Failed: "FAILED ", contract.Skipped: "skipped"}[s.Outcome]
	_, _ = fmt.Fprintf(out, "  %s %s (%d ms)\n          %s\n", mark, s.Name, s.Took.Milliseconds(), s.Detail) // see above
}
