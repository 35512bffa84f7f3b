package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A hotel whose currency its hotel system does not have can sell nothing: the log
// says so at the start, before a guest is told that the system does not answer.
// With PMS_TYPE=mock the stand-in has the hotel's own.
func TestHotelOfACurrencyThatTheHotelSystemLacks(t *testing.T) {
	t.Parallel()

	ctx := within(t, 2*time.Minute)
	r := newRun(t, build(t))
	file := filepath.Join(t.TempDir(), "prime.yaml")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, plainHotel, "EUR", r.env["WHATSAPP_PHONE_NUMBER_ID"], ""), 0o600))
	r.Hotel = file
	r.startEngine()
	require.Eventually(t, func() bool { return strings.Contains(r.log(), "nothing can be quoted or booked") }, 30*time.Second, 20*time.Millisecond)
	r.killEngine()

	r.startEngine("PMS_TYPE=mock")
	g := r.guest(ctx, r.listen(ctx), "5491155559201", "Ana")
	heard := g.say("quiero una habitación " + dates(time.Now(), 60) + " para 2 adultos")
	require.NotNil(t, heard.List, heard.Text)
	require.Contains(t, heard.List.Sections[0].Rows[0].Description, "EUR")
}
