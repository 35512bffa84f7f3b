package nlu_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/conversation/nlu"
)

type intentCase struct {
	text   string
	intent nlu.Intent
	topic  string
}

func checkIntents(t *testing.T, c nlu.Context, cases []intentCase) {
	t.Helper()
	for _, tc := range cases {
		t.Run(tc.text, func(t *testing.T) {
			t.Parallel()

			u := nlu.Understand(tc.text, c)

			require.Equal(t, tc.intent, u.Intent, "%v", u.Intents)
			require.Equal(t, tc.topic, u.Topic)
			require.Equal(t, tc.intent != nlu.OutOfScope || len(u.Intents) > 0 && u.Intents[0].Score >= 0.6, u.Sure)
		})
	}
}

func TestIntentsInSpanish(t *testing.T) {
	t.Parallel()
	checkIntents(t, nlu.Context{Ref: tuesday, Country: "AR", Lang: "es"}, []intentCase{
		{"Hola, quiero reservar una habitación", nlu.MakeReservation, nlu.TopicBook},
		{"reservame para el sábado", nlu.MakeReservation, nlu.TopicBook},
		{"necesito una pieza para dos", nlu.MakeReservation, nlu.TopicBook},
		{"quiero hacer una reserva", nlu.MakeReservation, nlu.TopicBook},
		{"quiero resrvar una habitacion", nlu.MakeReservation, nlu.TopicBook},
		{"¿tienen lugar el sábado?", nlu.CheckAvailability, nlu.TopicAvailability},
		{"tenés algo disponible para el finde?", nlu.CheckAvailability, nlu.TopicAvailability},
		{"hay habitaciones libres mañana?", nlu.CheckAvailability, nlu.TopicAvailability},
		{"Disponibilidad para mañana", nlu.CheckAvailability, nlu.TopicAvailability},
		{"cuánto sale la doble?", nlu.RoomPrice, nlu.TopicPrice},
		{"qué precio tiene la noche", nlu.RoomPrice, nlu.TopicPrice},
		{"quiero cancelar mi reserva", nlu.CancelReservation, nlu.TopicCancel},
		{"cancelen mi reserva", nlu.CancelReservation, nlu.TopicCancel},
		{"¿puedo cancelar gratis?", nlu.FAQPolicies, nlu.TopicCancelPolicy},
		{"quiero cambiar la fecha de mi reserva", nlu.ModifyReservation, nlu.TopicChange},
		{"puedo quedarme una noche más?", nlu.ModifyReservation, nlu.TopicChange},
		{"quiero ver mi reserva", nlu.ReservationStatus, nlu.TopicStatus},
		{"¿está confirmada mi reserva?", nlu.ReservationStatus, nlu.TopicStatus},
		{"¿a qué hora es el check in?", nlu.FAQCheckIn, nlu.TopicCheckIn},
		{"¿puedo hacer early check in, antes de las 12?", nlu.FAQCheckIn, nlu.TopicEarlyCheckIn},
		{"¿a qué hora es la salida?", nlu.FAQCheckOut, nlu.TopicCheckOut},
		{"¿puedo salir más tarde?", nlu.FAQCheckOut, nlu.TopicLateCheckOut},
		{"late check out se puede?", nlu.FAQCheckOut, nlu.TopicLateCheckOut},
		{"quiero pagar y dejar la habitación", nlu.ServiceCheckOut, nlu.TopicCheckOut},
		{"tienen wifi?", nlu.FAQWifi, nlu.TopicWifi},
		{"cuál es la clave del wi-fi", nlu.FAQWifi, nlu.TopicWifi},
		{"hay cochera?", nlu.FAQParking, nlu.TopicParking},
		{"¿tienen estacionamiento?", nlu.FAQParking, nlu.TopicParking},
		{"aceptan mascotas?", nlu.FAQPets, nlu.TopicPets},
		{"puedo llevar a mi perrito", nlu.FAQPets, nlu.TopicPets},
		{"el desayuno está incluido?", nlu.FAQBreakfast, nlu.TopicBreakfast},
		{"tienen pileta?", nlu.FAQPool, nlu.TopicPool},
		{"hay gimnasio", nlu.FAQGym, nlu.TopicGym},
		{"tienen restaurante para cenar?", nlu.FAQRestaurant, nlu.TopicRestaurant},
		{"¿aceptan tarjeta?", nlu.FAQPayment, nlu.TopicPayment},
		{"puedo pagar con mercado pago?", nlu.FAQPayment, nlu.TopicPayment},
		{"¿hay traslado al aeropuerto?", nlu.FAQTransport, nlu.TopicTransport},
		{"¿dónde quedan?", nlu.Location, nlu.TopicLocation},
		{"me pasás la dirección?", nlu.Location, nlu.TopicLocation},
		{"¿me pasás un teléfono?", nlu.FAQContact, nlu.TopicContact},
		{"¿qué servicios tienen?", nlu.FAQServices, nlu.TopicServices},
		{"¿qué tiene la habitación?", nlu.FAQRoomAmenities, nlu.TopicAmenities},
		{"¿cómo es la doble?", nlu.RoomInfo, nlu.TopicRooms},
		{"más toallas por favor", nlu.ServiceHousekeeping, nlu.TopicHousekeeping},
		{"limpien la 12", nlu.ServiceHousekeeping, nlu.TopicHousekeeping},
		{"una hamburguesa a la 12", nlu.ServiceRoomService, nlu.TopicRoomService},
		{"necesitamos una cuna", nlu.ServiceSpecialRequest, nlu.TopicSpecialRequest},
		{"es nuestro aniversario", nlu.ServiceSpecialRequest, nlu.TopicSpecialRequest},
		{"se puede fumar?", nlu.FAQSmoking, nlu.TopicSmoking},
		{"tienen lavandería?", nlu.FAQLaundry, nlu.TopicLaundry},
		{"es accesible para silla de ruedas?", nlu.FAQAccessibility, nlu.TopicAccessibility},
		{"el aire no funciona", nlu.Complaint, nlu.TopicComplaint},
		{"esto es una vergüenza, la habitación está sucia", nlu.Complaint, nlu.TopicComplaint},
		{"devuélvanme la seña", nlu.Refund, nlu.TopicRefund},
		{"me olvidé el cargador en la habitación", nlu.LostItem, nlu.TopicLostItem},
		{"quiero hablar con una persona", nlu.HumanHandoff, nlu.TopicPerson},
		{"pasame con alguien", nlu.HumanHandoff, nlu.TopicPerson},
		{"dejalo, no quiero seguir", nlu.Abort, ""},
		{"hola", nlu.Greeting, ""},
		{"holaaaa buen día", nlu.Greeting, ""},
		{"muchas gracias", nlu.Thanks, ""},
		{"chau, hasta luego", nlu.Goodbye, ""},
		{"contame un chiste", nlu.OutOfScope, ""},
		{"Reserva para 2 personas 3 noches", nlu.MakeReservation, nlu.TopicBook},
		{"cuánto está la noche?", nlu.RoomPrice, nlu.TopicPrice},
		{"puedo dejar las valijas después del check out?", nlu.FAQServices, nlu.TopicLuggage},
		{"me podés guardar el auto?", nlu.FAQParking, nlu.TopicParking},
		{"llego mañana tipo 10 de la noche, hay problema?", nlu.Inform, ""},
		{"avisale a una persona", nlu.HumanHandoff, nlu.TopicPerson},
		{"a qué hora puedo entrar?", nlu.FAQCheckIn, nlu.TopicCheckIn},
		{"una habitación con vista al parque, hay?", nlu.FAQRoomAmenities, nlu.TopicAmenities},
		{"¿está incluido el iva?", nlu.FAQPayment, nlu.TopicTaxes},
		{"el precio es con impuestos?", nlu.FAQPayment, nlu.TopicTaxes},
		{"para mañana", nlu.Inform, ""},
		{"dejá, llamo por teléfono", nlu.Abort, ""},
		{"la puta madre contestame", nlu.Complaint, nlu.TopicComplaint},
		{"asdkjh qwe", nlu.OutOfScope, ""},
	})
}

