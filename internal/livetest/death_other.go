//go:build !linux

package livetest

import "syscall"

// mortal: elsewhere the tests' cleanups alone end a child.
func mortal() *syscall.SysProcAttr { return nil }
