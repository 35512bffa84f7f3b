package nlu_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/conversation/nlu"
)

// slotsOf is the slots as `understand -jsonl` prints them.
func slotsOf(t *testing.T, text string, c nlu.Context) string {
	t.Helper()
	if c.Ref.IsZero() {
		c.Ref = tuesday
	}
	in, err := json.Marshal(map[string]string{"id": "1", "text": text})
	require.NoError(t, err)
	var out strings.Builder
	require.NoError(t, nlu.Serve(strings.NewReader(string(in)), &out, c))
	var answer struct{ Slots json.RawMessage }
	require.NoError(t, json.Unmarshal([]byte(out.String()), &answer))
	return string(answer.Slots)
}

func TestOccupancy(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, want string }{
		{"2 adultos", `{"adults":2}`},
		{"2 adultos y un niño de 5", `{"adults":2,"children":1,"ages":[5]}`},
		{"dos adultos y dos nenas de 4 y 7 años", `{"adults":2,"children":2,"ages":[4,7]}`},
		{"2 adultos y 2 menores (5 y 8)", `{"adults":2,"children":2,"ages":[5,8]}`},
		{"2 adultos y un bebé", `{"adults":2,"children":1,"ages":[0]}`},
		{"2 adultos y un bebé de 8 meses", `{"adults":2,"children":1,"ages":[0]}`},
		{"somos cuatro", `{"guests":4}`},
		{"somos 3 personas", `{"guests":3}`},
		{"para dos", `{"guests":2}`},
		{"para 2 personas", `{"guests":2}`},
		{"somos 2 y un bebé", `{"adults":2,"children":1,"ages":[0]}`},
		{"somos 4 con 2 chicos", `{"guests":4,"children":2}`},
		{"solo yo", `{"adults":1}`},
		{"viajo sola", `{"adults":1}`},
		{"mi esposa y yo", `{"adults":2}`},
		{"voy con mi marido", `{"adults":2}`},
		{"una pareja con 2 chicos de 3 y 7", `{"adults":2,"children":2,"ages":[3,7]}`},
		{"4 personas, 2 adultos y 2 chicos", `{"adults":2,"children":2}`},
		{"2 adultos sin niños", `{"adults":2,"children":0}`},
		{"tres adultos", `{"adults":3}`},
		{"2 adults", `{"adults":2}`},
		{"2 adults and a 5 year old", `{"adults":2,"children":1,"ages":[5]}`},
		{"two adults and 2 kids aged 3 and 7", `{"adults":2,"children":2,"ages":[3,7]}`},
		{"we are 4", `{"guests":4}`},
		{"for two", `{"guests":2}`},
		{"for 2 with breakfast", `{"guests":2}`},
		{"para 2 cuanto sale", `{"guests":2}`},
		{"for 2 how much", `{"guests":2}`},
		{"para 2 por 3 noches", `{"nights":3,"guests":2}`},
		{"para 2 o 3 noches", `{"nights":3}`},
		{"for 2 or 3 nights", `{"nights":3}`},
		{"party of 4", `{"guests":4}`},
		{"just me", `{"adults":1}`},
		{"my wife, me and our baby", `{"adults":2,"children":1,"ages":[0]}`},
		{"my husband and I", `{"adults":2}`},
		{"the two of us", `{"guests":2}`},
		{"a couple", `{"adults":2}`},
		{"one adult and no children", `{"adults":1,"children":0}`},
		{"dois adultos e uma criança de 6 anos", `{"adults":2,"children":1,"ages":[6]}`},
		{"somos três", `{"guests":3}`},
		{"2 adultos en una habitación doble", `{"adults":2,"rooms":1,"room_type":"doble"}`},
		{"una cama matrimonial", `{"room_type":"matrimonial","beds":"double"}`},
		{"dos habitaciones con camas separadas", `{"rooms":2,"beds":"twin"}`},
		{"two rooms, twin beds", `{"rooms":2,"room_type":"twin","beds":"twin"}`},
		{"huéspedes 3", `{"guests":3}`},
		{"adultos: 2, niños: 1", `{"adults":2,"children":1}`},
		{"personas 3 noches", `{"nights":3}`},
	} {
		t.Run(tc.text, func(t *testing.T) {
			t.Parallel()
			require.JSONEq(t, tc.want, slotsOf(t, tc.text, nlu.Context{}))
		})
	}
}

