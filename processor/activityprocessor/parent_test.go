package activityprocessor

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otelactivity/activitylog/activity"
)

// What an object belongs to is in the data, and so is that something is guessed. A
// service and a rule overrule it.
func TestDeriveParent(t *testing.T) {
	user3 := attrs{"parent": attrs{"type": "user", "id": "3"}}
	sessions := attrs{"http.request.method": "DELETE", "http.route": "/users/{id}/sessions", "url.path": "/users/3/sessions"}
	comment := attrs{"http.request.method": "POST", "http.route": "/users/{id}/posts/{post}/comments", "url.path": "/users/3/posts/5/comments"}
	unknown := attrs{"http.request.method": "DELETE", "url.path": "/users/3/sessions/9"}
	for name, tt := range map[string]struct {
		in, more attrs
		rules    string
		data     any
		remarks  string
	}{
		"from the route": {in: sessions, data: user3, remarks: "42 deleted session of user 3"},
		"two": {in: comment, remarks: "42 created comment of post 5 of user 3",
			data: attrs{"parent": attrs{"type": "post", "id": "5", "parent": attrs{"type": "user", "id": "3"}}}},
		"from the path": {in: unknown, remarks: "42 deleted session 9 of user 3",
			data: attrs{"guessed": true, "parent": attrs{"type": "user", "id": "3"}}},
		"the service's object": {in: sessions, more: attrs{activity.ObjectTypeKey: "login"}, remarks: "42 deleted login"},
		"the service's parent": {in: sessions, more: attrs{activity.DataKey: attrs{"parent": "x", "a": 1}}, remarks: "42 deleted session of user 3",
			data: attrs{"parent": "x", "a": int64(1)}},
		"the service's data is a text": {in: sessions, more: attrs{activity.DataKey: "{}"}, remarks: "42 deleted session of user 3", data: "{}"},
		"a rule's object":              {in: sessions, rules: `set: {object.type: login}`, remarks: "42 deleted login"},
		"a rule's id":                  {in: unknown, rules: `set: {object.id: "7"}`, remarks: "42 deleted session 7"},
		"a rule's name":                {in: sessions, rules: `set: {object.name: all}`, data: user3, remarks: "42 deleted session of user 3"},
		"a rule's parent": {in: sessions, rules: `set: {data.parent: '{"type": "team", "id": "1", "parent": {"type": "org", "id": "2"}}'}`,
			remarks: "42 deleted session of team 1 of org 2",
			data:    attrs{"parent": attrs{"type": "team", "id": "1", "parent": attrs{"type": "org", "id": "2"}}}},
		"a rule's act": {in: sessions, rules: `set: {action.type: Logout, action.name: sessions.end, object.type: session, object.id: all, data.parent: none}`,
			remarks: "42 logged out", data: attrs{"parent": "none"}},
		"metadata": {in: sessions, rules: `level: metadata`, remarks: "42 deleted session of user 3"},
	} {
		t.Run(name, func(t *testing.T) {
			in := attrs{"user.id": "42", "http.response.status_code": 204}
			for _, more := range []attrs{tt.in, tt.more} {
				for key, value := range more {
					in[key] = value
				}
			}
			cfg := defaults()
			if tt.rules != "" {
				cfg = configOf(t, "rules: [{preset: http_server, "+tt.rules+"}]")
			}
			td, span := newSpan(t, in)
			added(t, cfg, td, span)
			got := span.Attributes().AsRaw()
			assert.Equal(t, tt.data, got[activity.DataKey])
			assert.Equal(t, tt.remarks, got[activity.RemarksKey])
		})
	}
}
