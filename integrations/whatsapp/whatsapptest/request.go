package whatsapptest

import "encoding/json"

// request is the body of POST /{number}/messages, as far as it is looked at.
type request struct {
	Product   string `json:"messaging_product"`
	To        string `json:"to"`
	Recipient string `json:"recipient"`
	Type      string `json:"type"`
	Callback  string `json:"biz_opaque_callback_data"`
	Context   struct {
		ID string `json:"message_id"`
	} `json:"context"`

	Text *struct {
		Body string `json:"body"`
	} `json:"text"`
	Interactive *struct {
		Type   string `json:"type"`
		Header *struct {
			Type string `json:"type"`
			Text string `json:"text"`
		} `json:"header"`
		Body struct {
			Text string `json:"text"`
		} `json:"body"`
		Footer struct {
			Text string `json:"text"`
		} `json:"footer"`
		Action struct {
			Name    string `json:"name"`
			Button  string `json:"button"`
			Buttons []struct {
				Type  string `json:"type"`
				Reply Choice `json:"reply"`
			} `json:"buttons"`
			Sections   []Section `json:"sections"`
			Parameters struct {
				DisplayText string `json:"display_text"`
				URL         string `json:"url"`
				FlowID      string `json:"flow_id"`
				FlowName    string `json:"flow_name"`
				FlowCTA     string `json:"flow_cta"`
			} `json:"parameters"`
		} `json:"action"`
	} `json:"interactive"`
	Template *struct {
		Name     string `json:"name"`
		Language struct {
			Code string `json:"code"`
		} `json:"language"`
		Components []struct {
			Type       string `json:"type"`
			Parameters []struct {
				Type string `json:"type"`
				Text string `json:"text"`
			} `json:"parameters"`
		} `json:"components"`
	} `json:"template"`
	Image    *media `json:"image"`
	Video    *media `json:"video"`
	Audio    *media `json:"audio"`
	Document *media `json:"document"`
	Sticker  *media `json:"sticker"`
	Location *struct {
		Latitude  float64 `json:"latitude"`
		Longitude float64 `json:"longitude"`
		Name      string  `json:"name"`
	} `json:"location"`
	Contacts []json.RawMessage `json:"contacts"`
	Reaction *struct {
		MessageID string `json:"message_id"`
		Emoji     string `json:"emoji"`
	} `json:"reaction"`

	// Mark as read.
	Status    string `json:"status"`
	MessageID string `json:"message_id"`
	Typing    *struct {
		Type string `json:"type"`
	} `json:"typing_indicator"`
}

type media struct {
	ID      string `json:"id"`
	Link    string `json:"link"`
	Caption string `json:"caption"`
}

// message returns what the guest's phone shows of a valid request.
func (r *request) message() *Message {
	m := &Message{From: FromHotel, Type: r.Type, Callback: r.Callback, ReplyTo: r.Context.ID, ByBSUID: r.To == ""}
	switch r.Type {
	case "text":
		m.Text = r.Text.Body
	case "interactive":
		i := r.Interactive
		m.Type, m.Text = i.Type, i.Body.Text
		for _, b := range i.Action.Buttons {
			m.Buttons = append(m.Buttons, b.Reply)
		}
		if i.Type == "list" {
			m.List = &List{i.Action.Button, i.Action.Sections}
		}
	case "template":
		m.Template = &Template{Name: r.Template.Name, Lang: r.Template.Language.Code}
		for _, c := range r.Template.Components {
			for _, p := range c.Parameters {
				if c.Type == "body" {
					m.Template.Params = append(m.Template.Params, p.Text)
				}
			}
		}
	case "location":
		m.Text, m.Latitude, m.Longitude = r.Location.Name, r.Location.Latitude, r.Location.Longitude
	case "reaction":
		m.Text, m.ReplyTo = r.Reaction.Emoji, r.Reaction.MessageID
	default:
		if f := r.media(); f != nil {
			m.Text = f.Caption
		}
	}
	return m
}

func (r *request) media() *media {
	return map[string]*media{"image": r.Image, "video": r.Video, "audio": r.Audio, "document": r.Document, "sticker": r.Sticker}[r.Type]
}
