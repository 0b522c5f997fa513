// Package media finds out which media type a client wants.
package media

import (
	"mime"
	"strconv"
	"strings"
)

// Negotiate returns which of the media types that are offered the headers Accept want most. Of
// those that they want alike it is the one that they name most exactly, and then the first. It
// is "" if they want none of them. Without a header, the first is wanted.
func Negotiate(accept []string, offers ...string) string {
	if len(accept) == 0 {
		return offers[0]
	}
	wanted, most, exactest := "", 0.0, 0
	for _, offer := range offers {
		q, exact := quality(accept, offer)
		if q > most || q == most && q > 0 && exact > exactest {
			wanted, most, exactest = offer, q, exact
		}
	}
	return wanted
}

// quality is how much the headers want a media type, by their most exact part: 1 is a part that
// takes everything, 3 one that names the type.
func quality(accept []string, offer string) (q float64, exact int) {
	kind, _, _ := strings.Cut(offer, "/")
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		named, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		level := map[string]int{"*/*": 1, kind + "/*": 2, offer: 3}[named]
		if level <= exact {
			continue
		}
		exact, q = level, 1
		if text, ok := parameters["q"]; ok {
			if q, err = strconv.ParseFloat(text, 64); err != nil {
				q = 0
			}
		}
	}
	return q, exact
}