// TestAYesIsAYes: a booking is made on these only, so none may be too many, and none too few.
func TestAYesIsAYes(t *testing.T) {
	t.Parallel()
	for text, yes := range map[string]bool{
		"sí": true, "si": true, "dale": true, "ok": true, "bueno": true, "listo": true, "joya dale": true, "sí, confirmo": true, "órale, va": true,
		"bueno, gracias": true, "ok, perfecto, muchas gracias": true, "claro que sí": true, "sí, por favor": true, "yes please": true, "looks good": true,
		"great, book it": true, "sí, reservala": true, "está bien, confirmo": true, "bueno dale": true, "👍": true, "va": true,
		"Bueno, volvamos a lo anterior": false, "ok pero cambiame la fecha": false, "bueno, quisiera otra habitación": false, "bien, decime antes el precio": false,
		"claro, pensándolo mejor prefiero esperar": false, "sí, pero somos tres": false, "well actually let me think about it": false,
		"ok and what about parking?": false, "no": false, "bueno no": false, "ya no": false, "sí no sé": false,
	} {
		u := nlu.Understand(text, nlu.Context{Ref: tuesday, Country: "AR", Lang: "es", Expect: nlu.ExpectYesNo})
		got := false
		for _, i := range u.Intents {
			got = got || i.Name == nlu.Confirm && i.Score >= 0.5
		}
		require.Equal(t, yes, got, "%s: %v", text, u.Intents)
	}
}

