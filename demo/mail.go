package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// policyMail is for a stranger's HTML: its own styles, pictures that it carries
// with it, no script, no form, and no network.
const policyMail = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; " +
	"frame-ancestors 'self'; sandbox"

const maxMail = 8 << 20

var errNoMail = errors.New("no such mail")

// mailHTML serves the HTML part of a mail as a page of its own, for the frame
// in which the inbox shows it: a srcdoc would be under the page's policy.
func mailHTML(gmail string) http.HandlerFunc {
	client := &http.Client{Timeout: 10 * time.Second}
	return func(w http.ResponseWriter, r *http.Request) {
		html, err := fetchHTML(r.Context(), client, gmail, r.PathValue("id"))
		switch {
		case errors.Is(err, errNoMail):
			http.NotFound(w, r)
			return
		case err != nil:
			http.Error(w, "nobody answers behind this page", http.StatusBadGateway)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", policyMail)
		h.Set("X-Frame-Options", "SAMEORIGIN")
		_, _ = io.WriteString(w, html) // the reader may be gone
	}
}

func fetchHTML(ctx context.Context, client *http.Client, gmail, id string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, gmail+"/sim/mails/"+url.PathEscape(id), nil)
	if err != nil {
		return "", err
	}
	res, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	switch res.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return "", errNoMail
	default:
		return "", fmt.Errorf("status %d", res.StatusCode)
	}
	var mail struct {
		HTML string `json:"html"`
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxMail)).Decode(&mail); err != nil {
		return "", err
	}
	return mail.HTML, nil
}
