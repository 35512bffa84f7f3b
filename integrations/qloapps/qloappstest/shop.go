package qloappstest

import (
	"strconv"
	"strings"
)

func (s *Server) currencies() []object {
	p := s.config.Property
	all := append([]Currency{{ISO: p.Currency, Rate: 1}}, p.Currencies...)
	out := make([]object, len(all))
	for i, c := range all {
		known := currencies[c.ISO]
		if known.name == "" {
			known = currencyText{name: c.ISO, sign: c.ISO}
		}
		out[i] = object{{"id", i + 1}, {"name", known.name}, {"iso_code", c.ISO}, {"iso_code_num", known.number}, {"blank", 0}, {"sign", known.sign},
			{"format", 1}, {"decimals", 1}, {"conversion_rate", decimal(c.Rate)}, {"deleted", 0}, {"active", 1}}
	}
	return out
}

type currencyText struct{ name, number, sign string }

var currencies = map[string]currencyText{
	"USD": {"Dollar", "840", "$"}, "EUR": {"Euro", "978", "€"}, "ARS": {"Peso", "032", "$"}, "BRL": {"Real", "986", "R$"}, "CLP": {"Peso", "152", "$"},
}

// currency finds an active currency by its ISO code: its id and how much of it
// one of the default is worth.
func (p Property) currency(iso string) (id int, rate float64, ok bool) {
	if strings.EqualFold(iso, p.Currency) {
		return 1, 1, true
	}
	for i, c := range p.Currencies {
		if strings.EqualFold(iso, c.ISO) {
			return i + 2, c.Rate, true
		}
	}
	return 0, 0, false
}

func (s *Server) languages() []object {
	all := s.config.Property.languages()
	out := make([]object, len(all))
	for i, l := range all {
		out[i] = object{{"id", i + 1}, {"name", l.Name}, {"iso_code", l.ISO}, {"language_code", l.ISO}, {"active", 1}, {"is_rtl", 0},
			{"date_format_lite", "Y-m-d"}, {"date_format_full", "Y-m-d H:i:s"}}
	}
	return out
}

// The hotel's rate is tax 1, rule 1 and group 1: room types name the group.
func (s *Server) taxes() []object {
	p := s.config.Property
	return []object{{{"id", 1}, {"rate", strconv.FormatFloat(p.TaxPercent, 'f', 3, 64)}, {"active", 1}, {"deleted", 0}, {"name", p.alike("Tax " + number(p.TaxPercent) + "%")}}}
}

func (s *Server) taxRuleGroups() []object {
	return []object{{{"id", 1}, {"name", "Rate (" + number(s.config.Property.TaxPercent) + "%)"}, {"active", 1}, {"deleted", 0}, {"date_add", opened}, {"date_upd", opened}}}
}

func (s *Server) taxRules() []object {
	return []object{{{"id", 1}, {"id_tax_rules_group", 1}, {"id_state", 1}, {"id_country", 21}, {"zipcode_from", "0"}, {"zipcode_to", "0"},
		{"id_tax", 1}, {"behavior", 1}, {"description", ""}}}
}

var stateNames = []string{"Awaiting payment", "Complete payment received", "Processing in progress", "Canceled", "Refunded",
	"Payment error", "Overbooking (Paid)", "Partial payment received", "Awaiting remote payment", "Remote payment accepted",
	"Overbooking (Not paid)", "Overbooking (Partial payment)"}

func (s *Server) orderStates() []object {
	all := make([]object, len(stateNames))
	for i, name := range stateNames {
		id := i + 1
		all[i] = object{{"id", id}, {"invoice", flag(id == 2 || id == 3 || id == 5 || id == 7 || id == 8 || id == 10)},
			{"logable", flag(id == 2 || id == 8 || id == 10)}, {"paid", flag(id == 2 || id == 7)}, {"deleted", 0}, {"name", s.config.Property.alike(name)}}
	}
	return all
}

func (s *Server) configurations() []object {
	p := s.config.Property
	settings := [][2]string{{"PS_COUNTRY_DEFAULT", "21"}, {"PS_CURRENCY_DEFAULT", "1"}, {"PS_LANG_DEFAULT", "1"}, {"PS_ONE_PHONE_AT_LEAST", "1"},
		{"PS_OS_AWAITING_PAYMENT", "1"}, {"PS_OS_CANCELED", "4"}, {"PS_OS_ERROR", "6"}, {"PS_OS_PARTIAL_PAYMENT_ACCEPTED", "8"},
		{"PS_OS_PAYMENT_ACCEPTED", "2"}, {"PS_OS_REFUND", "5"}, {"PS_TAX", "1"}, {"PS_TIMEZONE", p.Zone.String()}}
	all := make([]object, len(settings))
	for i, kv := range settings {
		all[i] = object{{"id", i + 1}, {"value", kv[1]}, {"name", kv[0]}, {"id_shop_group", ""}, {"id_shop", ""}, {"date_add", opened}, {"date_upd", opened}}
	}
	return all
}
