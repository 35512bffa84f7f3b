package rule

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/conserje/conserje/hotel"
)

// Rolling back one release. Everything that a store holds (tables, snapshots,
// bodies of rows) has a format, a number. A release writes only what the
// release before it reads: a field, a kind of row or a snapshot's version is
// read by one release and written by the next (docs/adr/0007-rollback.md).
//
//	release   FormatReads  FormatNeeds
//	A         1            1
//	B         2            1            reads the new thing, does not write it
//	C         2            2            writes it: B still starts, A refuses
//
// The number that a store needs only ever rises.
const (
	// FormatReads is the newest format that this build reads.
	FormatReads = 1
	// FormatNeeds is the oldest format that a build must read to understand
	// all that this one writes: never more than the release before reads.
	FormatNeeds = 1
	// FormatName is where a store keeps the format that it needs.
	FormatName = "min_reader"
	// FormatOfACopy stands there while a copy of another store goes in.
	FormatOfACopy = "copying"
)

// CheckFormat tells whether a build that reads up to reads may touch a store
// that keeps needs under FormatName; nothing kept is the first format. Nothing
// may be written before it agrees. hotel.Invalid, code "newer": it may not.
func CheckFormat(op string, reads int64, needs []byte) error {
	if string(needs) == FormatOfACopy {
		return Err(op, hotel.Invalid, "a copy into this store is under way, or was broken off: then empty it and copy again")
	}
	n, err := parseFormat(needs)
	switch {
	case err != nil:
		return Err(op, hotel.Invalid, "the store names no format that can be read: is it a store of ours?")
	case n <= reads:
		return nil
	}
	return &hotel.Error{Op: op, Kind: hotel.Invalid, Code: "newer", Err: fmt.Errorf("the store was written by a newer release: "+
		"it needs one that reads format %d, this one reads up to format %d. Nothing was changed: start the newer release again, "+
		"or the release directly before it", n, reads)}
}

// NextFormat is what the store must name before a build that writes for readers
// of needs writes to it; changed tells whether that differs from what it keeps.
func NextFormat(kept []byte, needs int64) (next []byte, changed bool) {
	n, err := parseFormat(kept)
	if err != nil || len(kept) > 0 && n >= needs {
		return kept, false
	}
	return []byte(strconv.FormatInt(max(n, needs), 10)), true
}

func parseFormat(b []byte) (int64, error) {
	if len(b) == 0 {
		return 1, nil
	}
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err == nil && n < 1 {
		err = errors.New("no format")
	}
	return n, err
}

var (
	breaks  = regexp.MustCompile(`(?i)\b(DROP\s+(TABLE|COLUMN|VIEW)|RENAME\s+(TO|COLUMN)|ALTER\s+COLUMN)\b`)
	adds    = regexp.MustCompile(`(?i)\bADD\s+(COLUMN\s+)?\w+[^;,]*`)
	comment = regexp.MustCompile(`(?m)--[^\n]*$`)
	samples = regexp.MustCompile(`(?i)\bALTER\s+COLUMN\s+\w+\s+SET\s+STATISTICS\b`) // the planner's matter alone
)

// OnlyAdds tells whether the forward half of a migration leaves what the release
// before reads and writes as it was. It goes by words: a column that is added
// needs a default, for the older release's inserts do not name it.
func OnlyAdds(migration string) error {
	up, _, _ := strings.Cut(migration, "+goose Down")
	up = comment.ReplaceAllString(up, "")
	up = samples.ReplaceAllString(up, "")
	if found := breaks.FindString(up); found != "" {
		return fmt.Errorf("%q breaks the release before this one", found)
	}
	for _, column := range adds.FindAllString(up, -1) {
		if upper := strings.ToUpper(column); strings.Contains(upper, "NOT NULL") && !strings.Contains(upper, "DEFAULT") {
			return fmt.Errorf("%q: the release before this one cannot insert", strings.TrimSpace(column))
		}
	}
	return nil
}
