package story_test

import (
	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/internal/storytest"
)

type fields = storytest.Fields

var (
	do  = storytest.Do
	row = storytest.Row
)

// The actors of rows. Nobody is somebody who failed to log in: who it was, the
// blog does not know.
var (
	alice   = rows.Row{"actor_id": "1", "actor_type": "user", "actor_name": "alice", "session_id": "alice's"}
	bob     = rows.Row{"actor_id": "2", "actor_type": "user", "actor_name": "bob", "session_id": "bob's"}
	admin   = rows.Row{"actor_id": "3", "actor_type": "user", "actor_name": "admin", "session_id": "admin's"}
	unknown = rows.Row{"actor_type": "anonymous"}
	nobody  = rows.Row{}
)

// story is what happens, in its order.
var story = []storytest.Step{
	// What nobody asks about is not recorded.
	do("somebody", "GET", "/ping", nil, 200, nil),
	do("somebody", "GET", "/api/articles", nil, 200, nil),
	do("somebody", "GET", "/api/articles/1", nil, 200, nil),
	do("somebody", "GET", "/api/posts/hello-world", nil, 200, nil),

	// Refused without a session.
	do("somebody", "POST", "/api/articles", fields{"title": "Spam", "body": "Buy!"}, 401,
		row(unknown, "Create", "POST /api/articles", "401", "article", "", "anonymous failed to create article")),

	// Logins.
	do("alice", "POST", "/api/login", fields{"username": "alice", "password": "wonderlamp"}, 401,
		row(nobody, "Login Failed", "POST /api/login", "401", "session", "", "alice failed to log in from 127.0.0.1",
			"data", `{"claimed":"alice"}`)),
	do("alice", "POST", "/api/login", fields{"username": "alice", "password": "wonderland"}, 200,
		row(alice, "Login", "POST /api/login", "", "session", "", "alice logged in from 127.0.0.1")),
	do("bob", "POST", "/api/login", fields{"username": "bob", "password": "builder"}, 200,
		row(bob, "Login", "POST /api/login", "", "session", "", "bob logged in from 127.0.0.1")),
	do("alice", "GET", "/ping", nil, 200, nil),

	// Reads, with words of their own.
	do("alice", "GET", "/api/posts", nil, 200,
		row(alice, "Read", "GET /api/posts", "", "post", "", "alice is reading blog posts")),
	do("alice", "GET", "/api/posts/hello-world", nil, 200,
		row(alice, "Read", "GET /api/posts/{id}", "", "post", "hello-world", "alice is reading blog posts",
			"object_name", "Hello, world")),
	do("bob", "GET", "/api/posts?page=2", nil, 200, // a forged address
		row(bob, "Read", "GET /api/posts", "", "post", "", "bob is reading blog posts"),
		"X-Forwarded-For", "203.0.113.9", "Forwarded", "for=203.0.113.9"),

	// The life of an article. The id of what is new, and of what is gone.
	do("alice", "POST", "/api/articles", fields{"title": "A mad tea party", "body": "No room!"}, 201,
		row(alice, "Create", "POST /api/articles", "", "article", "3", "alice created article 3",
			"object_name", "A mad tea party")),
	do("alice", "PUT", "/api/articles/3", fields{"title": "Tea", "body": "Plenty of room!"}, 200,
		row(alice, "Update", "PUT /api/articles/{id}", "", "article", "3",
			"alice updated article 3", "object_name", "Tea",
			"data", `{"changes":{"body":["No room!","Plenty of room!"],"title":["A mad tea party","Tea"]}}`)),
	do("alice", "PATCH", "/api/articles/3", fields{"title": "Tea ☕"}, 200,
		row(alice, "Update", "PATCH /api/articles/{id}", "", "article", "3",
			"alice updated article 3", "object_name", "Tea ☕",
			"data", `{"changes":{"title":["Tea","Tea ☕"]}}`)),
	do("bob", "PUT", "/api/articles/3", fields{"title": "Mine", "body": "Mine"}, 403,
		row(bob, "Update", "PUT /api/articles/{id}", "403", "article", "3",
			"bob failed to update article 3")),
	do("bob", "GET", "/api/articles/99", nil, 404,
		row(bob, "Read", "GET /api/articles/{id}", "404", "article", "99",
			"bob failed to read article 99")),
	do("alice", "DELETE", "/api/articles/3", nil, 204,
		row(alice, "Delete", "DELETE /api/articles/{id}", "", "article", "3",
			"alice deleted article 3", "object_name", "Tea ☕")),

	// A handler that panics.
	do("alice", "GET", "/api/panic", nil, 0,
		row(alice, "Read", "GET /api/panic", "panic", "panic", "", "alice failed to read panic")),

	// An account that goes. What it did stays: bob's rows above.
	do("alice", "DELETE", "/api/users/2", nil, 403,
		row(alice, "Delete", "DELETE /api/users/{id}", "403", "user", "2",
			"alice failed to delete user 2")),
	do("admin", "POST", "/api/login", fields{"username": "admin", "password": "looking-glass"}, 200,
		row(admin, "Login", "POST /api/login", "", "session", "", "admin logged in from 127.0.0.1")),
	do("admin", "DELETE", "/api/users/2", nil, 204,
		row(admin, "Delete", "DELETE /api/users/{id}", "", "user", "2",
			"admin deleted user 2", "object_name", "bob")),
	do("bob", "DELETE", "/api/articles/2", nil, 401,
		row(unknown, "Delete", "DELETE /api/articles/{id}", "401", "article", "2",
			"anonymous failed to delete article 2")),

	// The end.
	do("alice", "POST", "/api/logout", nil, 204,
		row(alice, "Logout", "POST /api/logout", "", "session", "", "alice logged out from 127.0.0.1")),
	do("alice", "GET", "/api/posts", nil, 200, nil),
}
