package contract

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/qloapps"
)

// wrongKey asks with a key that nobody has: it must be told apart from a server that is away.
func (r *run) wrongKey(ctx context.Context) (string, error) {
	config := r.options.Config
	config.Key = qloapps.Secret(strings.Repeat("0", 32))
	c, err := qloapps.New(config)
	if err != nil {
		return "", err
	}
	defer c.Close()
	switch err := c.Probe(ctx); {
	case err == nil:
		return "", errors.New("a key of zeros was taken")
	case hotel.KindOf(err) != hotel.Unauthorised:
		return "", fmt.Errorf("a key of zeros is answered as if it were something else: %w", err)
	default:
		return hotel.AsError(err).Code, nil
	}
}

func (r *run) catalogue(ctx context.Context) (string, error) {
	types, err := r.RoomTypes(ctx)
	if err != nil {
		return "", err
	}
	if len(types) == 0 {
		return "", errors.New("the hotel sells no active room type")
	}
	var names []string
	for _, t := range types {
		if t.Name == "" || t.MaxGuests < 1 || t.MaxAdults < 1 {
			return "", fmt.Errorf("room type %s has no name or no limits", t.ID)
		}
		names = append(names, fmt.Sprintf("%s %q for %d", t.ID, t.Name, t.MaxGuests))
	}
	r.types = types
	return strings.Join(names, ", "), nil
}

// weeksLookedAt is how many weeks are looked through for free rooms.
const weeksLookedAt = 30

// availability looks for two nights with two free rooms of one type, and compares
// what is said of it in the three ways of asking.
func (r *run) availability(ctx context.Context) (string, error) {
	for week := range weeksLookedAt {
		in := r.today().AddDays(r.options.Far + 7*week)
		stay := hotel.Stay{CheckIn: in, CheckOut: in.AddDays(2)}
		all, err := r.Availability(ctx, hotel.AvailabilityQuery{Property: r.options.Config.Property, Stay: stay, Rooms: 1})
		if err != nil {
			return "", err
		}
		for _, o := range all.Offers {
			if o.Free < 2 || o.RoomType.MaxAdults < 1 {
				continue
			}
			r.roomed, r.stay = o.RoomType, stay
			return r.compare(ctx, o)
		}
	}
	return "", fmt.Errorf("no room type has two rooms free in any of %d weeks from %s", weeksLookedAt, r.today().AddDays(r.options.Far))
}

func (r *run) compare(ctx context.Context, whole hotel.Offer) (string, error) {
	one, err := r.quote(ctx, r.roomed.ID, r.stay, 1)
	if err != nil {
		return "", err
	}
	two, err := r.quote(ctx, r.roomed.ID, r.stay, 2)
	if err != nil {
		return "", err
	}
	switch {
	case one.Free != whole.Free || one.Total != whole.Total:
		return "", fmt.Errorf("asked alone the type has %d free at %s, among all %d at %s", one.Free, one.Total, whole.Free, whole.Total)
	case two.Total != one.Total.Times(2):
		return "", fmt.Errorf("two rooms cost %s, one %s", two.Total, one.Total)
	case one.Tax.Minor < 0 || one.Tax.Minor >= one.Total.Minor:
		return "", fmt.Errorf("the tax of %s is %s", one.Total, one.Tax)
	}
	return fmt.Sprintf("%d of type %s free from %s for two nights at %s, tax %s in it", one.Free, r.roomed.ID, r.stay.CheckIn, one.Total, one.Tax), nil
}

// refusals tries what the server would take and must never be asked.
func (r *run) refusals(ctx context.Context) (string, error) {
	yesterday := hotel.Stay{CheckIn: r.today().AddDays(-1), CheckOut: r.today().AddDays(1)}
	if _, err := r.quote(ctx, r.roomed.ID, yesterday, 1); hotel.KindOf(err) != hotel.Invalid {
		return "", fmt.Errorf("a stay that began yesterday: %w", refused(err))
	}
	crowd := hotel.Party{Adults: r.roomed.MaxGuests + 1}
	req := r.request(r.roomed, r.stay, hotel.Money{}, crowd)
	if _, err := r.Create(ctx, req); hotel.KindOf(err) != hotel.Invalid {
		return "", fmt.Errorf("%d adults in a room for %d: %w", crowd.Adults, r.roomed.MaxGuests, refused(err))
	}
	return "a stay of yesterday, too many people in a room", nil
}

// refused is err, or that there was none.
func refused(err error) error {
	if err == nil {
		return errors.New("was taken")
	}
	return err
}

// connect asks what is there, and what the key may do.
func (r *run) connect(ctx context.Context) (string, error) {
	var err error
	if r.server, err = r.Server(ctx); err != nil {
		return "", err
	}
	if len(r.server.Missing) > 0 {
		return "", fmt.Errorf("the key may not do all that is needed: %s", strings.Join(r.server.Missing, "; "))
	}
	var currencies []string
	for _, c := range r.server.Currencies {
		currencies = append(currencies, c.ISO)
	}
	detail := fmt.Sprintf("QloApps %s, zone %s, currencies %s, languages %s", cmp.Or(r.server.Version, "of a version that is not known"), r.server.Zone,
		strings.Join(currencies, " "), strings.Join(r.server.Languages, " "))
	return strings.Join(append([]string{detail}, r.server.Wanting...), "; "), nil
}

// otherCurrency is an active currency of the shop that this run does not sell in.
func (r *run) otherCurrency() (string, error) {
	used := r.options.Config.Currency
	for _, c := range r.server.Currencies {
		if used == "" && !c.Default || used != "" && c.ISO != used {
			return c.ISO, nil
		}
	}
	return "", skip("the shop has one active currency")
}
