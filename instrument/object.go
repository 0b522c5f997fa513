package instrument

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/activity/route"
)

// overlay returns the object with the fields of a later call, where they are set.
func overlay(object, later activity.Object) activity.Object {
	return activity.Object{
		Type: cmp.Or(later.Type, object.Type), ID: cmp.Or(later.ID, object.ID), Name: cmp.Or(later.Name, object.Name),
		Parent: cmp.Or(later.Parent, object.Parent),
	}
}

// mergeObjects returns the object of the route, overridden by that of the handler. If
// the handler sets another type, id and parent of the route are dropped.
func mergeObjects(fromRoute, declared activity.Object) activity.Object {
	merged := fromRoute
	if declared.Type != "" && declared.Type != fromRoute.Type {
		merged = activity.Object{Type: declared.Type}
	}
	if declared.ID != "" {
		merged.ID = declared.ID
	}
	if declared.Name != "" {
		merged.Name = declared.Name
	}
	if declared.Parent != nil {
		merged.Parent = declared.Parent
	}
	return merged
}

// createdID returns the last path segment of a Location header: the id of what a
// request created. A secret in it, such as the token of an invitation, is a digest, as it
// is in requests for that path.
func createdID(location string, unknown *route.Template) string {
	u, err := url.Parse(location)
	if err != nil {
		return ""
	}
	path := strings.TrimRight(u.EscapedPath(), "/")
	last := path[strings.LastIndexByte(path, '/')+1:]
	for _, secret := range unknown.Secrets(path) {
		if strings.Contains(last, secret) {
			return unknown.Act(http.MethodGet, path, http.StatusOK).Object.ID
		}
	}
	id, err := url.PathUnescape(last)
	if err != nil {
		return ""
	}
	return id
}
