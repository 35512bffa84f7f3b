package nlu_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/conversation/nlu"
	"github.com/conserje/conserje/hotel"
)

// dateCase is a phrase said on Tuesday 24 November 2026, and the days of its first mention.
type dateCase struct{ text, start, end string }

func checkDates(t *testing.T, c nlu.Context, cases []dateCase) {
	t.Helper()
	for _, tc := range cases {
		t.Run(tc.text, func(t *testing.T) {
			t.Parallel()

			u := nlu.Understand(tc.text, c)

			if tc.start == "" {
				require.Empty(t, u.Dates)
				return
			}
			require.NotEmpty(t, u.Dates)
			require.Equal(t, tc.start+" "+tc.end, u.Dates[0].Start.String()+" "+u.Dates[0].End.String())
		})
	}
}

func TestDatesInSpanish(t *testing.T) {
	t.Parallel()
	checkDates(t, nlu.Context{Ref: tuesday, Country: "AR", Lang: "es"}, []dateCase{
		{"hoy", "2026-11-24", "2026-11-25"},
		{"para esta noche", "2026-11-24", "2026-11-25"},
		{"mañana", "2026-11-25", "2026-11-26"},
		{"llegamos pasado mañana", "2026-11-26", "2026-11-27"},
		{"por la mañana", "", ""},
		{"en 3 días", "2026-11-27", "2026-11-28"},
		{"dentro de dos semanas", "2026-12-08", "2026-12-09"},
		{"en un mes", "2026-12-24", "2026-12-25"},
		{"este viernes", "2026-11-27", "2026-11-28"},
		{"el viernes que viene", "2026-12-04", "2026-12-05"},
		{"próximo viernes", "2026-12-04", "2026-12-05"},
		{"el sábado", "2026-11-28", "2026-11-29"},
		{"el savado", "2026-11-28", "2026-11-29"},
		{"el martes", "2026-12-01", "2026-12-02"},
		{"el 12", "2026-12-12", "2026-12-13"},
		{"el 30", "2026-11-30", "2026-12-01"},
		{"el día 5", "2026-12-05", "2026-12-06"},
		{"el doce de marzo", "2027-03-12", "2027-03-13"},
		{"12 de marzo", "2027-03-12", "2027-03-13"},
		{"12 de mrazo", "2027-03-12", "2027-03-13"},
		{"el 1ro de enero", "2027-01-01", "2027-01-02"},
		{"primero de febrero", "2027-02-01", "2027-02-02"},
		{"12/3", "2027-03-12", "2027-03-13"},
		{"12/03/2027", "2027-03-12", "2027-03-13"},
		{"12/03/27", "2027-03-12", "2027-03-13"},
		{"2027-03-12", "2027-03-12", "2027-03-13"},
		{"12 de marzo de 2028", "2028-03-12", "2028-03-13"},
		{"el 12 de marzo de 2020", "2020-03-12", "2020-03-13"},
		{"viernes 27 de noviembre", "2026-11-27", "2026-11-28"},
		{"sábado 28", "2026-11-28", "2026-11-29"},
		{"el 5 del mes que viene", "2026-12-05", "2026-12-06"},
		{"29/2", "2028-02-29", "2028-03-01"},
		{"del 4 al 6 de marzo", "2027-03-04", "2027-03-06"},
		{"del 4 al 6", "2026-12-04", "2026-12-06"},
		{"del 28 al 2", "2026-11-28", "2026-12-02"},
		{"del 30 de diciembre al 2 de enero", "2026-12-30", "2027-01-02"},
		{"desde el 3 hasta el 7 de enero", "2027-01-03", "2027-01-07"},
		{"entre el 4 y el 6", "2026-12-04", "2026-12-06"},
		{"entre el 4 y el 6 de enero", "2027-01-04", "2027-01-06"},
		{"del 28/12 al 3/1", "2026-12-28", "2027-01-03"},
		{"4-6/3", "2027-03-04", "2027-03-06"},
		{"del viernes al domingo", "2026-11-27", "2026-11-29"},
		{"de lunes a miércoles", "2026-11-30", "2026-12-02"},
		{"del 10 al 15 de enero de 2028", "2028-01-10", "2028-01-15"},
		{"desde hoy hasta el viernes", "2026-11-24", "2026-11-27"},
		{"este finde", "2026-11-28", "2026-11-30"},
		{"este fin de semana", "2026-11-28", "2026-11-30"},
		{"el próximo fin de semana", "2026-12-05", "2026-12-07"},
		{"finde largo", "2026-11-28", "2026-11-30"},
		{"el finde que viene", "2026-11-28", "2026-11-30"}, // on a Tuesday: the coming one
		{"Feliz navidad!", "", ""},
		{"felices fiestas y feliz año nuevo", "", ""},
		{"del 6 al 4 de diciembre", "2026-12-06", "2026-12-04"}, // as said: to be refused
		{"la semana que viene", "2026-11-30", "2026-12-07"},
		{"en febrero", "2027-02-01", "2027-03-01"},
		{"primera quincena de enero", "2027-01-01", "2027-01-16"},
		{"segunda quincena de enero", "2027-01-16", "2027-02-01"},
		{"a fines de marzo", "2027-03-21", "2027-04-01"},
		{"primer viernes de julio", "2027-07-02", "2027-07-03"},
		{"para navidad", "2026-12-25", "2026-12-26"},
		{"en semana santa", "2027-03-25", "2027-03-28"},
		{"año nuevo", "2027-01-01", "2027-01-02"},
		{"los próximos 3 días", "2026-11-25", "2026-11-28"},
		{"hace 3 noches que no duermo", "", ""},
		{"somos 2", "", ""},
		{"2 o 3 personas", "", ""},
		{"la 12 no tiene toallas", "", ""},
		{"llego a las 12", "", ""},
		{"entre 4 y 6 personas", "", ""},
		{"mi numero es 261 555 0101", "", ""},
		{"atención 24/7", "", ""},
	})
}

