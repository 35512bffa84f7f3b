package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/conversation"
)

// PoisonVariable, when set, makes this test binary an engine that one word kills.
const PoisonVariable = "CONSERJE_TEST_POISON"

func TestMain(m *testing.M) {
	if word := os.Getenv(PoisonVariable); word != "" {
		os.Exit(servePoisoned(word))
	}
	os.Exit(m.Run())
}

// servePoisoned is `conserje serve` with a dialogue that overflows the stack at
// a word: what no recover catches, and no test could do to the product itself.
func servePoisoned(word string) int {
	debug.SetMaxStack(8 << 20)
	flags := &settingsFlags{}
	root := &cobra.Command{Use: "conserje", SilenceUsage: true}
	flags.register(root)
	root.AddCommand(newServe(flags, func(c *actors.Config) {
		for i := range c.Properties {
			c.Properties[i].Dialogue = deadly{c.Properties[i].Dialogue, word}
		}
	}))
	root.SetArgs([]string{"serve"})
	if err := root.ExecuteContext(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return exitFailed
	}
	return exitOK
}

type deadly struct {
	actors.Dialogue
	word string
}

func (d deadly) Take(s conversation.State, inputs []conversation.Input, now time.Time) conversation.Turn {
	for _, in := range inputs {
		if said, ok := in.(conversation.GuestSaid); ok && strings.Contains(said.Text, d.word) {
			overflow(d)
		}
	}
	return d.Dialogue.Take(s, inputs, now)
}

// overflow ends the process as a runaway recursion does: no recover helps.
func overflow(d deadly) { d.again(0) }

func (d deadly) again(n int) int {
	if d.word == "" {
		return n // never: the word is what brought us here
	}
	return d.again(n+1) + d.again(n+2)
}
