package route

import "strings"

// alternatives returns the routes that a list of routes consists of, as Express has them:
// "/a/:id,/b/:id" or `["/a/:id","/b/:id"]`. Anything else is one route.
func alternatives(pattern string) []string {
	if !strings.Contains(pattern, ",") {
		return nil
	}
	inner, list := strings.CutPrefix(pattern, "[")
	if list = list && strings.HasSuffix(inner, "]"); list {
		pattern = inner[:len(inner)-1]
	}
	method, rest, ok := strings.Cut(pattern, " ")
	if !ok || !isMethod(method) {
		rest = pattern
	}
	var all []string
	for from := 0; ; {
		i := indexOutside(rest[from:], ',')
		if i < 0 {
			return append(all, unquote(rest[from:]))
		}
		next := strings.TrimLeft(rest[from+i+1:], ` "'`)
		if !strings.HasPrefix(next, "/") && !strings.HasPrefix(next, "*") {
			return nil
		}
		all = append(all, unquote(rest[from:from+i]))
		from += i + 1
	}
}

func unquote(s string) string { return strings.Trim(s, ` "'`) }

// isExpression reports whether a pattern is a regular expression as a whole, as Express
// ("/^\/articles\/(\d+)$/") and nginx ("~ ^/articles/") have them.
func isExpression(pattern string) bool {
	return strings.HasPrefix(pattern, "/^") || strings.HasPrefix(pattern, "~") || strings.HasPrefix(pattern, "@") && !strings.Contains(pattern, "/") ||
		strings.HasPrefix(pattern, `/\`)
}

// locations are the signs of nginx before a location.
var locations = [...]string{"= ", "^~ "}

// expand writes out what some frameworks abbreviate:
//
//	/v1/{name=projects/*/articles/*}   /v1/projects/{}/articles/{}   gRPC-Gateway
//	/articles{?page,size}              /articles                     RFC 6570
//	/articles[/{id}]                   /articles(/{id})              FastRoute
func expand(pattern string) string {
	for from := 0; from < len(pattern); {
		i := strings.IndexByte(pattern[from:], '{')
		if i < 0 {
			break
		}
		i += from
		length := indexOutside(pattern[i+1:], '}')
		if length < 0 {
			break
		}
		inner, end := pattern[i+1:i+1+length], i+length+2
		switch name, value, ok := strings.Cut(inner, "="); {
		case strings.HasPrefix(inner, "?"), strings.HasPrefix(inner, "&"), strings.HasPrefix(inner, "#"):
			pattern = pattern[:i] + pattern[end:]
			from = i
		case ok && identifier(name) == name && strings.Contains(value, "*"):
			value = stars(name, value)
			pattern = pattern[:i] + value + pattern[end:]
			from = i + len(value)
		default:
			from = end
		}
	}
	if i := strings.Index(pattern, "[/"); i > 0 && strings.HasSuffix(pattern, "]") {
		pattern = pattern[:i] + strings.ReplaceAll(pattern[i:], "[/", "(/")
		n := len(strings.TrimRight(pattern, "]"))
		pattern = pattern[:n] + strings.Repeat(")", len(pattern)-n)
	}
	return pattern
}

// stars writes parameters in the place of the stars of gRPC-Gateway.
func stars(name, value string) string {
	parts := strings.Split(value, "/")
	for i, part := range parts {
		switch {
		case part == "**" && len(parts) == 1:
			parts[i] = "{" + name + "...}"
		case part == "**":
			parts[i] = "{_...}"
		case part == "*" && len(parts) == 1:
			parts[i] = "{" + name + "}"
		case part == "*":
			parts[i] = "{}"
		}
	}
	return strings.Join(parts, "/")
}
