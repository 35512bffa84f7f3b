package nlu

import "strings"

func (l *lexicon) addSenses() {
	months := [...][3]string{
		{"enero ene", "january jan", "janeiro jan"},
		{"febrero feb febr", "february feb febuary", "fevereiro fev"},
		{"marzo mar", "march mar", "marco mar"},
		{"abril abr", "april apr", "abril abr"},
		{"mayo may", "may", "maio mai"},
		{"junio jun", "june jun", "junho jun"},
		{"julio jul", "july jul", "julho jul"},
		{"agosto ago", "august aug", "agosto ago"},
		{"septiembre setiembre sep sept set", "september sep sept", "setembro set"},
		{"octubre oct", "october oct", "outubro out"},
		{"noviembre nov", "november nov", "novembro nov"},
		{"diciembre dic", "december dec", "dezembro dez"},
	}
	weekdays := [...][3]string{
		{"domingo domingos dom", "sunday sundays sun", "domingo domingos dom"},
		{"lunes lun", "monday mondays mon", "segunda segunda-feira seg"},
		{"martes mart", "tuesday tuesdays tue tues", "terca terca-feira ter"},
		{"miercoles mie mier miercole", "wednesday wednesdays wed weds wendsday", "quarta qua"},
		{"jueves jue juev", "thursday thursdays thu thur thurs", "quinta qui"},
		{"viernes vie vier", "friday fridays fri", "sexta sex"},
		{"sabado sabados sab", "saturday saturdays sat", "sabado sabados sab"},
	}
	for i, names := range months {
		for lang, list := range names {
			l.sense(language(lang), sMonth, int32(i+1), false, list)
		}
	}
	for i, names := range weekdays {
		for lang, list := range names {
			l.sense(language(lang), sWeekday, int32(i), false, list)
		}
	}
	l.addNumberWords()
	l.addGrammarWords()
	for _, list := range [...]string{
		"enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre",
		"january february march april june july august september october november december",
		"janeiro fevereiro maio junho julho setembro outubro novembro dezembro dez fev",
		"domingo lunes martes miercoles jueves viernes sabado monday tuesday wednesday thursday friday saturday sunday",
		"terca hoy today tomorrow tonight hoje amanha finde weekend ano week noches nights noites semana semanas",
		"dos tres cuatro cinco seis siete ocho nueve diez two three four five seven eight nine dois quatro oito",
	} {
		for w := range strings.FieldsSeq(list) {
			l.change(w, func(e *entry) { e.shared = true })
		}
	}
}

func (l *lexicon) addGrammarWords() {
	type row struct {
		kind       senseKind
		val        int32
		es, en, pt string
	}
	for _, r := range [...]row{
		{sDay, 0, "hoy", "today tonight tonite", "hoje hj"},
		{sDay, 1, "manana mñn", "tomorrow tmrw tmr tmw tomorow tommorow tommorrow 2moro", "amanha amnh"},
		{sDay, -1, "ayer", "yesterday", "ontem"},
		{sDay, -2, "anteayer antier", "", "anteontem"},
		{sUnit, unitDay, "dia dias", "day days", "dia dias"},
		{sUnit, unitNight, "noche noches noch", "night nights nite nites", "noite noites diarias pernoites"},
		{sUnit, unitWeek, "semana semanas sem", "week weeks wk wks", "semana semanas"},
		{sUnit, unitMonth, "mes meses", "month months", "mes meses"},
		{sUnit, unitYear, "ano anos", "year years yr yrs", "ano anos"},
		{sUnit, unitWeekend, "finde findes", "weekend weekends wknd wkend", "fds"},
		{sUnit, unitFortnight, "", "fortnight fortnights", ""},
		{sUnit, unitHalfMonth, "quincena", "", "quinzena"},
		{sThe, 0, "el la los las", "the", "o a os as"},
		{sThis, 0, "este esta estos estas ese esa aquel aquella presente actual dicho", "this these current that", "este esta deste desta neste nesta esse essa desse dessa nesse nessa dessa"},
		{sNext, 0, "proximo proxima proximos proximas prox siguiente siguientes entrante", "next coming upcoming following", "proximo proxima proximos proximas seguinte"},
		{sLast, 0, "pasado pasada ultimo ultima ultimos ultimas", "last past previous", "passado passada ultimo ultima ultimos ultimas"},
		{sAnd, 0, "y e", "and", "e"},
		{sTo, 0, "al a hasta", "to till until through thru til untill", "ate ao a as"},
		{sFrom, 0, "del desde dsd", "from starting since", "do desde da"},
		{sBetween, 0, "entre", "between", "entre"},
		{sOf, 0, "de del", "of", "de do da"},
		{sIn, 0, "en dentro", "in within", "em dentro daqui"},
		{sOn, 0, "", "on", "no na"},
		{sAfter, 0, "despues luego", "after", "depois apos"},
		{sPart, 0, "principio principios comienzo comienzos inicio inicios", "early beginning start", "comeco inicio"},
		{sPart, 1, "mediados", "mid middle", "meados"},
		{sPart, 2, "fines fin final finales", "late end", "fim final"},
		{sSuffix, 0, "ro ero er do º ° ª", "st nd rd th", "º ª"},
		{sHoliday, int32(christmas), "navidad navidades", "christmas xmas", "natal"},
		{sHoliday, int32(christmasEve), "nochebuena", "", ""},
		{sHoliday, int32(easter), "pascua pascuas", "easter", "pascoa"},
		{sHoliday, int32(carnival), "carnaval carnavales", "carnival", "carnaval"},
	} {
		l.sense(spanish, r.kind, r.val, false, r.es)
		l.sense(english, r.kind, r.val, false, r.en)
		l.sense(portuguese, r.kind, r.val, false, r.pt)
	}
}

