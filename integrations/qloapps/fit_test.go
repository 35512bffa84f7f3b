package qloapps_test

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/qloapps"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

// sent is what a create asked for.
type sent struct {
	Booking struct {
		Currency     string `json:"currency"`
		Source       string `json:"source"`
		Remark       string `json:"remark"`
		Associations struct {
			Customer struct {
				ID        int    `json:"id_customer"`
				FirstName string `json:"firstname"`
				LastName  string `json:"lastname"`
				Email     string `json:"email"`
				Phone     string `json:"phone"`
			} `json:"customer_detail"`
		} `json:"associations"`
	} `json:"booking"`
}

// listening answers as s does and keeps the body of the last write to bookings.
type listening struct {
	scripted
	body *[]byte
}

func (l listening) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.URL.Path == "/api/bookings" {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		*l.body = b
	}
	l.scripted.ServeHTTP(w, r)
}

const oneBooked = `{"booking":{"id":1,"currency":"USD","associations":{"customer_detail":{"firstname":"Ada","lastname":"Byron","email":"ada@example.com","phone":"1"},` +
	`"price_details":{"total_price_without_tax":2500,"total_tax":100},"room_types":[{"id_room_type":1,"rooms":[{"id_room":1,"id_hotel_booking":1,"adults":2,"child":0}]}]}}}`

// create books over a scripted server whose customers are given, and returns what was sent.
func create(t *testing.T, customers string, r hotel.BookingRequest, changes ...func(*qloapps.Config)) (sent, hotel.Reservation, error) {
	t.Helper()
	var body []byte
	s := scripted{"POST bookings": oneBooked, "GET orders": oneOrder, "GET room_bookings": oneRow, "GET customers": customers, "GET hotels": hotelJSON, "GET languages": languagesJSON,
		"GET configurations": settingsJSON, "GET hotel_room_types": limitsJSON, "GET room_types": typesJSON, "GET services": servicesJSON}
	changes = append(changes, func(c *qloapps.Config) { c.HTTPClient = &http.Client{Transport: direct{listening{s, &body}}} })
	c := client(t, "http://hotel.example", qloappstest.Hotel(1), changes...)
	made, err := c.Create(t.Context(), r)
	var got sent
	if body != nil {
		require.NoError(t, json.Unmarshal(body, &got))
	}
	return got, made, err
}

func TestNamesAndPhonesAreFitted(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		in, out hotel.Contact
		note    string // of the remark; empty: nothing was lost
	}{
		"Plain": {hotel.Contact{FirstName: " Zoë ", LastName: "Müller-García  O'Brien & Hijos", Phone: "+54 9 11 5555-0109"},
			hotel.Contact{FirstName: "Zoë", LastName: "Müller-García O'Brien & Hijos", Phone: "+54 9 11 5555-0109"}, ""},
		"OtherScripts": {hotel.Contact{FirstName: "प्रिया", LastName: "王小明", Phone: "1"}, hotel.Contact{FirstName: "प्रिया", LastName: "王小明", Phone: "1"}, ""},
		"Digits": {hotel.Contact{FirstName: "R2D2", LastName: "Pérez 3ro", Phone: "1"}, hotel.Contact{FirstName: "R D", LastName: "Pérez ro", Phone: "1"},
			"Huésped: R2D2 Pérez 3ro, 1"},
		"Signs": {hotel.Contact{FirstName: "Ana (mamá) 🙂", LastName: "Ruiz; {x}_$%:#", Phone: "1"}, hotel.Contact{FirstName: "Ana mamá", LastName: "Ruiz x", Phone: "1"},
			"Huésped: Ana (mamá) Ruiz; {x}_$%:#, 1"},
		"Long": {hotel.Contact{FirstName: strings.Repeat("ñ", 33), LastName: "de los Ángeles Fernández de Córdoba", Phone: "1"},
			hotel.Contact{FirstName: strings.Repeat("ñ", 32), LastName: "de los Ángeles Fernández de", Phone: "1"},
			"Huésped: " + strings.Repeat("ñ", 33) + " de los Ángeles Fernández de Córdoba, 1"},
		"PhoneWithWords": {hotel.Contact{FirstName: "A", LastName: "B", Phone: "whatsapp:+15550100"}, hotel.Contact{FirstName: "A", LastName: "B", Phone: "+15550100"},
			"Huésped: A B, whatsapp:+15550100"},
		"PhoneInPieces": {hotel.Contact{FirstName: "A", LastName: "B", Phone: "+5 4 9 1 1 5 5 5 5 0 1 0 9 - - - - - - - -"},
			hotel.Contact{FirstName: "A", LastName: "B", Phone: "+5491155550109"}, ""},
		"PhoneTooLong": {hotel.Contact{FirstName: "A", LastName: "B", Phone: strings.Repeat("1", 40)}, hotel.Contact{FirstName: "A", LastName: "B", Phone: strings.Repeat("1", 32)},
			"Huésped: A B, " + strings.Repeat("1", 40)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := request("WA-1", 1, stay(1, 2))
			r.Contact, r.Lang, r.Remark = tt.in, "es-AR", "llega <b>tarde</b>\n 🙂"
			r.Contact.Email, tt.out.Email = " ada@example.com", "ada@example.com"
			got, _, err := create(t, "[]", r)
			require.NoError(t, err)
			who := got.Booking.Associations.Customer
			fitted := hotel.Contact{FirstName: who.FirstName, LastName: who.LastName, Email: who.Email, Phone: who.Phone}
			require.Equal(t, tt.out, fitted)
			want := "llega b tarde /b"
			if tt.note != "" {
				want += " | " + tt.note
			}
			require.Equal(t, want, got.Booking.Remark)
		})
	}
}

