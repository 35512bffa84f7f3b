package gmailtest

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Switches are the faults to make.
type Switches struct {
	// Token: "" good, "invalid_grant", "invalid_client", "slow", "500".
	Token string `json:"token"`
	// Send: "" good; a refusal that leaves nothing behind: "400", "precondition",
	// "401", "403_config", "403_rate", "403_daily", "404", "413", "429",
	// "429_mail", "500", "503"; "html" (502 of a proxy); "slow"; or "cut": the
	// mail is taken and the connection cut, "cut_before": cut and not taken,
	// "hang_after": taken, and the answer comes after Slow.
	Send string `json:"send"`
	// Times is how many requests the Send fault hits before it ends; 0 = all.
	Times int `json:"times,omitempty"`
	// SlowMS is how long "slow" and "hang_after" take; 0 = 2,000.
	SlowMS int `json:"slow_ms,omitempty"`
	// RetryAfterS is what 429 and 403_rate ask for; 0 = until the minute's window has room.
	RetryAfterS int `json:"retry_after_s,omitempty"`
}

var (
	tokenFaults = []string{"", "invalid_grant", "invalid_client", "slow", "500"}
	sendFaults  = []string{"", "400", "precondition", "401", "403_config", "403_rate", "403_daily", "404", "413", "429",
		"429_mail", "500", "503", "html", "slow", "cut", "cut_before", "hang_after"}
)

func (w Switches) validate() error {
	if !slices.Contains(tokenFaults, w.Token) {
		return fmt.Errorf("token fault %q is none of %q", w.Token, tokenFaults)
	}
	if !slices.Contains(sendFaults, w.Send) {
		return fmt.Errorf("send fault %q is none of %q", w.Send, sendFaults)
	}
	return nil
}

func (w Switches) slow() time.Duration {
	if w.SlowMS == 0 {
		return 2 * time.Second
	}
	return time.Duration(w.SlowMS) * time.Millisecond
}

// nextSend takes the fault of this send, and counts it.
func (s *Server) nextSend() Switches {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sendAsk++
	w := s.switches
	if w.Send != "" && w.Times > 0 {
		if s.switches.Times--; s.switches.Times == 0 {
			s.switches.Send = ""
		}
	}
	return w
}

// refusal is an error answer of the API.
type refusal struct {
	code            int
	reason, message string
	status          string
}

var refusals = map[string]refusal{
	"400":          {400, "invalidArgument", "Invalid To header", "INVALID_ARGUMENT"},
	"precondition": {400, "failedPrecondition", "Mail service not enabled", "FAILED_PRECONDITION"},
	"401": {401, "authError", "Request had invalid authentication credentials. Expected OAuth 2 access token.",
		"UNAUTHENTICATED"},
	"403_config": {403, "accessNotConfigured", "Gmail API has not been used in project 1 before or it is disabled.",
		"PERMISSION_DENIED"},
	"403_rate":  {403, "userRateLimitExceeded", "User Rate Limit Exceeded", "PERMISSION_DENIED"},
	"403_daily": {403, "dailyLimitExceeded", "Daily Limit Exceeded", "PERMISSION_DENIED"},
	"404":       {404, "notFound", "Requested entity was not found.", "NOT_FOUND"},
	"413":       {413, "uploadTooLarge", "Request entity too large", ""},
	"429":       {429, "rateLimitExceeded", "User-rate limit exceeded.", "RESOURCE_EXHAUSTED"},
	"429_mail":  {429, "rateLimitExceeded", "User-rate limit exceeded. (Mail sending)", "RESOURCE_EXHAUSTED"},
	"500":       {500, "backendError", "Internal error encountered.", "INTERNAL"},
	"503":       {503, "backendError", "The service is currently unavailable.", "UNAVAILABLE"},
}

// refuse answers as the API does.
func refuse(w http.ResponseWriter, r refusal) {
	e := map[string]any{"code": r.code, "message": r.message,
		"errors": []map[string]any{{"domain": "global", "reason": r.reason, "message": r.message}}}
	if r.status != "" {
		e["status"] = r.status
	}
	writeJSON(w, r.code, map[string]any{"error": e})
}
