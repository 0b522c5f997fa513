package activityprocessor

import (
	"context"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
)

// order puts an activity that its service has declared in order, and lets the
// rules have a say about it. It has its id.
func (e *engine[K]) order(ctx context.Context, s *scene[K]) (verdict, error) {
	if !e.polices {
		s.result = normalise(s.attrs, s.facts.status, e.defaultActorType)
		return kept, nil
	}
	s.result = normalise(s.attrs, s.facts.status, "") // a rule may say the actor's type
	v, err := e.police(ctx, s)
	if v == kept {
		e.completeActor(s.attrs)
	}
	return v, err
}

func (e *engine[K]) completeActor(attrs pcommon.Map) {
	if _, ok := attrs.Get(activity.ActorIDKey); !ok {
		return
	}
	if _, ok := attrs.Get(activity.ActorTypeKey); !ok {
		attrs.PutStr(activity.ActorTypeKey, e.defaultActorType)
	}
}

// police does what the rule of a declared activity says.
func (e *engine[K]) police(ctx context.Context, s *scene[K]) (verdict, error) {
	r, err := e.find(ctx, s, false)
	if r == nil || err != nil {
		return kept, err
	}
	s.result = result{} // what the rule changes
	if r.level == levelNone {
		return e.forget(ctx, r, s.attrs), nil
	}
	f := s.read()
	if err := e.fillBlanks(ctx, r, r.set, s); err != nil {
		return kept, err
	}
	if f.own[status] == string(activity.StatusFailed) {
		if err := e.fillBlanks(ctx, r, r.onFailed, s); err != nil {
			return kept, err
		}
	}
	if r.level == levelMetadata {
		strip(s.attrs)
	}
	if !r.weighs(&f.own) {
		return kept, nil
	}
	id, _ := s.attrs.Get(activity.IDKey)
	if !r.keeps(id.Str()) {
		return e.forget(ctx, r, s.attrs), nil
	}
	if err := putMember(s.attrs, sampleWeight, r.weight, false); err != nil {
		return kept, e.fail(ctx, r.name, dataField+sampleWeight, "sample_reads")
	}
	return kept, nil
}

// forget makes an activity none. The mark is for other components: they are not
// to make one of it again.
func (e *engine[K]) forget(ctx context.Context, r *rule[K], attrs pcommon.Map) verdict {
	e.telemetry.dropped(ctx, r.name)
	attrs.RemoveIf(func(key string, _ pcommon.Value) bool { return strings.HasPrefix(key, "activity.") })
	attrs.PutBool(activity.SkippedKey, true)
	return dropped
}

// strip leaves of an activity what are columns of their own.
func strip(attrs pcommon.Map) {
	attrs.RemoveIf(func(key string, _ pcommon.Value) bool {
		switch key {
		case activity.OriginalIDKey, activity.ClaimedTimeKey, activity.OriginalStatusKey:
			return false
		}
		return !isText(key)
	})
}

// fillBlanks gives fields their values that the service has not given any.
func (e *engine[K]) fillBlanks(ctx context.Context, r *rule[K], list []assignment[K], s *scene[K]) error {
	for i := range list {
		a := &list[i]
		if a.member == "" && (s.facts.own[a.field] != "" || a.field == remarks && s.facts.body) {
			continue
		}
		v, err := e.value(ctx, r, a, s)
		if err != nil {
			return err
		}
		if v == nil {
			continue
		}
		if err := fillBlank(s, a, v); err != nil {
			if err := e.fail(ctx, r.name, a.name, a.text); err != nil {
				return err
			}
		}
	}
	return nil
}

func fillBlank[K any](s *scene[K], a *assignment[K], v any) error {
	if a.member != "" {
		return putMember(s.attrs, a.member, v, false)
	}
	t, err := textOf(v)
	if err != nil || t == "" {
		return err
	}
	switch a.field {
	case actionType:
		known, _ := activity.ParseActionType(t)
		t = string(known)
	case clientAddress:
		t = address(t)
	}
	s.attrs.PutStr(fieldKeys[a.field], t)
	s.facts.own[a.field] = t
	return nil
}