// TestWhatIsNoYes guards the words that once scored as one, or as a complaint.
func TestWhatIsNoYes(t *testing.T) {
	t.Parallel()
	for text, never := range map[string]nlu.Intent{
		"¿y si somos 3?": nlu.Confirm, "y si vamos el 5?": nlu.Confirm, "la más barata": nlu.Complaint, "para mañana": nlu.Abort,
		"Pedro Ramírez Ortega pedro_ramirez@correo.test": nlu.FAQPets,
	} {
		u := nlu.Understand(text, nlu.Context{Ref: tuesday, Country: "AR", Lang: "es", Expect: nlu.ExpectYesNo})
		for _, i := range u.Intents {
			require.False(t, i.Name == never && i.Score >= 0.5, "%s: %v", text, u.Intents)
		}
	}
	u := nlu.Understand("avisale a una persona", nlu.Context{Ref: tuesday, Lang: "es"})
	require.Zero(t, u.Slots.Guests)
	u = nlu.Understand("una noche", nlu.Context{Ref: tuesday, Lang: "es", Expect: nlu.Guests})
	require.Zero(t, u.Slots.Guests)
	require.Equal(t, 1, u.Slots.Nights)
}

func TestIntentsInEnglish(t *testing.T) {
	t.Parallel()
	checkIntents(t, nlu.Context{Ref: tuesday, Country: "AR", Lang: "en"}, []intentCase{
		{"I'd like to book a room", nlu.MakeReservation, nlu.TopicBook},
		{"can I make a reservation for tomorrow", nlu.MakeReservation, nlu.TopicBook},
		{"do you have rooms available this weekend?", nlu.CheckAvailability, nlu.TopicAvailability},
		{"any vacancies on Friday?", nlu.CheckAvailability, nlu.TopicAvailability},
		{"how much is a double?", nlu.RoomPrice, nlu.TopicPrice},
		{"please cancel my booking", nlu.CancelReservation, nlu.TopicCancel},
		{"I want to change my reservation", nlu.ModifyReservation, nlu.TopicChange},
		{"what are my reservation details", nlu.ReservationStatus, nlu.TopicStatus},
		{"what time is check-in?", nlu.FAQCheckIn, nlu.TopicCheckIn},
		{"when is check out?", nlu.FAQCheckOut, nlu.TopicCheckOut},
		{"is there wifi in the rooms?", nlu.FAQWifi, nlu.TopicWifi},
		{"do you have parking?", nlu.FAQParking, nlu.TopicParking},
		{"are pets allowed?", nlu.FAQPets, nlu.TopicPets},
		{"is breakfast included?", nlu.FAQBreakfast, nlu.TopicBreakfast},
		{"what time does the pool open?", nlu.FAQPool, nlu.TopicPool},
		{"do you take credit cards?", nlu.FAQPayment, nlu.TopicPayment},
		{"where are you located?", nlu.Location, nlu.TopicLocation},
		{"can I have more towels", nlu.ServiceHousekeeping, nlu.TopicHousekeeping},
		{"bring me a sandwich please", nlu.ServiceRoomService, nlu.TopicRoomService},
		{"the shower is broken", nlu.Complaint, nlu.TopicComplaint},
		{"I lost my passport", nlu.LostItem, nlu.TopicLostItem},
		{"I want a refund", nlu.Refund, nlu.TopicRefund},
		{"let me talk to a human", nlu.HumanHandoff, nlu.TopicPerson},
		{"never mind", nlu.Abort, ""},
		{"hello there", nlu.Greeting, ""},
		{"thank you", nlu.Thanks, ""},
		{"bye", nlu.Goodbye, ""},
		{"tell me a joke", nlu.OutOfScope, ""},
		{"what's the weather like", nlu.OutOfScope, ""},
	})
}

func TestIntentsInPortuguese(t *testing.T) {
	t.Parallel()
	checkIntents(t, nlu.Context{Ref: tuesday, Country: "BR", Lang: "pt"}, []intentCase{
		{"quero reservar um quarto", nlu.MakeReservation, nlu.TopicBook},
		{"vocês têm vagas para amanhã?", nlu.CheckAvailability, nlu.TopicAvailability},
		{"quanto custa a diária?", nlu.RoomPrice, nlu.TopicPrice},
		{"quero cancelar minha reserva", nlu.CancelReservation, nlu.TopicCancel},
		{"aceitam cachorro?", nlu.FAQPets, nlu.TopicPets},
		{"tem piscina?", nlu.FAQPool, nlu.TopicPool},
		{"quero falar com um atendente", nlu.HumanHandoff, nlu.TopicPerson},
		{"obrigado", nlu.Thanks, ""},
	})
}

