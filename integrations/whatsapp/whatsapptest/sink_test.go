package whatsapptest_test

import (
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/whatsapp"
	wa "github.com/conserje/conserje/integrations/whatsapp/whatsapptest"
)

func sink(t testing.TB, c wa.SinkConfig) (*wa.Sink, *whatsapp.Client) {
	t.Helper()
	s := wa.NewSink(c)
	url, err := s.Start("127.0.0.1:0")
	require.NoError(t, err)
	client, err := whatsapp.New(whatsapp.Config{BaseURL: url,
		Numbers: map[hotel.PropertyID]whatsapp.Number{"sur": {PhoneNumberID: number, Token: "t"}}})
	require.NoError(t, err)
	t.Cleanup(func() {
		client.Close()
		require.NoError(t, s.Close())
	})
	return s, client
}

func TestSink(t *testing.T) {
	t.Parallel()

	var mu sync.Mutex
	sent := map[string]string{}
	s, client := sink(t, wa.SinkConfig{Delay: time.Microsecond, OnSend: func(m wa.Sent) {
		mu.Lock()
		defer mu.Unlock()
		sent[string(m.ID)] = string(m.Number) + " " + string(m.To) + " " + string(m.Callback)
	}})
	phone, err := client.Send(t.Context(), text(hotel.Address{Phone: ana}, `say "to":"nobody"`), "k/0#1")
	require.NoError(t, err)
	user, err := client.Send(t.Context(), text(hotel.Address{BSUID: "AR.1"}, "x"), "k/1#1")
	require.NoError(t, err)
	require.NoError(t, client.MarkRead(t.Context(), "sur", "wamid.1"))
	require.NoError(t, client.Probe(t.Context(), "sur"))

	mu.Lock()
	defer mu.Unlock()
	require.Equal(t, map[string]string{phone: number + " " + ana + " k/0#1", user: number + " AR.1 k/1#1"}, sent)
	require.EqualValues(t, 2, s.Sent())
	require.EqualValues(t, 1, s.Read())
	_, err = s.Start("256.0.0.1:0")
	require.Error(t, err)
}

// BenchmarkSend is a whole send, client and sink on the same cores.
func BenchmarkSend(b *testing.B) {
	_, client := sink(b, wa.SinkConfig{})
	b.ReportAllocs()
	b.SetParallelism(16)
	before := cpu(b)
	b.RunParallel(func(pb *testing.PB) {
		for n := 0; pb.Next(); n++ {
			if _, err := client.Send(b.Context(), text(hotel.Address{Phone: ana}, "¡Hola! Tenemos lugar."), "0c8abc/0#1"); err != nil {
				b.Error(err)
			}
		}
	})
	client.Close()
	b.ReportMetric(float64(cpu(b)-before)/1e3/float64(b.N), "cpu-us/op")
}

// cpu is what this process has used: the wall clock says little on shared cores.
func cpu(b *testing.B) int64 {
	b.Helper()
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return u.Utime.Nano() + u.Stime.Nano()
}

func BenchmarkTextWebhook(b *testing.B) {
	at := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		wa.TextWebhook(number, ana, "Ana Peña", "wamid.1", "Hola, ¿hay lugar?", at)
	}
}

func TestWebhookBodies(t *testing.T) {
	t.Parallel()

	at, now := time.Unix(1795500000, 0).UTC(), time.Unix(1795500007, 0).UTC()
	said := "¿Mañana? 🏨 \"a/b\" \\ \n\x01"
	got, err := whatsapp.Decode(wa.TextWebhook(number, ana, "Ana Peña", "wamid.1", said, at), now)
	require.NoError(t, err)
	want := hotel.Inbound{NumberID: number, MessageID: "wamid.1", From: hotel.Address{Phone: ana}, Profile: "Ana Peña",
		Kind: hotel.InText, Text: said, SentAt: at, At: now}
	require.Equal(t, hotel.Webhook{Messages: []hotel.Inbound{want}}, got)

	got, err = whatsapp.Decode(wa.TapWebhook(number, ana, "Ana Peña", "", "wamid.0", "yes:1", "Sí", at), now)
	require.NoError(t, err)
	want.MessageID, want.Kind, want.Text, want.TapID, want.QuoteID = "", hotel.InTap, "Sí", "yes:1", "wamid.0"
	require.Equal(t, hotel.Webhook{Messages: []hotel.Inbound{want}}, got)

	got, err = whatsapp.Decode(wa.StatusWebhook(number, ana, "wamid.2", "k/0#2", "failed", 131026, at), now)
	require.NoError(t, err)
	require.Equal(t, []hotel.Receipt{{Key: "k/0", Attempt: 2, MessageID: "wamid.2", Status: hotel.DeliveryFailed, Code: "131026", At: at}}, got.Receipts)
	got, err = whatsapp.Decode(wa.StatusWebhook(number, ana, "wamid.2", "", "sent", 0, at), now)
	require.NoError(t, err)
	require.Equal(t, []hotel.Receipt{{MessageID: "wamid.2", Status: hotel.DeliverySent, At: at}}, got.Receipts)
}

func TestEscape(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]string{
		`"äöå"`:             `"\u00e4\u00f6\u00e5"`, // Meta's own example
		`"http://x"`:        `"http:\/\/x"`,
		`"http:\/\/x"`:      `"http:\/\/x"`,
		`"😀\n\\"`:           `"\ud83d\ude00\n\\"`,
		`{"a":[1,true,""]}`: `{"a":[1,true,""]}`,
	} {
		require.Equal(t, want, string(wa.Escape([]byte(text))))
	}
}

func TestSign(t *testing.T) {
	t.Parallel()

	v := whatsapp.NewVerifier(secret)
	body := wa.TextWebhook(number, ana, "Ana", "wamid.1", "ñ", time.Now())
	require.True(t, v.Verify(wa.Sign(secret, body), body))
	require.False(t, v.Verify(wa.Sign("other", body), body))
}

func TestWamid(t *testing.T) {
	t.Parallel()

	seen := map[string]bool{}
	for i := range 100 {
		for _, inbound := range []bool{true, false} {
			id := wa.Wamid(strconv.Itoa(i), inbound)
			require.Regexp(t, `^wamid\.HBg[A-Za-z0-9+/]+=*$`, id)
			require.False(t, seen[id])
			seen[id] = true
		}
	}
	require.Less(t, len(wa.Wamid(string(make([]byte, 500)), true)), 500)
}

func FuzzEscape(f *testing.F) {
	f.Add("ñ/\"\\\n😀")
	f.Fuzz(func(t *testing.T, text string) {
		body := wa.TextWebhook(number, ana, "Ana", "wamid.1", text, time.Unix(1795500000, 0))
		for _, c := range body {
			require.Less(t, c, byte(0x80))
		}
		_, err := whatsapp.Decode(body, time.Now())
		require.NoError(t, err)
	})
}
