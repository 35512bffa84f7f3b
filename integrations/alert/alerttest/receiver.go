// Package alerttest is a chat program's incoming webhook as alerts meet it:
// it checks what is posted, keeps it, and fails as told.
package alerttest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// Post is one alert as it arrived.
type Post struct {
	Text     string    `json:"text"`
	Cause    string    `json:"cause"`
	Property string    `json:"property"`
	At       time.Time `json:"at"`
	Repeated int       `json:"repeated"`
}

// Answer is what the next request gets.
type Answer struct {
	Status     int
	RetryAfter string
	Location   string
	Hang       bool // until the asker hangs up
}

// Receiver is the stand-in. New starts it.
type Receiver struct {
	server  *httptest.Server
	mu      sync.Mutex
	posts   []Post
	asked   int
	answers []Answer
}

// New starts a receiver on loopback; Close ends it.
func New() *Receiver {
	r := &Receiver{}
	r.server = httptest.NewServer(http.HandlerFunc(r.take))
	return r
}

// URL is the address to post to. Its path is a secret, as with those of chat programs.
func (r *Receiver) URL() string { return r.server.URL + "/services/T000/B000/verysecret" }

// Close ends the server.
func (r *Receiver) Close() {
	r.server.CloseClientConnections()
	r.server.Close()
}

// Fail answers the next requests so, one each; later ones are taken.
func (r *Receiver) Fail(answers ...Answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers = append(r.answers, answers...)
}

// Posts are those that were taken, in order.
func (r *Receiver) Posts() []Post {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Post(nil), r.posts...)
}

// Asked is how many requests came, taken or not.
func (r *Receiver) Asked() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

func (r *Receiver) take(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(io.LimitReader(q.Body, 1<<20))
	var p Post
	if err == nil {
		err = json.Unmarshal(body, &p)
	}
	answer := r.next()
	switch {
	case answer.Hang:
		<-q.Context().Done()
	case answer.Status != 0:
		if answer.RetryAfter != "" {
			w.Header().Set("Retry-After", answer.RetryAfter)
		}
		if answer.Location != "" {
			w.Header().Set("Location", answer.Location)
		}
		w.WriteHeader(answer.Status)
	case err != nil, q.Method != http.MethodPost, p.Text == "", !strings.HasSuffix(q.URL.Path, "/verysecret"),
		q.Header.Get("Content-Type") != "application/json":
		http.Error(w, "invalid_payload", http.StatusBadRequest)
	default:
		r.mu.Lock()
		defer r.mu.Unlock()
		r.posts = append(r.posts, p)
		_, _ = io.WriteString(w, "ok")
	}
}

func (r *Receiver) next() Answer {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	if len(r.answers) == 0 {
		return Answer{}
	}
	a := r.answers[0]
	r.answers = r.answers[1:]
	return a
}
