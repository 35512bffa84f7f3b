package whatsapp

import (
	"encoding/json"

	"github.com/conserje/conserje/hotel"
)

// What is sent: the bodies of POST /{phone-number-id}/messages.
type (
	outgoing struct {
		Product       string       `json:"messaging_product"`
		RecipientType string       `json:"recipient_type"`
		To            string       `json:"to,omitempty"`
		Recipient     string       `json:"recipient,omitempty"`
		Type          string       `json:"type"`
		Text          *textBody    `json:"text,omitempty"`
		Interactive   *interactive `json:"interactive,omitempty"`
		Template      *template    `json:"template,omitempty"`
		Callback      string       `json:"biz_opaque_callback_data,omitempty"`
	}
	textBody struct {
		Body string `json:"body"`
	}
	interactive struct {
		Type   string   `json:"type"`
		Body   bodyText `json:"body"`
		Action action   `json:"action"`
	}
	bodyText struct {
		Text string `json:"text"`
	}
	action struct {
		Buttons  []replyButton `json:"buttons,omitempty"`
		Button   string        `json:"button,omitempty"`
		Sections []section     `json:"sections,omitempty"`
	}
	replyButton struct {
		Type  string `json:"type"`
		Reply reply  `json:"reply"`
	}
	reply struct {
		ID    string `json:"id"`
		Title string `json:"title"`
	}
	section struct {
		Title string      `json:"title,omitempty"`
		Rows  []hotel.Row `json:"rows"`
	}
	template struct {
		Name       string      `json:"name"`
		Language   language    `json:"language"`
		Components []component `json:"components,omitempty"`
	}
	language struct {
		Code string `json:"code"`
	}
	component struct {
		Type       string      `json:"type"`
		Parameters []parameter `json:"parameters"`
	}
	parameter struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	readReceipt struct {
		Product   string `json:"messaging_product"`
		Status    string `json:"status"`
		MessageID string `json:"message_id"`
		Typing    struct {
			Type string `json:"type"`
		} `json:"typing_indicator"`
	}
)

// encodeMessage returns the request's body, or which limit the message breaks.
func encodeMessage(m hotel.Message, callback string) ([]byte, error) {
	if err := checkMessage(m, callback); err != nil {
		return nil, err
	}
	out := outgoing{Product: "whatsapp", RecipientType: "individual", Callback: callback}
	out.To, out.Recipient = destination(m.To)
	switch b := m.Bubble; {
	case b.Template != nil:
		out.Type, out.Template = "template", encodeTemplate(b.Template)
	case b.List != nil:
		out.Type = "interactive"
		out.Interactive = &interactive{Type: "list", Body: bodyText{b.Text},
			Action: action{Button: b.List.Button, Sections: []section{{b.List.Title, b.List.Rows}}}}
	case len(b.Buttons) > 0:
		out.Type = "interactive"
		out.Interactive = &interactive{Type: "button", Body: bodyText{b.Text}, Action: action{Buttons: encodeButtons(b.Buttons)}}
	default:
		out.Type, out.Text = "text", &textBody{b.Text}
	}
	return json.Marshal(out)
}

// destination returns the one field that names the guest: "to" is for phones
// only, a user id there would be dialled.
func destination(a hotel.Address) (to, recipient string) {
	switch {
	case a.Phone != "":
		return a.Phone, ""
	case a.BSUID != "":
		return "", a.BSUID
	default:
		return "", a.Parent
	}
}

func encodeButtons(buttons []hotel.Button) []replyButton {
	out := make([]replyButton, 0, len(buttons))
	for _, b := range buttons {
		out = append(out, replyButton{"reply", reply{b.ID, b.Title}})
	}
	return out
}

func encodeTemplate(t *hotel.Template) *template {
	out := &template{Name: t.Name, Language: language{t.Lang}}
	if len(t.Params) == 0 {
		return out
	}
	body := component{Type: "body", Parameters: make([]parameter, 0, len(t.Params))}
	for _, p := range t.Params {
		body.Parameters = append(body.Parameters, parameter{"text", p})
	}
	out.Components = []component{body}
	return out
}

func encodeRead(messageID string) []byte {
	r := readReceipt{Product: "whatsapp", Status: "read", MessageID: messageID}
	r.Typing.Type = "text"
	body, _ := json.Marshal(r) // strings only: cannot fail
	return body
}
