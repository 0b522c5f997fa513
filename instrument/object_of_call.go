package instrument

import (
	"strconv"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/activity/procedure"
)

// WithCallObject sets the function that finds the object of a remote procedure call: from the
// name of the procedure, "/blog.v1.ArticleService/GetArticle", and the message of the request.
// Empty fields keep what is known without it: the type follows from the name, and the id is
// that of a method GetId of the message, unless the object may be a secret. The function must
// not change the message.
func WithCallObject(object func(procedure string, request any) activity.Object) Option {
	return optionFunc(func(c *config) { c.callObject = object })
}

// Object returns the object of a remote procedure call by its request, for adapters.
func (t *Tracker) Object(name string, request any) activity.Object {
	var object activity.Object
	if act := procedure.Act("", name); act.Object.Type != "" && !procedure.IsSecret(act.Object.Type) {
		object.ID = idOf(request)
	}
	if t.cfg.callObject == nil {
		return object
	}
	later := t.cfg.objectOf(name, request)
	if later.Type != "" {
		object.ID = "" // it is an id of something else, perhaps
	}
	return overlay(object, later)
}

func (c *config) objectOf(name string, request any) (object activity.Object) {
	defer report("WithCallObject")
	return c.callObject(name, request)
}

// idOf returns the id in a message that protoc-gen-go has generated, "" if it has none.
func idOf(message any) string {
	switch m := message.(type) {
	case interface{ GetId() string }:
		return m.GetId()
	case interface{ GetId() int64 }:
		return idOfNumber(m.GetId())
	case interface{ GetId() int32 }:
		return idOfNumber(int64(m.GetId()))
	case interface{ GetId() uint64 }:
		if id := m.GetId(); id != 0 {
			return strconv.FormatUint(id, 10)
		}
	case interface{ GetId() uint32 }:
		return idOfNumber(int64(m.GetId()))
	}
	return ""
}

// idOfNumber returns "" for 0, which is a number that was not set.
func idOfNumber(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}
