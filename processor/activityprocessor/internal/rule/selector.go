package rule

import (
	"strings"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/preset"
)

// selector chooses records without OTTL.
type selector struct {
	services, routes, users, objects, actions, methods patterns
	codes                                              codeRanges
	addresses                                          networks
}

func newSelector(s *Selection) selector {
	actions := make([]string, len(s.Actions))
	for i, a := range s.Actions {
		t, _ := activity.ParseActionType(a)
		actions[i] = string(t)
	}
	methods := make([]string, len(s.Methods))
	for i, m := range s.Methods {
		methods[i] = strings.ToUpper(m)
	}
	return selector{
		services:  newPatterns(s.Services),
		routes:    newPatterns(s.Routes),
		users:     newPatterns(s.Users),
		objects:   newPatterns(s.Objects),
		actions:   newPatterns(actions),
		methods:   newPatterns(methods),
		codes:     newCodeRanges(s.Codes),
		addresses: newNetworks(s.Addresses),
	}
}

// selection returns the lists of the rule itself.
func (cfg *Config) selection() *Selection {
	return &Selection{
		Services: cfg.Services, Routes: cfg.Routes, Users: cfg.Users, Objects: cfg.Objects, Actions: cfg.Actions,
		Methods: cfg.Methods, Codes: cfg.Codes, Addresses: cfg.Addresses,
	}
}

// empty reports whether the selector has no list.
func (s *selector) empty() bool {
	return len(s.services)+len(s.routes)+len(s.users)+len(s.objects)+len(s.actions)+
		len(s.methods)+len(s.codes)+len(s.addresses) == 0
}

// match reports whether every list of the selector matches a span or log record.
func (s *selector) match(r *preset.Subject) bool {
	return s.services.match(r.Service) && s.routes.match(r.Route(), r.Request.Path) &&
		s.methods.match(r.Request.Method) && s.codes.match(r.Request.Code) &&
		(len(s.addresses) == 0 || s.addresses.match(r.ClientAddress())) &&
		(len(s.users) == 0 || s.matchUser(r)) && (len(s.objects) == 0 || s.matchObject(r)) &&
		s.actions.match(string(r.Action()))
}

func (s *selector) matchUser(r *preset.Subject) bool {
	a := r.Actor()
	return s.users.match(a.ID, a.Name)
}

func (s *selector) matchObject(r *preset.Subject) bool {
	o := r.Object()
	kind, id := o.Type, ""
	if o.ID != "" {
		id = o.Type + "/" + o.ID
	}
	return s.objects.match(kind, id)
}

// matchAny reports whether one of the selector's lists matches a record.
func (s *selector) matchAny(r *preset.Subject) bool {
	switch {
	case len(s.services) > 0 && s.services.match(r.Service),
		len(s.routes) > 0 && s.routes.match(r.Route(), r.Request.Path),
		len(s.methods) > 0 && s.methods.match(r.Request.Method),
		len(s.codes) > 0 && s.codes.match(r.Request.Code),
		len(s.addresses) > 0 && s.addresses.match(r.ClientAddress()),
		len(s.users) > 0 && s.matchUser(r),
		len(s.objects) > 0 && s.matchObject(r),
		len(s.actions) > 0 && s.actions.match(string(r.Action())):
		return true
	}
	return false
}
