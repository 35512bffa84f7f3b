package sqlite

import (
	"database/sql/driver"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
)

// aliasSeparator stands between the parts of an alias's name.
const aliasSeparator = "\x1f"

// aliasName is the name under which an alias is kept.
func aliasName(p hotel.PropertyID, a hotel.Alias) string {
	return string(p) + aliasSeparator + string(a.Kind) + aliasSeparator + a.Value
}

// resolve finds each arrival's guest, when it is not named, by its strongest
// known alias, makes one when none is known, and learns the aliases that are new.
func (w *writer) resolve(all []arrival) error {
	names, err := w.learn(all)
	if err != nil {
		return err
	}
	at := 0
	for i := range all {
		a := &all[i]
		mine := names[at : at+len(a.Aliases)]
		at += len(a.Aliases)
		if a.twice {
			continue
		}
		if a.Guest != "" {
			a.out.Row.Guest = a.Guest
			continue
		}
		var id hotel.GuestID
		for _, name := range mine {
			if id, _ = w.aliases.get(name); id != "" {
				break
			}
		}
		if id == "" {
			id = hotel.GuestID(keys.New())
			w.guestN++
			w.sql.addGuest.add(w.guestN, string(id), string(a.Property))
			w.guests.put(id, guestRow{n: w.guestN, property: a.Property})
			a.out.NewGuest = true
		}
		a.out.Row.Guest = id
		for j, name := range mine {
			if known, _ := w.aliases.get(name); known == "" && a.Aliases[j].Value != "" {
				w.sql.addAlias.add(name, string(id))
				w.aliases.put(name, id)
			}
		}
	}
	if _, err := w.sql.addGuest.flush(); err != nil {
		return err
	}
	_, err = w.sql.addAlias.flush()
	return err
}

// learn names every alias of the arrivals, in order, and reads into memory those that it does not hold.
func (w *writer) learn(all []arrival) ([]string, error) {
	names := make([]string, 0, len(all))
	for i := range all {
		for _, x := range all[i].Aliases {
			name := aliasName(all[i].Property, x)
			names = append(names, name)
			if _, ok := w.aliases.get(name); !ok {
				w.sql.known.add(name)
			}
		}
	}
	err := w.sql.known.each(func(v []driver.Value) error {
		w.aliases.put(text(v[0]), hotel.GuestID(text(v[1])))
		return nil
	})
	return names, err
}