func TestDatesInEnglish(t *testing.T) {
	t.Parallel()
	checkDates(t, nlu.Context{Ref: tuesday, Country: "AR", Lang: "en"}, []dateCase{
		{"today", "2026-11-24", "2026-11-25"},
		{"tonight", "2026-11-24", "2026-11-25"},
		{"tomorrow please", "2026-11-25", "2026-11-26"},
		{"the day after tomorrow", "2026-11-26", "2026-11-27"},
		{"in 3 days", "2026-11-27", "2026-11-28"},
		{"in a week", "2026-12-01", "2026-12-02"},
		{"two days from tomorrow", "2026-11-27", "2026-11-28"},
		{"this Friday", "2026-11-27", "2026-11-28"},
		{"next Friday", "2026-12-04", "2026-12-05"},
		{"on Saturday", "2026-11-28", "2026-11-29"},
		{"on saterday", "2026-11-28", "2026-11-29"},
		{"the 12th", "2026-12-12", "2026-12-13"},
		{"on the 5th", "2026-12-05", "2026-12-06"},
		{"March 12th", "2027-03-12", "2027-03-13"},
		{"12 March", "2027-03-12", "2027-03-13"},
		{"the 12th of March 2028", "2028-03-12", "2028-03-13"},
		{"March 12, 2028", "2028-03-12", "2028-03-13"},
		{"twenty third of march", "2027-03-23", "2027-03-24"},
		{"friday the 27th", "2026-11-27", "2026-11-28"},
		{"12/3", "2027-03-12", "2027-03-13"},
		{"from 4 to 6 March", "2027-03-04", "2027-03-06"},
		{"March 4-6", "2027-03-04", "2027-03-06"},
		{"March 4 to March 6", "2027-03-04", "2027-03-06"},
		{"from the 4th until the 6th", "2026-12-04", "2026-12-06"},
		{"between the 4th and the 6th of march", "2027-03-04", "2027-03-06"},
		{"December 30 to January 2", "2026-12-30", "2027-01-02"},
		{"Monday to Friday", "2026-11-30", "2026-12-04"},
		{"from tomorrow to Saturday", "2026-11-25", "2026-11-28"},
		{"this weekend", "2026-11-28", "2026-11-30"},
		{"next weekend", "2026-12-05", "2026-12-07"},
		{"next week", "2026-11-30", "2026-12-07"},
		{"in February", "2027-02-01", "2027-03-01"},
		{"early March", "2027-03-01", "2027-03-11"},
		{"first week of october", "2027-10-04", "2027-10-11"},
		{"at christmas", "2026-12-25", "2026-12-26"},
		{"may I bring my dog?", "", ""},
		{"we are 4", "", ""},
		{"a room for 2", "", ""},
		{"on the first floor", "", ""},
	})
}