func (l *lexicon) addNumberWords() {
	numbers := map[int32][3]string{
		0: {"cero", "zero", "zero"}, 1: {"uno", "one", ""}, 2: {"dos", "two", "dois duas"}, 3: {"tres", "three", "tres"},
		4: {"cuatro", "four", "quatro"}, 5: {"cinco", "five", "cinco"}, 6: {"seis", "six", "seis meia"},
		7: {"siete", "seven", "sete"}, 8: {"ocho", "eight", "oito"}, 9: {"nueve", "nine", "nove"},
		10: {"diez", "ten", "dez"}, 11: {"once", "eleven", "onze"}, 12: {"doce", "twelve", "doze"},
		13: {"trece", "thirteen", "treze"}, 14: {"catorce", "fourteen", "quatorze catorze"},
		15: {"quince", "fifteen", "quinze"}, 16: {"dieciseis", "sixteen", "dezesseis dezasseis"},
		17: {"diecisiete", "seventeen", "dezessete dezassete"}, 18: {"dieciocho", "eighteen", "dezoito"},
		19: {"diecinueve", "nineteen", "dezenove dezanove"}, 20: {"veinte", "twenty", "vinte"},
		21: {"veintiuno veintiun veintiuna", "", ""}, 22: {"veintidos", "", ""}, 23: {"veintitres", "", ""},
		24: {"veinticuatro", "", ""}, 25: {"veinticinco", "", ""}, 26: {"veintiseis", "", ""},
		27: {"veintisiete", "", ""}, 28: {"veintiocho", "", ""}, 29: {"veintinueve", "", ""},
		30: {"treinta", "thirty", "trinta"}, 40: {"cuarenta", "forty fourty", "quarenta"},
		50: {"cincuenta", "fifty", "cinquenta"}, 60: {"sesenta", "sixty", "sessenta"},
		70: {"setenta", "seventy", "setenta"}, 80: {"ochenta", "eighty", "oitenta"}, 90: {"noventa", "ninety", "noventa"},
		100: {"cien ciento", "hundred", "cem cento"}, 200: {"doscientos doscientas", "", "duzentos duzentas"},
		300: {"trescientos trescientas", "", "trezentos trezentas"}, 400: {"cuatrocientos cuatrocientas", "", "quatrocentos quatrocentas"},
		500: {"quinientos quinientas", "", "quinhentos quinhentas"}, 600: {"seiscientos seiscientas", "", "seiscentos seiscentas"},
		700: {"setecientos setecientas", "", "setecentos setecentas"}, 800: {"ochocientos ochocientas", "", "oitocentos oitocentas"},
		900: {"novecientos novecientas", "", "novecentos novecentas"}, 1000: {"mil", "thousand", "mil"},
		1000000: {"millon millones", "million", "milhao milhoes"}, 12000: {"", "dozen", ""},
	}
	delete(numbers, 12000)
	for val, names := range numbers {
		for lang, list := range names {
			l.sense(language(lang), sNumber, val, false, list)
		}
	}
	for lang, list := range [...]string{"un una", "a an", "um uma"} {
		l.sense(language(lang), sArticle, 1, false, list)
	}
	ordinals := map[int32][3]string{
		1: {"primero primer primera", "first", "primeiro primeira"}, 2: {"segundo segunda", "second", "segundo"},
		3: {"tercero tercer tercera", "third", "terceiro terceira"}, 4: {"cuarto cuarta", "fourth", "quarto"},
		5: {"quinto quinta", "fifth", "quinto"}, 6: {"sexto sexta", "sixth", "sexto"}, 7: {"septimo", "seventh", "setimo"},
		8: {"octavo", "eighth", "oitavo"}, 9: {"noveno", "ninth", "nono"}, 10: {"decimo", "tenth", "decimo"},
		11: {"undecimo decimoprimero", "eleventh", ""}, 12: {"duodecimo decimosegundo", "twelfth", ""}, 13: {"decimotercero", "thirteenth", ""},
		14: {"decimocuarto", "fourteenth", ""}, 15: {"decimoquinto", "fifteenth", ""}, 16: {"decimosexto", "sixteenth", ""},
		17: {"decimoseptimo", "seventeenth", ""}, 18: {"decimoctavo", "eighteenth", ""}, 19: {"decimonoveno", "nineteenth", ""},
		20: {"vigesimo", "twentieth", "vigesimo"}, 30: {"trigesimo", "thirtieth", "trigesimo"},
	}
	for val, names := range ordinals {
		for lang, list := range names {
			l.sense(language(lang), sOrdinal, val, false, list)
		}
	}
}
