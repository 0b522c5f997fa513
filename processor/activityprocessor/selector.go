package activityprocessor

import (
	"regexp"
	"strings"

	"github.com/otelactivity/activitylog/activity"
)

// pattern is a text with "*" for any text.
type pattern struct {
	text       string // without "*"
	expression *regexp.Regexp
}

// patterns are texts of which one is to match. Without patterns all do.
type patterns []pattern

func newPatterns(texts []string) patterns {
	list := make(patterns, len(texts))
	for i, t := range texts {
		if !strings.Contains(t, "*") {
			list[i].text = t
			continue
		}
		expression := strings.ReplaceAll(regexp.QuoteMeta(t), `\*`, `.*`)
		list[i].expression = regexp.MustCompile(`(?s)\A` + expression + `\z`)
	}
	return list
}

// match reports whether one of the values that are not empty matches.
func (list patterns) match(values ...string) bool {
	for i := range list {
		for _, v := range values {
			if v != "" && list[i].match(v) {
				return true
			}
		}
	}
	return len(list) == 0
}

func (p *pattern) match(value string) bool {
	if p.expression == nil {
		return p.text == value
	}
	return p.expression.MatchString(value)
}

// selector chooses records without OTTL.
type selector struct {
	services, routes, users, objects, actions patterns
}

func newSelector(cfg *RuleConfig) selector {
	actions := make([]string, len(cfg.Actions))
	for i, a := range cfg.Actions {
		t, _ := activity.ParseActionType(a)
		actions[i] = string(t)
	}
	return selector{
		services: newPatterns(cfg.Services),
		routes:   newPatterns(cfg.Routes),
		users:    newPatterns(cfg.Users),
		objects:  newPatterns(cfg.Objects),
		actions:  newPatterns(actions),
	}
}

// empty reports whether the selector takes all.
func (s *selector) empty() bool {
	return len(s.services)+len(s.routes)+len(s.users)+len(s.objects)+len(s.actions) == 0
}

// match chooses by what is known of a span or log record.
func (s *selector) match(f *facts) bool {
	if s.empty() {
		return true
	}
	if !s.services.match(f.service) || !s.routes.match(f.route(), f.request.path) {
		return false
	}
	if len(s.users) > 0 {
		if a := f.actor(); !s.users.match(a.ID, a.Name) {
			return false
		}
	}
	if len(s.objects) > 0 {
		o := f.object()
		kind, id := o.Type, ""
		if o.ID != "" {
			id = o.Type + "/" + o.ID
		}
		if !s.objects.match(kind, id) {
			return false
		}
	}
	return s.actions.match(string(f.action()))
}
