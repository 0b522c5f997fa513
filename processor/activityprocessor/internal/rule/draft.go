package rule

import (
	"cmp"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/activity/route"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/preset"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// draft is an activity before it is written: the texts of its fields, and members
// of its data.
type draft struct {
	values  record.Values
	data    []member
	parent  *activity.Object       // what the preset's object belongs to
	guessed bool                   // the preset guessed the object
	blank   [record.NumFields]bool // a rule leaves the field empty
	blanks  bool                   // some field is left empty
	late    bool                   // its default remarks are written after the lookups
}

type member struct {
	name  string
	value any
}

// set gives a field a value, if there is one.
func (d *draft) set(f record.Field, value string) {
	if value != "" {
		d.values[f] = value
	}
}

// fill sets the values of the preset and of the service, which override those of the
// preset.
func (d *draft) fill(r *preset.Subject) {
	v := &d.values
	if r.Preset != nil {
		v[record.FieldActionType], v[record.FieldActionName] = string(r.Derived.Action), r.Derived.Name
		if r.Own[record.FieldObjectType] == "" && r.Own[record.FieldObjectID] == "" {
			v[record.FieldObjectType], v[record.FieldObjectID] = r.Derived.Object.Type, r.Derived.Object.ID
			d.parent, d.guessed = r.Derived.Object.Parent, r.Derived.Guessed
		}
	}
	actor := r.Actor()
	v[record.FieldActorID], v[record.FieldActorType], v[record.FieldActorName] = actor.ID, string(actor.Type), actor.Name
	v[record.FieldUserAgent] = r.UserAgent()
	for i, own := range r.Own {
		if own != "" {
			v[i] = own
		}
	}
	v[record.FieldClientAddress] = r.ClientAddress()
}

// identify completes the actor, and reports whether the rule derives an activity with that
// actor. For a record without an actor, the rule decides.
func (d *draft) identify(p *base, denied bool) bool {
	v := &d.values
	if v[record.FieldActorID] != "" {
		return true
	}
	if v[record.FieldActorType] != "" && v[record.FieldActorType] != string(activity.ActorAnonymous) {
		return true // "system" needs no id
	}
	v[record.FieldActorType] = string(activity.ActorAnonymous)
	return p.anonymous || p.anonymousFailures && denied
}

// login says who logged in, if the preset knows that the act is a login: a rule may have
// set the actor. Whoever failed has claimed to be somebody, which does not make them the
// actor.
func (d *draft) login(r *preset.Subject) {
	v := &d.values
	switch {
	case r.Derived.Session != route.Login:
	case v[record.FieldActionType] == string(activity.ActionLoginAttempt) && v[record.FieldActorID] != "":
		v[record.FieldActionType] = string(activity.ActionLogin)
	case v[record.FieldActionType] == string(activity.ActionLoginAttempt):
		d.claim(r.ClaimedName())
	case v[record.FieldActionType] == string(activity.ActionLoginFailed) && r.Own[record.FieldActorID] == "":
		if v[record.FieldActorID] == "" { // else it is who was here before, perhaps
			d.claim(cmp.Or(v[record.FieldActorName], r.ClaimedName()))
		}
		v[record.FieldActorID], v[record.FieldActorName] = "", ""
	}
}

// claim notes the name that was entered in a login, unless a rule has.
func (d *draft) claim(name string) {
	if name != "" && d.claimed() == "" {
		d.data = append(d.data, member{activity.ClaimedKey, name})
	}
}

// normalise gives action type and status their usual spelling. A missing status follows
// from the preset or from the response.
func (d *draft) normalise(r *preset.Subject) {
	t, _ := activity.ParseActionType(d.values[record.FieldActionType])
	d.values[record.FieldActionType] = string(t)
	s, ok := activity.ParseStatus(d.values[record.FieldStatus])
	switch {
	case ok:
	case t == activity.ActionLoginFailed:
		s = activity.StatusFailed
	case r.Preset != nil:
		s = r.Derived.Status
	default:
		s = record.Outcome(t, r.Request.Code, r.Status)
	}
	d.values[record.FieldStatus] = string(s)
}

// fail sets error.type, unless a rule has set the status to Success.
func (d *draft) fail(r *preset.Subject) {
	t, _ := activity.ParseActionType(d.values[record.FieldActionType])
	s, _ := activity.ParseStatus(d.values[record.FieldStatus])
	if s != activity.StatusSuccess {
		s = activity.StatusFailed
		if t == activity.ActionLogin && r.Preset != nil && r.Derived.Action == activity.ActionLogin && r.Derived.Session == route.NoSession {
			t = activity.ActionLoginFailed
		}
		d.values[record.FieldErrorType] = cmp.Or(d.values[record.FieldErrorType], r.Derived.Error)
	}
	d.values[record.FieldActionType], d.values[record.FieldStatus] = string(t), string(s)
}

// complete adds what follows from the other values.
func (d *draft) complete(r *preset.Subject, defaultActorType string) {
	v := &d.values
	if o := &r.Derived.Object; v[record.FieldObjectType] != o.Type || v[record.FieldObjectID] != o.ID {
		d.parent, d.guessed = nil, false // a rule has set another object
	}
	v[record.FieldClientAddress] = activity.CleanAddress(v[record.FieldClientAddress])
	if v[record.FieldActorID] != "" && v[record.FieldActorType] == "" {
		v[record.FieldActorType] = defaultActorType
	}
}

// activity sets a to what the default remarks are about.
func (d *draft) activity(a *activity.Activity) {
	v := &d.values
	*a = activity.Activity{
		Actor:         activity.Actor{ID: v[record.FieldActorID], Name: v[record.FieldActorName], Type: activity.ActorType(v[record.FieldActorType])},
		ActionType:    activity.ActionType(v[record.FieldActionType]),
		ActionName:    v[record.FieldActionName],
		Status:        activity.Status(v[record.FieldStatus]),
		Object:        activity.Object{Type: v[record.FieldObjectType], ID: v[record.FieldObjectID], Parent: d.owner()},
		ClientAddress: v[record.FieldClientAddress],
	}
	if a.Actor.ID == "" && a.Actor.Name == "" &&
		(a.ActionType == activity.ActionLoginFailed || a.ActionType == activity.ActionLoginAttempt) {
		a.Actor.Name = d.claimed()
	}
}

// owner returns what the object belongs to, as a rule or else the preset says it.
func (d *draft) owner() *activity.Object {
	for _, m := range d.data {
		if m.name == activity.ParentKey {
			return record.ObjectOf(m.value)
		}
	}
	return d.parent
}

// claimed returns the name that was entered in a login, if a rule sets it, or "".
func (d *draft) claimed() string {
	for _, m := range d.data {
		if name, ok := m.value.(string); ok && m.name == activity.ClaimedKey {
			return name
		}
	}
	return ""
}

// added returns how many attributes the draft adds to those of the record, at most.
func (d *draft) added(r *preset.Subject, sampled bool) int {
	n := 2 // id and source
	if sampled || len(d.data) > 0 || d.parent != nil || d.guessed {
		n++
	}
	for i, v := range d.values {
		if v != "" && r.Own[i] == "" {
			n++
		}
	}
	return n
}
