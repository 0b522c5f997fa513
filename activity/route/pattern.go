package route

import (
	"regexp"
	"strings"
)

// railsFormat is the optional end of Rails' routes.
const railsFormat = "(.:format)"

// formats end routes whose path ends in a format, such as ".json", which is not part
// of the id: Rails, Express, Symfony, Flask.
var formats = [...]string{railsFormat, ".:format", ".:format?", ".{format}", ".{_format}", ".{_format?}", ".<format>"}

// djangoFormat is the same in the routes of Django's REST framework.
var djangoFormat = regexp.MustCompile(`(?:\\\.\(\?P<format>[^()]*\)|<drf_format_suffix:format>)(?:/\?)?\$?$`)

// withoutFormat returns a pattern without the parameter for the format.
func withoutFormat(pattern string) string {
	if i := djangoFormat.FindStringIndex(pattern); i != nil {
		return pattern[:i[0]]
	}
	for _, format := range formats {
		if rest, ok := strings.CutSuffix(pattern, format); ok {
			return rest
		}
	}
	return pattern
}

const (
	openers = "{<[("
	closers = "}>])"
)

// clean removes what does not belong to the route itself: the method, the host
// of a pattern of net/http, and a query string.
func clean(pattern string) string {
	for _, sign := range locations {
		pattern = strings.TrimPrefix(pattern, sign)
	}
	if i := strings.IndexAny(pattern, " \t"); i > 0 && isMethod(pattern[:i]) {
		pattern = strings.TrimLeft(pattern[i:], " \t")
	}
	if i := strings.IndexByte(pattern, '/'); i > 0 && isHost(pattern[:i]) {
		pattern = pattern[i:]
	}
	if isExpression(pattern) {
		return pattern
	}
	for from := 0; ; {
		i := indexOutside(pattern[from:], '?')
		if i < 0 {
			return pattern
		}
		from += i + 1
		if from < len(pattern) && pattern[from] != '/' && pattern[from] != '(' && pattern[from] != '$' {
			return pattern[:from-1] // a query string; else a mark of what may be missing
		}
	}
}

func isMethod(s string) bool {
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return true
}

// isHost reports whether s, the text before the first slash, is a host name: it
// has a dot or a port, and no mark of a pattern.
func isHost(s string) bool {
	return strings.ContainsAny(s[1:], ".:") && s[0] != ':' && !strings.ContainsAny(s, `^\*+?$|`+openers) && !isNoise(s)
}

// indexOutside returns the index of the first c in s that is not between
// brackets, -1 if there is none: parameters may hold slashes and question
// marks.
func indexOutside(s string, c byte) int {
	depth := 0
	for i := range len(s) {
		switch b := s[i]; {
		case depth == 0 && b == c:
			return i
		case strings.IndexByte(openers, b) >= 0:
			depth++
		case depth > 0 && strings.IndexByte(closers, b) >= 0:
			depth--
		}
	}
	return -1
}

// split returns the segments of a pattern.
func split(pattern string) []segment {
	pattern = flatten(pattern)
	var segments []segment
	for pattern != "" {
		part := pattern
		if i := indexOutside(pattern, '/'); i >= 0 {
			part, pattern = pattern[:i], pattern[i+1:]
		} else {
			pattern = ""
		}
		if part == "{$}" || isGroup(part) {
			continue
		}
		if part = strings.TrimSuffix(strings.TrimPrefix(part, "^"), "$"); part == "" || part == "?" {
			continue
		}
		segments = append(segments, parseSegment(part))
	}
	return segments
}

// flatten writes what Rails and Express call an optional part, "/a(/:id)" and
// "/a{/:id}", as the segment that it is: "/a/:id?".
func flatten(pattern string) string {
	for {
		i := strings.Index(pattern, "(/")
		if j := strings.Index(pattern, "{/"); i < 0 || j >= 0 && j < i {
			i = j
		}
		if i < 0 {
			return pattern
		}
		length := indexOutside(pattern[i+1:], closers[strings.IndexByte(openers, pattern[i])])
		if length < 0 {
			return pattern
		}
		end := i + 1 + length
		pattern = pattern[:i] + strings.TrimSuffix(pattern[i+1:end], "/") + "?" + pattern[end+1:]
	}
}

// isGroup reports whether a segment is a route group of Next.js, "(shop)", which
// is not in the path.
func isGroup(s string) bool {
	if len(s) < 3 || s[0] != '(' || s[len(s)-1] != ')' {
		return false
	}
	for _, c := range []byte(s[1 : len(s)-1]) {
		if c != '-' && c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return true
}
