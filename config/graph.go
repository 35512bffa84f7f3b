package config

import (
	"net/url"
	"regexp"
	"strings"
	"time"
)

var versionSegment = regexp.MustCompile(`^v\d+\.\d+$`)

// graphExpiry is when Graph API versions expire. An expired one silently
// becomes the oldest living one, so that what it answers may change.
var graphExpiry = map[string]string{
	"v21.0": "2027-01-21", "v22.0": "2027-05-20", "v23.0": "2027-10-08", "v24.0": "2028-02-18", "v25.0": "2028-07-29",
}

// oldestListed: everything before it had expired when this table was written (2026-09-24).
const oldestListed = "v21.0"

// Graph returns the Graph API's base address, without a version, and the version to call.
func (w WhatsApp) Graph() (base, version string) {
	base, version, _ = w.splitURL()
	if version == "" {
		version = w.GraphVersion
	}
	return base, version
}

// splitURL takes the version out of the address; what stands behind it is returned as rest.
func (w WhatsApp) splitURL() (base, version, rest string) {
	u, err := url.Parse(w.APIURL)
	if err != nil {
		return w.APIURL, "", ""
	}
	segments := strings.Split(strings.Trim(u.Path, "/"), "/")
	for i, s := range segments {
		if versionSegment.MatchString(s) {
			u.Path = "/" + strings.Join(segments[:i], "/")
			return strings.TrimRight(u.String(), "/"), s, strings.Join(segments[i+1:], "/")
		}
	}
	return strings.TrimRight(w.APIURL, "/"), "", ""
}

// expired tells whether Meta has switched a version off by now.
func expired(version string, now time.Time) bool {
	if day, listed := graphExpiry[version]; listed {
		return now.UTC().Format(time.DateOnly) >= day
	}
	return major(version) < major(oldestListed)
}

// major orders versions: v9.0 comes before v18.0.
func major(version string) int {
	n := 0
	for _, r := range strings.TrimPrefix(version, "v") {
		if r < '0' || r > '9' {
			break
		}
		n = n*10 + int(r-'0')
	}
	return n
}
