package whatsapptest

import (
	"strconv"
	"time"
)

// TextWebhook returns the body of a webhook with one text, as Meta writes it.
// It is made without reflection: load generators need one for each request.
func TextWebhook(numberID, from, name, wamid, text string, at time.Time) []byte {
	m := appendMessage(make([]byte, 0, 512), from, wamid, at, "text")
	m = appendMember(append(m, `"text":{`...), "body", text)
	return messageWebhook(numberID, from, name, append(m, `}}`...))
}

// TapWebhook returns the body of a webhook with one tap on a reply button of
// the message quoted.
func TapWebhook(numberID, from, name, wamid, quoted, tapID, title string, at time.Time) []byte {
	m := appendMessage(make([]byte, 0, 512), from, wamid, at, "interactive")
	m = appendMember(append(m, `"context":{`...), "id", quoted)
	m = appendMember(append(m, `},"interactive":{"type":"button_reply","button_reply":{`...), "id", tapID)
	m = appendMember(append(m, ','), "title", title)
	return messageWebhook(numberID, from, name, append(m, `}}}`...))
}

// StatusWebhook returns the body of a webhook with one status of a message of
// the hotel's. A code other than 0 goes into its errors.
func StatusWebhook(numberID, to, wamid, callback, status string, code int, at time.Time) []byte {
	s := appendMember([]byte{'{'}, "id", wamid)
	s = appendMember(append(s, ','), "status", status)
	s = appendMember(append(s, ','), "timestamp", strconv.FormatInt(at.Unix(), 10))
	s = appendMember(append(s, ','), "recipient_id", to)
	if callback != "" {
		s = appendMember(append(s, ','), "biz_opaque_callback_data", callback)
	}
	if code != 0 {
		s = strconv.AppendInt(append(s, `,"errors":[{"code":`...), int64(code), 10)
		s = append(s, `,"title":"Message undeliverable"}]`...)
	}
	return envelope(numberID, append(append([]byte(`"statuses":[`), s...), `}]`...))
}

func appendMessage(dst []byte, from, wamid string, at time.Time, typ string) []byte {
	dst = appendMember(append(dst, '{'), "from", from)
	if wamid != "" {
		dst = appendMember(append(dst, ','), "id", wamid)
	}
	dst = appendMember(append(dst, ','), "timestamp", strconv.FormatInt(at.Unix(), 10))
	return append(appendMember(append(dst, ','), "type", typ), ',')
}

func messageWebhook(numberID, from, name string, message []byte) []byte {
	v := appendMember(append(make([]byte, 0, 256+len(message)), `"contacts":[{"profile":{`...), "name", name)
	v = appendMember(append(v, `},`...), "wa_id", from)
	v = append(append(v, `}],"messages":[`...), message...)
	return envelope(numberID, append(v, ']'))
}

// envelope wraps the members of a messages value.
func envelope(numberID string, members []byte) []byte {
	b := make([]byte, 0, 320+len(members))
	b = append(b, `{"object":"whatsapp_business_account","entry":[{"id":"100200300400500","changes":[{"value":{"messaging_product":"whatsapp",`...)
	b = appendMember(append(b, `"metadata":{"display_phone_number":"15550783881",`...), "phone_number_id", numberID)
	b = append(append(b, `},`...), members...)
	return append(b, `},"field":"messages"}]}]}`...)
}

func appendMember(dst []byte, name, value string) []byte {
	dst = append(append(append(dst, '"'), name...), `":`...)
	return appendString(dst, value)
}
