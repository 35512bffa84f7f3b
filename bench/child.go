package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

// child is this binary as a server, in a process of its own.
type child struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	addr string
	mu   sync.Mutex
}

// startChild starts a server and waits until it listens.
func startChild(ctx context.Context, s spec) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.CommandContext(ctx, self, "engine")}
	c.cmd.Stderr = os.Stderr
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.out = bufio.NewReader(out)
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	if err := json.NewEncoder(c.in).Encode(s); err != nil {
		return nil, errors.Join(err, c.kill())
	}
	if c.addr, err = c.out.ReadString('\n'); err != nil {
		return nil, errors.Join(fmt.Errorf("%s did not start: %w", s.Serve, err), c.kill())
	}
	c.addr = c.addr[:len(c.addr)-1]
	return c, nil
}

// usage asks the child what it has used so far.
func (c *child) usage() (u usage, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := io.WriteString(c.in, "usage\n"); err != nil {
		return u, err
	}
	line, err := c.out.ReadBytes('\n')
	if err != nil {
		return u, err
	}
	if err := json.Unmarshal(line, &u); err != nil {
		return u, err
	}
	if u.Error != "" {
		return u, errors.New(u.Error)
	}
	return u, nil
}

// settled waits until nothing waits in the child's store, and tells how many rows do.
func (c *child) settled(ctx context.Context, most time.Duration) (left int, err error) {
	for end := time.Now().Add(most); ; {
		u, err := c.usage()
		if err != nil {
			return 0, err
		}
		left = u.Backlog.Unconsumed + u.Backlog.Sending
		if !u.Backlog.OldestOutbox.IsZero() {
			left++
		}
		if left == 0 || time.Now().After(end) {
			return left, nil
		}
		select {
		case <-ctx.Done():
			return left, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// drain ends the child in order.
func (c *child) drain() error {
	_, err := io.WriteString(c.in, "drain\n")
	_, rest := io.Copy(io.Discard, c.out)
	return errors.Join(err, rest, c.cmd.Wait())
}

func (c *child) kill() error {
	_ = c.cmd.Process.Kill()
	return c.cmd.Wait()
}
