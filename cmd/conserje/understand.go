package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/conserje/conserje/config"
	"github.com/conserje/conserje/conversation/nlu"
	"github.com/conserje/conserje/hotel"
)

func newUnderstand(flags *settingsFlags) *cobra.Command {
	var jsonl bool
	cmd := &cobra.Command{
		Use:   "understand [text]",
		Short: "Show what the engine understands of a text",
		Long: `Show what the engine understands of a text: language, intent, dates, numbers,
money, contacts, slots. With -jsonl it reads a JSON object a line from standard
input (id, text, and optionally ref, lang, prev, expect, country) and writes one
for each. Zone, country and room types are the default hotel's.`,
		Example: `  conserje understand 'Hola, una doble del 4 al 6 de marzo para dos'
  conserje understand -jsonl < messages.jsonl`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if jsonl == (len(args) > 0) {
				return usageError(errors.New("give a text, or -jsonl and lines on standard input"))
			}
			cfg, err := flags.load(cmd)
			if cfg == nil {
				return err // what must be mended for serving does not matter here
			}
			c := understandContext(cfg.Default(), time.Now())
			if jsonl {
				return nlu.Serve(cmd.InOrStdin(), cmd.OutOrStdout(), c)
			}
			return understandOne(strings.Join(args, " "), cmd.OutOrStdout(), c)
		},
	}
	cmd.Flags().BoolVar(&jsonl, "jsonl", false, "a JSON object a line in and out")
	return cmd
}

// understandContext is what the default hotel brings to understanding.
func understandContext(p config.Property, now time.Time) nlu.Context {
	c := nlu.Context{Ref: now, Zone: p.Location(), Country: p.Country}
	for _, id := range p.RoomTypeIDs() {
		room := nlu.RoomName{ID: hotel.RoomTypeID(id)}
		for _, locale := range p.Locales {
			room.Names = append(room.Names, p.RoomTypes[id].Names[locale]...)
		}
		c.RoomTypes = append(c.RoomTypes, room)
	}
	return c
}

// understandOne answers one text, indented for people.
func understandOne(text string, out io.Writer, c nlu.Context) error {
	question, err := json.Marshal(map[string]string{"id": "1", "text": text})
	if err != nil {
		return err
	}
	var answer, indented bytes.Buffer
	if err := nlu.Serve(bytes.NewReader(question), &answer, c); err != nil {
		return err
	}
	if err := json.Indent(&indented, answer.Bytes(), "", "  "); err != nil {
		return err
	}
	_, err = indented.WriteTo(out)
	return err
}
