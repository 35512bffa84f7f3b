package whatsapp

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/conserje/conserje/hotel"
)

// Meta's limits, in runes. The phrasebook is tested against them, so that no
// guest's text meets one at run time.
const (
	maxText        = 4096
	maxButtonsText = 1024
	maxButtons     = 3
	maxButtonTitle = 20
	maxButtonID    = 256
	maxRows        = 10
	maxRowTitle    = 24
	maxRowID       = 200
	maxRowDetail   = 72
	maxSection     = 24
	maxListButton  = 20
	maxCallback    = 512
	maxTemplate    = 512
	maxParam       = 1024
)

// CheckBubble tells which of Meta's limits a bubble breaks, if any, without
// quoting it.
func CheckBubble(b hotel.Bubble) error {
	if b.Template != nil {
		return checkTemplate(b)
	}
	if len(b.Buttons) > 0 && b.List != nil {
		return errors.New("a bubble has buttons or a list, not both")
	}
	if strings.TrimSpace(b.Text) == "" {
		return errors.New("text is empty")
	}
	if len(b.Buttons) > 0 {
		return errors.Join(atMost("text with buttons", b.Text, maxButtonsText), checkButtons(b.Buttons))
	}
	if b.List != nil {
		return errors.Join(atMost("text", b.Text, maxText), checkList(b.List))
	}
	return atMost("text", b.Text, maxText)
}

func checkMessage(m hotel.Message, callback string) error {
	if m.To.IsZero() {
		return errors.New("nobody is addressed")
	}
	if m.To.Phone != "" && isBSUID(m.To.Phone) {
		return errors.New("a user id stands where the phone belongs")
	}
	if len(callback) > maxCallback {
		return errors.New("callback data is too long")
	}
	return CheckBubble(m.Bubble)
}

func checkButtons(buttons []hotel.Button) error {
	if len(buttons) > maxButtons {
		return fmt.Errorf("%d buttons, at most %d", len(buttons), maxButtons)
	}
	ids, titles := map[string]bool{}, map[string]bool{}
	for _, b := range buttons {
		if err := errors.Join(within("button title", b.Title, maxButtonTitle), within("button id", b.ID, maxButtonID)); err != nil {
			return err
		}
		if ids[b.ID] || titles[b.Title] {
			return errors.New("two buttons with one id or title")
		}
		ids[b.ID], titles[b.Title] = true, true
	}
	return nil
}

func checkList(l *hotel.List) error {
	if len(l.Rows) == 0 || len(l.Rows) > maxRows {
		return fmt.Errorf("%d rows, 1 to %d", len(l.Rows), maxRows)
	}
	if err := errors.Join(within("list button", l.Button, maxListButton), atMost("section title", l.Title, maxSection)); err != nil {
		return err
	}
	ids := map[string]bool{}
	for _, r := range l.Rows {
		err := errors.Join(within("row title", r.Title, maxRowTitle), within("row id", r.ID, maxRowID),
			atMost("row description", r.Description, maxRowDetail))
		if err != nil {
			return err
		}
		if ids[r.ID] {
			return errors.New("two rows with one id")
		}
		ids[r.ID] = true
	}
	return nil
}

func checkTemplate(b hotel.Bubble) error {
	if b.Text != "" || len(b.Buttons) > 0 || b.List != nil {
		return errors.New("a template stands alone")
	}
	if err := errors.Join(within("template name", b.Template.Name, maxTemplate), within("template language", b.Template.Lang, 20)); err != nil {
		return err
	}
	for i, p := range b.Template.Params {
		if err := within(fmt.Sprintf("parameter %d", i+1), p, maxParam); err != nil {
			return err
		}
		if strings.ContainsAny(p, "\n\r\t") || strings.Contains(p, "     ") {
			return fmt.Errorf("parameter %d has a line break, a tab or five spaces in a row", i+1)
		}
	}
	return nil
}

// within wants at least one rune that is no space, and at most limit.
func within(what, s string, limit int) error {
	if strings.TrimSpace(s) == "" {
		return errors.New(what + " is empty")
	}
	return atMost(what, s, limit)
}

func atMost(what, s string, limit int) error {
	if n := utf8.RuneCountInString(s); n > limit {
		return fmt.Errorf("%s has %d characters, at most %d", what, n, limit)
	}
	return nil
}
