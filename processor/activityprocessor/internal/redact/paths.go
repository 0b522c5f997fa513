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

	secrets []string // as they stand in the paths, and decoded
}

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

// find finds the secrets in the paths.
func (l *location) find(routes *route.Cache) {
	if l.paths == [2]string{} {
		return
	}
	template := routes.Get(l.route)
	for _, path := range l.paths {
		if i := strings.IndexAny(path, "?#"); i >= 0 {
			path = path[:i]
		}
		if path == "" {
			continue
		}
		for _, secret := range template.Secrets(path) {
			l.add(secret)
			if plain, err := url.PathUnescape(secret); err == nil {
				l.add(plain)
			}
		}
	}
}

func (l *location) add(secret string) {
	if secret != "" && !slices.Contains(l.secrets, secret) {
		l.secrets = append(l.secrets, secret)
	}
}

// minAlone is how long a secret of a path is at least that is masked wherever it stands. A
// shorter one, such as a code of four digits, is masked only as a part of a path.
const minAlone = 8

// mask masks the secrets of the paths in a text.
func (l *location) mask(text string) string {
	for _, secret := range l.secrets {
		if len(secret) >= minAlone {
			text = strings.ReplaceAll(text, secret, Masked)
			continue
		}
		text = maskPart(text, secret)
	}
	return text
}

// maskPart masks a secret that is a whole part of a path in a text.
func maskPart(text, secret string) string {
	for from := 0; ; {
		i := strings.Index(text[from:], "/"+secret)
		if i < 0 {
			return text
		}
		start := from + i + 1
		end := start + len(secret)
		if end < len(text) && strings.IndexByte("/?#;.& \t\"'", text[end]) < 0 {
			from = end
			continue
		}
		text = text[:start] + Masked + text[end:]
		from = start + len(Masked)
	}
}
