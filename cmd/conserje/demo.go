package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/conserje/conserje/config"
	confdemo "github.com/conserje/conserje/config/demo"
	"github.com/conserje/conserje/demo"
	"github.com/conserje/conserje/transport"
)

// demoAddr is where the demo's page is looked for first, unless --page-addr says else.
const demoAddr = "127.0.0.1:8000"

func newDemo(flags *settingsFlags) *cobra.Command {
	var (
		quiet    bool
		pageAddr string
	)
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run the whole product with stand-ins for WhatsApp, QloApps and Gmail",
		Long: `Run the whole product on this machine, without any account: stand-ins for
WhatsApp, QloApps and Gmail, a believable hotel, and one page with a phone, the
hotel's view, the mail inbox and the reception. Any e-mail address works and
nothing leaves this machine. Taken ports: the next free one is used.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			log := os.Stderr
			out := cmd.OutOrStdout()
			d, err := startDemoAt(cmd.Context(), pageAddr, flags, cmd, log)
			if err != nil {
				return err
			}
			if !quiet {
				d.greet(out)
			}
			return d.run()
		},
	}
	cmd.Flags().BoolVarP(&quiet, "quiet", "q", false, "print nothing but the log")
	cmd.Flags().StringVar(&pageAddr, "page-addr", demoAddr, "address of the page; the next free port when it is taken")
	_ = cmd.Flags().MarkHidden("page-addr") // it is there
	return cmd
}

// demoRun is a demo that has started.
type demoRun struct {
	app      *app
	standins *demo.Standins
	page     *http.Server
	pageLn   net.Listener
	ctx      context.Context
	stop     func()
}

// startDemoAt starts the stand-ins, the engine that is pointed at them, and the page.
func startDemoAt(parent context.Context, pageAddr string, flags *settingsFlags, cmd *cobra.Command, logTo io.Writer) (_ *demoRun, err error) {
	d := &demoRun{stop: func() {}}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	if d.pageLn, err = demo.NextFree(pageAddr); err != nil {
		return nil, err
	}
	base, err := flags.loadDemo(cmd, nil) // addresses and secrets that somebody set
	if err != nil {
		return nil, err
	}
	public, err := demo.NextFree(loopback(base.HTTP.Addr))
	if err != nil {
		return nil, err
	}
	admin, err := demo.NextFree(base.Admin.Addr)
	if err != nil {
		return nil, errors.Join(err, public.Close())
	}
	secret := base.WhatsApp.AppSecret.Reveal()
	if !base.IsSet("WHATSAPP_APP_SECRET") {
		secret = rand.Text()
	}
	dir := base.General.DataDir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("DATA_DIR: %w", err)
	}
	if d.standins, err = demo.Start(demo.Config{Dir: filepath.Join(dir, "standins"), AppSecret: secret, Strangers: secret == "",
		WebhookURL: "http://" + public.Addr().String() + "/api/webhooks/whatsapp"}); err != nil {
		return nil, err
	}
	env := d.standins.Env()
	env["WHATSAPP_APP_SECRET"] = secret
	env["ADMIN_URL"] = d.url() + "reception"
	cfg, err := flags.loadDemo(cmd, env)
	if err != nil {
		return nil, err
	}
	log := newLogger(logTo, cfg)
	d.ctx, d.stop = untilSignal(parent, log)
	if d.app, err = assemble(d.ctx, cfg, log, public, admin); err != nil {
		return nil, err
	}
	pages, err := demo.NewPages(demo.PagesConfig{
		GraphURL: d.standins.GraphURL, HotelURL: d.standins.HotelURL, GmailURL: d.standins.GmailURL,
		AdminURL: "http://" + admin.Addr().String(), AdminToken: d.app.token})
	if err != nil {
		return nil, err
	}
	d.page = &http.Server{Handler: pages, ReadHeaderTimeout: 5 * time.Second}
	return d, nil
}

// loopback keeps the demo's webhook off the network: ":8002" is 127.0.0.1:8002.
func loopback(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err == nil && host == "" {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return addr
}

func (d *demoRun) url() string { return "http://" + d.pageLn.Addr().String() + "/" }

func (d *demoRun) greet(w io.Writer) {
	fmt.Fprintf(w, `
  Conserje is running:  %s

  Phone, hotel, mails and reception are on that page. Any e-mail address works;
  nothing leaves this machine. State is kept in %s. Ctrl-C ends it.
  Webhook: http://%s/api/webhooks/whatsapp   In the terminal: conserje chat

`, d.url(), d.app.cfg.General.DataDir, d.app.publicLn.Addr())
}

// run serves until a signal, and then ends in order: engine, page, stand-ins.
func (d *demoRun) run() error {
	page := make(chan error, 1)
	go func() { page <- d.page.Serve(transport.WithHeaders(d.pageLn)) }()
	err := d.app.serve(d.ctx)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = d.page.Shutdown(ctx) // open event streams do not end by themselves
	return errors.Join(err, d.close())
}

func (d *demoRun) close() error {
	d.stop()
	var errs []error
	if d.page != nil {
		errs = append(errs, d.page.Close())
	} else if d.pageLn != nil {
		errs = append(errs, d.pageLn.Close())
	}
	if d.standins != nil {
		errs = append(errs, d.standins.Close())
	}
	return errors.Join(errs...)
}

// demoHotels are the hotels of a demo without HOTEL_CONFIG.
func demoHotels() []config.Document { return []config.Document{confdemo.Hotel()} }
