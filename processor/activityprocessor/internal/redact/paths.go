package redact

import (
	"net/url"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity/route"
)

// location is what a record says about the path of its request, in which a secret may
// stand: the link of an invitation, the value of a token.
type location struct {
	route string
	paths [2]string // the path, and the path of the whole URL

	secrets []pathSecret // as they stand in the paths, and decoded
}

// pathSecret is a secret of a path. before is what stands before a short one in its segment,
// with the slash: "/", "/token=".
type pathSecret struct{ before, text string }

func (l *location) reset() { l.route, l.paths, l.secrets = "", [2]string{}, l.secrets[:0] }

// read reads an attribute that has a route or a path.
func (l *location) read(part part, v pcommon.Value) {
	text := v.Str() // "" if it is not a text
	switch part {
	case routeOf:
		l.route = text
	case pathOf:
		l.paths[0] = text
	case urlOf:
		if i := strings.Index(text, "://"); i >= 0 {
			text = text[i+len("://"):]
			text = text[max(strings.IndexByte(text, '/'), 0):]
		}
		l.paths[1] = text
	}
}

// find finds the secrets in the paths. Without any, the route may be the path of a request.
func (l *location) find(routes *route.Cache) {
	if l.paths == [2]string{} && l.route == "" {
		return
	}
	template := routes.Get(l.route)
	if l.paths == [2]string{} && !template.HasParam() {
		l.paths[0] = template.String()
	}
	for _, path := range l.paths {
		if i := strings.IndexAny(path, "?#"); i >= 0 {
			path = path[:i]
		}
		if path == "" {
			continue
		}
		for _, secret := range template.Secrets(path) {
			l.add(path, secret)
			if plain, err := url.PathUnescape(secret); err == nil {
				l.add(unescaped(path), plain)
			}
		}
	}
}

// unescaped returns a path without percent-encoding, or as it is if that is wrong.
func unescaped(path string) string {
	if plain, err := url.PathUnescape(path); err == nil {
		return plain
	}
	return path
}

// minAlone is how long a secret of a path is at least that is masked wherever it stands. A
// shorter one, such as a code of four digits, is masked only as a part of a path.
const minAlone = 8

func (l *location) add(path, secret string) {
	if secret == "" {
		return
	}
	if len(secret) >= minAlone {
		l.put("", secret)
		return
	}
	for from := 0; from < len(path); {
		i := strings.Index(path[from:], secret)
		if i < 0 {
			return
		}
		i += from
		from = i + len(secret)
		if slash := strings.LastIndexByte(path[:i], '/'); slash >= 0 && class[path[i-1]]&inWord == 0 {
			l.put(path[slash:i], secret)
		}
	}
}

func (l *location) put(before, secret string) {
	if s := (pathSecret{before, secret}); !slices.Contains(l.secrets, s) {
		l.secrets = append(l.secrets, s)
	}
}

// mask masks the secrets of the paths in a text.
func (l *location) mask(text string) string {
	for _, secret := range l.secrets {
		if secret.before == "" {
			text = strings.ReplaceAll(text, secret.text, Masked)
			continue
		}
		text = maskPart(text, secret)
	}
	return text
}

// maskPart masks a secret that is a part of a path in a text.
func maskPart(text string, secret pathSecret) string {
	for from := 0; ; {
		i := strings.Index(text[from:], secret.before+secret.text)
		if i < 0 {
			return text
		}
		start := from + i + len(secret.before)
		end := start + len(secret.text)
		if end < len(text) && strings.IndexByte("/?#;.,:&@%) \t\"'", text[end]) < 0 {
			from = end
			continue
		}
		text = text[:start] + Masked + text[end:]
		from = start + len(Masked)
	}
}