func customersJSON(all ...string) string { return `{"customers":[` + strings.Join(all, ",") + `]}` }

// Who shares a mailbox is not renamed by who books.
func TestTheCustomersRecordKeepsItsName(t *testing.T) {
	t.Parallel()
	const (
		ada    = `{"id":4,"firstname":"Ada","lastname":"Byron","email":"ada@example.com","phone":"+1 555","deleted":0,"is_guest":0}`
		noe    = `{"id":"7","firstname":"Noé","lastname":"BYRON","email":"ada@example.com","phone":"","deleted":0,"is_guest":0}`
		gone   = `{"id":2,"firstname":"Old","lastname":"Byron","email":"ada@example.com","phone":"9","deleted":1,"is_guest":0}`
		guest  = `{"id":3,"firstname":"Guest","lastname":"Account","email":"ada@example.com","phone":"8","deleted":0,"is_guest":1}`
		broken = `{"id":5,"firstname":"R2","lastname":"D2","email":"ada@example.com","phone":"call me","deleted":0,"is_guest":0}`
		empty  = `{"id":6,"firstname":"","lastname":null,"email":"ada@example.com","phone":"","deleted":0,"is_guest":0}`
	)
	for name, tt := range map[string]struct {
		customers          string
		id                 int
		first, last, phone string
		note               string
	}{
		"Nobody":      {`[]`, 0, "Noe", "Byron", "+54 11", ""},
		"Another":     {customersJSON(ada), 4, "Ada", "Byron", "+1 555", "Guest: Noe Byron, +54 11"},
		"SamePerson":  {customersJSON(ada, noe), 7, "Noé", "BYRON", "+54 11", ""},
		"DeletedOne":  {customersJSON(gone, ada), 4, "Ada", "Byron", "+1 555", "Guest: Noe Byron, +54 11"},
		"OnlyDeleted": {customersJSON(gone), 0, "Noe", "Byron", "+54 11", ""},
		"GuestToo":    {customersJSON(guest, ada), 3, "Guest", "Account", "8", "Guest: Noe Byron, +54 11"},
		"BadRecord":   {customersJSON(broken), 5, "R2", "D2", "call me", "Guest: Noe Byron, +54 11"},
		"EmptyRecord": {customersJSON(empty), 6, "Noe", "Byron", "+54 11", "Guest: Noe Byron, +54 11"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := request("WA-1", 1, stay(1, 2))
			r.Contact = hotel.Contact{FirstName: "Noe", LastName: "Byron", Email: "ada@example.com", Phone: "+54 11"}
			got, _, err := create(t, tt.customers, r)
			require.NoError(t, err)
			who := got.Booking.Associations.Customer
			require.Equal(t, tt.id, who.ID)
			require.Equal(t, []string{tt.first, tt.last, tt.phone}, []string{who.FirstName, who.LastName, who.Phone})
			require.Equal(t, tt.note, got.Booking.Remark)
		})
	}
}

