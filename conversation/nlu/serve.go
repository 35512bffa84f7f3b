package nlu

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/conserje/conserje/hotel"
)

// line is one message to understand.
type line struct {
	ID      *string `json:"id"`
	Text    *string `json:"text"`
	Ref     string  `json:"ref"`
	Lang    string  `json:"lang"`
	Prev    string  `json:"prev"`
	Expect  string  `json:"expect"`
	Country string  `json:"country"`
}

// Serve reads a JSON object a line from in and writes what its text says, a line
// each, to out. A line that is none gets no answer: the error that Serve returns
// at the end names its number and field; the others are answered all the same.
func Serve(in io.Reader, out io.Writer, defaults Context) error {
	reader := bufio.NewReaderSize(in, 1<<16)
	writer := bufio.NewWriter(out)
	var problems []error
	for n := 1; ; n++ {
		raw, readErr := reader.ReadBytes('\n')
		if readErr != nil && !errors.Is(readErr, io.EOF) {
			problems = append(problems, fmt.Errorf("line %d: %w", n, readErr))
			break
		}
		if raw = bytes.TrimSpace(raw); len(raw) > 0 {
			answer, err := serveLine(raw, defaults)
			if err != nil {
				problems = append(problems, fmt.Errorf("line %d: %w", n, err))
			} else if _, err := writer.Write(append(answer, '\n')); err != nil {
				return errors.Join(append(problems, err)...)
			}
			if reader.Buffered() == 0 { // a caller that waits for each answer gets it
				if err := writer.Flush(); err != nil {
					return errors.Join(append(problems, err)...)
				}
			}
		}
		if readErr != nil {
			break
		}
	}
	return errors.Join(append(problems, writer.Flush())...)
}

func serveLine(raw []byte, c Context) ([]byte, error) {
	var l line
	if err := json.Unmarshal(raw, &l); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) && wrong.Field != "" {
			return nil, fmt.Errorf("field %q: want %s, have %s", wrong.Field, wrong.Type, wrong.Value)
		}
		return nil, fmt.Errorf("no JSON object: %w", err)
	}
	if l.ID == nil {
		return nil, errors.New(`field "id" is missing`)
	}
	if l.Text == nil {
		return nil, errors.New(`field "text" is missing`)
	}
	if l.Ref != "" {
		ref, err := parseRef(l.Ref, c.Zone)
		if err != nil {
			return nil, fmt.Errorf("field \"ref\": %w", err)
		}
		c.Ref = ref
	}
	if l.Expect != "" {
		if !knownSlot(Slot(l.Expect)) {
			return nil, fmt.Errorf("field \"expect\": %q is no slot", l.Expect)
		}
		c.Expect = Slot(l.Expect)
	}
	if l.Lang != "" {
		c.Lang = l.Lang
	}
	if l.Prev != "" {
		c.Prev = l.Prev
	}
	if l.Country != "" {
		c.Country = l.Country
	}
	return encodeAnswer(*l.ID, Understand(*l.Text, c))
}

func knownSlot(s Slot) bool {
	switch s {
	case CheckIn, CheckOut, Nights, Guests, Adults, Children, Ages, Rooms, RoomType, Beds, Name, Email, Phone, Reference, ArrivalTime, ExpectYesNo:
		return true
	}
	return false
}

