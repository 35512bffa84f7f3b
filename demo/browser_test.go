package demo_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// patience is for a machine that is busy with other tests too.
const patience = 90 * time.Second

// browser is a tab of a real Chromium. What the page complains of is kept.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu    sync.Mutex
	wrong []string
}

// open starts Chromium; one that does not start fails the test.
func open(t *testing.T) *browser {
	t.Helper()
	b := &browser{t: t}
	options := []chromedp.ExecAllocatorOption{chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.UserDataDir(t.TempDir()), chromedp.WSURLReadTimeout(time.Minute)}
	for _, flag := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "disable-dev-shm-usage"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	allocator, endAll := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, end := chromedp.NewContext(allocator, chromedp.WithListener(b.listen))
	t.Cleanup(func() {
		require.NoError(t, chromedp.Cancel(ctx)) // waits until the browser is gone
		end()
		endAll()
	})
	b.ctx = ctx
	require.NoError(t, chromedp.Do(ctx, chromedp.EmulateViewport(1440, 900)), "Chromium did not start: apt-get install chromium (make deps)")
	// What moves is hard to hit.
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}})
	require.NoError(t, err)
	return b
}

// listen keeps exceptions and what the policy refused.
func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.wrong = append(b.wrong, e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		if strings.Contains(e.Entry.Text, "Content Security Policy") {
			b.wrong = append(b.wrong, e.Entry.Text)
		}
	}
}

func (b *browser) complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.wrong
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	require.NoError(b.t, chromedp.Do(ctx, steps...))
}

// until waits for an expression to be true, over a new load of the page too.
func (b *browser) until(expression, why string) {
	b.t.Helper()
	deadline, tick := time.After(patience), time.NewTicker(50*time.Millisecond)
	defer tick.Stop()
	for {
		ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression))
		cancel()
		if err == nil && ok {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			b.shot("failed")
			require.FailNow(b.t, why, "waited for %s (%v); the phone shows:\n%s", expression, err,
				b.text(`[...document.querySelectorAll('.phone:first-child .msg')].map(m => m.innerText).join('\n---\n')`))
		}
	}
}

func (b *browser) text(expression string) string {
	b.t.Helper()
	s, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](expression))
	require.NoError(b.t, err)
	return s
}

func (b *browser) number(expression string) int {
	b.t.Helper()
	n, err := chromedp.Run(b.ctx, chromedp.Evaluate[int](expression))
	require.NoError(b.t, err)
	return n
}