// 1.6.1 looks for its customer among accounts only: whom it would not find is not named.
func TestGuestAccountsOf161(t *testing.T) {
	t.Parallel()
	guest := customersJSON(`{"id":3,"firstname":"Guest","lastname":"Account","email":"zoe@example.com","phone":"8","deleted":0,"is_guest":1}`)
	for hotelRecord, id := range map[string]int{hotelJSON: 3, `{"hotels":[{"id":1,"max_order_date":"0000-00-00","preparation_time":"0000-00-00"}]}`: 0} {
		var body []byte
		s := scripted{"POST bookings": oneBooked, "GET orders": oneOrder, "GET room_bookings": oneRow, "GET customers": guest, "GET hotels": hotelRecord, "GET languages": languagesJSON,
			"GET configurations": settingsJSON, "GET hotel_room_types": limitsJSON, "GET room_types": typesJSON, "GET services": servicesJSON}
		c := client(t, "http://hotel.example", qloappstest.Hotel(1), func(c *qloapps.Config) { c.HTTPClient = &http.Client{Transport: direct{listening{s, &body}}} })
		_, err := c.Create(t.Context(), request("WA-1", 1, stay(1, 2)))
		require.NoError(t, err)
		var got sent
		require.NoError(t, json.Unmarshal(body, &got))
		require.Equal(t, id, got.Booking.Associations.Customer.ID)
	}
}

func TestACoupleThatSharesAMailbox(t *testing.T) {
	t.Parallel()
	b := setup(t, qloappstest.Hotel(3))
	ada := request("WA-1", 1, stay(10, 2))
	ada.Contact.FirstName, ada.Contact.LastName = "Ada", "Byron"
	_, err := b.Create(t.Context(), ada)
	require.NoError(t, err)
	noe := request("WA-2", 1, stay(10, 2))
	noe.Contact = hotel.Contact{FirstName: "Noé", LastName: "Byron", Email: strings.ToUpper(ada.Contact.Email), Phone: "123456"}
	made, err := b.Create(t.Context(), noe)
	require.NoError(t, err)
	require.Equal(t, "Ada", made.Contact.FirstName)
	first, err := b.ByReference(t.Context(), "WA-1")
	require.NoError(t, err)
	require.Equal(t, "Ada", first[0].Contact.FirstName)
	require.Equal(t, ada.Contact.Phone, first[0].Contact.Phone)
	again := ada
	again.Reference, again.Contact.FirstName, again.Contact.Phone = "WA-3", "ÁDA", "+1 555 0100"
	made, err = b.Create(t.Context(), again)
	require.NoError(t, err)
	require.Equal(t, "+1 555 0100", made.Contact.Phone, "a person's newer number is taken")
	require.Equal(t, "Ada", made.Contact.FirstName)
}

func TestGuestsWithoutAnEmail(t *testing.T) {
	t.Parallel()
	b := setup(t, qloappstest.Hotel(3), func(c *qloapps.Config) { c.NoEmailDomain = "No-Email.Invalid" })
	r := request("WA-1", 1, stay(10, 2))
	r.Contact.Email, r.Guest = "", "06H0PR0MNDOM/"
	made, err := b.Create(t.Context(), r)
	require.NoError(t, err)
	require.Empty(t, made.Contact.Email)
	require.Equal(t, "06h0pr0mndom@no-email.invalid", b.sim.State().Bookings[0].Guest.Email)
	read, err := b.ByCode(t.Context(), made.Code)
	require.NoError(t, err)
	require.Empty(t, read.Contact.Email)
	profile, err := b.Profile(t.Context(), r.Contact.Phone)
	require.NoError(t, err)
	require.Empty(t, profile.Contact.Email)

	r.Reference, r.Guest = "WA-2", ""
	_, err = b.Create(t.Context(), r)
	requireKind(t, err, hotel.Invalid, "bad_email")
}