func TestYesAndNoAreReadByTheQuestion(t *testing.T) {
	t.Parallel()
	asked := nlu.Context{Ref: tuesday, Lang: "es", Expect: nlu.ExpectYesNo}
	for text, want := range map[string]nlu.Intent{
		"dale": nlu.Confirm, "sí": nlu.Confirm, "siii": nlu.Confirm, "ok": nlu.Confirm, "de una": nlu.Confirm, "👍": nlu.Confirm,
		"sí, confirmo": nlu.Confirm, "perfecto, gracias": nlu.Confirm, "yes please": nlu.Confirm, "sim": nlu.Confirm, "bueno dale": nlu.Confirm, "no hay problema": nlu.Confirm, "claro que sí": nlu.Confirm,
		"no": nlu.Deny, "nop": nlu.Deny, "mejor no": nlu.Deny, "no gracias": nlu.Deny, "nope": nlu.Deny, "todavía no": nlu.Deny, "não": nlu.Deny,
		"no, está mal": nlu.Deny, "claro que no": nlu.Deny,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()

			u := nlu.Understand(text, asked)

			require.Equal(t, want, u.Intent, "%v", u.Intents)
			require.True(t, u.Sure)
			require.Equal(t, map[bool]string{true: u.Lang, false: "es"}[text == "yes please" || text == "não"], u.Lang)
		})
	}
}

func TestAYesToOtherValuesIsNoClearYes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"sí pero para el 5", "dale, somos 3", "yes but for two nights", "ok, del 4 al 7"} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()

			u := nlu.Understand(text, nlu.Context{Ref: tuesday, Lang: "es", Expect: nlu.ExpectYesNo})

			require.Equal(t, nlu.Inform, u.Intent, "%v", u.Intents)
			for _, s := range u.Intents {
				if s.Name == nlu.Confirm {
					require.Less(t, s.Score, 0.5)
				}
			}
		})
	}
}

func TestAYesWithAButOrAQuestionIsNoClearYes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"sí, ¿y cuánto sale con desayuno?", "sí pero primero decime otra cosa", "ok but is it refundable?"} {
		u := nlu.Understand(text, nlu.Context{Ref: tuesday, Lang: "es", Expect: nlu.ExpectYesNo})
		for _, s := range u.Intents {
			require.False(t, s.Name == nlu.Confirm && s.Score >= 0.5, "%s: %v", text, u.Intents)
		}
	}
}

func TestNotKnowingIsNoAnswer(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"no sé", "ni idea", "I don't know"} {
		u := nlu.Understand(text, nlu.Context{Ref: tuesday, Lang: "es", Expect: nlu.ExpectYesNo})
		require.False(t, u.Sure, "%s: %v", text, u.Intents)
	}
}

func TestSeveralIntentsInOneMessage(t *testing.T) {
	t.Parallel()

	u := nlu.Understand("hola! quiero reservar para el finde, y aceptan mascotas?", nlu.Context{Ref: tuesday})

	var names []nlu.Intent
	for _, s := range u.Intents {
		names = append(names, s.Name)
	}
	require.Contains(t, names, nlu.MakeReservation)
	require.Contains(t, names, nlu.FAQPets)
	require.Contains(t, names, nlu.Greeting)
}

func TestLabelsAreClosed(t *testing.T) {
	t.Parallel()

	known := map[nlu.Intent]bool{}
	for _, l := range nlu.Labels() {
		require.False(t, known[l], "twice: %s", l)
		known[l] = true
	}
	require.Len(t, known, 44)
}

func TestLanguageSticks(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, prior, want string }{
		{"ok", "en", "en"},
		{"ok", "es", "es"},
		{"2", "pt", "pt"},
		{"hola, quería reservar una habitación", "", "es"},
		{"hola, quería reservar una habitación", "en", "es"},
		{"hello, I would like to book a room", "es", "en"},
		{"olá, vocês têm quartos para amanhã?", "", "pt"},
		{"bonjour, avez-vous une chambre pour demain?", "", "und"},
		{"guten Tag, haben Sie ein Zimmer frei?", "es", "und"},
		{"march 4-6", "en", "en"},
	} {
		t.Run(tc.text+"/"+tc.prior, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, nlu.Understand(tc.text, nlu.Context{Ref: tuesday, Lang: tc.prior}).Lang)
		})
	}
}

func TestWhereAreYou(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"¿Dónde están?": true, "donde se encuentran": true, "¿dónde están ustedes?": true, "dónde está el hotel?": true, "where are you": true, "where is this place?": true,
		"¿dónde están mis valijas?": false, "¿dónde están las toallas?": false, "where is the pool?": false, "where are you taking my luggage?": false,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			u := nlu.Understand(text, nlu.Context{Ref: tuesday})
			require.Equal(t, want, u.Intent == nlu.Location && u.Sure)
		})
	}
}
