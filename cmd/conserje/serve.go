package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/config"
	"github.com/conserje/conserje/internal/gcpace"
)

func newServe(flags *settingsFlags, change ...func(*actors.Config)) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the engine: webhook, actors, admin pages",
		Long: `Run the engine. It reads its settings from flags, the environment, .env and YAML,
refuses to start on any mistake (all are said at once), and drains on SIGTERM:
no new work, turns finished, everything else left durable. A second signal ends at once.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.load(cmd)
			if err != nil {
				return err
			}
			gcpace.Set()
			log := newLogger(cmd.ErrOrStderr(), cfg)
			for _, w := range cfg.Warnings {
				if !strings.Contains(w, "UNSIGNED") { // assemble says it, in the demo too
					log.Warn(w)
				}
			}
			ctx, stop := untilSignal(cmd.Context(), log)
			defer stop()
			a, err := assemble(ctx, cfg, log, nil, nil, change...)
			if err != nil {
				return err
			}
			return a.serve(ctx)
		},
	}
}

// untilSignal ends the context at SIGINT or SIGTERM; a second signal ends the process.
func untilSignal(parent context.Context, log *slog.Logger) (context.Context, func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		select {
		case s := <-signals:
			log.Info("signal", "signal", s.String())
			cancel()
		case <-done:
			return
		}
		select {
		case <-signals:
			log.Warn("second signal: ending at once")
			os.Exit(exitSecondSignal)
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel()
	}
}

// newLogger logs JSON in production and for machines, text for people.
func newLogger(w io.Writer, cfg *config.Config) *slog.Logger {
	options := &slog.HandlerOptions{Level: cfg.Level()}
	if cfg.Production() {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
