package feed

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Catalogue is what a feed says in one language. [Messages] is one. A service that has
// translations elsewhere implements it with its own library. Its methods are called by
// several goroutines.
type Catalogue interface {
	// Language is the tag of the language, "de" or "en-GB".
	Language() string

	// Summary says in a sentence what was done. It has what the entry shows, and is
	// not escaped: the feed does that.
	Summary(*Entry) string

	// Time is a time for people. It is in the time zone of the request.
	Time(time.Time) string

	// Word is the name of a column, "client_address", or of a key of data, "data.reason",
	// or one of: heading, empty, field, before, after, pages, newer, older.
	Word(name string) string
}

// AcceptLanguage returns a function for [WithLanguage] that goes by the header
// Accept-Language of a request. The first catalogue is for those who want none of them.
func AcceptLanguage(first Catalogue, others ...Catalogue) func(*http.Request) Catalogue {
	all := append([]Catalogue{first}, others...)
	return func(r *http.Request) Catalogue {
		best, quality := first, 0.0
		for part := range strings.SplitSeq(strings.Join(r.Header.Values("Accept-Language"), ","), ",") {
			tag, parameters, _ := strings.Cut(strings.TrimSpace(part), ";")
			q := 1.0
			if value, ok := strings.CutPrefix(strings.TrimSpace(parameters), "q="); ok {
				q, _ = strconv.ParseFloat(value, 64) // what is no number is not wanted
			}
			if found := matching(all, strings.TrimSpace(tag)); found != nil && q > quality {
				best, quality = found, q
			}
		}
		return best
	}
}

// matching returns the catalogue of a tag: of the same, or of the same language.
func matching(all []Catalogue, tag string) Catalogue {
	for _, c := range all {
		if strings.EqualFold(c.Language(), tag) || tag == "*" {
			return c
		}
	}
	language, _, _ := strings.Cut(tag, "-")
	for _, c := range all {
		if own, _, _ := strings.Cut(c.Language(), "-"); strings.EqualFold(own, language) {
			return c
		}
	}
	return nil
}
