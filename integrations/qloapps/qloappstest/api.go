package qloappstest

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

const maxBody = 1 << 20

// api is everything under /api: faults, then the host, then the key, then the resource.
func (s *Server) api(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return // the client is gone before it had asked
	}
	resource, id := split(r.URL.Path)
	fault := s.take(r.Method, resource)
	s.events.add(Event{At: s.now(), Method: r.Method, Resource: resource, Fault: fault.name()})
	if s.before(w, r, fault) {
		return
	}
	s.underWay.Add(1)
	s.paced(r, resource, id, body, fault)
	a := s.answer(r, resource, id, body, fault)
	s.underWay.Add(-1)
	if s.after(w, r, fault) {
		return
	}
	if a.odd {
		s.tally.note(fault.drawn)
	}
	if fault.BookedBut500 && a.stored {
		s.tally.note(fault.drawn)
		c := &call{Request: r, json: wantsJSON(r)}
		a = c.refuse(http.StatusInternalServerError, warning("Undefined array key \"total_tax\"", "WebserviceSpecificManagementBookings.php", 510))
	}
	s.write(w, r, a, time.Since(started))
}

func split(path string) (resource, id string) {
	rest := strings.Trim(strings.TrimPrefix(path, "/api"), "/")
	resource, id, _ = strings.Cut(rest, "/")
	return resource, id
}

// wantsJSON tells the output format; the value is case-sensitive, Accept counts for nothing.
func wantsJSON(r *http.Request) bool {
	q := r.URL.Query()
	return q.Get("output_format") == "JSON" || q.Get("io_format") == "JSON" ||
		r.Header.Get("Output-Format") == "JSON" || r.Header.Get("Io-Format") == "JSON"
}

func warning(text, file string, line int) problem {
	return problem{3, fmt.Sprintf("[PHP Warning #2] %s (/var/www/qloapps/classes/webservice/%s, line %d)", text, file, line)}
}

func (s *Server) answer(r *http.Request, resource, id string, body []byte, sw Switches) answer {
	if s.config.Host != "" && r.Host != s.config.Host {
		a := html(http.StatusFound, "")
		a.location = "http://" + s.config.Host + "/index.php?url=" + resource + "&" + r.URL.RawQuery
		return a
	}
	c := &call{Request: r, resource: resource, id: id, json: wantsJSON(r), sw: sw, body: body}
	if sw.Disabled {
		return c.refuse(http.StatusServiceUnavailable, problem{22, "The QloApps webservice is disabled. Please activate it in the QloApps Back Office"})
	}
	key, refused := s.authenticate(c)
	if refused != nil {
		return *refused
	}
	if !slices.Contains([]string{"GET", "POST", "PUT", "DELETE", "HEAD"}, r.Method) {
		return c.refuse(http.StatusMethodNotAllowed, problem{23, "Method " + r.Method + " is not valid"})
	}
	if resource == "" {
		return s.root(c, key)
	}
	if all := sw.resources(); !slices.Contains(all, resource) {
		return c.refuse(http.StatusBadRequest, problem{27, fmt.Sprintf("Resource of type %q does not exists. Did you mean: %q? The full list is: %s",
			resource, nearest(resource, all), quoted(all))})
	}
	if a := key.permit(c); a != nil {
		return *a
	}
	if kind := r.URL.Query().Get("schema"); kind != "" && (kind != "blank" || resources[resource].objects == nil) {
		return c.refuse(http.StatusNotImplemented, problem{0, "the stand-in does not have this list of fields"})
	}
	switch resource {
	case "hotel_ari":
		return s.availability(c)
	case "bookings":
		return s.bookings(c)
	default:
		return s.ordinary(c)
	}
}

