package record

import "strings"

// irregular holds the plurals that the rules of singularWord get wrong, as far
// as they are likely in a route.
var irregular = map[string]string{
	"addenda": "addendum", "aliases": "alias", "analyses": "analysis", "buses": "bus", "caches": "cache",
	"campuses": "campus", "children": "child", "cookies": "cookie", "criteria": "criterion", "indices": "index",
	"men": "man", "movies": "movie", "news": "news", "people": "person", "quizzes": "quiz", "series": "series",
	"species": "species", "statuses": "status", "vertices": "vertex", "women": "woman",
}

// Singular returns the singular of an English noun as it stands in a route:
// "articles", "blog-posts", "order_statuses". A word that is no plural stays
// as it is. It is a label for people and queries: that it is the same for the
// same route matters more than that it is good English.
func Singular(noun string) string {
	i := strings.LastIndexAny(noun, "-_") + 1
	return noun[:i] + singularWord(noun[i:])
}

func singularWord(word string) string {
	if s, ok := irregular[strings.ToLower(word)]; ok {
		return s
	}
	switch {
	case len(word) < 4: // "sms", "dns", "gas"
		return word
	case hasAnySuffix(word, "ss", "us", "is"): // "address", "status", "analysis"
		return word
	case strings.HasSuffix(word, "ies") && len(word) > 4: // "categories", not "ties"
		return strings.TrimSuffix(word, "ies") + "y"
	case hasAnySuffix(word, "sses", "shes", "ches", "xes"): // "addresses", "batches", "boxes"
		return strings.TrimSuffix(word, "es")
	}
	return strings.TrimSuffix(word, "s")
}

func hasAnySuffix(s string, suffixes ...string) bool {
	for _, suffix := range suffixes {
		if strings.HasSuffix(s, suffix) {
			return true
		}
	}
	return false
}
