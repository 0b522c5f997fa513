package rule

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// Unfinished are the derived activities of a request whose actor and names lookups may
// still set. It is not safe for concurrent use.
type Unfinished struct {
	all              []unfinished
	defaultActorType string
}

// unfinished is an activity as it was derived.
type unfinished struct {
	attrs    pcommon.Map
	activity activity.Activity
	late     bool // it has no remarks yet
}

func (u *Unfinished) add(attrs pcommon.Map, d *draft, defaultActorType string) {
	u.all = append(u.all, unfinished{attrs: attrs, late: d.late})
	d.activity(&u.all[len(u.all)-1].activity)
	u.defaultActorType = defaultActorType
}

// Finish writes what follows from the fields as they are now: the default remarks,
// unless a lookup has set remarks, and the type of an actor who is no longer anonymous.
func (u *Unfinished) Finish(texts *Arena) {
	for i := range u.all {
		one := &u.all[i]
		one.read()
		a := &one.activity
		if a.Actor.ID != "" && a.Actor.Type == activity.ActorAnonymous {
			a.Actor.Type = activity.ActorType(u.defaultActorType)
			one.attrs.PutStr(activity.ActorTypeKey, u.defaultActorType)
		}
		if one.late {
			one.attrs.PutStr(activity.RemarksKey, sentence(a, texts))
		}
	}
}

// read reads what a lookup may have set.
func (one *unfinished) read() {
	a := &one.activity
	for key, v := range one.attrs.All() {
		switch key {
		case activity.RemarksKey:
			one.late = one.late && record.Text(v) == ""
		case activity.ActorIDKey:
			a.Actor.ID = record.Text(v)
		case activity.ActorTypeKey:
			a.Actor.Type = activity.ActorType(record.Text(v))
		case activity.ActorNameKey:
			a.Actor.Name = record.Text(v)
		case activity.ObjectTypeKey:
			a.Object.Type = record.Text(v)
		case activity.ObjectIDKey:
			a.Object.ID = record.Text(v)
		case activity.ObjectNameKey:
			a.Object.Name = record.Text(v)
		case activity.ClientAddressKey:
			a.ClientAddress = record.Text(v)
		}
	}
}

// remark gives the draft its default remarks, or says that they come after the lookups.
// A record with a body has its remarks there.
func (d *draft) remark(late bool, texts *Arena, hasBody bool) {
	if d.values[record.FieldRemarks] != "" || hasBody {
		return
	}
	if d.late = late; late {
		return
	}
	var a activity.Activity
	d.activity(&a)
	d.values[record.FieldRemarks] = sentence(&a, texts)
}

func sentence(a *activity.Activity, texts *Arena) string {
	var room [256]byte
	return texts.text(a.AppendDefaultRemarks(room[:0]))
}
