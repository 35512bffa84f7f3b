package config

import (
	"net/url"
	"regexp"
	"strings"
)

var versionSegment = regexp.MustCompile(`^v\d+\.\d+$`)

// GraphParser splits WHATSAPP_API_URL into base address and version, which is
// WHATSAPP_GRAPH_VERSION when the address has none, and tells whether Meta has
// withdrawn that version. The WhatsApp client knows; config only warns.
type GraphParser func(apiURL, version string) (base, used string, expired bool)

// behindVersion is what stands behind a version in an address: a version must be its end.
func behindVersion(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	segments := strings.Split(strings.Trim(u.Path, "/"), "/")
	for i, s := range segments {
		if versionSegment.MatchString(s) {
			return strings.Join(segments[i+1:], "/")
		}
	}
	return ""
}
