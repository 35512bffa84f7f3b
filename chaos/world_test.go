package chaos_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/bench/oracle"
	"github.com/conserje/conserje/integrations/gmail/gmailtest"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
	"github.com/conserje/conserje/integrations/whatsapp/whatsapptest"
	"github.com/conserje/conserje/internal/livetest"
)

const secret = "chaos-test"

// world is the outside, one engine, and the guests' phones.
type world struct {
	*livetest.Engine
	t      *testing.T
	out    *livetest.Standins
	phones *livetest.Phones
	dsn    string             // of PostgreSQL; empty = the embedded store
	others []*livetest.Engine // on the same PostgreSQL
	doubts bool               // sends may be in doubt, and repeated once
	talks  bool               // guests are told of an outage beside their answers
	buries bool               // rows may end in the dead letters, each with its reason
	also   []int              // guests beside the crowd
	excuse string             // who heard this had a reason to hear something else than in a calm run; empty = nobody has
}

// newWorld starts the stand-ins; the engine is started by the test.
func newWorld(ctx context.Context, t *testing.T) *world {
	t.Helper()
	hotel, err := filepath.Abs("../config/demo/posada-del-cerro.yaml")
	require.NoError(t, err)
	binary := livetest.Build(t)
	w := &world{t: t, Engine: &livetest.Engine{T: t, Binary: binary, Dir: t.TempDir(), Hotel: hotel, Secret: secret,
		Webhook: livetest.FreeAddr(t), Admin: livetest.FreeAddr(t)}}
	w.out = livetest.StartStandins(t, binary, w.Webhook, secret)
	w.Env = w.out.Env
	w.out.Switch(t, "WHATSAPP_API_URL", `{"number_rate":0}`) // the engine's own limit is the one that is tried
	w.phones = livetest.Listen(ctx, t, w.Env["WHATSAPP_API_URL"]+"/sim")
	w.phones.Aside = func(text string) bool { return strings.Contains(text, patience) }
	return w
}

// patience is in the one bubble that time alone calls for: somebody has waited
// for 20 s. It is no answer, and a calm run has none.
const patience = "está tardando un poco"

// calmRun is what each kind of guest hears when nothing breaks: played once in a test process.
type calmRun struct {
	once  sync.Once
	heard map[int][]string // by twin
}

var calm calmRun

// calmly returns what guests hear in a calm run.
func calmly(t *testing.T) map[int][]string {
	t.Helper()
	calm.once.Do(func() {
		ctx := within(t, 4*time.Minute)
		w := newWorld(ctx, t)
		w.Start()
		today := time.Now()
		var all sync.WaitGroup
		kinds := []int{}
		for b := range bookers() {
			kinds = append(kinds, b*bookEvery)
		}
		for k := range askedStays {
			kinds = append(kinds, k-askedStays)
		}
		for _, n := range kinds {
			all.Go(func() { assert.NoError(t, w.phones.Talk(ctx, phone(n), script(n, today), nil)) })
		}
		all.Wait()
		w.Settled(ctx)
		transcripts, heard := w.phones.Transcripts(), map[int][]string{}
		for _, n := range kinds {
			heard[n] = transcripts[phone(n)]
		}
		calm.heard = heard
		w.Kill()
	})
	require.NotEmpty(t, calm.heard, "the calm run failed")
	return calm.heard
}

// asInCalm compares what each guest heard with what they hear when nothing breaks.
func (w *world) asInCalm(guests []int, want map[int][]string) {
	w.t.Helper()
	got := w.phones.Transcripts()
	odd, excused := 0, 0
	for _, n := range guests {
		if w.excuse != "" && strings.Contains(strings.Join(got[phone(n)], "\n"), w.excuse) {
			excused++
			continue
		}
		if !assert.ObjectsAreEqual(want[twin(n)], got[phone(n)]) {
			if odd++; odd <= 3 {
				assert.Equal(w.t, want[twin(n)], got[phone(n)], "guest %d", n)
			}
		}
	}
	assert.Zero(w.t, odd, "guests of %d who heard something else than in a calm run", len(guests))
	if w.excuse != "" {
		w.t.Logf("%d of %d guests were told: %q", excused, len(guests), w.excuse)
		assert.Less(w.t, excused, 1+len(guests)/10, "the excuse is the exception")
	}
}

