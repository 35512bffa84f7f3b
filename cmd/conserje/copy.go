package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/conserje/conserje/config"
	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/postgres"
	"github.com/conserje/conserje/persistence/sqlite"
	"github.com/conserje/conserje/persistence/transfer"
)

func newCopy(flags *settingsFlags) *cobra.Command {
	var from, to string
	cmd := &cobra.Command{
		Use: "copy --from sqlite:FOLDER --to postgres:URL", Short: "Move everything from one store into an empty other one",
		Long: `Move everything from one store into an empty other one, table by table, and then
read both again: counts and checksums must agree. Engines on both must be
stopped; the source stays as it is. Until the copy has ended well no engine
starts on the target.

  sqlite:FOLDER   the embedded store of a folder; "sqlite:" is DATA_DIR's
  postgres:URL    a PostgreSQL database; "postgres:" is POSTGRES_URL and its
                  neighbours, which keeps the password out of the list of processes

Afterwards set POSTGRES_URL, and start the engines. Keep the folder until you
are sure, and never start an engine on both: each would answer the same guests.`,
		Example: `  conserje store copy --from sqlite:/var/lib/conserje --to postgres:`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			cfg, err := flags.loadForDesk(cmd)
			if err != nil {
				return err
			}
			source, err := openRows(cmd.Context(), cfg, "from", from, false)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, source.Close()) }()
			target, err := openRows(cmd.Context(), cfg, "to", to, true)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, target.Close()) }()
			return copyRows(cmd, source, target)
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "the store to read: sqlite:FOLDER or postgres:URL")
	cmd.Flags().StringVar(&to, "to", "", "the empty store to fill: sqlite:FOLDER or postgres:URL")
	return cmd
}

// rows is a store's whole content.
type rows interface {
	transfer.Target
	io.Closer
}

// openRows opens one side of a copy; its error names the flag and the fix.
func openRows(ctx context.Context, cfg *config.Config, flag, value string, fresh bool) (rows, error) {
	kind, where, _ := strings.Cut(value, ":")
	switch kind {
	case "sqlite":
		if where == "" {
			where = cfg.General.DataDir
		}
		r, err := sqlite.OpenRows(ctx, sqlite.Config{Dir: where}, fresh)
		if hotel.KindOf(err) == hotel.NotFound {
			return nil, fmt.Errorf("--%s %s: the folder holds no store", flag, value)
		}
		if err != nil {
			return nil, fmt.Errorf("--%s: %w", flag, storeError(where, err))
		}
		return r, nil
	case "postgres", "postgresql":
		p := cfg.Postgres
		switch {
		case strings.HasPrefix(where, "//"): // the URL itself
			p.URL, p.DirectURL = config.Secret(value), ""
		case where != "":
			p.URL, p.DirectURL = config.Secret(where), ""
		}
		if p.DSN() == "" {
			return nil, usageError(fmt.Errorf("--%s postgres: needs a URL that can be read, or POSTGRES_URL: postgres:postgresql://user:password@host:5432/database", flag))
		}
		r, err := postgres.OpenRows(ctx, postgres.Config{DSN: p.DSN().Reveal(), DirectDSN: p.DirectDSN().Reveal(), ExecMode: p.ExecMode, AppName: "conserje"})
		if hotel.KindOf(err) == hotel.Conflict {
			return nil, fmt.Errorf("--%s: %w", flag, hotel.AsError(err).Err)
		}
		if err != nil {
			return nil, fmt.Errorf("--%s: %w", flag, sharedError(err))
		}
		return r, nil
	}
	return nil, usageError(fmt.Errorf("--%s=%q is no store: name sqlite:FOLDER or postgres:URL", flag, value))
}

func copyRows(cmd *cobra.Command, from transfer.Source, to transfer.Target) error {
	out, total := cmd.OutOrStdout(), int64(0)
	err := transfer.Copy(cmd.Context(), from, to, func(r transfer.Result) {
		total += r.Rows
		fmt.Fprintf(out, "%-13s %10d rows  %x\n", r.Table, r.Rows, r.Sum)
	})
	if hotel.KindOf(err) == hotel.Conflict {
		return hotel.AsError(err).Err
	}
	if err != nil {
		return fmt.Errorf("the copy did not end, and no engine starts on the target: empty it and copy again: %w", err)
	}
	_, err = fmt.Fprintf(out, "%d rows are in both stores, with the same checksums.\n", total)
	return err
}
