package nlu_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/conversation/nlu"
	"github.com/conserje/conserje/hotel"
)

// dataDefault is where the evaluation data lies beside the checkout.
const dataDefault = "../../../shared/nlu/visible"

// dataDir finds the evaluation data, which is not part of the repository.
func dataDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("UNDERSTAND_DATA")
	if dir == "" {
		dir = dataDefault
	}
	if _, err := os.Stat(dir); err != nil {
		fmt.Fprintf(os.Stderr, "NOT SCORED: %s: no evaluation data: %v; set UNDERSTAND_DATA to a folder of that shape\n", t.Name(), err)
		t.Skipf("no evaluation data: %v", err)
	}
	return dir
}

type dataRow struct {
	ID, Source, Lang, Text, Phrase, Ref, Start, End, Grain, Prev, Kind string
	At                                                                 int
	Core                                                               bool
	Holiday                                                            json.RawMessage
	Intent                                                             *string
	Expect                                                             []string
	Value                                                              any
	Slots                                                              map[string]json.RawMessage
}

func readRows(t *testing.T, dir, file string) []dataRow {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, file))
	if err != nil {
		t.Logf("NOT SCORED: %v", err)
		return nil
	}
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	var rows []dataRow
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		var r dataRow
		require.NoError(t, json.Unmarshal(sc.Bytes(), &r))
		rows = append(rows, r)
	}
	require.NoError(t, sc.Err())
	return rows
}

// tally counts hits by name and keeps the misses for -v.
type tally struct {
	hit, all map[string]int
	misses   []string
}

func newTally() *tally { return &tally{hit: map[string]int{}, all: map[string]int{}} }

func (s *tally) add(name string, ok bool, miss string) {
	s.all[name]++
	if ok {
		s.hit[name]++
		return
	}
	s.misses = append(s.misses, name+" | "+miss)
}

func (s *tally) percent(name string) float64 {
	return 100 * float64(s.hit[name]) / float64(max(1, s.all[name]))
}

func (s *tally) report(t *testing.T) {
	t.Helper()
	var names []string
	for n := range s.all {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		t.Logf("%-48s %5d of %5d  %5.1f %%", n, s.hit[n], s.all[n], s.percent(n))
	}
	if f := os.Getenv("UNDERSTAND_MISSES"); f != "" {
		require.NoError(t, os.WriteFile(f+"."+strings.ReplaceAll(t.Name(), "/", "_"), []byte(strings.Join(s.misses, "\n")+"\n"), 0o600))
	}
}

func refOf(t *testing.T, s string) time.Time {
	t.Helper()
	for _, layout := range []string{"2006-01-02T15:04:05", time.DateOnly, time.RFC3339} {
		if r, err := time.Parse(layout, s); err == nil {
			return r
		}
	}
	t.Fatalf("no reference time: %q", s)
	return time.Time{}
}

// overlapping is the mention that overlaps the labelled phrase most.
func overlapping(u nlu.Understanding, at, length int) (best nlu.DateMention, ok bool) {
	most := 0
	for _, m := range u.Dates {
		lo, hi := max(at, m.At), min(at+length, m.At+len([]rune(m.Text)))
		if hi-lo > most {
			best, most, ok = m, hi-lo, true
		}
	}
	return best, ok
}

func TestScoreDates(t *testing.T) {
	dir := dataDir(t)
	s := newTally()
	for _, r := range readRows(t, dir, "dates.jsonl") {
		if !r.Core || len(r.Holiday) > 0 && string(r.Holiday) != "false" {
			continue
		}
		u := nlu.Understand(r.Text, nlu.Context{Ref: refOf(t, r.Ref)})
		m, ok := overlapping(u, r.At, len([]rune(r.Phrase)))
		right := ok && m.Start.String() == r.Start && endRight(t, m, r.End, r.Grain)
		s.add("dates "+r.Lang, right, fmt.Sprintf("%s | %s | %s | want %s %s | have %v %v (%s) %s", r.Ref[:10], r.Text, r.Phrase, r.Start, r.End, m.Start, m.End, m.Text, u.Lang))
	}
	s.report(t)
	require.GreaterOrEqual(t, s.percent("dates es"), 75.0)
	require.GreaterOrEqual(t, s.percent("dates en"), 60.0)
}

func endRight(t *testing.T, m nlu.DateMention, want, grain string) bool {
	t.Helper()
	if m.End.String() == want {
		return true
	}
	end, err := hotel.ParseDate(want)
	require.NoError(t, err)
	days := m.End.DaysSince(end)
	return m.End.DaysSince(m.Start) > 1 && (days == 1 || days == -1)
}

