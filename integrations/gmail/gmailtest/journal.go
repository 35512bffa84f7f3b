package gmailtest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// entry is one line of the journal.
type entry struct {
	Mail  *Mail `json:"mail,omitempty"`
	Reset bool  `json:"reset,omitempty"` // the mailbox was emptied
}

// journal keeps the mailbox as JSON lines; without a folder it keeps nothing.
type journal struct{ file *os.File }

// openJournal replays what is kept. A last line that a crash cut short is dropped.
func openJournal(dir string) (*journal, []Mail, error) {
	if dir == "" {
		return &journal{}, nil, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, err
	}
	file, err := os.OpenFile(filepath.Join(dir, "mails.jsonl"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, err
	}
	mails, size, err := replay(file)
	if err == nil {
		err = file.Truncate(size)
	}
	if err == nil {
		_, err = file.Seek(size, io.SeekStart)
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("mailbox: %w", err), file.Close())
	}
	return &journal{file}, mails, nil
}

func replay(r io.Reader) (mails []Mail, size int64, err error) {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return mails, size, nil
		}
		if err != nil {
			return nil, 0, err
		}
		var e entry
		if err := json.Unmarshal(bytes.TrimSpace(line), &e); err != nil {
			return nil, 0, fmt.Errorf("line at byte %d: %w", size, err)
		}
		size += int64(len(line))
		switch {
		case e.Reset:
			mails = nil
		case e.Mail != nil:
			mails = append(mails, *e.Mail)
		}
	}
}

func (j *journal) add(e entry) error {
	if j.file == nil {
		return nil
	}
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = j.file.Write(append(line, '\n'))
	return err
}

// reset empties the journal.
func (j *journal) reset() error {
	if j.file == nil {
		return nil
	}
	return j.add(entry{Reset: true})
}

func (j *journal) close() error {
	if j.file == nil {
		return nil
	}
	err := j.file.Close()
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}
