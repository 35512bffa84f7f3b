package nlu

// rule says what a set of concepts asks for.
type rule struct {
	name  Intent
	topic string
	score float64
	all   set // every one of these
	any   set // at least one of these, when there are any
	none  set // none of these
}

// rules are read in full; of one intent the best score counts. Order is only for the eye.
var rules = []rule{
	// a person, data, anger
	{HumanHandoff, TopicPerson, 0.97, of(cTalk, cPerson), set{}, set{}},
	{HumanHandoff, TopicPerson, 0.9, of(cPerson), of(cWant, cBring, cCan, cServices, cHave), of(cClean, cBook, cAvail, cRoom, cNumbersGuest)},
	{HumanHandoff, TopicGroup, 0.85, of(cGroup), of(cBook, cRoom, cAvail, cWant), set{}},
	{HumanHandoff, TopicDeleteData, 0.97, of(cDelete), set{}, set{}},
	{Complaint, TopicComplaint, 0.9, of(cComplaint), set{}, set{}},
	{Complaint, TopicComplaint, 0.93, of(cBroken), set{}, of(cCar, cElse)},
	{Complaint, TopicComplaint, 0.85, of(cAnger), set{}, set{}},
	{Refund, TopicRefund, 0.95, of(cRefund), set{}, set{}},
	{LostItem, TopicLostItem, 0.95, of(cMissing, cThing), set{}, set{}},
	{LostItem, TopicLostItem, 0.8, of(cMissing), of(cMy, cRoom, cHotel), of(cBook, cBooking)},
	{LostItem, TopicLostItem, 0.7, of(cMissing), set{}, of(cBook, cBooking, cElse, cWifi, cBreakfast, cWhen, cCheckIn, cCheckOut, cParking, cPrice)},

	// bookings
	{CancelReservation, TopicCancel, 0.97, of(cCancel), of(cBooking, cRoom, cMy, cStay, cBook, cTable), of(cFree, cPolicy, cElse, cRefund)},
	{CancelReservation, TopicCancel, 0.75, of(cCancel), set{}, of(cFree, cPolicy, cCan, cElse)},
	{CancelReservation, TopicCancel, 0.7, of(cCancel, cCan), set{}, of(cFree, cPolicy, cElse)},
	{FAQPolicies, TopicCancelPolicy, 0.98, of(cCancel), of(cFree, cPolicy), set{}},
	{FAQPolicies, TopicPolicies, 0.9, of(cPolicy), set{}, of(cCancel, cPets, cSmoke, cParking)},
	{ModifyReservation, TopicChange, 0.96, of(cModify), of(cBooking, cBook, cRoom, cMy, cStay), of(cCancel, cLinen, cClean, cElse, cPay)},
	{ModifyReservation, TopicChange, 0.9, of(cExtend), of(cBooking, cStay, cMy, cWant, cCan, cMore), of(cCheckOut)},
	{ModifyReservation, TopicChange, 0.75, of(cModify), set{}, of(cLinen, cClean, cElse, cPay)},
	{ReservationStatus, TopicStatus, 0.93, of(cBooking, cStatus), set{}, of(cCancel, cModify)},
	{ReservationStatus, TopicStatus, 0.9, of(cBooking, cMy), of(cStatus, cWhen, cWhere, cWhat, cQuestion, cHave), of(cCancel, cModify, cBook, cBreakfast, cParking, cPay, cRefund, cExtend)},
	{ReservationStatus, TopicStatus, 0.72, of(cBooking, cMy), set{}, of(cCancel, cModify, cBook, cExtend, cRefund)},
	{MakeReservation, TopicBook, 0.93, of(cBook), set{}, of(cRefuse, cElse, cCancel, cModify, cTable, cRestaurant, cSpa, cStatus)},
	{MakeReservation, TopicBook, 0.8, of(cBook), of(cRoom, cRoomKind, cNumbersGuest), of(cCancel, cTable, cRestaurant, cSpa)},
	{MakeReservation, TopicBook, 0.92, of(cBooking, cWant), set{}, of(cRefuse, cCancel, cModify, cMy, cStatus, cTable, cRestaurant, cExtend)},
	{MakeReservation, TopicBook, 0.84, of(cWant), of(cRoom, cRoomKind), of(cRefuse, cBreakfast, cCancel, cModify, cClean, cLinen, cBring, cRoomService, cFood, cPrice, cBroken, cPhoto, cAvail, cExtend, cLate, cCot, cComplaint, cMy, cPay)},
	{MakeReservation, TopicBook, 0.8, of(cWant, cStay), set{}, of(cCancel, cModify, cMy, cExtend)},
	{MakeReservation, TopicBook, 0.8, of(cBooking), of(cNumbersGuest, cRoom, cRoomKind), of(cMy, cStatus, cCancel, cModify, cExtend, cHave, cRefuse, cTable, cWhere, cWhen, cRefund, cMissing)},
	{CheckAvailability, TopicAvailability, 0.94, of(cAvail), set{}, of(cParking, cCar, cWifi, cTable, cCancel, cLuggage, cPerson)},
	{CheckAvailability, TopicAvailability, 0.93, of(cRoom, cHave), set{}, of(cAmenity, cWifi, cPrice, cClean, cLinen, cPets, cSmoke, cBreakfast, cRoomService, cBook, cWant, cMy, cBroken, cLike, cPhoto, cCot, cComplaint, cAccess)},
	{CheckAvailability, TopicAvailability, 0.86, of(cRoomKind, cHave), set{}, of(cAmenity, cPrice, cBook, cMy, cLike, cPhoto)},
	{CheckAvailability, TopicAvailability, 0.85, of(cHotel, cWant), set{}, of(cBooking, cMy, cRefuse, cRestaurant, cElse, cTalk, cPets, cParking, cTransport, cAirport, cCheckIn, cCheckOut, cAddress, cWhere, cPhone)},
	{RoomPrice, TopicPrice, 0.95, of(cPrice), set{}, of(cElse, cParking, cBreakfast, cTransport, cCancel, cLaundry, cSpa, cPets, cGym, cPool, cCot, cWifi, cRoomService, cRestaurant)},
	{RoomPrice, TopicPrice, 0.85, of(cHowMuch), of(cRoom, cRoomKind, cStay), set{}},
	{RoomInfo, TopicRooms, 0.9, of(cLike), of(cRoom, cRoomKind), of(cPrice, cBroken)},
	{RoomInfo, TopicRooms, 0.9, of(cPhoto), set{}, set{}},
	{FAQRoomAmenities, TopicAmenities, 0.9, of(cAmenity), of(cHave, cRoom, cOffer, cQuestion, cWhat, cCan), of(cBroken, cClean)},
	{FAQRoomAmenities, TopicAmenities, 0.95, of(cRoom, cWhat, cHave), set{}, of(cAvail, cPrice, cMy)},
	{FAQRoomAmenities, TopicAmenities, 0.8, of(cOffer), of(cRoom, cRoomKind), of(cBreakfast, cPrice)},

	// arriving and leaving
	{FAQCheckOut, TopicLateCheckOut, 0.95, of(cCheckOut, cLate), set{}, of(cGone, cLuggage)},
	{FAQCheckOut, TopicLateCheckOut, 0.9, of(cLeave, cLate, cCan), set{}, of(cLuggage)},
	{FAQCheckOut, TopicCheckOut, 0.94, of(cCheckOut), of(cWhen, cHour, cWhat, cQuestion), of(cLuggage)},
	{FAQCheckOut, TopicCheckOut, 0.9, of(cCheckOut, cExtend), set{}, set{}},
	{FAQCheckOut, TopicCheckOut, 0.7, of(cCheckOut), set{}, of(cCheckIn, cGone, cLuggage)},
	{FAQCheckOut, TopicCheckOut, 0.9, of(cGone, cWhen), set{}, of(cWant)},
	{ServiceCheckOut, TopicCheckOut, 0.94, of(cGone), of(cWant, cPay, cCan), of(cWhen, cLate)},
	{ServiceCheckOut, TopicCheckOut, 0.8, of(cGone), set{}, of(cWhen, cLate, cHour)},
	{FAQCheckIn, TopicEarlyCheckIn, 0.96, of(cCheckIn, cEarly), set{}, set{}},
	{FAQCheckIn, TopicEarlyCheckIn, 0.94, of(cArrive, cEarly), of(cCan, cQuestion), set{}},
	{FAQCheckIn, TopicCheckIn, 0.95, of(cCheckIn), of(cWhen, cHour, cQuestion, cWhat), set{}},
	{FAQCheckIn, TopicCheckIn, 0.92, of(cArrive, cWhen), of(cCan), set{}},
	{FAQCheckIn, TopicCheckIn, 0.9, of(cArrive, cWhen, cCan), set{}, of(cEarly, cLeave)},
	{FAQCheckIn, TopicCheckIn, 0.7, of(cCheckIn), set{}, of(cCheckOut)},
	{FAQCheckIn, TopicCheckIn, 0.88, of(cArrive, cLate), set{}, of(cLeave)},
	{FAQServices, TopicLuggage, 0.92, of(cLuggage), set{}, of(cMissing)},

	// the house
	{FAQWifi, TopicWifi, 0.95, of(cWifi), set{}, of(cBroken, cElse)},
	{FAQParking, TopicParking, 0.95, of(cParking), set{}, set{}},
	{FAQParking, TopicParking, 0.9, of(cCar), of(cWhere, cCan, cAvail, cHave), of(cTransport)},
	{FAQPets, TopicPets, 0.96, of(cPets), set{}, set{}},
	{FAQPool, TopicPool, 0.95, of(cPool), set{}, of(cLinen)},
	{FAQGym, TopicGym, 0.95, of(cGym), set{}, set{}},
	{FAQSpa, TopicSpa, 0.94, of(cSpa), set{}, set{}},
	{FAQBreakfast, TopicBreakfast, 0.96, of(cBreakfast), set{}, of(cBring)},
	{FAQRestaurant, TopicRestaurant, 0.9, of(cRestaurant), set{}, of(cBreakfast, cRoomService)},
	{FAQRestaurant, TopicRestaurant, 0.85, of(cTable), of(cBook, cBooking, cRestaurant), set{}},
	{FAQLaundry, TopicLaundry, 0.95, of(cLaundry), set{}, set{}},
	{FAQSmoking, TopicSmoking, 0.96, of(cSmoke), set{}, set{}},
	{FAQAccessibility, TopicAccessibility, 0.96, of(cAccess), set{}, set{}},
	{FAQPayment, TopicPayment, 0.92, of(cPay), of(cAccept, cHave, cYou, cCan, cRoom, cHotel, cBooking, cQuestion, cWhat, cWhen, cWant), of(cElse, cMissing, cGone, cRefund, cCheckOut, cParking, cPrice)},
	{FAQPayment, TopicTaxes, 0.97, of(cTax), of(cOffer, cRoom), set{}},
	{FAQPayment, TopicTaxes, 0.97, of(cTax, cPrice), set{}, of(cElse)},
	{FAQPayment, TopicInvoice, 0.95, of(cInvoice), set{}, set{}},
	{FAQTransport, TopicTransport, 0.94, of(cTransport), set{}, of(cTalk)},
	{FAQTransport, TopicTransport, 0.92, of(cAirport), of(cHave, cTransport, cCan, cArrive, cOffer), set{}},
	{Location, TopicLocation, 0.93, of(cAddress), set{}, of(cElse, cRoomService)},
	{Location, TopicLocation, 0.88, of(cWhere), of(cHotel, cYou, cNear, cStay), of(cParking, cPool, cGym, cBreakfast, cRestaurant, cLuggage)},
	{Location, TopicLocation, 0.88, of(cNear), of(cHotel, cYou, cAirport, cWhat, cHave, cQuestion), set{}},
	{FAQContact, TopicContact, 0.93, of(cPhone), of(cWhat, cWant, cHave, cCan, cQuestion, cYou, cBring), of(cMissing, cMy)},
	{FAQServices, TopicServices, 0.9, of(cServices), of(cWhat, cHave, cHotel, cOffer, cQuestion), of(cRoom, cRoomService)},
	{FAQServices, TopicChildren, 0.85, of(cChildren, cAccept), set{}, of(cPets, cAvail)},

	// services in the room
	{ServiceHousekeeping, TopicHousekeeping, 0.94, of(cLinen), set{}, of(cPool)},
	{ServiceHousekeeping, TopicHousekeeping, 0.93, of(cClean), of(cRoom, cCan, cBring, cWant, cMy), set{}},
	{ServiceHousekeeping, TopicHousekeeping, 0.75, of(cClean), set{}, set{}},
	{ServiceRoomService, TopicRoomService, 0.97, of(cRoomService), set{}, of(cHour, cTable)},
	{ServiceRoomService, TopicRoomService, 0.92, of(cFood), of(cWant, cBring, cCan, cMore, cHave), of(cBreakfast, cBroken, cElse)},
	{ServiceRoomService, TopicRoomService, 0.72, of(cFood), set{}, of(cBreakfast, cBroken, cElse, cQuestion)},
	{ServiceRoomService, TopicRoomService, 0.9, of(cBreakfast, cBring), set{}, set{}},
	{ServiceSpecialRequest, TopicSpecialRequest, 0.94, of(cCot), set{}, set{}},
	{ServiceSpecialRequest, TopicSpecialRequest, 0.9, of(cSpecial), set{}, set{}},

	// the talk itself
	{Abort, "", 0.93, of(cAbort), set{}, of(cBook, cRefund, cElse)},
	{Abort, TopicStop, 0.85, of(cStop), set{}, of(cCancel, cBooking)},
	{Deny, "", 0.8, of(cRefuse, cBook), set{}, set{}},
	{Deny, "", 0.62, of(cRefuse), set{}, of(cAbort)},
	{Thanks, "", 0.7, of(cThanks), set{}, set{}},
	{Goodbye, "", 0.75, of(cBye), set{}, set{}},
	{Greeting, "", 0.65, of(cHello), set{}, of(cBye)},
	{Help, "", 0.7, of(cHelp), set{}, of(cLuggage)},
	{OutOfScope, "", 0.9, of(cElse), set{}, of(cBook, cBooking, cRoom, cWifi, cParking, cPets, cPool, cTransport)},
}
