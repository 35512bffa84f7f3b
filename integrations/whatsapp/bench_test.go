package whatsapp_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/whatsapp"
)

const inboundText = `{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{` +
	`"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},` +
	`"contacts":[{"profile":{"name":"Mar\u00eda P\u00e9rez"},"wa_id":"5491155550001","user_id":"AR.13491208655302741918"}],` +
	`"messages":[{"from":"5491155550001","from_user_id":"AR.13491208655302741918",` +
	`"id":"wamid.HBgNNTQ5MTE1NTU1MDAwMRUCABIYFDNBOTg3NkQ0RkZBRTEwMTIzNDU2AA==","timestamp":"1795500000",` +
	`"text":{"body":"Hola, quiero reservar una habitaci\u00f3n para dos personas del 3 al 6 de diciembre"},"type":"text"}]},` +
	`"field":"messages"}]}]}`

func batch(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"object":"whatsapp_business_account","entry":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":"1022901","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881",`+
			`"phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Guest %d"},"wa_id":"54911%08d"}],"messages":[{"from":"54911%08d",`+
			`"id":"wamid.HBgN%040d","timestamp":"1795500000","type":"text","text":{"body":"%s"}}]},"field":"messages"}]}`,
			i, i, i, i, bytes.Repeat([]byte(`ma\u00f1ana `), 220))
	}
	b.WriteString(`]}`)
	return b.Bytes()
}

func BenchmarkDecode(b *testing.B) {
	now := time.Unix(1795500001, 0)
	for _, c := range []struct {
		name    string
		body    []byte
		updates int
	}{{"text", []byte(inboundText), 1}, {"3MB", batch(1000), 1000}} {
		b.Run(fmt.Sprintf("body=%s/bytes=%d", c.name, len(c.body)), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(c.body)))
			for b.Loop() {
				w, err := whatsapp.Decode(c.body, now)
				if err != nil || len(w.Messages) != c.updates {
					b.Fatal(err, len(w.Messages))
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*c.updates), "ns/update")
		})
	}
}

func TestBatchDecodes(t *testing.T) {
	t.Parallel()

	w, err := whatsapp.Decode(batch(1000), time.Now())
	require.NoError(t, err)
	require.Len(t, w.Messages, 1000)
	require.Equal(t, "Guest 999", w.Messages[999].Profile)
}
