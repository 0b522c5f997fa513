package instrument

import (
	"net/http"
	"net/url"

	"go.opentelemetry.io/otel/attribute"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/activity/procedure"
	"github.com/otelactivity/activitylog/activity/route"
)

// maxObjects is how many objects are recorded besides the main one.
const maxObjects = 100

// AddObject adds an object to those of the activity: the second article of a merge, the
// account that a transfer goes to. [Current.SetObject] sets the main one. The objects are in
// the data, under [activity.ObjectsKey], with type, id, name and parent.
//
// An object that was added before, or is the main one, is not recorded twice: type and id
// name it. At most 100 are recorded; [activity.MoreObjectsKey] has the number of the others.
// An id that opens something, such as that of a token, is recorded as its digest, as it is
// in paths.
func (c *Current) AddObject(object activity.Object) {
	c.set(func(a *activity.Activity) {
		objects, more := addObject(a.Objects, object)
		a.Objects = objects
		if more > 0 {
			countMore(a, more)
		}
	})
}

// addObject adds an object to a list, or to what the list says of it, and returns how many
// objects there was no room for. It may change the list, but no element that others have
// seen: [Current.snapshot] has a copy.
func addObject(list []activity.Object, object activity.Object) (longer []activity.Object, more int) {
	if object.IsZero() {
		return list, 0
	}
	for i := range list {
		if sameObject(list[i], object) {
			list[i] = overlay(object, list[i])
			return list, 0
		}
	}
	if len(list) > maxObjects { // one more than are recorded, since the main one may be among them
		return list, 1
	}
	return append(list, object), 0
}

// sameObject reports whether two objects are one: type and id name it, or else the name.
func sameObject(a, b activity.Object) bool {
	return a.Type == b.Type && a.ID == b.ID && (a.ID != "" || a.Name == b.Name)
}

// countMore adds to the number of objects that are not listed.
func countMore(a *activity.Activity, n int) {
	before, _ := a.Data[activity.MoreObjectsKey].(int64)
	if a.Data == nil {
		a.Data = make(map[string]any, 1)
	}
	a.Data[activity.MoreObjectsKey] = before + int64(n)
}

// furtherObjects returns the objects of an activity besides the main one, each once, and how
// many others there are. It does not change the activity.
func furtherObjects(a *activity.Activity) (objects []activity.Object, more int) {
	for _, object := range a.Objects {
		if a.Object.ID != "" && sameObject(a.Object, object) {
			continue
		}
		var n int
		objects, n = addObject(objects, object)
		more += n
	}
	if len(objects) > maxObjects {
		objects, more = objects[:maxObjects], more+1
	}
	return objects, more
}

// objectsValue returns the value of [activity.ObjectsKey].
func objectsValue(objects []activity.Object) attribute.Value {
	values := make([]attribute.Value, len(objects))
	for i := range objects {
		object := withoutSecret(objects[i])
		values[i] = objectValue(&object, maxParents, true)
	}
	return attribute.SliceValue(values...)
}

// withoutSecret returns the object with the digest of its id, if that is a secret. Whether it
// is one is asked of the rules for paths, as of "/token/Ab3dEf9h": the id of a token may also be
// its number.
func withoutSecret(object activity.Object) activity.Object {
	if object.ID == "" || !procedure.IsSecret(object.Type) {
		return object
	}
	path := "/token/" + url.PathEscape(object.ID)
	if len(noRoute.Secrets(path)) > 0 {
		object.ID = noRoute.Act(http.MethodGet, path, http.StatusOK).Object.ID
	}
	return object
}

// noRoute is the route of paths that no route is known for.
var noRoute = new(route.Cache).Get("")
