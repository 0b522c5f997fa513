package procedure

import "github.com/otelactivity/activitylog/activity"

// Operation returns what a root field, or else an operation, of GraphQL with that name does,
// and to which type of object. kind is "query", "mutation" or "subscription". A mutation whose
// verb is not known is Update, and its object "".
func Operation(kind, name string) (action activity.ActionType, object string) {
	action, object = fieldVerb(name)
	switch {
	case kind != "mutation":
		if action = activity.ActionRead; isEvent(name) {
			object = ""
		}
	case action == "" || action == activity.ActionRead:
		action, object = activity.ActionUpdate, ""
	case action == activity.ActionLogin || action == activity.ActionLogout:
		object = ""
	}
	return action, object
}

// ObjectOfQuery returns the type of the object that a field of a query returns by its id. It
// may have no verb: "blogPost(id: 1)" is a blog_post. It is "" for a field that returns
// objects of any type.
func ObjectOfQuery(field string) string {
	if isAnything[field] || isEvent(field) {
		return ""
	}
	if words := activity.Words(field); len(words) > 1 && isChange(words[0]) && words[0] != "new" {
		return "" // an event, "deletePost"
	}
	if action, _ := verbOf(field); action != activity.ActionRead {
		field = "get_" + field
	}
	_, object := fieldVerb(field)
	return object
}

// isAnything are the fields that return an object of any type by its id.
var isAnything = map[string]bool{"node": true, "nodes": true, "object": true, "resource": true, "_entities": true}
