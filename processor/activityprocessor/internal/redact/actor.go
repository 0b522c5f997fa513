package redact

import (
	"encoding/json"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
)

// own applies the configuration of single fields, and remembers their values, so that
// sentences do not reveal them. It also remembers the actor of the record.
func (w *work) own(attrs pcommon.Map) {
	w.fields(attrs)
	if w.c.address.isOn() {
		w.addresses(attrs)
	}
	i := 0
	for key, v := range attrs.All() { // once for all: there are dozens
		var k *keyClass
		if i < len(w.keys) && w.keys[i].key == key {
			k = w.keys[i].class
		} else {
			k = w.keys.learn(w.c, i, key)
		}
		if k.part != noPart {
			w.ownPart(k.part, v)
		}
		i++
	}
	w.classified = min(i, len(w.keys))
	if w.c.patterns.tokens {
		w.location.find(&w.c.routes)
	}
}

func (w *work) ownPart(part part, v pcommon.Value) {
	switch part {
	case actorID:
		w.subjects[0] = v.Str() // "" if it is not a text
		w.keepOwn(w.subjects[0])
	case actorName:
		w.subjects[1] = v.Str()
		w.keepOwn(w.subjects[1])
	case objectID:
		w.keepNumber(v.Str())
	case routeOf, pathOf, urlOf:
		w.location.read(part, v)
	case data:
		w.keepOwn(claimed(v))
		w.keepParents(v)
		w.keepObjects(v)
	}
}

func (w *work) keepOwn(who string) {
	if strings.IndexByte(who, '@') >= 0 {
		w.keep = append(w.keep, who)
	}
}

// keepNumber keeps the id of an object that may look like the number of a card: the row
// has it in a column of its own.
func (w *work) keepNumber(id string) {
	if len(id) >= minCard {
		w.keep = append(w.keep, id)
	}
}

// keepParents keeps the ids of what the object belongs to.
func (w *work) keepParents(data pcommon.Value) {
	for range maxParents {
		if data.Type() != pcommon.ValueTypeMap {
			return
		}
		parent, ok := data.Map().Get(activity.ParentKey)
		if !ok || parent.Type() != pcommon.ValueTypeMap {
			return
		}
		if id, ok := parent.Map().Get("id"); ok {
			w.keepNumber(id.Str())
		}
		data = parent
	}
}

// keepObjects keeps the ids of the other objects of the act, and of what they belong to.
func (w *work) keepObjects(data pcommon.Value) {
	if data.Type() != pcommon.ValueTypeMap {
		return
	}
	objects, ok := data.Map().Get(activity.ObjectsKey)
	if !ok || objects.Type() != pcommon.ValueTypeSlice {
		return
	}
	for i, object := range objects.Slice().All() {
		if i == maxObjects {
			return
		}
		if object.Type() != pcommon.ValueTypeMap {
			continue
		}
		if id, ok := object.Map().Get("id"); ok {
			w.keepNumber(id.Str())
		}
		w.keepParents(object)
	}
}

// maxObjects bounds how many objects are read: as many as package instrument records.
const maxObjects = 100

// maxParents bounds how many parents are read.
const maxParents = 8

// claimed returns the user name that was entered in a failed login, which has no actor.
func claimed(data pcommon.Value) string {
	switch data.Type() {
	case pcommon.ValueTypeMap:
		if v, ok := data.Map().Get(activity.ClaimedKey); ok && v.Type() == pcommon.ValueTypeStr {
			return v.Str()
		}
	case pcommon.ValueTypeStr:
		if !strings.Contains(data.Str(), `"`+activity.ClaimedKey+`"`) {
			return ""
		}
		var object struct {
			Claimed string `json:"claimed"`
		}
		if json.Unmarshal([]byte(data.Str()), &object) == nil {
			return object.Claimed
		}
	}
	return ""
}
