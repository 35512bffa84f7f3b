package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/conserje/conserje/demo"
)

// newStandins runs the stand-ins alone, so that tests can kill the engine and not them.
func newStandins() *cobra.Command {
	var c demo.Config
	cmd := &cobra.Command{
		Use:   "standins",
		Short: "Run only the stand-ins of WhatsApp, QloApps and Gmail",
		Long: `Run only the stand-ins, and print the environment that points an engine at them
as one line of JSON. The webhooks are signed with WHATSAPP_APP_SECRET.`,
		Example: "  WHATSAPP_APP_SECRET=s conserje standins --webhook http://127.0.0.1:8002/api/webhooks/whatsapp",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c.AppSecret = os.Getenv("WHATSAPP_APP_SECRET")
			s, err := demo.Start(c)
			if err != nil {
				return err
			}
			line, err := json.Marshal(s.Env())
			if err != nil {
				return errors.Join(err, s.Close())
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			if _, err := fmt.Fprintln(cmd.OutOrStdout(), string(line)); err != nil {
				return errors.Join(err, s.Close())
			}
			<-ctx.Done()
			return s.Close()
		},
	}
	cmd.Flags().StringVar(&c.Dir, "dir", "", "folder of their state (empty: memory only)")
	cmd.Flags().StringVar(&c.WebhookURL, "webhook", "", "where webhooks go")
	cmd.Flags().DurationVar(&c.RetryMost, "retry-most", 0, "longest wait between tries of a webhook (0: a minute)")
	cmd.Flags().StringVar(&c.Graph, "graph-addr", "", "address of the WhatsApp stand-in (empty: any free port)")
	cmd.Flags().StringVar(&c.Hotel, "hotel-addr", "", "address of the QloApps stand-in")
	cmd.Flags().StringVar(&c.Gmail, "gmail-addr", "", "address of the Gmail stand-in")
	return cmd
}