var (
	codeIn = regexp.MustCompile(`\*[A-Z]{9}\*`)
	ours   = regexp.MustCompile(`\bana\d+@example\.com`) // the demo's hotel has other guests
)

// evidence asks every phone, the hotel and the drained store.
func (w *world) evidence(ctx context.Context, guests []int, store oracle.Store) oracle.Evidence {
	w.t.Helper()
	e := oracle.Evidence{Store: store, Whole: true}
	for _, n := range guests {
		thread, err := w.phones.Thread(ctx, phone(n))
		require.NoError(w.t, err)
		g := oracle.Guest{Email: email(n)}
		for _, m := range thread {
			if m.From == whatsapptest.FromGuest {
				g.Said = append(g.Said, oracle.Said{ID: m.ID, Acked: m.Status != "sent"})
				g.Agreed = g.Agreed || m.Text == "sí"
				continue
			}
			key, _, _ := strings.Cut(m.Callback, "#")
			g.Heard = append(g.Heard, oracle.Heard{Key: key})
			g.Confirmed = g.Confirmed || codeIn.MatchString(m.Text)
		}
		e.Guests = append(e.Guests, g)
	}
	for _, b := range livetest.Get[qloappstest.State](w.t, w.Env["PMS_BASE_URL"]+"/sim/state").Bookings {
		if b.Status == "booked" && ours.MatchString(b.Guest.Email) {
			e.Bookings = append(e.Bookings, b.Guest.Email)
		}
	}
	return e
}

// mailsOnce: each booking is confirmed by mail; one that goes again says that it is a repetition.
// buried is how many of them may stand in the dead letters instead.
func (w *world) mailsOnce(booked, buried int) (doubled int) {
	w.t.Helper()
	mails := map[string][]bool{}
	for _, m := range livetest.Get[struct{ Mails []gmailtest.Mail }](w.t, w.Env["GMAIL_API_URL"]+"/sim/mails").Mails {
		if ours.MatchString(strings.Join(m.To, " ")) {
			mails[m.Ref] = append(mails[m.Ref], m.Repeat)
		}
	}
	assert.GreaterOrEqual(w.t, len(mails)+buried, booked, "a confirmation for each booking")
	assert.LessOrEqual(w.t, len(mails), booked, "a confirmation of no booking")
	for ref, repeats := range mails {
		said := 0
		for _, repeat := range repeats {
			if repeat {
				said++
			}
		}
		assert.GreaterOrEqual(w.t, said, len(repeats)-1, "mail of %s went twice and does not say so", ref)
		doubled += len(repeats) - 1
	}
	return doubled
}

// verdict waits until nothing waits, ends the engine, and judges the whole run.
func (w *world) verdict(ctx context.Context, c *crowd) oracle.Verdict {
	w.t.Helper()
	guests := c.end()
	require.NoError(w.t, ctx.Err(), "conversations did not end in time: %s", w.Log())
	begun := time.Now()
	w.still(ctx)
	w.Kill()
	for _, e := range w.others {
		e.Kill()
	}
	store, err := w.store(ctx)
	require.NoError(w.t, err)
	e := w.evidence(ctx, slices.Concat(guests, w.also), store)
	e.Talks, e.Doubts, e.Buries = w.talks || w.phones.Asides() > 0, w.doubts, w.buries
	v := oracle.Judge(e)
	if !assert.True(w.t, v.OK(), v.String()) {
		w.tell(ctx, slices.Concat(guests, w.also), v, e)
	}
	doubled := w.mailsOnce(len(e.Bookings), store.Letters)
	if store.Letters > 0 {
		w.t.Logf("%d dead letters, such as: %s", store.Letters, store.Reason)
	}
	w.t.Logf("%d guests, %d messages at %.0f/s, %d bookings, %d mails twice that say so, %d times \"it takes a little\" past 20 s; nothing waited %v after the last answer; %s",
		len(guests), c.typed.Load(), c.rate(), len(e.Bookings), doubled, w.phones.Asides(), time.Since(begun).Round(100*time.Millisecond), v)
	return v
}