func TestDatesInPortuguese(t *testing.T) {
	t.Parallel()
	checkDates(t, nlu.Context{Ref: tuesday, Country: "BR", Lang: "pt"}, []dateCase{
		{"hoje", "2026-11-24", "2026-11-25"},
		{"amanhã", "2026-11-25", "2026-11-26"},
		{"depois de amanhã", "2026-11-26", "2026-11-27"},
		{"na sexta-feira", "2026-11-27", "2026-11-28"},
		{"dia 12", "2026-12-12", "2026-12-13"},
		{"12 de março", "2027-03-12", "2027-03-13"},
		{"de 4 a 6 de março", "2027-03-04", "2027-03-06"},
		{"do dia 4 ao dia 6", "2026-12-04", "2026-12-06"},
		{"semana que vem", "2026-11-30", "2026-12-07"},
		{"neste fim de semana", "2026-11-28", "2026-11-30"},
	})
}

func TestMonthFirstOnlyInTheUnitedStates(t *testing.T) {
	t.Parallel()

	us := nlu.Understand("March is fine, 3/4 please", nlu.Context{Ref: tuesday, Country: "US", Lang: "en"})
	uk := nlu.Understand("we arrive on 3/4", nlu.Context{Ref: tuesday, Country: "GB", Lang: "en"})

	require.Equal(t, "2027-03-04", us.Dates[len(us.Dates)-1].Start.String())
	require.Equal(t, "2027-04-03", uk.Dates[0].Start.String())
	require.Len(t, uk.Dates[0].Alt, 1, "the other order stays as an alternative")
	require.Equal(t, "2027-03-04", uk.Dates[0].Alt[0].Start.String())
	require.Less(t, uk.Dates[0].Score, 0.6)
}

func TestNextFridayKeepsTheComingOneAsAlternative(t *testing.T) {
	t.Parallel()

	u := nlu.Understand("quiero una pieza para el próximo viernes", nlu.Context{Ref: tuesday})

	require.Len(t, u.Dates, 1)
	require.Equal(t, "próximo viernes", u.Dates[0].Text)
	require.Equal(t, 25, u.Dates[0].At)
	require.Equal(t, "2026-12-04", u.Dates[0].Start.String())
	require.Equal(t, "2026-11-27", u.Dates[0].Alt[0].Start.String())
}

func TestTheNextWeekendIsAnotherOneOnceItIsWeekend(t *testing.T) {
	t.Parallel()
	saturday := time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)

	u := nlu.Understand("el finde que viene", nlu.Context{Ref: saturday, Lang: "es"})

	require.Equal(t, "2026-12-05", u.Dates[0].Start.String())
}

// TestTheMonthStandsBeforeItsDays reads 'en enero, del 5 al 8'.
func TestTheMonthStandsBeforeItsDays(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"quiero otra reserva para enero del 5 al 8", "en enero, del 5 al 8"} {
		u := nlu.Understand(text, nlu.Context{Ref: tuesday, Lang: "es"})
		require.Equal(t, "2027-01-05 2027-01-08", u.Slots.CheckIn.String()+" "+u.Slots.CheckOut.String(), text)
	}
	u := nlu.Understand("el 30 de febrero", nlu.Context{Ref: tuesday, Lang: "es"})
	require.True(t, u.Slots.CheckIn.IsZero(), "there is no such day")
}

