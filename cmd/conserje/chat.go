package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/conserje/conserje/integrations/gmail/gmailtest"
	"github.com/conserje/conserje/integrations/whatsapp/whatsapptest"
)

func newChat(flags *settingsFlags) *cobra.Command {
	var phone, name string
	cmd := &cobra.Command{
		Use:   "chat",
		Short: "Be a guest in the terminal: the demo without a browser",
		Long: `Be a guest in the terminal. It runs a demo of its own, in DATA_DIR/chat, and
speaks through the same WhatsApp stand-in as the page's phone. A number taps the
button or row of that number in the last message; /mails shows the mail inbox;
/quit ends it. Lines from a file or a pipe are said one by one, each after the
answer to the one before. The engine's log is DATA_DIR/chat/engine.log.`,
		Example: "  conserje chat\n  conserje chat --name 'Emily Clark' --phone 447700900103\n  conserje chat < what-a-guest-says.txt",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runChat(cmd, flags, whatsapptest.Guest{Phone: phone, Name: name})
		},
	}
	cmd.Flags().StringVar(&phone, "phone", "5491155550104", "the guest's phone, digits with country code")
	cmd.Flags().StringVar(&name, "name", "Sofía Romero", "the guest's WhatsApp profile name")
	return cmd
}

func runChat(cmd *cobra.Command, flags *settingsFlags, guest whatsapptest.Guest) error {
	base, err := flags.loadDemo(cmd, nil)
	if err != nil {
		return err
	}
	dir := filepath.Join(base.General.DataDir, "chat")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("DATA_DIR: %w", err)
	}
	logFile, err := os.OpenFile(filepath.Join(dir, "engine.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	d, err := startDemoAt(cmd.Context(), "127.0.0.1:0", flags.in(dir), cmd, logFile)
	if err != nil {
		return errors.Join(err, logFile.Close())
	}
	done := make(chan error, 1)
	ctx, stop := context.WithCancel(d.ctx)
	d.ctx = ctx
	go func() { done <- d.run() }()
	c := &chat{base: d.standins.GraphURL, inbox: d.standins.GmailURL, guest: guest, out: cmd.OutOrStdout(), heard: make(chan struct{}, 1)}
	err = c.talk(ctx, cmd.InOrStdin())
	stop()
	return errors.Join(err, <-done, logFile.Close())
}

// chat is one guest's conversation through the WhatsApp stand-in.
type chat struct {
	base  string // of the WhatsApp stand-in
	inbox string // of the Gmail stand-in
	guest whatsapptest.Guest
	out   io.Writer
	heard chan struct{} // a token when the hotel has spoken since it was taken

	mu      sync.Mutex
	choices []whatsapptest.Choice // of the hotel's last message
	replyTo string
}

func (c *chat) talk(ctx context.Context, in io.Reader) error {
	if err := c.post(ctx, "/sim/guests", c.guest); err != nil {
		return err
	}
	events, err := c.events(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = events.Close() }()
	go c.listen(events)
	fmt.Fprintf(c.out, "You are %s. Write to the hotel; a number taps a button or row; /mails shows the inbox; /quit ends.\n", c.guest.Name)
	script := !terminal(in)
	lines := make(chan string)
	go func() {
		defer close(lines)
		scanner := bufio.NewScanner(in)
		for scanner.Scan() {
			lines <- scanner.Text()
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case line, ok := <-lines:
			if !ok || strings.TrimSpace(line) == "/quit" {
				return nil
			}
			do, answered := c.say, script && strings.TrimSpace(line) != ""
			if strings.TrimSpace(line) == "/mails" {
				do, answered = c.mails, false
			}
			if err := do(ctx, strings.TrimSpace(line)); err != nil {
				return err
			}
			if answered {
				c.await(ctx)
			}
		}
	}
}

// What a script waits for: an answer, and that the hotel has no more to say.
const (
	answerWait = 30 * time.Second // some lines are answered by nothing
	quietWait  = 1500 * time.Millisecond
)

// await waits for what the hotel says to a line of a script.
func (c *chat) await(ctx context.Context) {
	for wait := answerWait; ; wait = quietWait {
		select {
		case <-c.heard:
		case <-time.After(wait):
			return
		case <-ctx.Done():
			return
		}
	}
}

// terminal tells whether somebody types: a burst of lines is then a burst of bubbles.
func terminal(in io.Reader) bool {
	f, ok := in.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// say types a line, or taps the choice of that number.
func (c *chat) say(ctx context.Context, line string) error {
	if line == "" {
		return nil
	}
	typed := whatsapptest.Typed{Type: "text", Text: line}
	c.mu.Lock()
	if n, err := strconv.Atoi(line); err == nil && n >= 1 && n <= len(c.choices) {
		chosen := c.choices[n-1]
		typed = whatsapptest.Typed{Type: "tap", TapID: chosen.ID, TapTitle: chosen.Title, ReplyTo: c.replyTo}
	}
	c.mu.Unlock()
	select { // what was said before is no answer
	case <-c.heard:
	default:
	}
	return c.post(ctx, "/sim/guests/"+c.guest.Phone+"/messages", typed)
}

// mails prints the inbox, and the text of the newest mail.
func (c *chat) mails(ctx context.Context, _ string) error {
	var list struct{ Mails []gmailtest.Listed }
	if err := c.ask(ctx, http.MethodGet, c.inbox+"/sim/mails?limit=20", nil, &list); err != nil {
		return err
	}
	if len(list.Mails) == 0 {
		_, err := fmt.Fprintln(c.out, "\n  No mail yet.")
		return err
	}
	var newest gmailtest.Content
	if err := c.ask(ctx, http.MethodGet, c.inbox+"/sim/mails/"+list.Mails[0].ID, nil, &newest); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range slices.Backward(list.Mails) {
		fmt.Fprintf(c.out, "\n  %s  to %s: %s\n", m.At.Local().Format(time.TimeOnly), strings.Join(m.To, ", "), m.Subject)
	}
	_, err := fmt.Fprintf(c.out, "%s\n", indent(strings.TrimSpace(newest.Text)))
	return err
}

// listen prints what the hotel says.
func (c *chat) listen(events io.Reader) {
	scanner := bufio.NewScanner(events)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		data, ok := strings.CutPrefix(scanner.Text(), "data: ")
		var e whatsapptest.Event
		if !ok || json.Unmarshal([]byte(data), &e) != nil || e.Guest != c.guest.Phone || e.Message == nil {
			continue
		}
		if e.Type == "message" && e.Message.From == whatsapptest.FromHotel {
			c.print(*e.Message)
			select {
			case c.heard <- struct{}{}:
			default:
			}
		}
	}
}

func (c *chat) print(m whatsapptest.Message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.replyTo, c.choices = m.ID, slices.Clone(m.Buttons)
	if m.List != nil {
		for _, s := range m.List.Sections {
			c.choices = append(c.choices, s.Rows...)
		}
	}
	text := m.Text
	if m.Template != nil {
		text = "[" + m.Template.Name + "] " + strings.Join(m.Template.Params, " · ")
	}
	fmt.Fprintf(c.out, "\n%s\n", indent(text))
	for i, choice := range c.choices {
		fmt.Fprintf(c.out, "    %d) %s", i+1, choice.Title)
		if choice.Description != "" {
			fmt.Fprintf(c.out, " — %s", choice.Description)
		}
		fmt.Fprintln(c.out)
	}
	fmt.Fprintln(c.out)
}

func indent(s string) string { return "  | " + strings.ReplaceAll(s, "\n", "\n  | ") }

func (c *chat) events(ctx context.Context) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/sim/events", nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

func (c *chat) post(ctx context.Context, path string, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return c.ask(ctx, http.MethodPost, c.base+path, b, nil)
}

func (c *chat) ask(ctx context.Context, method, url string, body []byte, answer any) error {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode >= 300 {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 1000))
		return fmt.Errorf("stand-in: %s: %s", res.Status, bytes.TrimSpace(text))
	}
	if answer == nil {
		return nil
	}
	return json.NewDecoder(res.Body).Decode(answer)
}
