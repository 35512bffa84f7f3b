package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/conserje/conserje/config"
	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/sqlite"
)

func newBackup(flags *settingsFlags) *cobra.Command {
	return &cobra.Command{
		Use: "backup FILE", Short: "Write a consistent copy of the embedded store to a file",
		Long: `Write a consistent copy of the embedded store to a file, which must not exist
yet; only its owner may read it. The engine may run: it makes the copy a few
pages at a time behind its work, and needs as much free disk in its DATA_DIR as
the store takes. The copy is read through before the file gets its name.

A backup holds guests' data, also of guests who are erased later: delete old
ones. PostgreSQL is backed up with its own tools (pg_dump).`,
		Example: `  conserje backup /var/backups/conserje-$(date +%F).db`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := flags.loadForDesk(cmd)
			if err != nil {
				return err
			}
			if cfg.SharedStore() {
				return errShared("backup", "pg_dump")
			}
			size, err := writeBackup(cmd.Context(), args[0], func(to io.Writer) error { return takeBackup(cmd.Context(), cfg, to) })
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %d bytes, read through and whole.\n", args[0], size)
			return err
		},
	}
}

func errShared(command, tool string) error {
	return usageError(fmt.Errorf("conserje %s is for the embedded store, and POSTGRES_URL or its neighbours are set: use %s", command, tool))
}

// takeBackup asks the running engine, or opens the folder that none holds.
func takeBackup(ctx context.Context, cfg *config.Config, to io.Writer) error {
	if engine := runningEngine(ctx, cfg); engine != nil {
		return explain(engine.Backup(ctx, to), "backup")
	}
	dir := cfg.General.DataDir
	err := sqlite.BackupFolder(ctx, sqlite.Config{Dir: dir, Spare: uint64(cfg.General.DiskMinFree)}, to)
	if hotel.KindOf(err) == hotel.NotFound {
		return fmt.Errorf("DATA_DIR=%s holds no store, and no engine answers there: name the folder of the engine", dir)
	}
	return storeError(dir, err)
}

// writeBackup writes a file that gets its name when it is whole and on the disk.
func writeBackup(ctx context.Context, path string, fill func(to io.Writer) error) (size int64, err error) {
	if _, err := os.Lstat(path); err == nil {
		return 0, fmt.Errorf("%s is there already: name a new file, for a backup writes over nothing", path)
	}
	partial := path + ".partial"
	f, err := os.OpenFile(partial, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return 0, fmt.Errorf("%s is there: another backup writes it, or one was broken off; then delete it", partial)
	}
	if err != nil {
		return 0, fmt.Errorf("the backup cannot be written (name a file in a folder that this user may write): %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(partial) // half a backup is none
		}
	}()
	err = fill(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, err
	}
	info, err := os.Stat(partial)
	if err != nil {
		return 0, err
	}
	if err := sqlite.Check(ctx, partial); err != nil {
		return 0, err
	}
	if err := os.Rename(partial, path); err != nil {
		return 0, err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return 0, err
	}
	return info.Size(), errors.Join(folder.Sync(), folder.Close())
}

func newRestore(flags *settingsFlags) *cobra.Command {
	return &cobra.Command{
		Use: "restore FILE", Short: "Make an empty DATA_DIR the store of a backup",
		Long: `Make DATA_DIR, which must be empty or not there yet, the store that a backup
holds. Start the engine on it afterwards, and never the old one again beside it.

A backup is older than the truth. So every send that was under way is in doubt;
every booking is looked up in the hotel system by our reference before it is
made, for 30 days; a mail that waited says that it may be a repetition. A bubble
that waited in the backup and left afterwards is said once more, and what guests
wrote after the backup is not in it: see docs/reliability.md.`,
		Example: `  DATA_DIR=/var/lib/conserje-new conserje restore /var/backups/conserje-2026-11-24.db`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := flags.loadForDesk(cmd)
			if err != nil {
				return err
			}
			if cfg.SharedStore() {
				return errShared("restore", "pg_restore")
			}
			dir := cfg.General.DataDir
			err = sqlite.Restore(cmd.Context(), sqlite.Config{Dir: dir}, args[0], time.Now())
			switch e, ok := errors.AsType[*hotel.Error](err); {
			case ok && (e.Kind == hotel.Conflict || e.Kind == hotel.Invalid) && e.Err != nil:
				return fmt.Errorf("nothing was restored: %w", e.Err)
			case err != nil:
				return storeError(dir, err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is the store of %s. Sends that were under way are in doubt, bookings are looked up before they are made.\n", dir, args[0])
			return err
		},
	}
}