func TestCreateSaysWhatTheContractAsksFor(t *testing.T) {
	t.Parallel()
	var body []byte
	s := scripted{"POST bookings": oneBooked, "GET orders": oneOrder, "GET room_bookings": oneRow, "GET customers": "[]", "GET hotels": hotelJSON, "GET languages": languagesJSON,
		"GET configurations": settingsJSON, "GET hotel_room_types": limitsJSON, "GET room_types": typesJSON, "GET services": servicesJSON}
	c := client(t, "http://hotel.example", qloappstest.Hotel(1), func(c *qloapps.Config) { c.HTTPClient = &http.Client{Transport: direct{listening{s, &body}}} })
	r := request("WA-1", 1, stay(1, 2), hotel.Party{Adults: 2, Children: 2, Ages: []int{5}}, hotel.Party{Adults: 1})
	r.Remark = "late"
	_, err := c.Create(t.Context(), r)
	require.NoError(t, err)
	require.JSONEq(t, `{"booking":{"id_property":1,"currency":"USD","booking_status":1,"payment_status":3,"source":"WA-1","remark":"late","associations":{
		"customer_detail":{"firstname":"Zoë","lastname":"O'Brien","email":"zoe@example.com","phone":"+54 9 11 5555-0109"},
		"price_details":{"total_paid":0},"payment_detail":{"payment_type":"pay at hotel","payment_method":"Pay at hotel"},
		"room_types":[{"id_room_type":1,"checkin_date":"2026-11-24","checkout_date":"2026-11-26","number_of_rooms":2,"rooms":[
			{"adult":2,"adults":2,"child":2,"child_ages":[5,8],"total_tax":null,"services":[{"id_service":5}]},
			{"adult":1,"adults":1,"child":0,"child_ages":[],"total_tax":null,"services":[{"id_service":5}]}]}]}}}`, string(body))
}

var (
	takenName  = regexp.MustCompile(`^[^0-9!<>,;?=+()@#"°{}_$%:]*$`)
	takenPhone = regexp.MustCompile(`^[+0-9. ()-]*$`)
)

// Whatever a guest calls himself, what is sent is what QloApps takes, or nothing is.
func FuzzContact(f *testing.F) {
	f.Add("Zoë", "O'Brien", "+54 9 11 5555-0109", "late")
	f.Add("R2D2", "\x00\xff", "call me", "<b>")
	f.Add(strings.Repeat("á ", 40), "🙂 a", "٣٤٥", "\u202e")
	f.Fuzz(func(t *testing.T, first, last, phone, remark string) {
		r := request("WA-1", 1, stay(1, 2))
		r.Contact.FirstName, r.Contact.LastName, r.Contact.Phone, r.Remark = first, last, phone, remark
		got, _, err := create(t, "[]", r)
		if err != nil {
			require.Equal(t, hotel.Invalid, hotel.KindOf(err))
			require.Contains(t, []string{"bad_name", "bad_phone"}, hotel.AsError(err).Code)
			return
		}
		who := got.Booking.Associations.Customer
		for _, name := range []string{who.FirstName, who.LastName} {
			require.Regexp(t, takenName, name)
			require.NotEmpty(t, strings.TrimSpace(name))
			require.LessOrEqual(t, utf8.RuneCountInString(name), 32)
		}
		require.Regexp(t, takenPhone, who.Phone)
		require.True(t, len(who.Phone) <= 32 && strings.ContainsAny(who.Phone, "0123456789"))
		require.NotContains(t, got.Booking.Remark, "<")
		require.LessOrEqual(t, utf8.RuneCountInString(got.Booking.Remark), 1000)
	})
}
