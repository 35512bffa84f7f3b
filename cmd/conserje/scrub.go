package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/sqlite"
)

func newStore(flags *settingsFlags) *cobra.Command {
	cmd := &cobra.Command{Use: "store", Short: "Look after the store's files"}
	cmd.AddCommand(newScrub(flags), newCopy(flags))
	return cmd
}

func newScrub(flags *settingsFlags) *cobra.Command {
	return &cobra.Command{
		Use: "scrub", Short: "Write the embedded store's file anew, without what was deleted",
		Long: `Write the embedded store's file anew: what its pages and its log still hold of
deleted rows is gone afterwards, and the audit says when. The engine must be
stopped; the new file takes the old one's place in one step, and needs as much
free disk as the store takes. Backups are yours to delete.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.loadForDesk(cmd)
			if err != nil {
				return err
			}
			if cfg.SharedStore() {
				return errShared("store scrub", "VACUUM FULL")
			}
			dir := cfg.General.DataDir
			done, err := sqlite.Scrub(cmd.Context(), sqlite.Config{Dir: dir}, whoami(), time.Now())
			if hotel.KindOf(err) == hotel.NotFound {
				return fmt.Errorf("DATA_DIR=%s holds no store", dir)
			}
			if err != nil {
				return storeError(dir, err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "The store in %s is scrubbed: %d bytes before, %d after.\n", dir, done.Before, done.After)
			return err
		},
	}
}
