package route

import (
	"net/http"
	"path"
	"slices"
	"strings"
)

// IsNoise reports whether a request is one that programs make by themselves, and that says
// nothing about what a person does: a health check, a scrape of metrics, a static file of a
// page, or one of the methods OPTIONS, TRACE and CONNECT. code is that of the response, 0 if
// it is not known, and agent is the User-Agent header.
//
// What might be an act is not noise: a request of another method than GET and HEAD, one that
// was refused (401, 403), and one whose path is the value of a route's parameter, unless a
// literal before it says that static files follow.
func (t *Template) IsNoise(method, path string, code int, agent string) bool {
	switch {
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return false
	case method == http.MethodOptions || method == http.MethodTrace || method == http.MethodConnect:
		return true
	case method != http.MethodGet && method != http.MethodHead:
		return false
	}
	if path == "" {
		path = t.pattern
	}
	var room [16]string
	parts := appendParts(room[:0], path)
	if len(parts) == 0 {
		return false
	}
	if len(parts) == 1 && siteFiles[strings.ToLower(parts[0])] {
		return true
	}
	if t.hasNamed() {
		return t.leadsToStatic() && isPageFile(parts)
	}
	return isProbe(parts, agent) || isPageFile(parts)
}

// hasNamed reports whether a parameter of the route stands for a value, and not for other
// routes.
func (t *Template) hasNamed() bool {
	return slices.ContainsFunc(t.segments, func(s segment) bool { return s.param }) ||
		slices.ContainsFunc(t.variants, (*Template).hasNamed)
}

// leadsToStatic reports whether a literal before the first parameter says that static files
// follow.
func (t *Template) leadsToStatic() bool {
	for i := range t.segments {
		s := &t.segments[i]
		if s.param {
			return false
		}
		if staticFolders[strings.ToLower(s.prefix)] {
			return true
		}
	}
	return false
}

// isProbe reports whether a path is one of a health check or of metrics. A page of an
// application may be called like one: it is no probe if a browser reads it.
func isProbe(parts []string, agent string) bool {
	if len(parts) <= 3 && probes[joined(parts)] {
		return len(parts) > 1 || !pageNames[parts[0]] || !isBrowser(agent)
	}
	if len(parts) > 1 && !looksLikeID(parts[0]) && parts[0] != "api" && sureProbes[joined(parts[1:])] {
		return true // below the path of an application: "/shop/actuator/health"
	}
	for len(parts) > 1 && (parts[0] == "api" || isVersion(parts[0])) {
		if parts = parts[1:]; parts[0] != "metrics" && len(parts) <= 3 && probes[joined(parts)] {
			return true
		}
	}
	return false
}

// joined returns up to three parts of a path as one lower-case text, "" for more.
func joined(parts []string) string {
	switch len(parts) {
	case 1:
		return strings.ToLower(parts[0])
	case 2, 3:
		if first := parts[0]; probeFolders[strings.ToLower(first)] {
			return strings.ToLower(strings.Join(parts, "/"))
		}
	}
	return ""
}

// isVersion reports whether a part of a path is "v1" or similar.
func isVersion(part string) bool { return len(part) > 1 && part[0] == 'v' && digits(part[1:]) }

// isBrowser reports whether a User-Agent header is that of a browser, and not of one of the
// services that watch sites.
func isBrowser(agent string) bool {
	return strings.HasPrefix(agent, "Mozilla/") && !strings.Contains(agent, "+http") && !strings.Contains(agent, "(compatible;")
}

// isPageFile reports whether a path is that of a file that a page consists of. A folder of
// what users have uploaded makes it a document, and so does an id before it.
func isPageFile(parts []string) bool {
	last := len(parts) - 1
	kind := pageFiles[strings.ToLower(strings.TrimPrefix(path.Ext(parts[last]), "."))]
	if kind == noFile {
		return false
	}
	static, api := false, false
	for _, part := range parts[:last] {
		word := strings.ToLower(part)
		switch {
		case contentFolders[word], !static && looksLikeID(part):
			return false
		case staticFolders[word]:
			static = !api
		case word == "api":
			api = true
		}
	}
	switch kind {
	case codeFile:
		return true
	case pictureFile:
		return static || last == 0
	}
	return static
}

// fileKind says what a file of a page may be mistaken for.
type fileKind uint8

const (
	noFile      fileKind = iota
	codeFile             // of a page, wherever it is
	pictureFile          // it may also be an upload
	otherFile            // it may also be an answer of an API
)
