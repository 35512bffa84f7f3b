package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/conserje/conserje/persistence/sqlite"
)

func newMigrate(flags *settingsFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use: "migrate", Short: "Bring the store's database to a version",
		Long: `Bring the database of the store that the settings name to a version: PostgreSQL,
or the embedded one in DATA_DIR. serve and demo migrate forward by themselves; this is
for doing it before, and for going back to an older build. down needs every engine
stopped, and so does up of the embedded store.`,
	}
	cmd.AddCommand(newMigrateUp(flags), newMigrateStatus(flags), newMigrateDown(flags))
	return cmd
}

func newMigrateUp(flags *settingsFlags) *cobra.Command {
	return &cobra.Command{
		Use: "up", Short: "Go forward to the newest version", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.loadForDesk(cmd)
			if err != nil {
				return err
			}
			return migrateTo(cmd, schemaOf(cfg), newest)
		},
	}
}

func newMigrateDown(flags *settingsFlags) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "down VERSION", Short: "Go back to an older version: deletes what newer versions added",
		Long: `Go back to an older version. What the newer versions added is deleted with all
that it holds; version 0 deletes everything. Back the store up first. To go back
one release no migration is needed: start the older build.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			version, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || version < 0 {
				return usageError(fmt.Errorf("%q is no version: see conserje migrate status", args[0]))
			}
			cfg, err := flags.loadForDesk(cmd)
			if err != nil {
				return err
			}
			db := schemaOf(cfg)
			list, err := db.list(cmd.Context())
			if err != nil {
				return db.err(err)
			}
			if now := current(list); version >= now {
				return fmt.Errorf("the database in %s is at version %d: there is nothing to go back from", db.where, now)
			}
			if !yes && !confirmed(cmd, fmt.Sprintf("Going back to version %d DELETES what newer versions hold in %s.", version, db.where)) {
				return errors.New("nothing was changed")
			}
			return migrateTo(cmd, db, version)
		},
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

func newMigrateStatus(flags *settingsFlags) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "status", Short: "List the versions and when each was applied", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.loadForDesk(cmd)
			if err != nil {
				return err
			}
			db := schemaOf(cfg)
			list, err := db.list(cmd.Context())
			if err != nil {
				return db.err(err)
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(list)
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			fmt.Fprintln(w, "VERSION\tNAME\tAPPLIED")
			for _, m := range list {
				applied := "no"
				if !m.Applied.IsZero() {
					applied = m.Applied.Local().Format(time.DateTime)
				}
				fmt.Fprintf(w, "%d\t%s\t%s\n", m.Version, m.Name, applied)
			}
			return w.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

func migrateTo(cmd *cobra.Command, db schema, version int64) error {
	from, to, err := db.to(cmd.Context(), version)
	if err != nil {
		return db.err(err)
	}
	if from == to {
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "The database in %s is at version %d already.\n", db.where, to)
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "The database in %s went from version %d to %d.\n", db.where, from, to)
	return err
}

// current is the newest version that is applied; 0 for none.
func current(list []sqlite.Migration) (version int64) {
	for _, m := range list {
		if !m.Applied.IsZero() {
			version = m.Version
		}
	}
	return version
}

// confirmed asks a person, who must write yes.
func confirmed(cmd *cobra.Command, warning string) bool {
	fmt.Fprintf(cmd.ErrOrStderr(), "%s\nWrite yes to go on: ", warning)
	line, _ := bufio.NewReader(cmd.InOrStdin()).ReadString('\n') // an end without a line is no yes
	return strings.TrimSpace(line) == "yes"
}
