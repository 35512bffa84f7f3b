package livetest

import "syscall"

// mortal makes a child die with the test process, however that ends.
func mortal() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
