package nlu

// concept is a class of words that the intent rules speak of.
type concept uint8

// set is a set of concepts.
type set [2]uint64

func (s set) with(c concept) set {
	s[c>>6] |= 1 << (c & 63)
	return s
}

func (s set) has(c concept) bool { return s[c>>6]&(1<<(c&63)) != 0 }

func (s set) union(o set) set { return set{s[0] | o[0], s[1] | o[1]} }

func (s set) contains(o set) bool { return s[0]&o[0] == o[0] && s[1]&o[1] == o[1] }

func (s set) meets(o set) bool { return s[0]&o[0] != 0 || s[1]&o[1] != 0 }

func (s set) empty() bool { return s == set{} }

func of(cs ...concept) set {
	var s set
	for _, c := range cs {
		s = s.with(c)
	}
	return s
}

// The concepts.
const (
	cBook         concept = iota // the verb: reservar, book
	cBooking                     // the noun: reserva, booking
	cRoom                        // habitación, room
	cRoomKind                    // doble, suite
	cStay                        // alojarse, stay
	cAvail                       // disponible, lugar, vacancy
	cPrice                       // cuánto sale, price
	cHowMuch                     // cuánto, how much
	cCancel                      //
	cModify                      //
	cExtend                      // quedarme más, extend
	cStatus                      // estado, details
	cMy                          // mi, my
	cWhere                       //
	cWhen                        // cuándo, a qué hora
	cHour                        // horario, open, close
	cWhat                        // qué, which
	cHave                        // tienen, hay
	cAccept                      // aceptan, allow
	cWant                        // quiero, need
	cBring                       // traigan, send
	cCan                         // puedo, can
	cLate                        //
	cEarly                       //
	cNeg                         // no, not
	cYes                         // a yes by itself
	cNo                          // a no by itself
	cCorrect                     // correcto, right
	cWrong                       // incorrecto, wrong
	cThanks                      //
	cHello                       //
	cBye                         //
	cHelp                        //
	cPerson                      // persona, agent
	cTalk                        // hablar, speak
	cWifi                        //
	cParking                     //
	cCar                         // auto, car
	cPets                        //
	cPool                        //
	cGym                         //
	cSpa                         //
	cRestaurant                  //
	cBreakfast                   //
	cLaundry                     //
	cSmoke                       //
	cAccess                      // wheelchair
	cPhone                       // teléfono, phone number, e-mail
	cPay                         // pagar, tarjeta
	cInvoice                     // factura
	cTransport                   // traslado, shuttle
	cAirport                     // aeropuerto, station
	cPolicy                      // política, penalidad
	cFree                        // gratis
	cRefund                      //
	cLost                        //
	cComplaint                   //
	cBroken                      // no funciona, roto
	cLinen                       // toallas, jabón
	cClean                       // limpien
	cFood                        //
	cRoomService                 //
	cCot                         // cuna
	cSpecial                     // aniversario, piso alto
	cAmenity                     // aire acondicionado
	cServices                    // servicios
	cCheckIn                     //
	cCheckOut                    //
	cLuggage                     //
	cAbort                       //
	cAddress                     // dirección, ubicación
	cNear                        // cerca, far
	cPhoto                       //
	cElse                        // weather, jokes, other businesses
	cGroup                       //
	cChildren                    //
	cArrive                      //
	cLeave                       //
	cThing                       // pasaporte, watch: what gets lost
	cMissing                     // perdí, dejé olvidado
	cLike                        // cómo es, what is it like
	cOffer                       // incluye, included
	cStop                        // baja, stop
	cDelete                      // borrar datos
	cTable                       // mesa, table of the restaurant
	cHotel                       // hotel, house
	cQuestion                    // ¿ ?
	cGone                        // dejar la habitación
	cOk                          // bueno, ok
	cAnger                       //
	cMore                        // más, extra
	cNumbersGuest                // personas
	cYou                         // vos, your
	cUnsure                      // no sé
	cRefuse                      // no quiero
	cTax                         // impuestos, IVA
	concepts
)