// parseRef reads RFC 3339, the same without offset in the hotel's time, or a date.
func parseRef(s string, zone *time.Location) (time.Time, error) {
	if zone == nil {
		zone = time.UTC
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	for _, layout := range [...]string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is neither RFC 3339 nor a date", s)
}

type (
	intentJSON struct {
		Name  Intent  `json:"name"`
		Score float64 `json:"score"`
	}
	rangeJSON struct {
		Start hotel.Date `json:"start"`
		End   hotel.Date `json:"end"`
	}
	dateJSON struct {
		Text  string      `json:"text"`
		At    int         `json:"at"`
		Start hotel.Date  `json:"start"`
		End   hotel.Date  `json:"end"`
		Grain string      `json:"grain"`
		Score float64     `json:"score"`
		Alt   []rangeJSON `json:"alt"`
	}
	numberJSON struct {
		Text  string  `json:"text"`
		At    int     `json:"at"`
		Value float64 `json:"value"`
	}
	moneyJSON struct {
		Text     string  `json:"text"`
		At       int     `json:"at"`
		Value    float64 `json:"value"`
		Currency *string `json:"currency"`
	}
	slotsJSON struct {
		CheckIn     string `json:"check_in,omitempty"`
		CheckOut    string `json:"check_out,omitempty"`
		Nights      int    `json:"nights,omitempty"`
		Guests      int    `json:"guests,omitempty"`
		Adults      int    `json:"adults,omitempty"`
		Children    *int   `json:"children,omitempty"`
		Ages        []int  `json:"ages,omitempty"`
		Rooms       int    `json:"rooms,omitempty"`
		RoomType    string `json:"room_type,omitempty"`
		Beds        string `json:"beds,omitempty"`
		Name        string `json:"name,omitempty"`
		Email       string `json:"email,omitempty"`
		Phone       string `json:"phone,omitempty"`
		Reference   string `json:"reference,omitempty"`
		ArrivalTime string `json:"arrival_time,omitempty"`
	}
	answerJSON struct {
		ID      string       `json:"id"`
		Lang    string       `json:"lang"`
		Intent  Intent       `json:"intent"`
		Sure    bool         `json:"sure"`
		Topic   string       `json:"topic"`
		Intents []intentJSON `json:"intents"`
		Dates   []dateJSON   `json:"dates"`
		Numbers []numberJSON `json:"numbers"`
		Money   []moneyJSON  `json:"money"`
		Emails  []string     `json:"emails"`
		Phones  []string     `json:"phones"`
		Slots   slotsJSON    `json:"slots"`
	}
)

func encodeAnswer(id string, u Understanding) ([]byte, error) {
	a := answerJSON{ID: id, Lang: u.Lang, Intent: u.Intent, Sure: u.Sure, Topic: u.Topic,
		Intents: []intentJSON{}, Dates: []dateJSON{}, Numbers: []numberJSON{}, Money: []moneyJSON{},
		Emails: append([]string{}, u.Emails...), Phones: append([]string{}, u.Phones...), Slots: encodeSlots(u.Slots)}
	for _, s := range u.Intents {
		a.Intents = append(a.Intents, intentJSON(s))
	}
	for _, d := range u.Dates {
		j := dateJSON{d.Text, d.At, d.Start, d.End, d.Grain, d.Score, []rangeJSON{}}
		for _, r := range d.Alt {
			j.Alt = append(j.Alt, rangeJSON(r))
		}
		a.Dates = append(a.Dates, j)
	}
	for _, m := range u.Numbers {
		a.Numbers = append(a.Numbers, numberJSON{m.Text, m.At, m.Value})
	}
	for _, m := range u.Money {
		j := moneyJSON{Text: m.Text, At: m.At, Value: m.Value}
		if m.Currency != "" {
			j.Currency = &m.Currency
		}
		a.Money = append(a.Money, j)
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(a); err != nil {
		return nil, err
	}
	return bytes.TrimRight(buf.Bytes(), "\n"), nil
}

func encodeSlots(s Slots) slotsJSON {
	j := slotsJSON{CheckIn: s.CheckIn.String(), CheckOut: s.CheckOut.String(), Nights: s.Nights, Guests: s.Guests, Adults: s.Adults,
		Ages: s.Ages, Rooms: s.Rooms, RoomType: string(s.RoomType), Beds: s.Beds, Name: s.Name, Email: s.Email, Phone: s.Phone,
		Reference: s.Reference, ArrivalTime: s.ArrivalTime}
	if s.RoomType == "" {
		j.RoomType = s.RoomText
	}
	if s.Children >= 0 {
		j.Children = &s.Children
	}
	return j
}