func TestScoreIntents(t *testing.T) {
	dir := dataDir(t)
	s := newTally()
	for _, file := range []string{"intents.jsonl", "intents_nlupp_hotels.jsonl", "intents_sgd_hotels.jsonl", "intents_pt_gpl3.jsonl"} {
		for _, r := range readRows(t, dir, file) {
			if r.Intent == nil {
				continue
			}
			u := nlu.Understand(r.Text, nlu.Context{Ref: tuesday, Prev: r.Prev})
			have := u.Intent
			if !u.Sure {
				have = nlu.OutOfScope
			}
			ok := string(have) == *r.Intent || strings.HasPrefix(r.Source, "sgd") && booking(string(have)) && booking(*r.Intent)
			name := "intents " + r.Source + " " + r.Lang
			s.add(name, ok, fmt.Sprintf("%s | %s | want %s | have %s %v", r.Prev, r.Text, *r.Intent, have, u.Intents))
			if strings.HasPrefix(r.Source, "sgd") || strings.HasPrefix(r.Source, "nlupp") || strings.Contains(r.Source, "Hospitality") {
				s.add("language "+r.Source+" "+r.Lang, u.Lang == r.Lang || u.Lang == "und" && r.Lang != "es" && r.Lang != "en" && r.Lang != "pt", r.Text+" | "+u.Lang)
			}
		}
	}
	s.report(t)
}

func booking(intent string) bool {
	return intent == string(nlu.CheckAvailability) || intent == string(nlu.MakeReservation)
}

func TestScoreContactsAndNumbers(t *testing.T) {
	dir := dataDir(t)
	s := newTally()
	for _, r := range readRows(t, dir, "contacts.jsonl") {
		u := nlu.Understand(r.Text, nlu.Context{Ref: tuesday})
		have := append(append([]string{}, u.Emails...), u.Phones...)
		s.add("contacts "+r.Kind, fmt.Sprint(have) == fmt.Sprint(r.Expect), fmt.Sprintf("%s | want %v | have %v", r.Text, r.Expect, have))
	}
	for _, r := range readRows(t, dir, "numbers.jsonl") {
		if r.Kind != "number" {
			continue
		}
		u := nlu.Understand(r.Text, nlu.Context{Ref: tuesday, Lang: r.Lang})
		ok := false
		want := fmt.Sprint(r.Value)
		if r.Lang != "en" {
			want = strings.ReplaceAll(want, ",", ".")
		}
		for _, n := range u.Numbers {
			ok = ok || strconv.FormatFloat(n.Value, 'f', -1, 64) == want
		}
		s.add("numbers "+r.Lang, ok, fmt.Sprintf("%s | want %s | have %v %v", r.Text, want, u.Numbers, u.Lang))
	}
	s.report(t)
}

// hotelSlots maps the data's names to ours.
func hotelSlot(s nlu.Slots, name string) string {
	switch name {
	case "date_from":
		return s.CheckIn.String()
	case "date_to":
		return s.CheckOut.String()
	case "adults":
		return fmt.Sprint(s.Adults)
	case "kids":
		return fmt.Sprint(s.Children)
	case "rooms":
		return fmt.Sprint(s.Rooms)
	case "people":
		return fmt.Sprint(max(s.Guests, s.Adults+max(0, s.Children)))
	}
	return ""
}

func TestScoreHotelSlots(t *testing.T) {
	dir := dataDir(t)
	s := newTally()
	for _, r := range readRows(t, dir, "slots_nlupp_hotels.jsonl") {
		u := nlu.Understand(r.Text, nlu.Context{Ref: refOf(t, r.Ref)})
		for name, raw := range r.Slots {
			var v struct {
				Text  string
				Value any
			}
			require.NoError(t, json.Unmarshal(raw, &v))
			want := fmt.Sprint(v.Value)
			if date, ok := v.Value.(map[string]any); ok && date["year"] != nil && date["month"] != nil && date["day"] != nil {
				want = fmt.Sprintf("%04.0f-%02.0f-%02.0f", date["year"], date["month"], date["day"])
			}
			switch name {
			case "date", "date_from", "date_to", "adults", "kids", "rooms", "people":
			default:
				continue
			}
			have := hotelSlot(u.Slots, name)
			if name == "date" || name == "date_from" {
				have = ""
				for _, d := range u.Dates {
					if d.Start.String() == want {
						have = want
					}
				}
			}
			s.add("slot "+name, have == want, fmt.Sprintf("%s | want %s | have %s | %+v", r.Text, want, have, u.Slots))
		}
	}
	s.report(t)
}