// tap clicks the first element of a selector, as a finger does.
func (b *browser) tap(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

// write types into the first phone and sends it with Enter.
func (b *browser) write(text string) {
	b.t.Helper()
	b.do(chromedp.SendKeys(chromedp.CSS(".phone:first-child textarea"), text+"\r"))
}

// shot keeps a picture of the page (go test -artifacts keeps the folder).
func (b *browser) shot(name string) {
	b.t.Helper()
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	require.NoError(b.t, err)
	require.NoError(b.t, os.WriteFile(filepath.Join(b.t.ArtifactDir(), name+".png"), png, 0o600))
}

const heard = `document.querySelectorAll('.phone:first-child .msg.in:not(.dots)').length`

// answered does something and waits for the hotel's next message.
func (b *browser) answered(what func()) {
	b.t.Helper()
	before := b.number(heard)
	what()
	b.until(fmt.Sprintf("%s > %d", heard, before), "the hotel answers")
}

// finish answers whatever the hotel asks until a booking of the chat is in the
// hotel's view, and returns its code.
func (b *browser) finish() string {
	b.t.Helper()
	for range 8 {
		last := strings.ToLower(b.text(`[...document.querySelectorAll('.phone:first-child .msg.in .text')].at(-1).textContent`))
		if code := regexp.MustCompile(`(?i)código: ([A-Z0-9]+)`).FindStringSubmatch(last); code != nil {
			return strings.ToUpper(code[1])
		}
		b.answered(func() {
			switch {
			case b.number(`[...document.querySelectorAll('.phone:first-child .msg.in:not(.dots)')].at(-1).querySelectorAll('.choices button').length`) > 0:
				b.text(`[...document.querySelectorAll('.phone:first-child .choices')].at(-1).querySelector('button').click(), ''`)
			case strings.Contains(last, "mail") || strings.Contains(last, "correo"):
				b.write("martin.gomez@example.com")
			default:
				b.write("Martín Gómez")
			}
		})
	}
	b.shot("failed")
	require.FailNow(b.t, "no confirmation after eight answers")
	return ""
}

func TestAGuestBooksInTheBrowser(t *testing.T) {
	t.Parallel()
	e := startEngine(t)
	b := open(t)
	b.do(chromedp.Navigate(e.page))
	b.until(`document.querySelector('#online').dataset.online === 'true'`, "the page hears the stand-in")
	b.shot("1-empty-1440")

	b.answered(func() { b.tap(`.phone:first-child [data-opening="0"]`) })
	in, out := time.Now().AddDate(0, 0, 4), time.Now().AddDate(0, 0, 6)
	b.answered(func() { b.write(fmt.Sprintf("del %s al %s, somos dos", spanish(in), spanish(out))) })
	b.until(`!!document.querySelector('.phone:first-child .opener')`, "rooms are offered as a list")
	b.tap(".phone:first-child .opener")
	b.until(`document.querySelectorAll('.phone:first-child .sheet .row').length >= 2`, "the sheet shows rooms")
	b.shot("2-rooms-1440")
	b.answered(func() { b.tap(".phone:first-child .sheet .row") })
	code := b.finish()
	b.until(`document.querySelectorAll('.phone:first-child .msg.out .ticks.read').length > 2`, "the guest's ticks turn blue")
	b.until(fmt.Sprintf(`!!document.querySelector('.calendar .stay.chat[data-code=%q]')`, code), "the booking is in the hotel's calendar")
	b.until(fmt.Sprintf(`document.querySelector('.bookings tr[data-code=%q]').innerText.includes('Martín Gómez')`, code), "and in the list")
	b.shot("3-booked-1440")

	b.until(`!document.querySelector('#tab-mail .badge').hidden`, "the inbox tells of news")
	b.tap("#tab-mail")
	b.until(fmt.Sprintf(`document.querySelector('.reader h2')?.textContent.includes(%q)`, code), "the confirmation is in the inbox")
	b.until(fmt.Sprintf(`document.querySelector('.parts pre').textContent.includes(%q)`, code), "its text names the code")
	require.Equal(t, "", b.text(`document.querySelector('.parts iframe').getAttribute('sandbox')`))
	require.Contains(t, body(t, ask(t, "GET", strings.TrimSuffix(e.page, "/")+b.text(`document.querySelector('.parts iframe').getAttribute('src')`), nil)), code)
	b.shot("4-mail-1440")

	b.answered(func() { b.write("quiero cambiar la fecha de mi reserva al " + spanish(time.Now().AddDate(0, 0, 8))) })
	b.shot("5-change-read-back-1440")
	b.answered(func() {
		b.text(`[...document.querySelectorAll('.phone:first-child .choices')].at(-1).querySelector('button').click(), ''`)
	})
	b.until(`[...document.querySelectorAll('.phone:first-child .msg.in .text')].at(-1).textContent.includes('quedó cambiada')`, "the booking is moved")
	b.until(`document.querySelector('.pane.mail').innerText.includes('Reserva cambiada')`, "the mail of the change is in the inbox")
	b.tap("#tab-hotel")
	b.until(fmt.Sprintf(`!!document.querySelector('.calendar .stay.chat[data-code=%q]')`, code), "the booking is in the calendar on its new days")
	b.shot("6-changed-1440")

	b.do(chromedp.EmulateViewport(390, 844))
	for _, pane := range []string{"phone", "hotel", "mail", "reception", "switches"} {
		b.tap("#tab-" + pane)
		b.until(fmt.Sprintf(`document.body.dataset.tab === %q`, pane), "the pane is shown")
		require.LessOrEqual(t, b.number(`document.documentElement.scrollWidth`), 390, "%s needs no scrolling sideways", pane)
		b.shot("7-" + pane + "-390")
	}
	require.Empty(t, b.complaints())

	// Ctrl-C and another start: the page comes back by itself, with everything.
	bubbles := b.number(`document.querySelectorAll('.phone:first-child .msg:not(.dots)').length`)
	e.stop()
	b.until(`document.querySelector('#online').dataset.online === 'false'`, "the page says that nobody is there")
	e.start()
	b.until(`document.querySelector('#online').dataset.online === 'true'`, "the page is back")
	require.Equal(t, bubbles, b.number(`document.querySelectorAll('.phone:first-child .msg:not(.dots)').length`))
	b.until(fmt.Sprintf(`!!document.querySelector('.calendar .stay[data-code=%q]')`, code), "the booking is still there")
}

func TestReceptionAnswersInTheBrowser(t *testing.T) {
	t.Parallel()
	e := startEngine(t)
	b := open(t)
	b.do(chromedp.Navigate(e.page + "#reception"))
	b.until(`document.querySelector('#online').dataset.online === 'true'`, "the page hears the stand-in")

	evil := `<img src=x onerror="document.title='owned'"> *fuerte*`
	b.answered(func() { b.write(evil) })
	require.Equal(t, evil[:strings.Index(evil, "*")]+"fuerte", b.text(`document.querySelector('.phone:first-child .msg.out .text').textContent`))
	require.Equal(t, "fuerte", b.text(`document.querySelector('.phone:first-child .msg.out .text strong').textContent`))
	require.Equal(t, 0, b.number(`document.querySelectorAll('.msg img').length`))

	b.answered(func() { b.write("Quiero hablar con una persona") })
	b.until(`document.querySelectorAll('.phone.is-staff .msg.in .template').length === 1`, "the staff's phone is alerted")
	b.until(`!!document.querySelector('.handoff.open')`, "the reception sees who waits")
	b.answered(func() {
		b.do(chromedp.SendKeys(chromedp.CSS(".answer textarea"), "Hola, soy Ana.\r"))
	})
	require.Contains(t, b.text(`[...document.querySelectorAll('.phone:first-child .msg.in')].at(-1).textContent`), "Hola, soy Ana.")
	b.shot("6-reception-1440")
	b.tap(".answer .ghost")
	b.until(`!document.querySelector('.handoff')`, "closed, it is gone")

	b.tap("#tab-switches")
	b.tap("label.switch:has(#sw-hotel_down)")
	b.until(`document.querySelector('#faults').innerText.includes('Caído')`, "the banner says what is broken")
	var hotel struct{ Down bool }
	require.NoError(t, json.Unmarshal([]byte(body(t, ask(t, "GET", e.page+"sim/hotel/switches", nil))), &hotel))
	require.True(t, hotel.Down)
	b.shot("7-switches-1440")
	b.tap("#faults .ghost")
	b.until(`document.querySelector('#faults').hidden`, "all faults are off")
	require.Empty(t, b.complaints())
}

// spanish writes a day as guests do.
func spanish(d time.Time) string {
	months := strings.Fields("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre")
	return fmt.Sprintf("%d de %s", d.Day(), months[d.Month()-1])
}

func TestPhonesInTheBrowser(t *testing.T) {
	t.Parallel()
	e := startEngine(t)
	b := open(t)
	b.do(chromedp.Navigate(e.page))
	b.until(`document.querySelector('#online').dataset.online === 'true'`, "the page hears the stand-in")
	b.until(`document.querySelectorAll('.phone:first-child .opening').length === 6`, "six openings to tap")

	b.tap(`.phone:first-child [data-opening="1"]`)
	b.until(`document.querySelectorAll('.phone:first-child .msg.out').length === 3`, "a burst is three messages")
	b.until(heard+` > 0`, "and is answered")
	require.Equal(t, "Hola|quiero reservar|para mañana, somos dos", b.text(`[...document.querySelectorAll('.phone:first-child .msg.out .text')].map(e => e.textContent).join('|')`))

	b.tap(`.phone:first-child .person.add`)
	b.do(chromedp.SendKeys(chromedp.CSS(".sheet [name=name]"), "Nora Paz"), chromedp.SendKeys(chromedp.CSS(".sheet [name=phone]"), "12\r"))
	b.until(`document.querySelector('.sheet .form-error').textContent.length > 0`, "a phone of two digits is none")
	b.do(chromedp.SendKeys(chromedp.CSS(".sheet [name=phone]"), "34 567 890\r"))
	b.until(`document.querySelector('.phone:first-child .owner').textContent.startsWith('Nora Paz')`, "the new guest holds the phone")
	require.Equal(t, 0, b.number(`document.querySelectorAll('.phone:first-child .msg').length`))

	for _, kind := range []string{"voice", "image", "location", "document"} {
		b.tap(`.phone:first-child .composer button:has(.icon-clip)`)
		b.answered(func() { b.tap(fmt.Sprintf(`.sheet [data-attach=%s]`, kind)) })
		b.until(fmt.Sprintf(`!!document.querySelector('.phone:first-child .msg.out[data-type=%s]')`, kind), "it is in the chat")
	}
	b.shot("8-attached-1440")

	b.tap(`.phone:first-child [data-phone="5492615550102"]`)
	b.until(`document.querySelectorAll('.phone:first-child .msg.out').length === 3`, "the first guest's thread is as it was")
	b.tap(`#lang`) // it loads the page anew
	b.until(`document.documentElement.lang === 'en' && document.querySelector('#tab-mail').textContent.includes('Mail')`, "the page speaks English too")
	require.Empty(t, b.complaints())
}
