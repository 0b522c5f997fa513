package activityprocessor

import (
	"cmp"
	"context"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/identity"
)

// verdict is what becomes of a record.
type verdict int

const (
	other   verdict = iota // it is no activity
	kept                   // it is one
	dropped                // a rule wants it not to be one
)

// draft is an activity in the making: the text of its fields, and members of its
// data.
type draft struct {
	values
	data []member
}

type member struct {
	name  string
	value any
}

// glance is what one look at the attributes tells of a record.
type glance struct {
	activity, declared bool // it is an activity, and its service said so
	mayDerive          bool // it is none, and its service did not ask for none
}

func glanceAt(attrs pcommon.Map) glance {
	g := glance{declared: true, mayDerive: true}
	for key, v := range attrs.All() {
		if !strings.HasPrefix(key, "activity.") {
			continue
		}
		switch key {
		case activity.ActionTypeKey:
			g.activity, g.mayDerive = true, false
		case activity.SourceKey:
			g.mayDerive = false
			g.declared = text(v) != string(activity.SourceDerived)
		case activity.SkippedKey:
			if v.AsString() == "true" {
				g.mayDerive = false
			}
		}
	}
	g.declared = g.declared && g.activity
	return g
}

// derive makes an activity of a plain record if its rule has it so. stamp gives
// the record its activity id.
func (e *engine[K]) derive(ctx context.Context, s *scene[K], stamp func(*scene[K])) (verdict, error) {
	r, err := e.find(ctx, s, true)
	switch {
	case r == nil || err != nil:
		return other, err
	case r.level == levelNone:
		e.telemetry.dropped(ctx, r.name)
		return dropped, nil
	case !r.derives && s.facts.preset == nil:
		return other, nil
	}
	return e.deriveBy(ctx, r, s, stamp)
}

// deriveBy makes the activity that the rule r makes of a record.
func (e *engine[K]) deriveBy(ctx context.Context, r *rule[K], s *scene[K], stamp func(*scene[K])) (verdict, error) {
	var d draft
	s.read().fill(&d.values)
	if err := e.apply(ctx, r, r.set, s, &d); err != nil {
		return other, err
	}
	if d.values[actionType] == "" || !r.identify(&s.facts, &d.values) {
		return other, nil
	}
	d.settle(&s.facts)
	if d.values[status] == string(activity.StatusFailed) {
		if err := e.apply(ctx, r, r.onFailed, s, &d); err != nil {
			return other, err
		}
		d.explain(&s.facts)
	}
	e.complete(s, &d)
	s.makeRoom(&d, r.sampled)
	if !r.weighs(&d.values) {
		stamp(s)
		return kept, e.write(ctx, r, s, &d)
	}
	if !s.sample(r.policy, stamp) {
		e.telemetry.dropped(ctx, r.name)
		return dropped, nil
	}
	d.data = append(d.data, member{sampleWeight, r.weight})
	return kept, e.write(ctx, r, s, &d)
}

// sample reports whether the read is in the sample. It has its id then; else its
// attributes are as before.
func (s *scene[K]) sample(p *policy, stamp func(*scene[K])) bool {
	var before pcommon.Map
	if s.facts.carriesID {
		before = pcommon.NewMap()
		s.attrs.CopyTo(before)
	}
	stamp(s)
	if id, _ := s.attrs.Get(activity.IDKey); p.keeps(id.Str()) {
		return true
	}
	if s.facts.carriesID {
		before.MoveTo(s.attrs)
	} else {
		s.attrs.Remove(activity.IDKey)
	}
	return false
}

// fill gives the fields what preset and service say; what the service has named
// comes first.
func (f *facts) fill(v *values) {
	if f.preset != nil {
		v[actionType], v[actionName] = string(f.made.action), f.made.name
		if f.own[objectType] == "" && f.own[objectID] == "" {
			v[objectType], v[objectID] = f.made.object.Type, f.made.object.ID
		}
	}
	actor := f.actor()
	v[actorID], v[actorType], v[actorName] = actor.ID, string(actor.Type), actor.Name
	v[clientAddress] = f.clientAddress()
	v[userAgent] = f.oldAgent
	for i, own := range f.own {
		if own != "" {
			v[i] = own
		}
	}
}

// apply lets assignments change the draft. What has no value changes nothing.
func (e *engine[K]) apply(ctx context.Context, r *rule[K], list []assignment[K], s *scene[K], d *draft) error {
	for i := range list {
		a := &list[i]
		if a.attribute != "" && a.member == "" {
			if v, ok := s.attrs.Get(a.attribute); ok {
				d.set(a.field, text(v))
			}
			continue
		}
		v, err := e.value(ctx, r, a, s)
		if err != nil {
			return err
		}
		if v == nil {
			continue
		}
		if a.member != "" {
			d.data = append(d.data, member{a.member, v})
			continue
		}
		t, err := textOf(v)
		if err != nil {
			if err := e.fail(ctx, r.name, a.name, a.text); err != nil {
				return err
			}
			continue
		}
		d.set(a.field, t)
	}
	return nil
}

