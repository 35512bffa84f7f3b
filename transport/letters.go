package transport

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/conserje/conserje/hotel"
)

// letterQuery reads which dead letters are asked for: all, reason, and their
// age as durations, older and younger.
func (a *Admin) letterQuery(r *http.Request) (hotel.LetterQuery, error) {
	v := r.URL.Query()
	q := hotel.LetterQuery{All: v.Get("all") != "", Reason: v.Get("reason"), Limit: limitOf(r)}
	for name, at := range map[string]*time.Time{"older": &q.Before, "younger": &q.After} {
		if v.Get(name) == "" {
			continue
		}
		age, err := time.ParseDuration(v.Get(name))
		if err != nil || age < 0 {
			return q, &hotel.Error{Op: "transport.letterQuery", Kind: hotel.Invalid,
				Err: fmt.Errorf("%s=%q is no age such as 90m or 24h", name, v.Get(name))}
		}
		*at = a.Now().Add(-age)
	}
	return q, nil
}

// openFields are names of fields whose values are ours: nothing of a guest stands in them.
var openFields = []string{"kind", "property", "lang", "cause", "operator", "repeat", "key", "outcome", "status", "number_id",
	"object", "field", "type", "messaging_product", "at", "sent_at", "window_ends", "since", "check_in", "check_out", "timestamp"}

// Redact shows the shape of a dead letter's body without what a guest said or
// who they are: names of fields, numbers' and texts' lengths, and values that
// are ours. What is no JSON shows its length only.
func Redact(body []byte) string {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return fmt.Sprintf("(%d bytes that are no JSON)", len(body))
	}
	b, err := json.MarshalIndent(redacted("", v), "", "  ")
	if err != nil {
		return fmt.Sprintf("(%d bytes)", len(body))
	}
	return string(b)
}

func redacted(name string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			if !isName(k) {
				k = fmt.Sprintf("(name of %d)", len(k))
			}
			out[k] = redacted(k, x)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = redacted(name, x)
		}
		return out
	case string:
		if slices.Contains(openFields, name) && len(v) <= 64 {
			return v
		}
		return fmt.Sprintf("(%d characters)", len([]rune(v)))
	case float64:
		if slices.Contains(openFields, name) {
			return v
		}
		return "(a number)"
	}
	return v // true, false, null
}

// isName tells a field's name from a guest's words that stand where one should.
func isName(k string) bool {
	return len(k) <= 40 && strings.IndexFunc(k, func(r rune) bool {
		return r != '_' && r != '.' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) < 0
}