// still waits until no row is out any more, those that wait for a later time too.
// Alerts of an outage that nobody has sent yet are joined for 5 min, and longer
// when a kill began that anew: where only these are left they get that time.
func (w *world) still(ctx context.Context) {
	w.t.Helper()
	for begun := time.Now(); ; {
		lines := w.waiting(ctx)
		if lines == "" {
			return
		}
		most := 3 * time.Minute
		if strings.Count(lines, "\n") == strings.Count(lines, " alert in staff:") {
			most = 7 * time.Minute
		}
		if time.Since(begun) > most || ctx.Err() != nil {
			require.Fail(w.t, "rows wait", "%s\n%s", lines, w.Log())
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

var ofGuest = regexp.MustCompile(`guest (\d+)`)

// tell prints what the phone shows of a guest to whom a promise was broken, and
// the rows of that guest in order.
func (w *world) tell(ctx context.Context, guests []int, v oracle.Verdict, e oracle.Evidence) {
	m := ofGuest.FindStringSubmatch(v.String())
	if m == nil {
		return
	}
	n, err := strconv.Atoi(m[1])
	require.NoError(w.t, err)
	thread, err := w.phones.Thread(ctx, phone(guests[n]))
	require.NoError(w.t, err)
	said := map[string]bool{}
	for _, line := range thread {
		said[line.ID] = line.From == whatsapptest.FromGuest
		w.t.Logf("%s %s %s %.60q", line.At.Format(time.TimeOnly), line.From, line.Callback, line.Text)
	}
	ids := map[string]bool{}
	for _, r := range e.Store.Inbox {
		ids[r.Guest] = ids[r.Guest] || said[r.ID]
	}
	for _, r := range e.Store.Inbox {
		if ids[r.Guest] {
			w.t.Logf("inbox %d %s %s", r.Order, r.Kind, r.Key)
		}
	}
	for _, r := range e.Store.Outbox {
		if ids[r.Guest] {
			w.t.Logf("outbox %d %s %s, attempt %d", r.Order, r.Kind, r.Key, r.Attempt)
		}
	}
}

// store reads the drained store.
func (w *world) store(ctx context.Context) (oracle.Store, error) {
	if w.dsn != "" {
		return oracle.ReadPostgres(ctx, w.dsn)
	}
	return oracle.ReadStore(ctx, w.Data())
}

// open opens the store beside the engine.
func (w *world) open() *sql.DB {
	w.t.Helper()
	driver, source := "sqlite", "file:"+filepath.Join(w.Data(), "conserje.db")+"?mode=ro&_pragma=busy_timeout(5000)"
	if w.dsn != "" {
		driver, source = "pgx", w.dsn
	}
	db, err := sql.Open(driver, source)
	require.NoError(w.t, err)
	return db
}

// waiting lists the rows that are out, to find out why.
func (w *world) waiting(ctx context.Context) (lines string) {
	db := w.open()
	defer func() { require.NoError(w.t, db.Close()) }()
	rows, err := db.QueryContext(ctx, `SELECT 'outbox ' || key || ' ' || kind || ' in ' || lane || ', of ' || owner, state, attempt
		FROM outbox WHERE state IN (0, 1) UNION ALL SELECT 'inbox ' || key || ' ' || kind, 0, 0 FROM inbox WHERE consumed = 0`)
	require.NoError(w.t, err)
	defer func() { require.NoError(w.t, rows.Close()) }()
	for rows.Next() {
		var line string
		var state, attempt int
		require.NoError(w.t, rows.Scan(&line, &state, &attempt))
		lines += fmt.Sprintf("\n%s: state %d, attempt %d", line, state, attempt)
	}
	require.NoError(w.t, rows.Err())
	return lines
}

// count asks the store.
func (w *world) count(query string) (n int) {
	w.t.Helper()
	db := w.open()
	defer func() { require.NoError(w.t, db.Close()) }()
	require.NoError(w.t, db.QueryRow(query).Scan(&n))
	return n
}
