package gmailtest

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRaw is the largest JSON send (the raw mail in base64, and a little).
const maxRaw = 5 << 20

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (s *Server) handleToken(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.tokenAsk++
	fault := s.switches
	s.mu.Unlock()
	switch fault.Token {
	case "slow":
		s.pause(r, fault.slow())
	case "500":
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
		return
	case "invalid_grant":
		tokenRefused(w, http.StatusBadRequest, "invalid_grant", "Token has been expired or revoked.")
		return
	case "invalid_client":
		tokenRefused(w, http.StatusUnauthorized, "invalid_client", "The OAuth client was not found.")
		return
	}
	id, secret, refresh := r.PostFormValue("client_id"), r.PostFormValue("client_secret"), r.PostFormValue("refresh_token")
	switch {
	case r.PostFormValue("grant_type") != "refresh_token":
		tokenRefused(w, http.StatusBadRequest, "unsupported_grant_type", "Invalid grant_type")
		return
	case id == "" || s.cfg.ClientID != "" && id != s.cfg.ClientID, s.cfg.ClientSecret != "" && secret != s.cfg.ClientSecret:
		tokenRefused(w, http.StatusUnauthorized, "invalid_client", "Unauthorized")
		return
	case refresh == "" || s.cfg.RefreshToken != "" && refresh != s.cfg.RefreshToken:
		tokenRefused(w, http.StatusBadRequest, "invalid_grant", "Bad Request")
		return
	}
	access := "ya29." + newID()
	s.mu.Lock()
	s.tokens[access] = token{account: refresh, expires: s.cfg.Now().Add(3599 * time.Second)}
	s.mu.Unlock()
	writeJSON(w, http.StatusOK, map[string]any{"access_token": access, "expires_in": 3599, "token_type": "Bearer",
		"scope": "https://www.googleapis.com/auth/gmail.send"})
}

func tokenRefused(w http.ResponseWriter, status int, code, description string) {
	writeJSON(w, status, map[string]any{"error": code, "error_description": description})
}

func (s *Server) handleSend(w http.ResponseWriter, r *http.Request) {
	fault := s.nextSend()
	account, ok := s.account(r)
	if !ok {
		refuse(w, refusals["401"])
		return
	}
	if s.answerFault(w, r, fault) {
		return
	}
	raw, err := readRaw(r.Body)
	if err != nil {
		refuse(w, refusal{400, "badRequest", err.Error(), "INVALID_ARGUMENT"})
		return
	}
	mail, err := s.parse(raw, account)
	if err != nil {
		refuse(w, refusal{400, "invalidArgument", err.Error(), "INVALID_ARGUMENT"})
		return
	}
	if wait, over := s.store(mail); over != "" {
		answer := refusals[over]
		if wait > 0 {
			answer.message += " Retry after " + s.cfg.Now().Add(wait).UTC().Format("2006-01-02T15:04:05.000Z")
			w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())+1))
		}
		refuse(w, answer)
		return
	}
	switch fault.Send {
	case "cut":
		panic(http.ErrAbortHandler)
	case "hang_after":
		s.pause(r, fault.slow())
	}
	writeJSON(w, http.StatusOK, map[string]any{"id": mail.ID, "threadId": mail.Thread, "labelIds": []string{"SENT"}})
}

// answerFault makes the faults that take no mail.
func (s *Server) answerFault(w http.ResponseWriter, r *http.Request, fault Switches) bool {
	switch fault.Send {
	case "", "cut", "hang_after":
		return false
	case "slow":
		s.pause(r, fault.slow())
		return false
	case "cut_before":
		panic(http.ErrAbortHandler)
	case "html":
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "<html><title>Error 502 (Server Error)</title></html>")
		return true
	}
	answer := refusals[fault.Send]
	if fault.RetryAfterS > 0 {
		at := s.cfg.Now().Add(time.Duration(fault.RetryAfterS) * time.Second)
		answer.message += " Retry after " + at.UTC().Format("2006-01-02T15:04:05.000Z")
		w.Header().Set("Retry-After", strconv.Itoa(fault.RetryAfterS))
	}
	refuse(w, answer)
	return true
}

// account is whose access token the request carries.
func (s *Server) account(r *http.Request) (string, bool) {
	access, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || r.PathValue("user") != "me" {
		return "", false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, known := s.tokens[access]
	if !known || s.cfg.Now().After(t.expires) {
		return "", false
	}
	return t.account, true
}

// readRaw decodes the body: the URL alphabet only, with or without padding.
func readRaw(body io.Reader) ([]byte, error) {
	var req struct {
		Raw      string `json:"raw"`
		ThreadID string `json:"threadId"`
	}
	if err := json.NewDecoder(io.LimitReader(body, maxRaw)).Decode(&req); err != nil {
		return nil, errors.New("Invalid JSON payload received")
	}
	if req.Raw == "" {
		return nil, errors.New("'raw' RFC822 payload message string or uploading message via /upload/* URL required")
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(strings.TrimRight(req.Raw, "="))
	if err != nil {
		return nil, fmt.Errorf("Invalid value for ByteString: %w", err)
	}
	return raw, nil
}

// store keeps the mail unless the account is over a limit: then which, and how
// long to wait (0 = not said).
func (s *Server) store(m Mail) (wait time.Duration, over string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.cfg.Now()
	var day []time.Time
	for _, at := range s.spent[m.Account] {
		if now.Sub(at) < 24*time.Hour {
			day = append(day, at)
		}
	}
	s.spent[m.Account] = day
	if s.cfg.Daily > 0 && len(day) >= s.cfg.Daily {
		return day[0].Add(24 * time.Hour).Sub(now), "429_mail"
	}
	if fits := s.cfg.UnitsPerMinute / sendUnits; s.cfg.UnitsPerMinute > 0 && len(day) >= fits && fits > 0 {
		if oldest := day[len(day)-fits]; now.Sub(oldest) < time.Minute {
			return oldest.Add(time.Minute).Sub(now), "429"
		}
	}
	if err := s.journal.add(entry{Mail: &m}); err != nil {
		return 0, "500"
	}
	s.remember(m)
	return 0, ""
}
