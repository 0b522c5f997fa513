package activityprocessor

import (
	"strings"

	"github.com/otelactivity/activitylog/activity"
)

// pattern is a text with "*" for any text: what stands before, between and behind
// the stars.
type pattern []string

// patterns are texts of which one is to match. Without patterns all do.
type patterns []pattern

func newPatterns(texts []string) patterns {
	list := make(patterns, len(texts))
	for i, t := range texts {
		list[i] = strings.Split(t, "*")
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

func (p pattern) match(value string) bool {
	last := len(p) - 1
	if last == 0 {
		return p[0] == value
	}
	rest, ok := strings.CutPrefix(value, p[0])
	if !ok {
		return false
	}
	for _, part := range p[1:last] { // the first place leaves most for what follows
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return strings.HasSuffix(rest, p[last])
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
