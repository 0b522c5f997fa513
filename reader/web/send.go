package web

import (
	"crypto/sha256"
	"encoding/base64"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// send answers with a body, or with 304 if whoever asks has it already.
func send(w http.ResponseWriter, r *http.Request, media string, body []byte) {
	sum := sha256.Sum256(body)
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
	header := w.Header()
	header.Set("ETag", tag)
	if matches(r.Header.Values("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Type", media)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// matches reports whether a list of entity tags has one, as If-None-Match compares them.
func matches(lists []string, tag string) bool {
	for _, list := range lists {
		for one := range strings.SplitSeq(list, ",") {
			one = strings.TrimSpace(one)
			if one == "*" || strings.TrimPrefix(one, "W/") == tag {
				return true
			}
		}
	}
	return false
}

// negotiate returns the media type that an Accept header wants most, the first of those
// that it wants alike, and "" if it wants none of them.
func negotiate(accept []string, offers ...string) string {
	if len(accept) == 0 {
		return offers[0]
	}
	best, most := "", 0.0
	for _, offer := range offers {
		if q := quality(accept, offer); q > most {
			best, most = offer, q
		}
	}
	return best
}

// quality is how much an Accept header wants a media type, by its most specific part.
func quality(accept []string, offer string) (q float64) {
	kind, _, _ := strings.Cut(offer, "/")
	specific := 0
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		media, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		level := map[string]int{"*/*": 1, kind + "/*": 2, offer: 3}[media]
		if level <= specific {
			continue
		}
		specific, q = level, 1
		if text, ok := parameters["q"]; ok {
			if q, err = strconv.ParseFloat(text, 64); err != nil {
				q = 0
			}
		}
	}
	return q
}
