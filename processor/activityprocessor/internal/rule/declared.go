package rule

import (
	"context"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// Declared normalises an activity that its service has declared, and applies the
// first rule that matches. The activity must have its id already.
func (e *Engine[K]) Declared(ctx context.Context, in *Input[K]) (Verdict, error) {
	if !e.changes {
		in.Result = record.Normalise(in.Attrs, in.Status, e.DefaultActorType)
		return e.thin(ctx, nil, in, in.Result.Action, in.Result.Status)
	}
	in.Result = record.Normalise(in.Attrs, in.Status, "") // a rule may say the actor's type
	v, err := e.change(ctx, in)
	if v == Kept {
		e.completeActor(in.Attrs)
	}
	return v, err
}

func (e *Engine[K]) completeActor(attrs pcommon.Map) {
	if _, ok := attrs.Get(activity.ActorIDKey); !ok {
		return
	}
	if _, ok := attrs.Get(activity.ActorTypeKey); !ok {
		attrs.PutStr(activity.ActorTypeKey, e.DefaultActorType)
	}
}

// change applies the rule of a declared activity.
func (e *Engine[K]) change(ctx context.Context, in *Input[K]) (Verdict, error) {
	r, err := e.find(ctx, in, false)
	switch {
	case err != nil:
		return Kept, err
	case r == nil:
		return e.thin(ctx, nil, in, in.Result.Action, in.Result.Status)
	}
	in.Result = record.Result{} // what the rule changes
	if r.level == LevelNone {
		return e.discard(ctx, r.name, in.Attrs, LeftOut), nil
	}
	in.Read()
	if err := e.fillBlanks(ctx, r, r.set, in); err != nil {
		return Kept, err
	}
	if in.Own[record.FieldStatus] == string(activity.StatusFailed) {
		if err := e.fillBlanks(ctx, r, r.onFailed, in); err != nil {
			return Kept, err
		}
	}
	if r.level == LevelMetadata {
		record.Strip(in.Attrs)
	}
	return e.thin(ctx, r.base, in, in.Own[record.FieldActionType], in.Own[record.FieldStatus])
}

// discard makes a record no longer an activity. The mark keeps other components from
// deriving an activity from it again.
func (e *Engine[K]) discard(ctx context.Context, rule string, attrs pcommon.Map, why Verdict) Verdict {
	e.Observer.Dropped(ctx, rule)
	attrs.RemoveIf(func(key string, _ pcommon.Value) bool { return strings.HasPrefix(key, "activity.") })
	attrs.PutBool(activity.SkippedKey, true)
	return why
}

// fillBlanks sets fields that the service has left empty.
func (e *Engine[K]) fillBlanks(ctx context.Context, r *rule[K], list []assignment[K], in *Input[K]) error {
	for i := range list {
		a := &list[i]
		if a.member == "" && (in.Own[a.field] != "" || a.field == record.FieldRemarks && in.HasBody) {
			continue
		}
		v, err := e.value(ctx, r, a, in)
		if err != nil {
			return err
		}
		if v == nil {
			continue
		}
		if err := fillBlank(in, a, v); err != nil {
			if err := e.fail(ctx, r.name, a.name, a.text); err != nil {
				return err
			}
		}
		noteAssignment(in.Notes, r, a)
	}
	return nil
}

func fillBlank[K any](in *Input[K], a *assignment[K], v any) error {
	if a.member != "" {
		return record.PutMember(in.Attrs, a.member, v, false)
	}
	t, err := record.TextOf(v)
	if err != nil || t == "" {
		return err
	}
	switch a.field {
	case record.FieldActionType:
		known, _ := activity.ParseActionType(t)
		t = string(known)
	case record.FieldClientAddress:
		t = activity.CleanAddress(t)
	}
	in.Attrs.PutStr(a.field.Key(), t)
	in.Own[a.field] = t
	return nil
}
