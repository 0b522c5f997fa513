package rule

import (
	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/preset"
)

// selector chooses records without OTTL.
type selector struct {
	services, routes, users, objects, actions patterns
}

func newSelector(cfg *Config) selector {
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

// empty reports whether the selector matches all records.
func (s *selector) empty() bool {
	return len(s.services)+len(s.routes)+len(s.users)+len(s.objects)+len(s.actions) == 0
}

// match reports whether a span or log record matches the selector.
func (s *selector) match(r *preset.Subject) bool {
	if !s.services.match(r.Service) || !s.routes.match(r.Route(), r.Request.Path) {
		return false
	}
	if len(s.users) > 0 {
		if a := r.Actor(); !s.users.match(a.ID, a.Name) {
			return false
		}
	}
	if len(s.objects) > 0 {
		o := r.Object()
		kind, id := o.Type, ""
		if o.ID != "" {
			id = o.Type + "/" + o.ID
		}
		if !s.objects.match(kind, id) {
			return false
		}
	}
	return s.actions.match(string(r.Action()))
}
