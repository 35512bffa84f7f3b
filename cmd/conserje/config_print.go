package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/conserje/conserje/config"
)

func newConfig(flags *settingsFlags) *cobra.Command {
	cmd := &cobra.Command{Use: "config", Short: "Look at the settings"}
	cmd.AddCommand(newConfigPrint(flags))
	return cmd
}

func newConfigPrint(flags *settingsFlags) *cobra.Command {
	var asJSON, changed bool
	cmd := &cobra.Command{
		Use:   "print",
		Short: "Print every setting with its source; secrets are redacted",
		Long: `Print every setting with its source, the hotels, and the warnings; secrets are
redacted. When settings must be mended it prints them all the same, says what
is wrong, and exits with 3.`,
		Example: `  conserje config print --changed    only what somebody set
  conserje config print --json       for programs`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, failed := flags.load(cmd)
			if cfg == nil {
				return failed
			}
			p := printed(cfg, changed)
			if asJSON {
				encoder := json.NewEncoder(cmd.OutOrStdout())
				encoder.SetIndent("", "  ")
				if err := encoder.Encode(p); err != nil {
					return err
				}
				return failed
			}
			if err := p.write(cmd.OutOrStdout()); err != nil {
				return err
			}
			return failed
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	cmd.Flags().BoolVar(&changed, "changed", false, "only what is not a default")
	return cmd
}

// printout is what `config print` shows.
type printout struct {
	Settings []config.Entry `json:"settings"`
	Hotels   []printedHotel `json:"hotels"`
	Warnings []string       `json:"warnings"`
}

type printedHotel struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Number string `json:"phone_number_id"`
	PMS    string `json:"pms"`
	File   string `json:"file"` // empty: from the environment
}

func printed(cfg *config.Config, changed bool) printout {
	p := printout{Settings: []config.Entry{}, Warnings: append([]string{}, cfg.Warnings...)}
	for _, e := range cfg.Entries() {
		if !changed || e.Source != config.FromDefault {
			p.Settings = append(p.Settings, e)
		}
	}
	for _, h := range cfg.Properties {
		p.Hotels = append(p.Hotels, printedHotel{ID: h.ID, Name: h.Name, Number: h.WhatsApp.PhoneNumberID, PMS: h.PMS.Type, File: h.File})
	}
	return p
}

func (p printout) write(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "VARIABLE\tVALUE\tSOURCE") // the writer keeps its first error for Flush
	for _, e := range p.Settings {
		source := string(e.Source)
		if e.File != "" {
			source += ", file " + e.File
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\n", e.Name, e.Value, source)
	}
	_, _ = fmt.Fprintln(table, "\nHOTEL\tNAME\tPHONE_NUMBER_ID\tPMS\tFILE")
	for _, h := range p.Hotels {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", h.ID, h.Name, h.Number, h.PMS, h.File)
	}
	for _, w := range p.Warnings {
		_, _ = fmt.Fprintf(table, "\nWARNING %s", w)
	}
	_, _ = fmt.Fprintln(table)
	return table.Flush()
}
