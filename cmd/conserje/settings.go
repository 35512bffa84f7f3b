package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/conserje/conserje/config"
	"github.com/conserje/conserje/integrations/whatsapp"
)

// settingsFlags are the flags that say where settings come from, the same for every command.
type settingsFlags struct {
	file    string
	envFile string
	set     []string
}

func (f *settingsFlags) register(root *cobra.Command) {
	p := root.PersistentFlags()
	p.StringVar(&f.file, "config", "", "YAML file of settings (default conserje.yaml, when it is there)")
	p.StringVar(&f.envFile, "env-file", "", "file of NAME=value lines (default .env, when it is there)")
	p.StringArrayVar(&f.set, "set", nil, "one setting as NAME=value, over every other source; may be repeated")
}

// load reads the settings; an error says every mistake and exits with exitConfig.
func (f *settingsFlags) load(cmd *cobra.Command) (*config.Config, error) {
	return f.loadWith(cmd, nil, nil)
}

// loadDemo reads them with the demo's own defaults and hotel.
func (f *settingsFlags) loadDemo(cmd *cobra.Command, defaults map[string]string) (*config.Config, error) {
	return f.loadWith(cmd, defaults, demoHotels())
}

func (f *settingsFlags) loadWith(_ *cobra.Command, defaults map[string]string, hotels []config.Document) (*config.Config, error) {
	flags, err := f.values()
	if err != nil {
		return nil, usageError(err)
	}
	cfg, err := config.Load(config.Options{
		Flags: flags, Env: os.Environ(), EnvFile: orThere(f.envFile, ".env"), File: orThere(f.file, "conserje.yaml"),
		Defaults: defaults, Hotels: hotels, Graph: whatsapp.ParseBase,
	})
	if err != nil {
		return cfg, &exitError{code: exitConfig, err: fmt.Errorf("settings to mend:\n%w", err)}
	}
	return cfg, nil
}

func (f *settingsFlags) values() (map[string]string, error) {
	out := map[string]string{}
	for _, s := range f.set {
		name, value, ok := strings.Cut(s, "=")
		if !ok {
			return nil, fmt.Errorf("--set %s: write it as NAME=value", name)
		}
		out[strings.ToUpper(name)] = value
	}
	return out, nil
}

// orThere is the path that was asked for, or the usual one when there is such a file.
func orThere(asked, usual string) string {
	if asked != "" {
		return asked
	}
	if info, err := os.Stat(usual); err == nil && info.Mode().IsRegular() {
		return usual
	}
	return ""
}

// in is the same flags with another data folder.
func (f *settingsFlags) in(dataDir string) *settingsFlags {
	return &settingsFlags{file: f.file, envFile: f.envFile, set: append(slices.Clone(f.set), "DATA_DIR="+dataDir)}
}