// TestADayWithoutAMonthIsNearTheDaysSpokenOf: who talks of Christmas and says 'the 24th' means December.
func TestADayWithoutAMonthIsNearTheDaysSpokenOf(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ near, text, in, out string }{
		{"2026-12-25", "3 nights from the 24th", "2026-12-24", "2026-12-27"},
		{"2026-12-24", "del 26 al 28", "2026-12-26", "2026-12-28"},
		{"2026-12-30", "mejor del 2 al 4", "2027-01-02", "2027-01-04"},
		{"2026-12-04", "mejor del 30 al 2", "2026-11-30", "2026-12-02"},
		{"2026-12-10", "del 20 al 22", "2026-12-20", "2026-12-22"},
	} {
		near, err := hotel.ParseDate(tc.near)
		require.NoError(t, err)
		u := nlu.Understand(tc.text, nlu.Context{Ref: tuesday, Near: near, Lang: "es"})
		require.Equal(t, tc.in+" "+tc.out, u.Slots.CheckIn.String()+" "+u.Slots.CheckOut.String(), tc.text)
	}
}

func TestDaysThatTurnBack(t *testing.T) {
	t.Parallel()
	checkDates(t, nlu.Context{Ref: tuesday, Country: "AR"}, []dateCase{
		{"del 10 al 5 de marzo de 2027", "2027-03-10", "2027-03-05"},
		{"del 5 al 5 de marzo", "2027-03-05", "2027-03-05"},
		{"del 5 al 3 del mes que viene", "2026-12-05", "2026-12-03"},
		{"from march 10 to march 5", "2027-03-10", "2027-03-05"},
		{"del 10 de abril al 5 de marzo", "2027-04-10", "2027-03-05"},
		{"del 28 al 2 de enero", "2026-12-28", "2027-01-02"},
		{"del 25 al 5 de enero", "2026-12-25", "2027-01-05"},
		{"del 28 de diciembre al 2 de enero", "2026-12-28", "2027-01-02"},
		{"del viernes al domingo de la semana que viene", "2026-12-04", "2026-12-06"},
		{"del viernes al lunes de la semana que viene", "2026-11-27", "2026-11-30"},
		{"del jueves al domingo de esta semana", "2026-11-26", "2026-11-29"},
	})
}

func TestDaysOfNoCalendar(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, want string }{
		{"el 30 de febrero", "30 de febrero"},
		{"reservar del 31 de noviembre al 2 de diciembre", "31 de noviembre"},
		{"June 31", "June 31"},
		{"29 de febrero de 2027", "29 de febrero de 2027"},
		{"el 31/11", "31/11"},
		{"30/02/2027", "30/02/2027"},
		{"el 29 de febrero", ""},
		{"12/13", ""},
		{"habitación 30/40", ""},
	} {
		t.Run(tc.text, func(t *testing.T) {
			t.Parallel()
			u := nlu.Understand(tc.text, nlu.Context{Ref: tuesday, Country: "AR"})
			if tc.want == "" {
				require.Empty(t, u.NoDays)
				return
			}
			require.Len(t, u.NoDays, 1)
			require.Equal(t, tc.want, u.NoDays[0].Text)
		})
	}
}

func TestNightsAreNoGuests(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, want string }{
		{"somos 2", `{"guests":2}`},
		{"we are 2", `{"guests":2}`},
		{"somos 2 y un nene", `{"adults":2,"children":1}`},
		{"3", `{"nights":3}`},
		{"somos 2, 3", `{"guests":2,"nights":3}`},
		{"para mañana, somos dos, dos noches", `{"check_in":"2026-11-25","check_out":"2026-11-27","guests":2,"nights":2}`},
	} {
		t.Run(tc.text, func(t *testing.T) {
			t.Parallel()
			require.JSONEq(t, tc.want, slotsOf(t, tc.text, nlu.Context{Expect: nlu.Nights}))
		})
	}
}
