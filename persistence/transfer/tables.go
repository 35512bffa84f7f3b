package transfer

import "slices"

// Kind is what a column holds.
type Kind int

// The kinds.
const (
	Text Kind = iota
	Number
	Bytes // null and empty are the same: stores differ in what they make of an empty one
)

// Column is one column of a table.
type Column struct {
	Name string
	Kind Kind
}

// Table is what stores keep of one thing, as it travels.
type Table struct {
	Name    string
	Key     []string // the columns that name a row, in order
	Columns []Column
}

// Tables are all tables of the truth, in the order in which they go. What is
// not here each store makes anew: indexes, counters, its migrations, and who
// owns what (engines are stopped, so nobody does).
func Tables() []Table { return slices.Clone(tables) }

var tables = []Table{
	// The keyed hash's key goes with meta: without it no repeat would be known.
	{"meta", []string{"name"}, columns(text("name"), bytes("value"))},
	{"seen", []string{"hash"}, columns(bytes("hash"), number("day", "inbox"))},
	{"guests", []string{"id"}, columns(text("id", "property"), number("version", "due", "panics", "erasing", "parked"), text("facts"), bytes("state"))},
	{"aliases", []string{"name"}, columns(text("name", "guest"))},
	{"inbox", []string{"id"}, columns(number("id"), text("key", "guest", "kind"), number("at", "consumed"), bytes("body"))},
	// ord is the lane's order, and one sequence with inbox.id.
	{"outbox", []string{"key"}, columns(text("key"), number("ord"), text("guest", "property", "lane", "kind"),
		number("state", "attempt", "not_before", "created", "claimed", "done"), text("status", "proof", "note"), bytes("body"))},
	{"letters", []string{"id"}, columns(number("id"), text("source", "key", "guest", "property", "kind", "lane", "reason"),
		number("at", "closed"), text("closing"), number("in_doubt"), bytes("body"))},
	{"reservations", []string{"id"}, columns(number("id"), text("reference", "property", "guest", "body"))},
	{"transcript", []string{"id"}, columns(number("id"), text("guest"), number("at"), bytes("body"))},
	{"handoffs", []string{"guest"}, columns(text("guest", "property", "state", "cause", "name", "address"), number("opened", "staff", "heard"))},
	{"pauses", []string{"property", "guest"}, columns(text("property", "guest", "who"), number("at"))},
	{"audit", []string{"id"}, columns(number("id", "at"), text("by", "what", "guest", "counts"))},
}

func columns(parts ...[]Column) []Column { return slices.Concat(parts...) }

func text(names ...string) []Column   { return of(Text, names) }
func number(names ...string) []Column { return of(Number, names) }
func bytes(names ...string) []Column  { return of(Bytes, names) }

func of(k Kind, names []string) (out []Column) {
	for _, n := range names {
		out = append(out, Column{n, k})
	}
	return out
}

// key is a row's key.
func (t Table) key(r Row) (key Row) {
	for _, name := range t.Key {
		key = append(key, r[slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })])
	}
	return key
}
