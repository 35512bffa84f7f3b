package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/conserje/conserje/config"
	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/postgres"
	"github.com/conserje/conserje/persistence/sqlite"
)

func newStore(flags *settingsFlags) *cobra.Command {
	cmd := &cobra.Command{Use: "store", Short: "Look after the store's files"}
	cmd.AddCommand(newScrub(flags), newCopy(flags))
	return cmd
}

func newScrub(flags *settingsFlags) *cobra.Command {
	return &cobra.Command{
		Use: "scrub", Short: "Write the store anew, without what was deleted",
		Long: `Write the store anew: what its pages still hold of deleted rows is gone
afterwards, and the audit says when. Every engine must be stopped, and as much
free disk is needed as the store takes. The embedded store's new file takes the
old one's place in one step; on PostgreSQL every table is rewritten (VACUUM
FULL, so by their owner, over POSTGRES_DIRECT_URL when it is set). Backups,
archived WAL and replicas are yours to delete.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.loadForDesk(cmd)
			if err != nil {
				return err
			}
			if cfg.SharedStore() {
				return scrubShared(cmd, cfg)
			}
			return scrubFolder(cmd, cfg.General.DataDir)
		},
	}
}

func scrubFolder(cmd *cobra.Command, dir string) error {
	done, err := sqlite.Scrub(cmd.Context(), sqlite.Config{Dir: dir}, whoami(), time.Now())
	if hotel.KindOf(err) == hotel.NotFound {
		return fmt.Errorf("DATA_DIR=%s holds no store", dir)
	}
	if err != nil {
		return storeError(dir, err)
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "The store in %s is scrubbed: %d bytes before, %d after.\n", dir, done.Before, done.After)
	return err
}

// scrubShared watches a whole lease for engines first: a living one renews several times in it.
func scrubShared(cmd *cobra.Command, cfg *config.Config) error {
	quiet := cfg.Postgres.Lease
	if _, err := fmt.Fprintf(cmd.OutOrStdout(), "Watching for %s whether an engine is at work ...\n", quiet); err != nil {
		return err
	}
	done, err := postgres.Scrub(cmd.Context(), postgresConfig(cfg), quiet, whoami(), time.Now())
	if hotel.KindOf(err) == hotel.Conflict {
		return err // it names the fix
	}
	if err != nil {
		return sharedError(err)
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "The tables are scrubbed: %d bytes before, %d after.\n", done.Before, done.After)
	return err
}
