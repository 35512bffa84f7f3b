package main_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/gmail/gmailtest"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
	"github.com/conserje/conserje/integrations/whatsapp/whatsapptest"
)

// The real binary, with stand-ins in a process that is not killed: 200
// conversations at once, the engine killed by SIGKILL at five random instants.
// What each guest hears must equal what they hear in a calm run; nothing is
// booked twice, no mail goes twice but one that says so, nothing is left over.
func TestKilledFiveTimesEveryGuestHearsTheSame(t *testing.T) {
	t.Parallel()

	binary := build(t)
	calm := play(t, binary, 0, 0)
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("KILL_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		require.NoError(t, err, "KILL_SEED")
		seed = n
	}
	t.Logf("seed %d (KILL_SEED=%d repeats it)", seed, seed)
	killed := play(t, binary, 5, seed)
	for phone, want := range calm.heard {
		assert.Equal(t, want, killed.heard[phone], "guest %s", phone)
	}
}

const (
	conversations = 200
	bookings      = 40 // of them; Gmail takes 60 mails a minute of one account
)

// script is what a guest says; each line waits for the answer to the one before.
func script(i int, today time.Time) []string {
	if i >= bookings {
		return []string{"Hola", "¿Hay wifi?", "¿A qué hora es el check-in?", "¿Tienen lugar " + dates(today, 200+i%20) + " para 2 adultos?", "Gracias, ¿aceptan mascotas?"}
	}
	return []string{"Hola", "quiero reservar " + dates(today, 60+3*i) + " para 2 adultos", "la doble",
		fmt.Sprintf("Ana Pérez, ana%d@example.com", i), "sí", "¿Hay wifi?"}
}

// dates says two nights, from so many days ahead, as a guest would.
func dates(today time.Time, ahead int) string {
	months := []string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"}
	in, out := today.AddDate(0, 0, ahead), today.AddDate(0, 0, ahead+2)
	say := func(d time.Time) string {
		return fmt.Sprintf("%d de %s de %d", d.Day(), months[d.Month()-1], d.Year())
	}
	return "del " + say(in) + " al " + say(out)
}

// result is what a run left in the outside.
type result struct{ heard map[string][]string }

func play(t *testing.T, binary string, kills int, seed uint64) result {
	t.Helper()
	r := newRun(t, binary)
	r.startEngine()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	phones := r.listen(ctx)

	today := time.Now()
	var talking sync.WaitGroup
	for i := range conversations {
		talking.Go(func() { phones.talk(ctx, t, fmt.Sprintf("54911%08d", i), script(i, today)) })
	}
	done := make(chan struct{})
	go func() { talking.Wait(); close(done) }()
	rnd := rand.New(rand.NewPCG(seed, 1))
	for range kills {
		select {
		case <-time.After(time.Duration(100+rnd.IntN(1200)) * time.Millisecond): // the random instant itself
		case <-done:
		}
		r.killEngine()
		r.startEngine()
	}
	<-done
	require.NoError(t, ctx.Err(), "conversations did not end in time")
	r.settled(ctx)
	r.check(t)
	return result{heard: phones.transcripts()}
}

// run is one engine process beside one process of stand-ins.
type run struct {
	t        *testing.T
	binary   string
	dir      string
	env      map[string]string
	webhook  string
	admin    string
	engine   *exec.Cmd
	standins *exec.Cmd
}

func newRun(t *testing.T, binary string) *run {
	r := &run{t: t, binary: binary, dir: t.TempDir(), webhook: freeAddr(t), admin: freeAddr(t)}
	cmd := exec.CommandContext(t.Context(), binary, "standins", "--webhook", "http://"+r.webhook+"/api/webhooks/whatsapp",
		"--retry-most", "500ms")
	cmd.Env = append(os.Environ(), "WHATSAPP_APP_SECRET=kill-test")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	cmd.Stderr = os.Stderr
	require.NoError(t, cmd.Start())
	r.standins = cmd
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadBytes('\n')
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(line, &r.env))
	return r
}

func freeAddr(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, ln.Close()) }()
	return ln.Addr().String()
}

