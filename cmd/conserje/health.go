package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

// healthPatience is longer than the engine gives the checks of its readiness (2 s).
const healthPatience = 4 * time.Second

func newHealth(flags *settingsFlags) *cobra.Command {
	var ready bool
	cmd := &cobra.Command{
		Use: "health", Short: "Ask the engine on this machine whether it is alive: for containers, which have no curl",
		Long: `Ask the public listener at HTTP_ADDR for /health/live, or with --ready for
/health/ready, and print its answer. It opens no store and needs no token; it reads
the same settings as the engine, so give both the same environment.

Exit codes: 0 the answer was 200, 1 it was not, or none came within 4 s.`,
		Example: `  conserje health
  conserje health --ready`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.loadForDesk(cmd)
			if err != nil {
				return err
			}
			path := "/health/live"
			if ready {
				path = "/health/ready"
			}
			return askHealth(cmd.Context(), cmd.OutOrStdout(), cfg.HTTP.Addr, path)
		},
	}
	cmd.Flags().BoolVar(&ready, "ready", false, "whether it takes messages, too: its store answers, the disk has room, it is not ending")
	return cmd
}

// askHealth prints what the listener at addr answers for path; anything but 200 is an error.
func askHealth(ctx context.Context, out io.Writer, addr, path string) error {
	// The address is dialled as it was listened on: without a host, or with 0.0.0.0, it is this machine. No proxy is asked.
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", addr)
	}
	client := &http.Client{Timeout: healthPatience, Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }} // the engine sends nobody on
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost"+path, nil)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("no engine answers at HTTP_ADDR=%s: %w", addr, err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil {
		return fmt.Errorf("the answer at HTTP_ADDR=%s broke off: %w", addr, err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %d: %.500s", path, res.StatusCode, body)
	}
	_, err = fmt.Fprintf(out, "%s\n", body)
	return err
}