// authenticate finds the key: Basic's user name, or ws_key when there is none.
func (s *Server) authenticate(c *call) (Key, *answer) {
	unauthorised := func(ps ...problem) (Key, *answer) {
		a := c.refuse(http.StatusUnauthorized, ps...)
		return Key{}, &a
	}
	presented, _, basic := c.BasicAuth()
	if !basic {
		if !c.URL.Query().Has("ws_key") {
			a := html(http.StatusUnauthorized, "401 Unauthorized")
			return Key{}, &a
		}
		presented = c.URL.Query().Get("ws_key")
	}
	if presented == "" {
		return unauthorised(problem{17, "Authentication key is empty"})
	}
	if len(presented) != 32 {
		return unauthorised(problem{18, "Invalid authentication key format"})
	}
	if presented == s.config.Key {
		return Key{Key: presented}, nil
	}
	i := slices.IndexFunc(s.config.Keys, func(k Key) bool { return k.Key == presented })
	switch {
	case i < 0 || s.config.Keys[i].Inactive:
		return unauthorised(problem{20, "Authentification key is not active"}, problem{21, "No permission for this authentication key"})
	case s.config.Keys[i].NoShop:
		a := c.refuse(http.StatusForbidden, problem{132, "No permission for this key on this shop"})
		return Key{}, &a
	case len(s.config.Keys[i].Allow) == 0:
		return unauthorised(problem{21, "No permission for this authentication key"})
	}
	return s.config.Keys[i], nil
}

// allows tells whether the key may use a method of a resource.
func (k Key) allows(resource, method string) bool {
	return k.Allow == nil || slices.Contains(k.Allow[resource], method)
}

func (k Key) permit(c *call) *answer {
	if k.Allow != nil && len(k.Allow[c.resource]) == 0 {
		a := c.refuse(http.StatusUnauthorized, problem{26, fmt.Sprintf("Resource of type %q is not allowed with this authentication key", c.resource)})
		return &a
	}
	if !k.allows(c.resource, c.Method) {
		a := c.refuse(http.StatusMethodNotAllowed, problem{25, fmt.Sprintf("Method %s is not allowed for the resource %s with this authentication key", c.Method, c.resource)})
		return &a
	}
	if c.resource == "bookings" && c.Method == http.MethodDelete {
		a := c.refuse(http.StatusMethodNotAllowed, problem{101, "Method DELETE is not allowed for the resource bookings"})
		return &a
	}
	return nil
}

// root lists what the key may use.
func (s *Server) root(c *call, key Key) answer {
	names := list{}
	var x strings.Builder
	x.WriteString(xmlHead + `<api shopName="` + s.config.Property.ShopName + "\">\n")
	for _, name := range c.sw.grantable() {
		if key.Allow != nil && len(key.Allow[name]) == 0 {
			continue
		}
		names.vals = append(names.vals, name)
		attrs := ` xlink:href="` + strings.TrimSuffix(s.link(name, ""), "/") + `"`
		for _, m := range []string{"GET", "PUT", "POST", "DELETE", "HEAD"} {
			attrs += fmt.Sprintf(` %s="%t"`, strings.ToLower(m), key.allows(name, m))
		}
		x.WriteString("<" + name + attrs + ">\n<description" + attrs + ">\n" + name + "</description>\n" + s.schemas(name) + "</" + name + ">\n")
	}
	x.WriteString("</api>\n</qloapps>\n")
	return c.respond(http.StatusOK, names, x.String())
}

// schemas link to the field lists that a resource has.
func (s *Server) schemas(name string) string {
	if slices.Contains([]string{"bookings", "hotel_ari", "images", "search"}, name) {
		return ""
	}
	href := strings.TrimSuffix(s.link(name, ""), "/") + "?schema="
	return `<schema xlink:href="` + href + "blank\" type=\"blank\"/>\n<schema xlink:href=\"" + href + "synopsis\" type=\"synopsis\"/>\n"
}

func quoted(names []string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(q, ", ")
}

// nearest guesses the name that was meant, by edit distance.
func nearest(name string, names []string) string {
	best, least := "", len(name)+100
	for _, n := range names {
		if d := distance(name, n); d < least {
			best, least = n, d
		}
	}
	return best
}

func distance(a, b string) int {
	prev := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := range len(a) {
		cur := make([]int, len(b)+1)
		cur[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			cur[j+1] = min(prev[j+1]+1, cur[j]+1, prev[j]+cost)
		}
		prev = cur
	}
	return prev[len(b)]
}
