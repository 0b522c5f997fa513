package instrument

import (
	"bytes"
	"slices"
	"strings"

	"github.com/otelactivity/activitylog/activity"
)

// CopyText makes t copy all texts that handlers say about their activities. It is for
// frameworks that use the memory of a request for later ones, such as fasthttp: the log record
// of an activity is sent when that memory holds something else. It must be called before
// [Tracker.Start].
//
// What a [Recorder] records with the context of such a request is copied as well, and so is the
// actor of [OriginOf].
func (t *Tracker) CopyText() { t.cfg.copies = true }

// detach replaces the texts of a by copies, if the texts may change. The types of action and
// actor and the status are words of the service.
func (c *config) detach(a *activity.Activity) {
	if !c.copies {
		return
	}
	for _, text := range []*string{
		&a.ActionName, &a.ErrorType, &a.Remarks, &a.SessionID, &a.ClientAddress, &a.UserAgent,
	} {
		*text = strings.Clone(*text)
	}
	a.Actor = c.detachedActor(a.Actor)
	a.Object = detachedObject(a.Object, maxParents)
	a.Objects = slices.Clone(a.Objects) // those of a Recorder are the service's
	for i := range a.Objects {
		a.Objects[i] = detachedObject(a.Objects[i], maxParents)
	}
	if a.Data != nil {
		a.Data = detachedValue(a.Data).(map[string]any)
	}
}

// detachedActor returns a copy of an actor, if its texts may change.
func (c *config) detachedActor(actor activity.Actor) activity.Actor {
	if c.copies {
		for _, text := range []*string{&actor.ID, &actor.Name, &actor.ImpersonatorID, &actor.TenantID} {
			*text = strings.Clone(*text)
		}
	}
	return actor
}

func detachedObject(o activity.Object, parents int) activity.Object {
	o.Type, o.ID, o.Name = strings.Clone(o.Type), strings.Clone(o.ID), strings.Clone(o.Name)
	switch {
	case parents == 0:
		o.Parent = nil
	case o.Parent != nil:
		parent := detachedObject(*o.Parent, parents-1)
		o.Parent = &parent
	}
	return o
}

// detachedValue returns a copy of a plain value.
func detachedValue(value any) any {
	switch v := value.(type) {
	case string:
		return strings.Clone(v)
	case []byte:
		return bytes.Clone(v)
	case []any:
		list := make([]any, len(v))
		for i, element := range v {
			list[i] = detachedValue(element)
		}
		return list
	case map[string]any:
		m := make(map[string]any, len(v))
		for key, element := range v {
			m[strings.Clone(key)] = detachedValue(element)
		}
		return m
	}
	return value
}
