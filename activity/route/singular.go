package route

import "strings"

// irregular holds the words that the rules of singularWord get wrong, as far as
// they are likely in a route.
var irregular = map[string]string{
	// -ie, not -y
	"brownies": "brownie", "calories": "calorie", "cookies": "cookie", "hoodies": "hoodie", "movies": "movie",
	"rookies": "rookie", "selfies": "selfie", "smoothies": "smoothie", "zombies": "zombie",
	// -che, -xis, -x, -o
	"avalanches": "avalanche", "axes": "axis", "caches": "cache", "headaches": "headache", "niches": "niche",
	"psyches": "psyche", "echoes": "echo", "heroes": "hero", "potatoes": "potato", "tomatoes": "tomato", "vetoes": "veto",
	// -s, -z
	"aliases": "alias", "atlases": "atlas", "biases": "bias", "bonuses": "bonus", "buses": "bus", "campuses": "campus",
	"canvases": "canvas", "censuses": "census", "corpuses": "corpus", "gases": "gas", "lenses": "lens",
	"quizzes": "quiz", "statuses": "status", "surpluses": "surplus", "viruses": "virus",
	// -sis
	"analyses": "analysis", "crises": "crisis", "diagnoses": "diagnosis", "hypotheses": "hypothesis",
	"syntheses": "synthesis", "theses": "thesis",
	// -f, -fe
	"calves": "calf", "halves": "half", "knives": "knife", "lives": "life", "loaves": "loaf", "scarves": "scarf",
	"shelves": "shelf", "thieves": "thief", "wives": "wife", "wolves": "wolf",
	// Latin and Greek
	"addenda": "addendum", "appendices": "appendix", "criteria": "criterion", "indices": "index", "matrices": "matrix",
	"phenomena": "phenomenon", "vertices": "vertex",
	// other forms
	"children": "child", "feet": "foot", "geese": "goose", "men": "man", "mice": "mouse", "people": "person",
	"teeth": "tooth", "women": "woman",
	// plurals in -us, -is and -ss
	"apis": "api", "cpus": "cpu", "emojis": "emoji", "gpus": "gpu", "gurus": "guru", "kpis": "kpi", "menus": "menu",
	"skis": "ski", "taxis": "taxi", "uris": "uri", "wikis": "wiki",
	// short plurals
	"ads": "ad", "ids": "id", "ips": "ip", "vms": "vm",
	// not plurals
	"alias": "alias", "always": "always", "analytics": "analytics", "atlas": "atlas", "bias": "bias", "canvas": "canvas",
	"chaos": "chaos", "diagnostics": "diagnostics", "economics": "economics", "graphics": "graphics", "headquarters": "headquarters",
	"https": "https", "kubernetes": "kubernetes", "kudos": "kudos", "lens": "lens", "logistics": "logistics", "news": "news",
	"physics": "physics", "series": "series", "species": "species", "statistics": "statistics",
}

// Singular returns the singular of an English noun as it stands in a route:
// "article" of "articles", "blog-post" of "blog-posts", "orderStatus" of
// "orderStatuses". A word that is not a plural stays as it is. The result is a
// label for people and queries: that it is the same for the same route matters
// more than that it is good English.
func Singular(noun string) string {
	i := lastWord(noun)
	word := noun[i:]
	if singular := singularWord(word); singular != word {
		return noun[:i] + singular
	}
	return noun
}

// lastWord returns where the last word of a noun begins: after "-", "_" or ".",
// or at a capital after a small letter.
func lastWord(noun string) int {
	for i := len(noun) - 1; i > 0; i-- {
		switch c := noun[i-1]; {
		case c == '-' || c == '_' || c == '.':
			return i
		case isUpper(noun[i]) && !isUpper(c):
			return i
		}
	}
	return 0
}

func singularWord(word string) string {
	lower := strings.ToLower(word)
	if s, ok := irregular[lower]; ok {
		switch {
		case s == lower:
			return word
		case isUpper(word[0]):
			return strings.ToUpper(s[:1]) + s[1:]
		}
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

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

func hasAnySuffix(s string, suffixes ...string) bool {
	for _, suffix := range suffixes {
		if strings.HasSuffix(s, suffix) {
			return true
		}
	}
	return false
}
