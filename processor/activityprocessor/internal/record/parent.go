package record

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
)

// PutObjectData writes to activity.data what an object belongs to, and whether it is
// guessed. What the service has set stays, and so does data that is a text.
func PutObjectData(attrs pcommon.Map, parent *activity.Object, guessed bool) {
	if parent == nil && !guessed {
		return
	}
	data, existed := attrs.GetOrPutEmpty(activity.DataKey)
	switch {
	case data.Type() == pcommon.ValueTypeMap:
	case existed && Text(data) != "":
		return
	default:
		data.SetEmptyMap()
	}
	if parent != nil {
		if v, existed := data.Map().GetOrPutEmpty(activity.ParentKey); !existed {
			putObject(v.SetEmptyMap(), parent)
		}
	}
	if guessed {
		if v, existed := data.Map().GetOrPutEmpty(activity.GuessedKey); !existed {
			v.SetBool(true)
		}
	}
}

// putObject writes type and id of an object, and what it belongs to.
func putObject(m pcommon.Map, object *activity.Object) {
	for range maxParents {
		m.EnsureCapacity(3)
		for _, text := range [...]struct{ key, text string }{{"type", object.Type}, {"id", object.ID}} {
			if text.text != "" {
				m.PutStr(text.key, text.text)
			}
		}
		if object = object.Parent; object == nil {
			return
		}
		m = m.PutEmptyMap(activity.ParentKey)
	}
}

// maxParents bounds how many parents are written.
const maxParents = 8

// ObjectOf returns the object that a map of type and id describes, with what it belongs
// to, nil for anything else.
func ObjectOf(value any) *activity.Object {
	m, ok := value.(pcommon.Map)
	if !ok {
		return nil
	}
	return objectOf(m, maxParents)
}

func objectOf(m pcommon.Map, parents int) *activity.Object {
	o := &activity.Object{}
	if v, ok := m.Get("type"); ok {
		o.Type = Text(v)
	}
	if v, ok := m.Get("id"); ok {
		o.ID = Text(v)
	}
	if v, ok := m.Get(activity.ParentKey); ok && v.Type() == pcommon.ValueTypeMap && parents > 1 {
		o.Parent = objectOf(v.Map(), parents-1)
	}
	return o
}
