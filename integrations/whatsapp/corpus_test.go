package whatsapp_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/whatsapp"
)

// TestCorpus decodes a folder of public payloads that stays outside of the
// repository, each to what its kind in index.tsv says.
func TestCorpus(t *testing.T) {
	t.Parallel()

	dir := os.Getenv("WHATSAPP_CORPUS")
	if dir == "" {
		dir = "../../../shared/whatsapp/corpus/visible"
	}
	index, err := os.ReadFile(filepath.Join(dir, "index.tsv"))
	if os.IsNotExist(err) && os.Getenv("WHATSAPP_CORPUS") == "" {
		t.Logf("NOT CHECKED: no corpus at %s; set WHATSAPP_CORPUS to its folder", dir)
		return
	}
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(index)), "\n")[1:]
	require.NotEmpty(t, lines)
	for _, line := range lines {
		columns := strings.Split(line, "\t")
		t.Run(strings.TrimSuffix(columns[0], ".json"), func(t *testing.T) {
			t.Parallel()

			body, err := os.ReadFile(filepath.Join(dir, columns[0]))
			require.NoError(t, err)
			got, err := whatsapp.Decode(body, arrival)
			require.NoError(t, err)
			test := strings.Contains(columns[len(columns)-1], "dashboard test button")
			require.Equal(t, expect(columns[1], test), summary(got))
		})
	}
	t.Logf("%d payloads of %s", len(lines), dir)
}

// decoded is what a kind of payload is expected to become.
type decoded struct {
	messages, receipts, ignored string
}

func summary(w hotel.Webhook) (d decoded) {
	for _, m := range w.Messages {
		d.messages += string(m.Kind) + " "
	}
	for _, r := range w.Receipts {
		d.receipts += string(r.Status) + " "
	}
	for _, name := range w.Ignored {
		d.ignored += name + " "
	}
	return d
}

// expect reads "messages.audio.voice+bsuid" and the like.
func expect(kind string, test bool) decoded {
	if kind == "empty" {
		return decoded{}
	}
	if test {
		return decoded{ignored: "test "}
	}
	name, marks, _ := strings.Cut(kind, "+")
	parts := append(strings.Split(name, "."), "", "")
	field, typ, sub := parts[0], parts[1], parts[2]
	group := strings.HasPrefix(marks, "group") || strings.Contains(marks, "+group")
	switch {
	case field != "messages":
		return decoded{ignored: field + " "}
	case typ == "status" && group:
		return decoded{ignored: "group_status "}
	case typ == "status":
		return decoded{receipts: sub + " "}
	case group:
		return decoded{ignored: "group "}
	case typ == "value_errors":
		return decoded{ignored: "errors "}
	case typ == "system" || typ == "edit" || typ == "revoke" || typ == "request_welcome":
		return decoded{ignored: typ + " "}
	}
	out := decoded{messages: strings.Repeat(string(inboundKind(typ, sub))+" ", 1+strings.Count(marks, "*2"))}
	if typ == "interactive" && sub == "none" { // its errors stand beside the message
		out.ignored = "errors "
	}
	return out
}

func inboundKind(typ, sub string) hotel.InboundKind {
	switch typ {
	case "audio":
		if sub == "voice" {
			return hotel.InVoice
		}
		return hotel.InAudio
	case "voice":
		return hotel.InVoice
	case "button":
		return hotel.InTap
	case "interactive":
		if strings.HasSuffix(sub, "_reply") && sub != "call_permission_reply" {
			return hotel.InTap
		}
	case "text", "image", "video", "document", "sticker", "location", "contacts", "reaction":
		return hotel.InboundKind(typ)
	}
	return hotel.InUnsupported
}
