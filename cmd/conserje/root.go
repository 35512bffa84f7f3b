package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// newRoot is the tree of commands, one file for each.
func newRoot() *cobra.Command {
	flags := &settingsFlags{}
	root := &cobra.Command{
		Use:   "conserje",
		Short: "The conversation engine for hotels",
		Long: `Conserje answers a hotel's guests on WhatsApp in Spanish and English, books in
QloApps, mails the confirmation, and calls a person when one is needed.

Settings come from flags, the environment, .env, YAML and defaults, in this
order; "conserje config print" shows each with where it came from.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a setting must be mended first,
"status" says by 1 that a person is needed and by 2 that it cannot tell; 130 ended by a second Ctrl-C. Colours only on a terminal, never with NO_COLOR set.`,
		Example: `  conserje demo                      the whole product on this machine, no account needed
  conserje serve                     the engine
  conserje serve --set PORT=9000     one setting by flag
  conserje config print              every setting, redacted, with its source`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          unknownCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError(fmt.Errorf("%w (see %s --help)", err, cmd.CommandPath()))
	})
	flags.register(root)
	root.AddCommand(newServe(flags), newDemo(flags), newChat(flags), newUnderstand(flags), newHandoff(flags), newPause(flags), newResume(flags),
		newGuest(flags), newAudit(flags),
		newDeadLetters(flags), newMigrate(flags), newBackup(flags), newRestore(flags), newStore(flags), newConfig(flags), newStatus(flags), newHealth(flags), newDoctor(flags), newVersion(), newStandins())
	for _, c := range root.Commands() {
		wrongUsage(c)
	}
	return root
}

// wrongUsage makes a command's complaints about its arguments exit as such, and
// a group of commands refuse what is none of them.
func wrongUsage(cmd *cobra.Command) {
	if cmd.HasSubCommands() && !cmd.Runnable() {
		cmd.Args = unknownCommand
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	if check := cmd.Args; check != nil {
		cmd.Args = func(c *cobra.Command, args []string) error { return usageError(check(c, args)) }
	}
	for _, c := range cmd.Commands() {
		wrongUsage(c)
	}
}

// unknownCommand refuses what is no command, with the nearest ones.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	cmd.SuggestionsMinimumDistance = 2
	hint := ""
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return usageError(fmt.Errorf("%q is no command of %s%s", args[0], cmd.CommandPath(), hint))
}
