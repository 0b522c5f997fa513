package rule

import (
	"fmt"
	"slices"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/activity/route"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/preset"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// Notes say which rule applied to a record, and where the values of its activity came from,
// for people. A nil *Notes, as in a running Collector, notes nothing.
type Notes struct {
	// Rule is the name of the rule that matched, "" if none did.
	Rule string

	// Origins has a text for each attribute of the activity, and for each member of its
	// data by "activity.data." and its name. There is none for what the service declared.
	Origins map[string]string

	seen record.Values
}

// matched notes the rule of the record.
func (n *Notes) matched(p *base) {
	if n != nil {
		n.Rule = p.name
	}
}

func (n *Notes) put(key, origin string) {
	if n.Origins == nil {
		n.Origins = map[string]string{}
	}
	n.Origins[key] = origin
}

// filled notes the values of the record and of its preset.
func (n *Notes) filled(s *preset.Subject, d *draft) {
	if n == nil {
		return
	}
	for i, v := range d.values {
		if v == "" {
			continue
		}
		field := record.Field(i)
		origin := s.Origin(field)
		if origin == "" {
			origin = presetOrigin(s)
		}
		n.put(field.Key(), origin)
	}
	n.seen = d.values
}

// presetOrigin says what a preset has derived an action and its object from.
func presetOrigin(s *preset.Subject) string {
	if s.Preset == nil {
		return "unknown"
	}
	from := ""
	switch {
	case s.Preset.Name != preset.HTTPServer:
	case s.Derived.Session != route.NoSession:
		from = ", from the route, which is about a session"
	case s.Derived.Guessed:
		from = ", guessed from the path"
	case s.Request.Route != nil:
		from = ", from method and route"
	default:
		from = ", from method and path"
	}
	return "preset " + s.Preset.Name + from
}

// completed notes what followed from the rest: the outcome, what is known of a login, the
// defaults, and what the data has of the preset.
func (n *Notes) completed(s *preset.Subject, d *draft) {
	if n == nil {
		return
	}
	for i, v := range d.values {
		if v == n.seen[i] {
			continue
		}
		field := record.Field(i)
		switch field {
		case record.FieldStatus, record.FieldErrorType:
			n.put(field.Key(), outcomeOrigin(s))
		case record.FieldActionType:
			n.put(field.Key(), "whether the login names a user, and its answer")
		case record.FieldActorType:
			n.put(field.Key(), actorOrigin(v))
		default:
			n.put(field.Key(), "default")
		}
	}
	if d.parent != nil {
		n.put(dataKey(activity.ParentKey), presetOrigin(s))
	}
	if d.guessed {
		n.put(dataKey(activity.GuessedKey), presetOrigin(s))
	}
	for _, m := range d.data {
		if n.Origins[dataKey(m.name)] == "" {
			n.put(dataKey(m.name), "what was entered in a login")
		}
	}
	n.put(dataKey(sampleWeight), "sample_reads of the rule")
}

// actorOrigin says what the type of an actor follows from, if nothing sets it.
func actorOrigin(actorType string) string {
	if actorType == string(activity.ActorAnonymous) {
		return "nobody is known"
	}
	return "default_actor_type"
}

// outcomeOrigin says what the status of an activity follows from.
func outcomeOrigin(s *preset.Subject) string {
	switch {
	case s.Request.Code != 0:
		return fmt.Sprintf("response code %d", s.Request.Code)
	case s.Preset != nil:
		return "preset " + s.Preset.Name
	}
	return "status of the span"
}

// noteSet notes the assignments of a rule that have changed the draft.
func noteSet[K any](n *Notes, r *rule[K], list []assignment[K], d *draft) {
	if n == nil {
		return
	}
	for i := range list {
		a := &list[i]
		if a.member != "" && !d.has(a.member) || a.member == "" && d.values[a.field] == n.seen[a.field] {
			continue
		}
		if a.member == "" {
			n.seen[a.field] = d.values[a.field]
		}
		noteAssignment(n, r, a)
	}
}

func (d *draft) has(name string) bool {
	return slices.ContainsFunc(d.data, func(m member) bool { return m.name == name })
}

// noteAssignment notes an assignment, with its text as the rule has it.
func noteAssignment[K any](n *Notes, r *rule[K], a *assignment[K]) {
	if n == nil {
		return
	}
	key := dataKey(a.member)
	if a.member == "" {
		key = a.field.Key()
	}
	n.put(key, fmt.Sprintf("rule %s, %s: %s", r.name, a.name, a.text))
}

func dataKey(member string) string { return activity.DataKey + "." + member }
