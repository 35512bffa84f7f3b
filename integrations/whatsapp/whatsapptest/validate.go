package whatsapptest

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// refusal is a Graph error: its code, and what it says for developers. The zero
// refusal is none.
type refusal struct {
	code    int
	details string
}

func missing(what string) refusal { return refusal{131008, "Required parameter is missing: " + what} }

func wrong(format string, args ...any) refusal { return refusal{131009, fmt.Sprintf(format, args...)} }

// first returns the first that refuses.
func first(rs ...refusal) refusal {
	for _, r := range rs {
		if r.code != 0 {
			return r
		}
	}
	return refusal{}
}

// length wants 1 to most characters; least 0 allows none.
func length(what, s string, least, most int) refusal {
	n := utf8.RuneCountInString(s)
	if n < least || n > most {
		return wrong("%s must be %d to %d characters long, has %d", what, least, most, n)
	}
	return refusal{}
}

// validate checks a message against the documented limits. They are written
// down here anew, apart from the client's, so that the two check each other.
func (r *request) validate() refusal {
	if r.Product != "whatsapp" {
		return refusal{100, "messaging_product must be whatsapp"}
	}
	if r.To == "" && r.Recipient == "" {
		return missing("to or recipient")
	}
	if len(r.Callback) > 512 {
		return wrong("biz_opaque_callback_data is longer than 512")
	}
	switch r.Type {
	case "", "text":
		r.Type = "text"
		if r.Text == nil {
			return missing("text")
		}
		return length("text.body", r.Text.Body, 1, 4096)
	case "interactive":
		return r.validateInteractive()
	case "template":
		return r.validateTemplate()
	case "image", "video", "audio", "document", "sticker":
		return r.validateMedia()
	case "location":
		if r.Location == nil {
			return missing("location")
		}
		return refusal{}
	case "contacts":
		if len(r.Contacts) == 0 {
			return missing("contacts")
		}
		return refusal{}
	case "reaction":
		if r.Reaction == nil || r.Reaction.MessageID == "" {
			return missing("reaction.message_id")
		}
		return refusal{}
	}
	return refusal{100, "type is not one of the supported ones"}
}

func (r *request) validateMedia() refusal {
	f := r.media()
	if f == nil || f.ID == "" && f.Link == "" {
		return missing(r.Type + ".id or link")
	}
	if f.Caption != "" && (r.Type == "audio" || r.Type == "sticker") {
		return wrong("%s has no caption", r.Type)
	}
	return length("caption", f.Caption, 0, 1024)
}

func (r *request) validateInteractive() refusal {
	i := r.Interactive
	if i == nil {
		return missing("interactive")
	}
	most := 1024
	if i.Type == "list" {
		most = 4096
	}
	if bad := first(length("body", i.Body.Text, 1, most), length("footer", i.Footer.Text, 0, 60)); bad.code != 0 {
		return bad
	}
	if i.Header != nil && i.Header.Type == "text" {
		if bad := length("header", i.Header.Text, 1, 60); bad.code != 0 {
			return bad
		}
	}
	p := i.Action.Parameters
	switch i.Type {
	case "button":
		return r.validateButtons()
	case "list":
		return r.validateList()
	case "cta_url":
		if !strings.HasPrefix(p.URL, "http") {
			return missing("parameters.url")
		}
		return length("display_text", p.DisplayText, 1, 20)
	case "location_request_message":
		return action(i.Action.Name, "send_location")
	case "request_contact_info":
		return action(i.Action.Name, "request_contact_info")
	case "flow":
		if p.FlowID == "" && p.FlowName == "" {
			return missing("parameters.flow_id or flow_name")
		}
		return first(action(i.Action.Name, "flow"), length("flow_cta", p.FlowCTA, 1, 30))
	}
	return wrong("interactive.type is not supported here")
}

func action(got, want string) refusal {
	if got != want {
		return wrong("action.name must be %s", want)
	}
	return refusal{}
}

func (r *request) validateButtons() refusal {
	buttons := r.Interactive.Action.Buttons
	if len(buttons) < 1 || len(buttons) > 3 {
		return wrong("1 to 3 buttons, got %d", len(buttons))
	}
	seen := map[string]bool{}
	for _, b := range buttons {
		if b.Type != "reply" {
			return wrong("button type must be reply")
		}
		if bad := first(length("title", b.Reply.Title, 1, 20), length("id", b.Reply.ID, 1, 256)); bad.code != 0 {
			return bad
		}
		if seen["id "+b.Reply.ID] || seen["title "+b.Reply.Title] {
			return wrong("buttons must be unique")
		}
		seen["id "+b.Reply.ID], seen["title "+b.Reply.Title] = true, true
	}
	return refusal{}
}

func (r *request) validateList() refusal {
	a := r.Interactive.Action
	if h := r.Interactive.Header; h != nil && h.Type != "text" {
		return wrong("a list's header is text")
	}
	if len(a.Sections) < 1 || len(a.Sections) > 10 {
		return wrong("1 to 10 sections, got %d", len(a.Sections))
	}
	if bad := length("button", a.Button, 1, 20); bad.code != 0 {
		return bad
	}
	rows, seen := 0, map[string]bool{}
	for _, s := range a.Sections {
		least := 0
		if len(a.Sections) > 1 {
			least = 1
		}
		if bad := length("section title", s.Title, least, 24); bad.code != 0 {
			return bad
		}
		for _, row := range s.Rows {
			bad := first(length("row title", row.Title, 1, 24), length("row id", row.ID, 1, 200), length("description", row.Description, 0, 72))
			if bad.code != 0 {
				return bad
			}
			if seen[row.ID] {
				return wrong("row ids must be unique")
			}
			seen[row.ID] = true
			rows++
		}
	}
	if rows < 1 || rows > 10 {
		return wrong("1 to 10 rows in all, got %d", rows)
	}
	return refusal{}
}

func (r *request) validateTemplate() refusal {
	t := r.Template
	if t == nil || t.Name == "" || t.Language.Code == "" {
		return missing("template.name and language.code")
	}
	for _, c := range t.Components {
		for _, p := range c.Parameters {
			if p.Type == "text" && (strings.ContainsAny(p.Text, "\n\t") || strings.Contains(p.Text, "     ")) {
				return refusal{132018, "parameters have no new lines, tabs or more than 4 spaces in a row"}
			}
			if p.Type == "text" && p.Text == "" {
				return refusal{132012, "parameter is empty"}
			}
		}
	}
	return refusal{}
}