func TestStay(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, want string }{
		{"3 noches desde el 10", `{"check_in":"2026-12-10","check_out":"2026-12-13","nights":3}`},
		{"el 10 por dos noches", `{"check_in":"2026-12-10","check_out":"2026-12-12","nights":2}`},
		{"llegamos el 4 y nos vamos el 6", `{"check_in":"2026-12-04","check_out":"2026-12-06","nights":2}`},
		{"me quedo hasta el 8", `{"check_out":"2026-12-08"}`},
		{"del 2 al 4, perdón, mejor del 3 al 6", `{"check_in":"2026-12-03","check_out":"2026-12-06","nights":3}`},
		{"una habitacion para 2 mañana por 1 noche", `{"check_in":"2026-11-25","check_out":"2026-11-26","nights":1,"guests":2,"rooms":1}`},
		{"hi, a room for 2 tomorow for 1 nite pls", `{"check_in":"2026-11-25","check_out":"2026-11-26","nights":1,"guests":2,"rooms":1}`},
		{"mejor del 3 al 6", `{"check_in":"2026-12-03","check_out":"2026-12-06","nights":3}`},
		{"este finde", `{"check_in":"2026-11-27","check_out":"2026-11-29","nights":2}`},
		{"una semana desde el 10 de enero", `{"nights":7,"check_in":"2027-01-10","check_out":"2027-01-17"}`},
		{"3 nights from the 10th", `{"check_in":"2026-12-10","check_out":"2026-12-13","nights":3}`},
		{"check in on the 10th and check out on the 12th", `{"check_in":"2026-12-10","check_out":"2026-12-12","nights":2}`},
		{"arriving Friday, leaving Sunday", `{"check_in":"2026-11-27","check_out":"2026-11-29","nights":2}`},
		{"until Sunday", `{"check_out":"2026-11-29"}`},
		{"for 4 nights", `{"nights":4}`},
		{"el 12 y 13 de enero", `{"check_in":"2027-01-12"}`},
		{"viernes y sábado", `{"check_in":"2026-11-27"}`},
		{"pasala al 5 de enero", `{"check_in":"2027-01-05"}`},
		{"change it to January 5", `{"check_in":"2027-01-05"}`},
		{"el 4, perdón, el 5", `{"check_in":"2026-12-05"}`},
		{"quiero hablar con una persona", `{}`},
	} {
		t.Run(tc.text, func(t *testing.T) {
			t.Parallel()
			require.JSONEq(t, tc.want, slotsOf(t, tc.text, nlu.Context{}))
		})
	}
}

