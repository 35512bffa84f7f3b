// Command conserje is the conversation engine for hotels: serve runs it, demo
// runs the whole product on this machine, the rest looks after it. main wires
// the rooms and does nothing else.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	_ "time/tzdata" // hotels have zones; a container may have none
)

// The exit codes, as root's help tells them.
const (
	exitOK           = 0
	exitFailed       = 1   // the command failed
	exitUsage        = 2   // unknown command, flag or argument
	exitConfig       = 3   // a setting must be mended first
	exitSecondSignal = 130 // a second Ctrl-C ended it at once
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run runs one command line and returns its exit code.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	root := newRoot()
	root.SetArgs(oneDash(args))
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	_, _ = fmt.Fprintf(errs, "conserje: %v\n", err)
	if e, ok := errors.AsType[*exitError](err); ok {
		return e.code
	}
	return exitFailed
}

// exitError is an error that chooses its exit code.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e *exitError) Unwrap() error { return e.err }

func usageError(err error) error {
	if err == nil {
		return nil
	}
	return &exitError{code: exitUsage, err: err}
}

// oneDash lets `understand -jsonl` be written with one dash, as its contract has it.
func oneDash(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		if a == "-jsonl" {
			a = "--jsonl"
		}
		out[i] = a
	}
	return out
}
