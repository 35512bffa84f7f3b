package qloappstest

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// ordinary answers a resource that takes the list parameters.
func (s *Server) ordinary(c *call) answer {
	res, held := resources[c.resource]
	if !held {
		if !slices.Contains(bare, c.resource) {
			return c.refuse(http.StatusNotImplemented, problem{0, "the stand-in does not keep this resource"})
		}
		res = resource{many: c.resource, one: c.resource, objects: func(*Server, map[string]string) []object { return nil }}
	}
	switch c.Method {
	case http.MethodGet, http.MethodHead:
		return s.read(c, res)
	case http.MethodPost:
		if c.resource == "order_histories" {
			return s.addHistory(c)
		}
		if c.resource == "customers" {
			return s.addCustomer(c)
		}
	case http.MethodPut:
		if c.resource == "room_bookings" {
			return s.changeRoomBooking(c)
		}
	case http.MethodDelete:
		if c.resource == "orders" || c.resource == "room_bookings" {
			return s.remove(c)
		}
	}
	return c.refuse(http.StatusNotImplemented, problem{0, "the stand-in does not write this resource"})
}

func (s *Server) read(c *call, res resource) answer {
	q := c.URL.Query()
	exact := map[string]string{}
	for _, f := range filters(q) {
		if f.op == "=" && len(f.values) == 1 {
			exact[f.name] = f.values[0]
		}
	}
	if c.id != "" {
		exact = map[string]string{"id": c.id}
	}
	s.store.mu.Lock()
	all := res.objects(s, exact)
	s.store.mu.Unlock()
	for i, o := range all {
		all[i] = s.asOf(c.sw, c.resource, o)
	}
	if q.Get("schema") != "" {
		return s.schema(c, res)
	}
	language, unknown := s.language(c)
	if unknown != nil {
		return *unknown
	}
	if c.id != "" {
		o, ok := find(all, c.id)
		if !ok {
			return missing()
		}
		return s.one(c, res, o, language)
	}
	names := s.fields(c, res)
	for _, name := range displayed(q) {
		if len(names) > 0 && !slices.Contains(names, name) {
			return c.refuse(http.StatusNotImplemented, problem{0, "no field " + name + " is known here; what the real one says of it was not recorded"})
		}
	}
	all, bad := sift(c, all, names)
	if bad != nil {
		return *bad
	}
	return s.many(c, res, all, language)
}

// fields are the names of a resource.
func (s *Server) fields(c *call, res resource) []string {
	one := &store{customers: make([]customer, 1), orders: make([]order, 1), rows: make([]row, 1), histories: make([]history, 1)}
	all := res.objects(&Server{config: s.config, store: one}, nil) // the names are there, whether the table is empty or not
	if len(all) == 0 {
		return nil
	}
	var names []string
	for _, f := range s.asOf(c.sw, c.resource, all[0]) {
		if f.key != "associations" {
			names = append(names, f.key)
		}
	}
	return names
}

func (s *Server) schema(c *call, res resource) answer {
	var o object
	for _, name := range s.fields(c, res) {
		o = append(o, field{name, ""})
	}
	return s.one(c, res, o, 0)
}

func (s *Server) one(c *call, res resource, o object, language int) answer {
	return s.single(c, http.StatusOK, res, o, language)
}

func (s *Server) single(c *call, status int, res resource, o object, language int) answer {
	var x strings.Builder
	if !c.json {
		x.WriteString(xmlHead)
		s.writeXML(&x, res.one, o, language)
		x.WriteString("</qloapps>\n")
	}
	return c.respond(status, object{{res.one, translate(o, language)}}, x.String())
}

func set(names []string) map[string]bool {
	m := map[string]bool{}
	for _, n := range names {
		m[n] = true
	}
	return m
}

// many answers a list: ids only, or what display asks for, in the schema's order.
func (s *Server) many(c *call, res resource, all []object, language int) answer {
	display := c.URL.Query().Get("display")
	l := list{}
	var x strings.Builder
	x.WriteString(xmlHead + "<" + res.many + ">\n")
	for _, o := range all {
		shown := o
		switch display {
		case "full":
		case "":
			shown = object{{"id", o.get("id")}}
		default:
			shown = pick(o, displayed(c.URL.Query()))
		}
		l.vals = append(l.vals, translate(shown, language))
		switch {
		case c.json:
		case display == "":
			fmt.Fprintf(&x, "<%s id=\"%s\" xlink:href=\"%s\"/>\n", res.one, text(o.get("id")), s.link(c.resource, o.get("id")))
		default:
			s.writeXML(&x, res.one, shown, language)
		}
	}
	x.WriteString("</" + res.many + ">\n</qloapps>\n")
	if len(all) == 0 {
		return c.respond(http.StatusOK, list{}, x.String())
	}
	return c.respond(http.StatusOK, object{{res.many, l}}, x.String())
}

// displayed are the fields that display names; none for full, and for ids only.
func displayed(q url.Values) []string {
	display := q.Get("display")
	if display == "" || display == "full" {
		return nil
	}
	return strings.Split(strings.Trim(display, "[]"), ",")
}

