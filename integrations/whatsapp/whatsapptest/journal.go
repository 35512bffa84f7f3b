package whatsapptest

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// journal is the append-only file behind a Server; a nil one keeps nothing.
// Each record is one write, so that a killed process loses none that it answered for.
type journal struct {
	file *os.File
	err  error // the first; told by close
}

// openJournal replays the journal of a folder and opens it to append. A last
// line that was cut by a crash is dropped.
func openJournal(dir string, replay func(record)) (*journal, error) {
	if dir == "" {
		return nil, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(dir, "whatsapp.jsonl"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	good, err := replayLines(file, replay)
	if err == nil {
		err = file.Truncate(good)
	}
	if err == nil {
		_, err = file.Seek(good, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &journal{file: file}, nil
}

// replayLines returns the length of the whole lines.
func replayLines(r io.Reader, replay func(record)) (int64, error) {
	var good int64
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return good, nil
		}
		if err != nil {
			return good, err
		}
		good += int64(len(line))
		var rec record
		if json.Unmarshal(line, &rec) == nil {
			replay(rec)
		}
	}
}

func (j *journal) write(r record) {
	if j == nil {
		return
	}
	if _, err := j.file.Write(r.line()); j.err == nil {
		j.err = err
	}
}

// clear starts over.
func (j *journal) clear() error {
	if j == nil {
		return nil
	}
	if err := j.file.Truncate(0); err != nil {
		return err
	}
	_, err := j.file.Seek(0, io.SeekStart)
	return err
}

func (j *journal) close() error {
	if j == nil {
		return nil
	}
	return errors.Join(j.err, j.file.Close())
}
