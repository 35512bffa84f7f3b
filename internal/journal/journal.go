// Package journal remembers in a data folder how an engine's runs ended, and
// whose turn was in hand when one died: a stack overflow or a lack of memory
// in one conversation kills the process, and nothing in it can tell.
//
//	running   who runs, and the unclean starts before it; removed by a clean stop
//	in-hand   the guest whose turn runs, written through to the disk; careful runs only
//
// A start is unclean when the run before left its mark. After some of them
// within Window a run is careful: turns run one by one, each guest named first.
// The guest named at a careful run's death is the next start's suspect.
package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/conserje/conserje/hotel"
)

const (
	// Window is how close together unclean starts are that make a run careful,
	// and how long such a run must live until it is careful no more.
	Window = 5 * time.Minute

	runningFile = "running"
	handFile    = "in-hand"
)

// Journal is one engine's. Make one with Open; Enter and Leave are called in turns.
type Journal struct {
	dir     string
	before  []byte // the mark that was found; nil = none
	mark    mark
	careful time.Time // until then; zero = not
	suspect hotel.GuestID

	mu   sync.Mutex
	hand *os.File // nil until a careful run names somebody
}

// mark is what stands in the running file.
type mark struct {
	PID     int         `json:"pid"`
	Started time.Time   `json:"started"`
	Unclean []time.Time `json:"unclean,omitempty"` // starts, oldest first, of the last Window
}

// Open looks at how the run before ended, and marks this one as running. The
// caller holds the folder's lock. after is how many unclean starts make a run
// careful; 0 = none does.
func Open(dir string, after int, now time.Time) (*Journal, error) {
	j := &Journal{dir: dir, mark: mark{PID: os.Getpid(), Started: now}}
	body, err := os.ReadFile(filepath.Join(dir, runningFile))
	switch {
	case err == nil:
		j.before = body
		var was mark
		_ = json.Unmarshal(body, &was) // torn by a power cut: unclean, and nothing known before it
		for _, at := range was.Unclean {
			if now.Sub(at) < Window && !at.After(now) {
				j.mark.Unclean = append(j.mark.Unclean, at)
			}
		}
		j.mark.Unclean = append(j.mark.Unclean, now)
		if j.suspect, err = readHand(dir); err != nil {
			return nil, fmt.Errorf("journal: %w", err)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("journal: %w", err)
	}
	if after > 0 && len(j.mark.Unclean) >= after {
		j.careful = now.Add(Window)
	}
	if err := j.writeMark(); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return j, nil
}

func readHand(dir string) (hotel.GuestID, error) {
	b, err := os.ReadFile(filepath.Join(dir, handFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return hotel.GuestID(strings.TrimSpace(string(b))), err
}

// writeMark writes the mark, whole and through to the disk.
func (j *Journal) writeMark() error {
	body, err := json.Marshal(j.mark)
	if err != nil {
		return err
	}
	path := filepath.Join(j.dir, runningFile)
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	d, err := os.Open(j.dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Unclean is how many unclean starts there were within Window, this one counted.
func (j *Journal) Unclean() int { return len(j.mark.Unclean) }

// Careful tells whether turns run one by one, each guest named first. It ends
// once the run has lived for Window.
func (j *Journal) Careful() bool { return !j.careful.IsZero() && time.Now().Before(j.careful) }

// Suspect is the guest whose turn was in hand when the run before died; empty = nobody's.
func (j *Journal) Suspect() hotel.GuestID { return j.suspect }

// Cleared forgets the suspect, who is parked by now.
func (j *Journal) Cleared() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.suspect = ""
	return j.name("", true)
}

// Enter names the guest whose turn begins, through to the disk.
func (j *Journal) Enter(guest hotel.GuestID) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.name(guest, true)
}

// Leave takes the name away. It is not waited for: a process that dies leaves
// what it has written, and only a power cut could bring the name back.
func (j *Journal) Leave() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.name("", false)
}

// handSize is a line that every id fits in: a name is written over the one before at once.
const handSize = 128

func (j *Journal) name(guest hotel.GuestID, sync bool) error {
	if j.hand == nil {
		f, err := os.OpenFile(filepath.Join(j.dir, handFile), os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("journal: %w", err)
		}
		j.hand = f
	}
	line := fmt.Sprintf("%-*s\n", handSize-1, guest)
	if _, err := j.hand.WriteAt([]byte(line), 0); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if !sync {
		return nil
	}
	if err := j.hand.Sync(); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// Abandon ends a run that never took anything up: it counts as no start, and
// the suspect stays one.
func (j *Journal) Abandon() error {
	if err := j.Close(false); err != nil {
		return err
	}
	path := filepath.Join(j.dir, runningFile)
	if j.before == nil {
		return os.Remove(path)
	}
	return os.WriteFile(path, j.before, 0o600)
}

// Close ends the run. A clean one leaves no mark; one that is not is found by
// the next start, as the mark of a process that died would be.
func (j *Journal) Close(clean bool) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	var errs []error
	if j.hand != nil {
		errs = append(errs, j.hand.Close())
		j.hand = nil
	}
	if clean {
		for _, name := range []string{handFile, runningFile} {
			if err := os.Remove(filepath.Join(j.dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}