func TestContacts(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text   string
		expect nlu.Slot
		want   string
	}{
		{"me llamo Ana Pérez", "", `{"name":"Ana Pérez"}`},
		{"mi nombre es juan de la cruz", "", `{"name":"juan de la cruz"}`},
		{"soy Carla Gómez", "", `{"name":"Carla Gómez"}`},
		{"a nombre de Luis Ortega", "", `{"name":"Luis Ortega"}`},
		{"my name is John Smith", "", `{"name":"John Smith"}`},
		{"I'm Mary Jones", "", `{"name":"Mary Jones"}`},
		{"meu nome é Paulo Silva", "", `{"name":"Paulo Silva"}`},
		{"Ana Pérez", nlu.Name, `{"name":"Ana Pérez"}`},
		{"ana perez", nlu.Name, `{"name":"ana perez"}`},
		{"O'Connor, Sean", nlu.Name, `{"name":"O'Connor"}`},
		{"¿cuánto sale?", nlu.Name, `{}`},
		{"no", nlu.Name, `{}`},
		{"ana.perez@example.com", "", `{"email":"ana.perez@example.com"}`},
		{"mi mail: Ana_P+viajes@mail.example.org.", "", `{"email":"Ana_P+viajes@mail.example.org"}`},
		{"Ana Pérez, ana@example.com", nlu.Name, `{"name":"Ana Pérez","email":"ana@example.com"}`},
		{"+54 9 261 555-0101", "", `{"phone":"+54 9 261 555-0101"}`},
		{"(261) 555-0101", "", `{"phone":"(261) 555-0101"}`},
		{"2615550101", nlu.Phone, `{"phone":"2615550101"}`},
		{"555010", nlu.Phone, `{"phone":"555010"}`},
		{"XKBKNABJK", "", `{"reference":"XKBKNABJK"}`},
		{"mi código es xkbknabjk", "", `{"reference":"XKBKNABJK"}`},
		{"xkbaknabj", nlu.Reference, `{"reference":"XKBAKNABJ"}`},
		{"necesito", "", `{}`},
		{"llegamos tipo 3 de la tarde", "", `{"arrival_time":"15:00"}`},
		{"llego a las 22:30", "", `{"arrival_time":"22:30"}`},
		{"we arrive at 3pm", "", `{"arrival_time":"15:00"}`},
		{"18hs", nlu.ArrivalTime, `{"arrival_time":"18:00"}`},
		{"9", nlu.ArrivalTime, `{"arrival_time":"09:00"}`},
		{"12", nlu.CheckIn, `{"check_in":"2026-12-12"}`},
		{"4-6", nlu.CheckIn, `{"check_in":"2026-12-04","check_out":"2026-12-06","nights":2}`},
		{"12 al 15", nlu.CheckIn, `{"check_in":"2026-12-12","check_out":"2026-12-15","nights":3}`},
		{"3 noches", nlu.CheckOut, `{"nights":3}`},
		{"el 12", nlu.CheckOut, `{"check_out":"2026-12-12"}`},
		{"3", nlu.Guests, `{"guests":3}`},
		{"tres", nlu.Guests, `{"guests":3}`},
		{"3", nlu.Nights, `{"nights":3}`},
		{"2", nlu.Rooms, `{"rooms":2}`},
		{"ninguno", nlu.Children, `{}`},
		{"no", nlu.Children, `{"children":0}`},
		{"2", nlu.Children, `{"children":2}`},
		{"5 y 7", nlu.Ages, `{"ages":[5,7]}`},
		{"3", nlu.Adults, `{"adults":3}`},
	} {
		t.Run(tc.text+"/"+string(tc.expect), func(t *testing.T) {
			t.Parallel()
			require.JSONEq(t, tc.want, slotsOf(t, tc.text, nlu.Context{Expect: tc.expect}))
		})
	}
}

func TestRoomTypesOfThisHotel(t *testing.T) {
	t.Parallel()
	types := []nlu.RoomName{
		{ID: "8", Names: []string{"Doble estándar", "doble", "matrimonial"}},
		{ID: "9", Names: []string{"Doble superior", "superior"}},
		{ID: "10", Names: []string{"Suite con vista", "suite"}},
	}
	for _, tc := range []struct{ text, want string }{
		{"la doble superior", `{"room_type":"9"}`},
		{"la superor", `{"room_type":"9"}`},
		{"una matrimonial", `{"rooms":1,"room_type":"8","beds":"double"}`},
		{"prefiero la SUITE", `{"room_type":"10"}`},
		{"dos dobles", `{"rooms":2,"room_type":"8"}`},
	} {
		t.Run(tc.text, func(t *testing.T) {
			t.Parallel()
			require.JSONEq(t, tc.want, slotsOf(t, tc.text, nlu.Context{Lang: "es", RoomTypes: types}))
		})
	}
}

func TestMoneyAndNumbers(t *testing.T) {
	t.Parallel()

	u := nlu.Understand("me dijeron $80.000 o 120 dólares, treinta y un mil pesos por las 4,5 horas", nlu.Context{Ref: tuesday})

	require.Len(t, u.Money, 3)
	require.InDelta(t, 80000, u.Money[0].Value, 0)
	require.Empty(t, u.Money[0].Currency)
	require.InDelta(t, 120, u.Money[1].Value, 0)
	require.Equal(t, "USD", u.Money[1].Currency)
	require.InDelta(t, 31000, u.Money[2].Value, 0)
	require.Len(t, u.Numbers, 1)
	require.InDelta(t, 4.5, u.Numbers[0].Value, 0)

	en := nlu.Understand("it was 1,200.50 dollars for twenty-three people", nlu.Context{Ref: tuesday})

	require.InDelta(t, 1200.5, en.Money[0].Value, 0)
	require.InDelta(t, 23, en.Numbers[0].Value, 0)
}