func pick(o object, names []string) object {
	var kept object
	for _, f := range o {
		if slices.Contains(names, f.key) {
			kept = append(kept, f)
		}
	}
	return kept
}

// filter is one filter[name]=... parameter.
type filter struct {
	name   string
	op     string // "=", "<", ">", "!", "range", "begins", "ends", "holds"
	values []string
}

var bracketed = regexp.MustCompile(`^([<>!%]?)\[(.*)\](%?)$`)

func filters(q url.Values) []filter {
	var all []filter
	for key, values := range q {
		name, ok := strings.CutPrefix(key, "filter[")
		if !ok || len(values) == 0 {
			continue
		}
		all = append(all, parseFilter(strings.TrimSuffix(name, "]"), values[0]))
	}
	return all
}

func parseFilter(name, value string) filter {
	m := bracketed.FindStringSubmatch(value)
	if m == nil {
		return filter{name, "=", []string{value}}
	}
	inner := m[2]
	switch {
	case m[1] == "%" && m[3] == "%":
		return filter{name, "holds", []string{inner}}
	case m[1] == "%":
		return filter{name, "ends", []string{inner}}
	case m[3] == "%":
		return filter{name, "begins", []string{inner}}
	case m[1] != "":
		return filter{name, m[1], []string{inner}}
	case strings.Contains(inner, "|"):
		return filter{name, "=", strings.Split(inner, "|")}
	case strings.Contains(inner, ","):
		return filter{name, "range", strings.SplitN(inner, ",", 2)}
	default:
		return filter{name, "=", []string{inner}}
	}
}

func (f filter) match(value string) bool {
	low := strings.ToLower(value) // the database's collation
	want := strings.ToLower(f.values[0])
	switch f.op {
	case "<":
		return compare(value, f.values[0]) < 0
	case ">":
		return compare(value, f.values[0]) > 0
	case "!":
		return compare(value, f.values[0]) != 0
	case "range":
		return compare(value, f.values[0]) >= 0 && compare(value, f.values[1]) <= 0
	case "begins":
		return strings.HasPrefix(low, want)
	case "ends":
		return strings.HasSuffix(low, want)
	case "holds":
		return strings.Contains(low, want)
	default:
		return slices.ContainsFunc(f.values, func(v string) bool { return compare(value, v) == 0 })
	}
}

var dayOnly = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)

// compare orders numbers as numbers, days as midnights, text without regard to case.
func compare(a, b string) int {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	if errX == nil && errY == nil {
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}
	if dayOnly.MatchString(a) != dayOnly.MatchString(b) {
		if dayOnly.MatchString(a) {
			a += " 00:00:00"
		} else if dayOnly.MatchString(b) {
			b += " 00:00:00"
		}
	}
	return strings.Compare(strings.ToLower(a), strings.ToLower(b))
}

// sift filters, sorts and limits. Unknown fields, and dates without date=1, are refused.
func sift(c *call, all []object, names []string) ([]object, *answer) {
	q := c.URL.Query()
	if q.Get("date") != "1" {
		names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == "date_add" || n == "date_upd" })
	}
	for _, f := range filters(q) {
		if len(names) > 0 && (!slices.Contains(names, f.name) || slices.Contains(notFilterable[c.resource], f.name)) {
			return nil, c.badField(32, fmt.Sprintf("This filter does not exist. Did you mean: %q? The full list is: %s", nearest(f.name, names), quoted(names)))
		}
		all = slices.DeleteFunc(all, func(o object) bool { return !f.match(text(o.get(f.name))) })
	}
	if by := strings.Trim(q.Get("sort"), "[]"); by != "" {
		for _, part := range slices.Backward(strings.Split(by, ",")) {
			name, dir := part, "ASC"
			if i := strings.LastIndexByte(part, '_'); i > 0 && (part[i+1:] == "ASC" || part[i+1:] == "DESC") {
				name, dir = part[:i], part[i+1:]
			}
			if len(names) > 0 && !slices.Contains(names, name) {
				return nil, c.badField(38, "Unable to filter by this field. However, these are available: "+strings.Join(names, ", "))
			}
			slices.SortStableFunc(all, func(a, b object) int {
				if dir == "DESC" {
					a, b = b, a
				}
				return compare(text(a.get(name)), text(b.get(name)))
			})
		}
	}
	return limit(q.Get("limit"), all), nil
}

// badField refuses; with strict PHP the warnings that follow make it a 500.
func (c *call) badField(code int, message string) *answer {
	status, problems := http.StatusBadRequest, []problem{{code, message}}
	if c.sw.Strict {
		status = http.StatusInternalServerError
		for line := 1206; line < 1209; line++ {
			problems = append(problems, warning("Trying to access array offset on value of type bool", "WebserviceRequest.php", line))
		}
	}
	a := c.refuse(status, problems...)
	return &a
}

func limit(param string, all []object) []object {
	if param == "" {
		return all
	}
	first, second, pair := strings.Cut(param, ",")
	offset := 0
	count, err := strconv.Atoi(first)
	if pair {
		offset = count
		count, err = strconv.Atoi(second)
	}
	if err != nil || offset < 0 || count < 0 || offset >= len(all) {
		return nil
	}
	return all[offset:min(offset+count, len(all))]
}
