package transport

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

type byKey struct{}

// by is who asks, as the guard knows them.
func by(r *http.Request) string {
	name, _ := r.Context().Value(byKey{}).(string)
	return name
}

// authenticated lets those in whom the guard knows. Programs get 401, people
// the login page.
func (a *Admin) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		name, p := a.guard.who(r)
		switch {
		case p == admitted:
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), byKey{}, name)))
		case p == tooOften:
			w.Header().Set("Retry-After", "10")
			http.Error(w, "too many wrong tries", http.StatusTooManyRequests)
		case strings.HasPrefix(r.URL.Path, "/admin/") || strings.HasPrefix(r.URL.Path, "/debug/") || r.Method != http.MethodGet:
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "unauthorised", http.StatusUnauthorized)
		case r.Header.Get("Sec-Fetch-Site") == "cross-site":
			// A link in a mail: the browser keeps the strict cookie back for
			// this request, but sends it when our own page asks again.
			a.pages.render(w, http.StatusOK, "again", a.view(r, ""))
		default:
			redirect(w, r, "login?next="+url.QueryEscape(strings.TrimPrefix(r.URL.Path, "/")))
		}
	})
}

type loginView struct {
	view
	Next    string
	Message string // key of a text; empty at first
}

// nextPage are the pages that a login may lead to: ours, by a relative link.
var nextPage = regexp.MustCompile(`^[a-z0-9]+(/[a-z0-9]+)?$`)

func (a *Admin) loginForm(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	a.pages.render(w, http.StatusOK, "login", loginView{view: a.view(r, "login"), Next: r.FormValue("next")})
}

func (a *Admin) login(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	next := r.PostFormValue("next")
	if !nextPage.MatchString(next) {
		next = ""
	}
	v := loginView{view: a.view(r, "login"), Next: next}
	switch a.guard.try(r, a.Password, r.PostFormValue("password")) {
	case admitted:
		secure := r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
		http.SetCookie(w, a.guard.open(clip(strings.TrimSpace(r.PostFormValue("name")), 60), secure))
		redirect(w, r, next)
	case tooOften:
		v.Message = "login_too_often"
		w.Header().Set("Retry-After", "10")
		a.pages.render(w, http.StatusTooManyRequests, "login", v)
	default:
		a.Log.Warn("login refused", "op", "transport.login")
		v.Message = "login_wrong"
		a.pages.render(w, http.StatusUnauthorized, "login", v)
	}
}

func (a *Admin) logout(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, a.guard.close(r))
	redirect(w, r, "login")
}

// root is the relative way from the request's path to the first page, so that a
// proxy may serve the pages under a prefix of its own.
func root(r *http.Request) string {
	if depth := strings.Count(r.URL.Path, "/") - 1; depth > 0 {
		return strings.Repeat("../", depth)
	}
	return "./"
}

// redirect leads to a page of ours by a relative link; http.Redirect would make it absolute.
func redirect(w http.ResponseWriter, r *http.Request, page string) {
	w.Header().Set("Location", root(r)+page)
	w.WriteHeader(http.StatusSeeOther)
}
