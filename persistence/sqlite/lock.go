package sqlite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/conserje/conserje/hotel"
)

// Lock takes a data folder's lock without opening the store in it: an engine on
// another store keeps its token and its marks there. hotel.Conflict: another has it.
func Lock(dir string) (io.Closer, error) {
	f, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	return f, nil
}

const lockTries = 20

// lockFolder makes the data folder and takes its lock, which the kernel frees
// when the process ends, however it ends.
func lockFolder(dir string) (*os.File, error) {
	const op = "sqlite.Open"
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, &hotel.Error{Op: op, Kind: hotel.Invalid, Err: err}
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, &hotel.Error{Op: op, Kind: hotel.Invalid, Err: err}
	}
	// A process that is just being started holds copies of its parent's files
	// until it runs its own program: a lock that was freed may look held so long.
	for try := 0; ; try++ {
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EWOULDBLOCK) || try == lockTries {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err == nil {
		return f, nil
	}
	_ = f.Close()
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, &hotel.Error{Op: op, Kind: hotel.Conflict, Code: "locked",
			Err: fmt.Errorf("another engine holds the data folder %s: stop it, or give this one a folder of its own", dir)}
	}
	return nil, &hotel.Error{Op: op, Kind: hotel.Unavailable, Err: err}
}
