package qloapps

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Server is what a QloApps is, for the start's log and for people.
type Server struct {
	Version    string     // Version170, Version161, or "" when the hotel's fields tell neither
	Zone       string     // of the shop: its times are in it
	Currencies []Currency // active ones, the default first
	Languages  []string   // ISO codes of the active ones, the default first
	// Missing is what the key may not do though this client needs it, each with
	// what to change; Wanting is what only costs a comfort.
	Missing, Wanting []string
}

// Currency is one that a shop takes.
type Currency struct {
	ISO     string
	Rate    string // how much of it one unit of the default is worth
	Default bool
}

// permission is a method on a resource that the client needs.
type permission struct{ method, resource string }

// needs is what a key must be granted. What is listed as optional costs a comfort
// only, named in why.
func (c *Client) needs() (must []permission, optional map[permission]string) {
	for _, resource := range []string{"hotels", "hotel_room_types", "room_types", "services", "bookings", "orders", "room_bookings", "customers"} {
		must = append(must, permission{http.MethodGet, resource})
	}
	must = append(must, permission{http.MethodPost, "hotel_ari"}, permission{http.MethodPost, "bookings"}, permission{http.MethodPut, "bookings"},
		permission{http.MethodPost, "order_histories"})
	optional = map[permission]string{
		{http.MethodGet, "languages"}:      "room types have their texts in one language only",
		{http.MethodGet, "configurations"}: "the shop's own language and time zone are not known",
		{http.MethodGet, "currencies"}:     "a currency other than the shop's default cannot be sold in",
	}
	if len(c.config.Services) > 0 {
		must = append(must, permission{http.MethodGet, "configurations"}, permission{http.MethodGet, "tax_rules"}, permission{http.MethodGet, "taxes"})
	}
	return must, optional
}

// Server reads what QloApps and the key are. Errors are Probe's.
func (c *Client) Server(ctx context.Context) (Server, error) {
	const op = "qloapps.Server"
	branch, err := c.branch(ctx, op)
	if err != nil {
		return Server{}, err
	}
	s := Server{Version: branch.version()}
	granted, err := c.granted(ctx, op)
	if err != nil {
		return Server{}, err
	}
	s.Missing, s.Wanting = c.lacks(granted)
	settings, err := c.settings(ctx, op, "PS_TIMEZONE", "PS_CURRENCY_DEFAULT", "PS_LANG_DEFAULT")
	if err != nil && !notGranted(err) {
		return Server{}, err
	}
	s.Zone = settings["PS_TIMEZONE"]
	active, err := c.currencies(ctx, op)
	if err != nil && !notGranted(err) {
		return Server{}, err
	}
	usual := number(settings["PS_CURRENCY_DEFAULT"]).int()
	for _, k := range active {
		shown := Currency{ISO: k.iso, Rate: strings.TrimRight(strings.TrimRight(k.rate.FloatString(6), "0"), "."), Default: k.id == usual}
		s.Currencies = placed(s.Currencies, shown, shown.Default)
	}
	spoken, _, err := c.languages(ctx, op)
	if err != nil {
		return Server{}, err
	}
	for _, l := range spoken {
		s.Languages = placed(s.Languages, l.iso, l.id == number(settings["PS_LANG_DEFAULT"]).int())
	}
	return s, nil
}

// placed puts one at the front, or at the end.
func placed[T any](all []T, one T, front bool) []T {
	if front {
		return slices.Insert(all, 0, one)
	}
	return append(all, one)
}

// granted reads what the key may do: the root lists its resources, and in XML
// which methods.
func (c *Client) granted(ctx context.Context, op string) (map[permission]bool, error) {
	a := ask{op: op, method: http.MethodGet, resource: "/", limit: c.readLimit(), xml: true}
	r, err := c.do(ctx, a)
	if err != nil {
		return nil, err
	}
	var root struct {
		API struct {
			Resources []struct {
				XMLName xml.Name
				Flags   []xml.Attr `xml:",any,attr"`
			} `xml:",any"`
		} `xml:"api"`
	}
	if err := xml.Unmarshal(r.body, &root); err != nil {
		return nil, odd(op, errors.New("the list of resources cannot be read"))
	}
	may := map[permission]bool{}
	for _, resource := range root.API.Resources {
		for _, flag := range resource.Flags {
			if flag.Value == "true" {
				may[permission{strings.ToUpper(flag.Name.Local), resource.XMLName.Local}] = true
			}
		}
	}
	return may, nil
}

// lacks says for people what the key may not do.
func (c *Client) lacks(may map[permission]bool) (missing, wanting []string) {
	must, optional := c.needs()
	for _, p := range must {
		if !may[p] {
			missing = append(missing, fmt.Sprintf("the key may not %s %q: tick %s for it in %s", p.method, p.resource, column(p.method), backOfficeKeys))
		}
	}
	for p, cost := range optional {
		if !may[p] && !slices.Contains(must, p) {
			wanting = append(wanting, fmt.Sprintf("the key may not %s %q, so that %s: tick %s for it in %s", p.method, p.resource, cost, column(p.method), backOfficeKeys))
		}
	}
	slices.Sort(missing)
	slices.Sort(wanting)
	return missing, wanting
}
