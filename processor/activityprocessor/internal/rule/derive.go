package rule

import (
	"context"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/preset"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// Derive derives an activity from a record that is not one, if a rule says so. stamp gives
// the record its activity id.
func (e *Engine[K]) Derive(ctx context.Context, in *Input[K], stamp func(*Input[K])) (Verdict, error) {
	r, err := e.find(ctx, in, true)
	switch {
	case r == nil || err != nil:
		return in.unmatched(), err
	case r.level == LevelNone:
		e.Observer.Dropped(ctx, r.name)
		return LeftOut, nil
	case !r.derives && in.Preset == nil:
		return in.unmatched(), nil
	}
	return e.deriveBy(ctx, r, in, stamp)
}

// undeclared is the rule for requests that their service should have declared.
var undeclared = base{name: "coverage", preset: preset.Named(preset.HTTPServer), anonymous: true}

// DeriveUndeclared derives an activity from an HTTP request that its service should have
// declared, even if no rule does.
func (e *Engine[K]) DeriveUndeclared(ctx context.Context, in *Input[K], stamp func(*Input[K])) (Verdict, error) {
	in.Forget()
	if !in.Take(undeclared.preset) {
		return NoRule, nil
	}
	in.Notes.matched(&undeclared)
	return e.deriveBy(ctx, &rule[K]{base: &undeclared}, in, stamp)
}

// deriveBy derives an activity from a record by the rule r.
func (e *Engine[K]) deriveBy(ctx context.Context, r *rule[K], in *Input[K], stamp func(*Input[K])) (Verdict, error) {
	var d draft
	in.Read()
	d.fill(&in.Subject)
	in.Notes.filled(&in.Subject, &d)
	if err := e.apply(ctx, r, r.set, in, &d); err != nil {
		return NoRule, err
	}
	noteSet(in.Notes, r, r.set, &d)
	d.login(&in.Subject)
	if d.values[record.FieldActionType] == "" {
		return NoAction, nil
	}
	if !d.identify(r.base, in.Derived.Denied) {
		return NoActor, nil
	}
	in.Named = d.values[record.FieldActorType] != string(activity.ActorAnonymous)
	d.normalise(&in.Subject)
	if d.values[record.FieldStatus] == string(activity.StatusFailed) {
		if err := e.apply(ctx, r, r.onFailed, in, &d); err != nil {
			return NoRule, err
		}
		noteSet(in.Notes, r, r.onFailed, &d)
		d.fail(&in.Subject)
	}
	d.complete(&in.Subject, e.DefaultActorType)
	in.Notes.completed(&in.Subject, &d)
	d.remark(in.Unfinished != nil, in.Texts, in.HasBody)
	s := e.sampling(r.base)
	in.Attrs.EnsureCapacity(in.Attrs.Len() + d.added(&in.Subject, s.active))
	if !s.concerns(d.values[record.FieldActionType], d.values[record.FieldStatus]) {
		stamp(in)
		return Kept, e.write(ctx, r, in, &d)
	}
	if s.none || !in.sample(s, stamp) {
		e.Observer.Dropped(ctx, s.name(r.base))
		return Unsampled, nil
	}
	d.data = append(d.data, member{sampleWeight, s.weight})
	return Kept, e.write(ctx, r, in, &d)
}

// sample reports whether the read is in the sample. If it is, it has its id. If not,
// its attributes are as before.
func (in *Input[K]) sample(s *sampling, stamp func(*Input[K])) bool {
	var before pcommon.Map
	if in.CarriesID {
		before = pcommon.NewMap()
		in.Attrs.CopyTo(before)
	}
	stamp(in)
	if id, _ := in.Attrs.Get(activity.IDKey); s.keeps(id.Str()) {
		return true
	}
	if in.CarriesID {
		before.MoveTo(in.Attrs)
	} else {
		in.Attrs.Remove(activity.IDKey)
	}
	return false
}

// apply applies assignments to the draft. One without a value changes nothing.
func (e *Engine[K]) apply(ctx context.Context, r *rule[K], list []assignment[K], in *Input[K], d *draft) error {
	for i := range list {
		a := &list[i]
		if a.blank {
			d.values[a.field], d.blank[a.field], d.blanks = "", true, true
			continue
		}
		if a.param != "" {
			in.setParam(a, d)
			continue
		}
		if a.attribute != "" && a.member == "" {
			if v, ok := in.Attrs.Get(a.attribute); ok {
				d.set(a.field, record.Text(v))
			}
			continue
		}
		v, err := e.value(ctx, r, a, in)
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
		t, err := record.TextOf(v)
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

// setParam sets what the route has in the place of a parameter.
func (in *Input[K]) setParam(a *assignment[K], d *draft) {
	value := in.Request.Param(a.param)
	switch {
	case value == "":
	case a.member != "":
		d.data = append(d.data, member{a.member, value})
	default:
		d.set(a.field, value)
	}
}

// write writes the draft to the record.
func (e *Engine[K]) write(ctx context.Context, r *rule[K], in *Input[K], d *draft) error {
	own := &in.Own
	for i, v := range d.values {
		if v != "" && v != own[i] {
			in.Attrs.PutStr(record.Field(i).Key(), v)
		}
	}
	if d.values[record.FieldClientAddress] == "" && own[record.FieldClientAddress] != "" {
		in.Attrs.Remove(activity.ClientAddressKey) // "unknown"
	}
	for i, blank := range d.blank {
		if d.blanks && blank && d.values[i] == "" && own[i] != "" {
			in.Attrs.Remove(record.Field(i).Key())
		}
	}
	if in.HasBody && d.values[record.FieldRemarks] != "" {
		in.LogRecord.Body().SetStr(d.values[record.FieldRemarks])
	}
	if _, ok := activity.ParseStatus(own[record.FieldStatus]); !ok && own[record.FieldStatus] != "" {
		in.Attrs.PutStr(activity.OriginalStatusKey, own[record.FieldStatus])
	}
	in.Attrs.PutStr(activity.SourceKey, string(activity.SourceDerived))
	if in.Untidy {
		record.Normalise(in.Attrs, in.Status, e.DefaultActorType)
	} else {
		in.Result = record.Result{
			Action: d.values[record.FieldActionType], Status: d.values[record.FieldStatus], Source: string(activity.SourceDerived),
		}
	}
	if in.Unfinished != nil {
		in.Unfinished.add(in.Attrs, d, e.DefaultActorType)
	}
	if r.level == LevelMetadata {
		record.Strip(in.Attrs)
	}
	if r.level != LevelMetadata {
		record.PutObjectData(in.Attrs, d.parent, d.guessed)
	}
	for _, m := range d.data {
		if r.level == LevelMetadata && m.name != sampleWeight {
			continue
		}
		if err := record.PutMember(in.Attrs, m.name, m.value, true); err != nil {
			if err := e.fail(ctx, r.name, record.DataPrefix+m.name, "set"); err != nil {
				return err
			}
		}
	}
	return nil
}

// sampleWeight is the member of the data that says how many reads a kept one
// represents.
const sampleWeight = "sample_weight"