func (r *run) startEngine() {
	hotel, err := filepath.Abs("../../config/demo/posada-del-cerro.yaml")
	require.NoError(r.t, err)
	log, err := os.OpenFile(filepath.Join(r.dir, "engine.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(r.t, err)
	cmd := exec.CommandContext(r.t.Context(), r.binary, "serve")
	cmd.Dir = r.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + r.dir, "WHATSAPP_APP_SECRET=kill-test", "HTTP_ADDR=" + r.webhook,
		"ADMIN_ADDR=" + r.admin, "DATA_DIR=" + filepath.Join(r.dir, "data"), "HOTEL_CONFIG=" + hotel,
		"IN_DOUBT_WAIT=4s", "CREATE_SETTLES=2s", "WHATSAPP_MESSAGES_PER_SECOND=1000", "PMS_RATE=0", "GMAIL_PER_MINUTE=-1"}
	for k, v := range r.env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	cmd.Stdout, cmd.Stderr = log, log
	require.NoError(r.t, cmd.Start())
	require.NoError(r.t, log.Close())
	r.engine = cmd
	r.t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	require.Eventually(r.t, func() bool {
		res, err := http.Get("http://" + r.webhook + "/health/ready") //nolint:noctx // Eventually bounds it
		if err != nil {
			return false
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusOK
	}, 30*time.Second, 5*time.Millisecond, "engine not ready: %s", r.log())
}

func (r *run) killEngine() {
	require.NoError(r.t, r.engine.Process.Kill()) // SIGKILL
	_ = r.engine.Wait()
}

func (r *run) log() string {
	b, _ := os.ReadFile(filepath.Join(r.dir, "engine.log"))
	return string(b[max(0, len(b)-4000):])
}

// settled waits until no row waits any more.
func (r *run) settled(ctx context.Context) {
	gauge := regexp.MustCompile(`(?m)^conserje_(?:backlog\{what="(?:unconsumed|sending)"\}|oldest_seconds\{what="outbox"\}) (\S+)$`)
	require.Eventually(r.t, func() bool {
		body, err := fetch(ctx, "http://"+r.webhook+"/metrics")
		if err != nil {
			return false
		}
		for _, m := range gauge.FindAllStringSubmatch(string(body), -1) {
			if m[1] != "0" {
				return false
			}
		}
		return true
	}, 2*time.Minute, 200*time.Millisecond, "rows left: %s", r.log())
}

func fetch(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	return io.ReadAll(res.Body)
}

func get[T any](t *testing.T, url string) (v T) {
	t.Helper()
	body, err := fetch(t.Context(), url)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(body, &v), "%s", body)
	return v
}

// check looks at the outside: one booking a booker, no mail twice but in doubt, no dead letter.
func (r *run) check(t *testing.T) {
	t.Helper()
	booked := map[string]int{}
	for _, b := range get[qloappstest.State](t, r.env["PMS_BASE_URL"]+"/sim/state").Bookings {
		if b.Status == "booked" && strings.HasPrefix(b.Guest.Email, "ana") {
			booked[b.Guest.Email]++
		}
	}
	for i := range bookings {
		assert.Equal(t, 1, booked[fmt.Sprintf("ana%d@example.com", i)], "live bookings of guest %d", i)
	}
	mails := map[string][]bool{}
	for _, m := range get[struct{ Mails []gmailtest.Mail }](t, r.env["GMAIL_API_URL"]+"/sim/mails").Mails {
		mails[m.Ref] = append(mails[m.Ref], m.Repeat)
	}
	assert.Len(t, mails, bookings, "one confirmation for each booking")
	for ref, repeats := range mails {
		said := 0
		for _, repeat := range repeats {
			if repeat {
				said++
			}
		}
		assert.GreaterOrEqual(t, said, len(repeats)-1, "mail of %s went twice and does not say so", ref)
	}
	out, err := r.command("deadletters", "list", "--json")
	require.NoError(t, err, "%s", out)
	assert.Contains(t, []string{"[]", "null"}, strings.TrimSpace(string(out)), "dead letters")
}

func (r *run) command(args ...string) ([]byte, error) {
	cmd := exec.CommandContext(r.t.Context(), r.binary, args...)
	cmd.Dir, cmd.Env = r.dir, []string{"HOME=" + r.dir, "DATA_DIR=" + filepath.Join(r.dir, "data")}
	return cmd.Output()
}

// phones are all guests' phones, on one stream of events.
type phones struct {
	base string
	mu   sync.Mutex
	cond *sync.Cond
	said map[string][]whatsapptest.Message // by the hotel
}

func (r *run) listen(ctx context.Context) *phones {
	p := &phones{base: r.env["WHATSAPP_API_URL"], said: map[string][]whatsapptest.Message{}}
	p.cond = sync.NewCond(&p.mu)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.base+"/sim/events", nil)
	require.NoError(r.t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(r.t, err)
	context.AfterFunc(ctx, p.cond.Broadcast)
	go func() {
		defer func() { _ = res.Body.Close() }()
		lines := bufio.NewScanner(res.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			data, ok := strings.CutPrefix(lines.Text(), "data: ")
			var e whatsapptest.Event
			if ok && json.Unmarshal([]byte(data), &e) == nil && e.Type == "message" && e.Message.From == whatsapptest.FromHotel {
				p.mu.Lock()
				p.said[e.Guest] = append(p.said[e.Guest], *e.Message)
				p.cond.Broadcast()
				p.mu.Unlock()
			}
		}
	}()
	return p
}

// talk plays one guest: a line is typed when the one before was answered.
func (p *phones) talk(ctx context.Context, t *testing.T, phone string, lines []string) {
	err := p.post(ctx, "/sim/guests", whatsapptest.Guest{Phone: phone, Name: "Ana"})
	for i, line := range lines {
		if err == nil {
			err = p.post(ctx, "/sim/guests/"+phone+"/messages", whatsapptest.Typed{Type: "text", Text: line})
		}
		if !assert.NoError(t, err) {
			return
		}
		p.mu.Lock()
		for len(p.said[phone]) <= i && ctx.Err() == nil {
			p.cond.Wait()
		}
		p.mu.Unlock()
	}
}

func (p *phones) post(ctx context.Context, path string, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.base+path, bytes.NewReader(b))
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode >= 300 {
		text, _ := io.ReadAll(res.Body)
		return fmt.Errorf("%s: %s: %s", path, res.Status, text)
	}
	return nil
}

var bookingCode = regexp.MustCompile(`\*[A-Z]{9}\*`)

// transcripts are what each guest heard, in order, with booking codes made equal.
func (p *phones) transcripts() map[string][]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string][]string{}
	for phone, messages := range p.said {
		for _, m := range messages {
			out[phone] = append(out[phone], bookingCode.ReplaceAllString(m.Text, "*CODE*"))
		}
	}
	return out
}

var buildOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "conserje-bin")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "conserje")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput() //nolint:noctx // go test bounds it
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// build builds the command once for all tests.
func build(t *testing.T) string {
	t.Helper()
	path, err := buildOnce()
	require.NoError(t, err)
	return path
}