// set gives a field a value, if there is one.
func (d *draft) set(f field, value string) {
	if value != "" {
		d.values[f] = value
	}
}

// identify completes who acts, and reports whether an activity is to be made
// of the request, which for nobody's request is a matter of configuration.
func (p *policy) identify(f *facts, v *values) bool {
	if v[actorID] != "" {
		return true
	}
	if v[actorType] != "" && v[actorType] != string(activity.ActorAnonymous) {
		return true // "system" needs no id
	}
	v[actorType] = string(activity.ActorAnonymous)
	return p.anonymous || p.anonymousFailures && f.made.refused
}

// settle puts action and status in their usual words, and finds the status that
// nobody has said.
func (d *draft) settle(f *facts) {
	t, _ := activity.ParseActionType(d.values[actionType])
	d.values[actionType] = string(t)
	s, ok := activity.ParseStatus(d.values[status])
	switch {
	case ok:
	case t == activity.ActionLoginFailed:
		s = activity.StatusFailed
	case f.preset != nil:
		s = f.made.status
	default:
		s = outcome(t, f.request.code, f.status)
	}
	d.values[status] = string(s)
}

// explain says what kind of failure it was, unless a rule has said that it was none.
func (d *draft) explain(f *facts) {
	t, _ := activity.ParseActionType(d.values[actionType])
	s, _ := activity.ParseStatus(d.values[status])
	if s != activity.StatusSuccess {
		s = activity.StatusFailed
		if t == activity.ActionLogin && f.preset != nil && f.made.action == activity.ActionLogin {
			t = activity.ActionLoginFailed
		}
		d.values[errorType] = cmp.Or(d.values[errorType], f.made.err)
	}
	d.values[actionType], d.values[status] = string(t), string(s)
}

// complete adds what follows from the rest.
func (e *engine[K]) complete(s *scene[K], d *draft) {
	v, f := &d.values, &s.facts
	v[clientAddress] = address(v[clientAddress])
	if v[actorID] != "" && v[actorType] == "" {
		v[actorType] = e.defaultActorType
	}
	if v[remarks] != "" || f.body {
		return
	}
	a := activity.Activity{
		Actor:      activity.Actor{ID: v[actorID], Name: v[actorName], Type: activity.ActorType(v[actorType])},
		ActionType: activity.ActionType(v[actionType]),
		Status:     activity.Status(v[status]),
		Object:     activity.Object{Type: v[objectType], ID: v[objectID]},
	}
	var buf [256]byte
	b := a.AppendDefaultRemarks(buf[:0])
	if f.made.call != (call{}) {
		b = append(b, ", "...)
		b = f.made.call.append(b)
	}
	v[remarks] = s.texts.text(b)
}

// makeRoom makes room for what is written to the attributes, at once.
func (s *scene[K]) makeRoom(d *draft, sampled bool) {
	more := 2 + index(sampled || len(d.data) > 0) // id and source, and the data
	for i, v := range d.values {
		more += index(v != "" && s.facts.own[i] == "")
	}
	s.attrs.EnsureCapacity(s.attrs.Len() + more)
}

// write makes the record the activity of the draft.
func (e *engine[K]) write(ctx context.Context, r *rule[K], s *scene[K], d *draft) error {
	own := &s.facts.own
	for i, v := range d.values {
		if v != "" && v != own[i] {
			s.attrs.PutStr(fieldKeys[i], v)
		}
	}
	if s.facts.body && d.values[remarks] != "" {
		s.record.Body().SetStr(d.values[remarks])
	}
	if _, ok := activity.ParseStatus(own[status]); !ok && own[status] != "" {
		s.attrs.PutStr(activity.OriginalStatusKey, own[status])
	}
	s.attrs.PutStr(activity.SourceKey, string(activity.SourceDerived))
	if s.facts.untidy {
		normalise(s.attrs, s.facts.status, e.defaultActorType)
	} else {
		s.result = result{d.values[actionType], d.values[status], string(activity.SourceDerived)}
	}
	if r.level == levelMetadata {
		strip(s.attrs)
	}
	for _, m := range d.data {
		if r.level == levelMetadata && m.name != sampleWeight {
			continue
		}
		if err := putMember(s.attrs, m.name, m.value, true); err != nil {
			if err := e.fail(ctx, r.name, dataField+m.name, "set"); err != nil {
				return err
			}
		}
	}
	return nil
}

// sampleWeight is the member of the data that says how many reads one that was
// kept stands for.
const sampleWeight = "sample_weight"

// stampSpan gives a span its id.
func stampSpan(s *spanScene) {
	if s.facts.carriesID {
		s.doubt(identity.StampSpan(s.span))
		return
	}
	var room [36]byte
	id, claimed := identity.Span(s.span)
	s.attrs.PutStr(activity.IDKey, s.texts.text(id.Append(room[:0])))
	if claimed != "" {
		s.attrs.PutStr(activity.ClaimedTimeKey, claimed)
		s.doubt(true)
	}
}
