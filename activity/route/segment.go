package route

import (
	"strings"
)

// segment is one part of a route, between two slashes.
type segment struct {
	param    bool   // it stands for a value
	rest     bool   // a parameter that takes all that follows, with slashes
	optional bool   // the path may lack it
	name     string // of a parameter, "" if it has no name
	prefix   string // the literal; of a parameter, the text before it
	suffix   string // of a parameter, the text after it: ".json" in "{id}.json"
}

// restMarks are signs of a parameter that takes the rest of the path: net/http
// and Next.js; Spring and ASP.NET; hapi; Django; FastAPI; regular expressions; AWS;
// Rocket.
var restMarks = []string{"...", "{*", "*}", "<path:", ":path}", ".*", ".+", "(*)", "+}", "..>", ":path>"}

func parseSegment(s string) segment {
	optional := strings.HasSuffix(s, "?")
	s = strings.TrimSuffix(s, "?")
	if i := colon(s); i >= 0 {
		seg := parseColon(s, i)
		seg.optional = optional
		return seg
	}
	if s != "" && s[0] == '*' {
		return segment{param: true, rest: true, name: identifier(strings.TrimLeft(s, "*"))}
	}
	if s == ".*" || s == ".+" {
		return segment{param: true, rest: true}
	}
	first, last := strings.IndexAny(s, openers), strings.LastIndexAny(s, closers)
	if first < 0 || last < first {
		return segment{prefix: unescapeLiteral(s), optional: optional}
	}
	if s[0] == '$' && s[first] == '<' && identifier(s[1:first]) == s[1:first] {
		pattern := s[first:]
		return segment{param: true, name: s[1:first], rest: strings.Contains(pattern, ".*") || strings.Contains(pattern, ".+")} // Play
	}
	keyed := last-first > 2 && s[first:first+2] == "({" && s[last-1:] == "})" // OData: "Products({key})"
	if keyed {
		first, last = first+1, last-1
	}
	inner := s[first : last+1]
	seg := segment{param: true, prefix: unescapeLiteral(s[:first]), suffix: suffixOf(s[last+1:]), optional: optional}
	if keyed {
		seg.suffix = ")"
	}
	for _, mark := range restMarks {
		seg.rest = seg.rest || strings.Contains(inner, mark)
	}
	if i := strings.LastIndexByte(inner, '*'); i >= 0 && inner[0] == '{' && digits(inner[i+1:len(inner)-1]) {
		seg.rest = true // hapi: "{path*2}"
	}
	seg.optional = seg.optional || strings.HasSuffix(inner, "?}") || strings.HasPrefix(inner, "[[")
	seg.name = bracketName(inner)
	return seg
}

// colon returns the index of the colon that begins a parameter, -1 if none does.
// In "articles:batchGet" and "{id}:publish" it is part of a literal.
func colon(s string) int {
	i := strings.IndexByte(s, ':')
	switch {
	case i < 0 || i+1 >= len(s) || !isNameByte(s[i+1]):
		return -1
	case i == 0 || (!isNameByte(s[i-1]) && !strings.ContainsAny(s[:i], openers+closers)):
		return i
	}
	return -1
}

// parseColon reads ":id", ":id(\d+)", ":path*", "@:name" and ":id.json".
func parseColon(s string, at int) segment {
	end := at + 1
	for end < len(s) && isNameByte(s[end]) {
		end++
	}
	seg := segment{param: true, prefix: s[:at], name: s[at+1 : end]}
	tail := s[end:]
	if strings.HasPrefix(tail, "{") { // Hono
		if i := indexOutside(tail[1:], '}'); i >= 0 {
			seg.rest = strings.Contains(tail[:i+2], ".*") || strings.Contains(tail[:i+2], ".+")
			tail = tail[i+2:]
		}
	}
	if strings.HasPrefix(tail, "(") {
		if i := indexOutside(tail[1:], ')'); i >= 0 {
			pattern := tail[:i+2]
			seg.rest = pattern == "(*)" || strings.Contains(pattern, ".*") || strings.Contains(pattern, ".+")
			tail = tail[i+2:]
		}
	}
	if tail == "*" || tail == "+" {
		seg.rest, tail = true, ""
	}
	seg.suffix = suffixOf(tail)
	return seg
}

// suffixOf returns the literal after a parameter, "" if it is a pattern too.
func suffixOf(s string) string {
	if s = unescapeLiteral(s); isLiteral(s) {
		return s
	}
	return ""
}

// bracketName returns the name of a parameter in brackets: "id" of "{id:[0-9]+}",
// "<int:id>", "(?P<id>\d+)", "[[...id]]".
func bracketName(s string) string {
	if i := strings.Index(s, "(?P<"); i >= 0 {
		return identifier(s[i+4:])
	}
	if i := strings.Index(s, "(?<"); i >= 0 {
		return identifier(s[i+3:])
	}
	if s[0] == '(' {
		return ""
	}
	inner := strings.TrimLeft(strings.TrimLeft(s, openers), "*.")
	if s[0] == '<' { // Django and Flask have the converter first
		if before, after, ok := strings.Cut(inner, ":"); ok && !namesFirst(before, after) {
			inner = after
		}
	}
	name := identifier(inner)
	if end := strings.TrimLeft(inner[len(name):], " "); end == "" || strings.IndexByte("}>]:?=.*<+", end[0]) < 0 {
		return "" // "[0-9]+"
	}
	return name
}

// converters are those of frameworks that have the name of a parameter first: "<id:int>".
var converters = set("alpha any float int num number path re regex slug str string ulid uuid")

// namesFirst reports whether the name stands before the converter, as in Bottle, Sanic,
// Mojolicious ("<id:int>") and Yii ("<id:\\d+>").
func namesFirst(before, after string) bool {
	after = strings.TrimRight(after, closers)
	return identifier(after) != after || converters[after] && !converters[before] && identifier(before) == before
}

// identifier returns the name that s begins with.
func identifier(s string) string {
	if s == "" || '0' <= s[0] && s[0] <= '9' {
		return ""
	}
	end := 0
	for end < len(s) && (isNameByte(s[end]) || s[end] == '-' && end > 0) {
		end++
	}
	return s[:end]
}

func isNameByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// unescapeLiteral undoes the backslashes of a regular expression before
// punctuation: "sitemap\.xml".
func unescapeLiteral(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && !isNameByte(s[i+1]) {
			i++
		}
		b = append(b, s[i])
	}
	return string(b)
}

// isLiteral reports whether s has no mark of a pattern.
func isLiteral(s string) bool { return !strings.ContainsAny(s, `\*^$|"`+openers+closers) }
