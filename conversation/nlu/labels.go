package nlu

// The intents: a closed set.
const (
	Greeting          Intent = "greeting"
	Goodbye           Intent = "goodbye"
	Thanks            Intent = "thanks"
	Help              Intent = "help"
	Confirm           Intent = "confirm"
	Deny              Intent = "deny"
	Abort             Intent = "abort"
	Inform            Intent = "inform" // gives details asked for
	CheckAvailability Intent = "check_availability"
	MakeReservation   Intent = "make_reservation"
	ModifyReservation Intent = "modify_reservation"
	CancelReservation Intent = "cancel_reservation"
	ReservationStatus Intent = "reservation_status"
	RoomPrice         Intent = "room_price"
	RoomInfo          Intent = "room_info"
	Location          Intent = "location"
	Complaint         Intent = "complaint"
	Refund            Intent = "refund"
	LostItem          Intent = "lost_item"
	HumanHandoff      Intent = "human_handoff"
	OutOfScope        Intent = "out_of_scope"

	FAQCheckIn       Intent = "faq.check_in"
	FAQCheckOut      Intent = "faq.check_out"
	FAQParking       Intent = "faq.parking"
	FAQWifi          Intent = "faq.wifi"
	FAQPets          Intent = "faq.pets"
	FAQPool          Intent = "faq.pool"
	FAQGym           Intent = "faq.gym"
	FAQSpa           Intent = "faq.spa"
	FAQRestaurant    Intent = "faq.restaurant"
	FAQBreakfast     Intent = "faq.breakfast"
	FAQRoomAmenities Intent = "faq.room_amenities"
	FAQAccessibility Intent = "faq.accessibility"
	FAQLaundry       Intent = "faq.laundry"
	FAQSmoking       Intent = "faq.smoking"
	FAQContact       Intent = "faq.contact"
	FAQServices      Intent = "faq.services"
	FAQPayment       Intent = "faq.payment"
	FAQTransport     Intent = "faq.transport"
	FAQPolicies      Intent = "faq.policies"

	ServiceRoomService    Intent = "service.room_service"
	ServiceHousekeeping   Intent = "service.housekeeping"
	ServiceCheckOut       Intent = "service.check_out"
	ServiceSpecialRequest Intent = "service.special_request"
)

// Labels lists every intent there is.
func Labels() []Intent {
	return []Intent{
		Greeting, Goodbye, Thanks, Help, Confirm, Deny, Abort, Inform, CheckAvailability, MakeReservation,
		ModifyReservation, CancelReservation, ReservationStatus, RoomPrice, RoomInfo, Location, Complaint,
		Refund, LostItem, HumanHandoff, OutOfScope,
		FAQCheckIn, FAQCheckOut, FAQParking, FAQWifi, FAQPets, FAQPool, FAQGym, FAQSpa, FAQRestaurant,
		FAQBreakfast, FAQRoomAmenities, FAQAccessibility, FAQLaundry, FAQSmoking, FAQContact, FAQServices,
		FAQPayment, FAQTransport, FAQPolicies,
		ServiceRoomService, ServiceHousekeeping, ServiceCheckOut, ServiceSpecialRequest,
	}
}

// Topics: the keys of the hotel's knowledge, and the goals of the dialogue.
const (
	TopicBook           = "book"
	TopicAvailability   = "availability"
	TopicChange         = "change"
	TopicCancel         = "cancel"
	TopicStatus         = "status"
	TopicPerson         = "person"
	TopicPrice          = "price"
	TopicRooms          = "rooms"
	TopicCheckIn        = "check_in"
	TopicCheckOut       = "check_out"
	TopicEarlyCheckIn   = "early_check_in"
	TopicLateCheckOut   = "late_check_out"
	TopicWifi           = "wifi"
	TopicParking        = "parking"
	TopicBreakfast      = "breakfast"
	TopicPets           = "pets"
	TopicLocation       = "location"
	TopicPool           = "pool"
	TopicGym            = "gym"
	TopicSpa            = "spa"
	TopicRestaurant     = "restaurant"
	TopicPayment        = "payment"
	TopicInvoice        = "invoice"
	TopicTaxes          = "taxes"
	TopicTransport      = "transport"
	TopicContact        = "contact"
	TopicPolicies       = "policies"
	TopicCancelPolicy   = "cancellation"
	TopicLuggage        = "luggage"
	TopicChildren       = "children"
	TopicLaundry        = "laundry"
	TopicSmoking        = "smoking"
	TopicAccessibility  = "accessibility"
	TopicServices       = "services"
	TopicAmenities      = "room_amenities"
	TopicHousekeeping   = "housekeeping"
	TopicRoomService    = "room_service"
	TopicSpecialRequest = "special_request"
	TopicComplaint      = "complaint"
	TopicRefund         = "refund"
	TopicLostItem       = "lost_item"
	TopicGroup          = "group"
	TopicStop           = "stop"        // opt out of messages
	TopicDeleteData     = "delete_data" // forget me
)
