package main

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/config"
	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

// dialogue builds a property's dialogue from its configuration. Room types that
// the YAML leaves out are read from the hotel system; when that is away the
// dialogue asks for them when a guest does, and learns them from an availability.
func (a *app) dialogue(ctx context.Context, p config.Property, pms actors.PMS) *conversation.Dialogue {
	f := facts(p)
	f.ReceptionURL = a.receptionURL()
	f.HandoffResume = a.cfg.Guests.ResumeAfter
	f.Quiet = a.cfg.Guests.QuietWindow
	f.NoEmail = a.cfg.PMS.NoEmailDomain != ""
	if len(f.RoomTypes) == 0 {
		c, cancel := context.WithTimeout(ctx, roomTypesTimeout)
		defer cancel()
		types, err := pms.RoomTypes(c, f.Property)
		if err != nil {
			a.log.Warn("room types not read from the hotel system", "property", p.ID, "kind", hotel.KindOf(err).String())
		}
		for _, t := range types {
			f.RoomTypes = append(f.RoomTypes, conversation.RoomFact{RoomType: t.RoomType, Spoken: t.Names, Described: t.Descriptions})
		}
	}
	return conversation.New(f)
}

// facts says what a property's YAML says, in the dialogue's words.
func facts(p config.Property) conversation.Facts {
	f := conversation.Facts{
		Property: hotel.PropertyID(p.ID), Name: p.Name, Address: p.Address, Phone: p.Phone,
		Zone: p.Location(), Country: p.Country, Currency: p.Currency, Locales: p.Locales,
		Knowledge: byTopic(p.Knowledge), Policies: byTopic(p.Policies),
		TaxIncluded: p.TaxIn(), MaxRooms: p.MaxRooms, MaxNights: p.MaxNights, MaxAhead: p.MaxAhead,
		StaffPhones: p.Staff.WhatsApp, Templates: map[string]hotel.Template{},
	}
	for purpose, t := range p.Templates {
		f.Templates[purpose] = hotel.Template{Name: t.Name, Lang: t.Lang}
	}
	for _, id := range p.RoomTypeIDs() {
		f.RoomTypes = append(f.RoomTypes, roomFact(id, p.RoomTypes[id], p.Locales))
	}
	spans, _ := p.BusinessHours.Spans() // config has checked them
	for _, day := range slices.Sorted(maps.Keys(spans)) {
		for _, s := range spans[day] {
			f.Hours = append(f.Hours, conversation.Hours{Day: day, Open: s.Open, Close: s.Close})
		}
	}
	return f
}

func roomFact(id string, t config.RoomType, locales []string) conversation.RoomFact {
	fact := conversation.RoomFact{RoomType: hotel.RoomType{ID: hotel.RoomTypeID(id), MaxAdults: t.MaxAdults,
		MaxChildren: t.MaxChildren, MaxGuests: t.MaxGuests}, Spoken: map[string]string{}, Described: map[string]string{}}
	for _, l := range locales {
		if names := t.Names[l]; len(names) > 0 {
			fact.Spoken[l] = names[0]
			fact.Name = cmp.Or(fact.Name, names[0])
			fact.Names = append(fact.Names, names...)
		}
		if text := t.Description[l]; text != "" {
			fact.Described[l] = text
			fact.Description = cmp.Or(fact.Description, text)
		}
	}
	return fact
}

func byTopic(texts map[string]config.Texts) map[string]map[string]string {
	out := map[string]map[string]string{}
	for topic, t := range texts {
		out[topic] = t
	}
	return out
}
