package story_test

import (
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/examples/internal/rows"
	"github.com/otelactivity/activitylog/examples/internal/visitor"
)

// scene is one request, and the row that must come of it.
type scene struct {
	who          string // whose cookies: alice, bob, admin, or anybody else
	method, path string
	body         any
	status       int      // 0: no answer, the connection breaks
	row          rows.Row // what is not as for every row; nil: no row
	header       []string
}

type fields = map[string]string

// The actors of rows. Nobody is somebody who failed to log in: who it was, the
// blog does not know.
var (
	alice   = rows.Row{"actor_id": "1", "actor_type": "user", "actor_name": "alice", "session_id": "alice's"}
	bob     = rows.Row{"actor_id": "2", "actor_type": "user", "actor_name": "bob", "session_id": "bob's"}
	admin   = rows.Row{"actor_id": "3", "actor_type": "user", "actor_name": "admin", "session_id": "admin's"}
	unknown = rows.Row{"actor_type": "anonymous"}
	nobody  = rows.Row{}
)

// row puts together what the scenes say: actor, action, the error if it
// failed, object and remarks. more are further columns in pairs.
func row(actor rows.Row, action, name, errorType, objectType, objectID, remarks string, more ...string) rows.Row {
	r := maps.Clone(actor)
	r["action_type"], r["action_name"], r["remarks"], r["status"] = action, name, remarks, "Success"
	r["object_type"], r["object_id"], r["data"] = objectType, objectID, "{}"
	if errorType != "" {
		r["error_type"], r["status"] = errorType, "Failed"
	}
	for i := 0; i+1 < len(more); i += 2 {
		r[more[i]] = more[i+1]
	}
	maps.DeleteFunc(r, func(_, v string) bool { return v == "" }) // empty is NULL
	return r
}

// scenes are the story, in its order.
var scenes = []scene{
	// What nobody asks about is not recorded.
	{"somebody", "GET", "/ping", nil, 200, nil, nil},
	{"somebody", "GET", "/api/articles", nil, 200, nil, nil},
	{"somebody", "GET", "/api/articles/1", nil, 200, nil, nil},
	{"somebody", "GET", "/api/posts/hello-world", nil, 200, nil, nil},

	// Refused without a session.
	{"somebody", "POST", "/api/articles", fields{"title": "Spam", "body": "Buy!"}, 401,
		row(unknown, "Create", "POST /api/articles", "401", "article", "", "anonymous: Create /api/articles failed"), nil},

	// Logins.
	{"alice", "POST", "/api/login", fields{"username": "alice", "password": "wonderlamp"}, 401,
		row(nobody, "Login Failed", "POST /api/login", "401", "session", "", "alice failed to log in with ip 127.0.0.1",
			"data", `{"claimed":"alice"}`), nil},
	{"alice", "POST", "/api/login", fields{"username": "alice", "password": "wonderland"}, 200,
		row(alice, "Login", "POST /api/login", "", "session", "", "alice is logged in with ip 127.0.0.1"), nil},
	{"bob", "POST", "/api/login", fields{"username": "bob", "password": "builder"}, 200,
		row(bob, "Login", "POST /api/login", "", "session", "", "bob is logged in with ip 127.0.0.1"), nil},
	{"alice", "GET", "/ping", nil, 200, nil, nil},

	// Reads, with words of their own.
	{"alice", "GET", "/api/posts", nil, 200,
		row(alice, "Read", "GET /api/posts", "", "post", "", "alice is reading blog posts"), nil},
	{"alice", "GET", "/api/posts/hello-world", nil, 200,
		row(alice, "Read", "GET /api/posts/{id}", "", "post", "hello-world", "alice is reading blog posts",
			"object_name", "Hello, world"), nil},
	{"bob", "GET", "/api/posts?page=2", nil, 200, // a forged address
		row(bob, "Read", "GET /api/posts", "", "post", "", "bob is reading blog posts"),
		[]string{"X-Forwarded-For", "203.0.113.9", "Forwarded", "for=203.0.113.9"}},

	// The life of an article. The id of what is new, and of what is gone.
	{"alice", "POST", "/api/articles", fields{"title": "A mad tea party", "body": "No room!"}, 201,
		row(alice, "Create", "POST /api/articles", "", "article", "3", "alice: Create /api/articles",
			"object_name", "A mad tea party"), nil},
	{"alice", "PUT", "/api/articles/3", fields{"title": "Tea", "body": "Plenty of room!"}, 200,
		row(alice, "Update", "PUT /api/articles/{id}", "", "article", "3",
			"alice: Update /api/articles/3 (route /api/articles/{id})", "object_name", "Tea",
			"data", `{"changes":{"body":["No room!","Plenty of room!"],"title":["A mad tea party","Tea"]}}`), nil},
	{"alice", "PATCH", "/api/articles/3", fields{"title": "Tea ☕"}, 200,
		row(alice, "Update", "PATCH /api/articles/{id}", "", "article", "3",
			"alice: Update /api/articles/3 (route /api/articles/{id})", "object_name", "Tea ☕",
			"data", `{"changes":{"title":["Tea","Tea ☕"]}}`), nil},
	{"bob", "PUT", "/api/articles/3", fields{"title": "Mine", "body": "Mine"}, 403,
		row(bob, "Update", "PUT /api/articles/{id}", "403", "article", "3",
			"bob: Update /api/articles/3 (route /api/articles/{id}) failed"), nil},
	{"bob", "GET", "/api/articles/99", nil, 404,
		row(bob, "Read", "GET /api/articles/{id}", "404", "article", "99",
			"bob: Read /api/articles/99 (route /api/articles/{id}) failed"), nil},
	{"alice", "DELETE", "/api/articles/3", nil, 204,
		row(alice, "Delete", "DELETE /api/articles/{id}", "", "article", "3",
			"alice: Delete /api/articles/3 (route /api/articles/{id})", "object_name", "Tea ☕"), nil},

	// A handler that panics.
	{"alice", "GET", "/api/panic", nil, 0,
		row(alice, "Read", "GET /api/panic", "panic", "panic", "", "alice: Read /api/panic failed"), nil},

	// An account that goes. What it did stays: bob's rows above.
	{"alice", "DELETE", "/api/users/2", nil, 403,
		row(alice, "Delete", "DELETE /api/users/{id}", "403", "user", "2",
			"alice: Delete /api/users/2 (route /api/users/{id}) failed"), nil},
	{"admin", "POST", "/api/login", fields{"username": "admin", "password": "looking-glass"}, 200,
		row(admin, "Login", "POST /api/login", "", "session", "", "admin is logged in with ip 127.0.0.1"), nil},
	{"admin", "DELETE", "/api/users/2", nil, 204,
		row(admin, "Delete", "DELETE /api/users/{id}", "", "user", "2",
			"admin: Delete /api/users/2 (route /api/users/{id})", "object_name", "bob"), nil},
	{"bob", "DELETE", "/api/articles/2", nil, 401,
		row(unknown, "Delete", "DELETE /api/articles/{id}", "401", "article", "2",
			"anonymous: Delete /api/articles/2 (route /api/articles/{id}) failed"), nil},

	// The end.
	{"alice", "POST", "/api/logout", nil, 204,
		row(alice, "Logout", "POST /api/logout", "", "session", "", "alice is logged out with ip 127.0.0.1"), nil},
	{"alice", "GET", "/api/posts", nil, 200, nil, nil},
}

// story is what happened.
type story struct {
	events []event
	tokens []string // of the sessions; no row may hold one
}

// event is a tracked request that was made, with its whole row.
type event struct {
	scene
	sent, received time.Time
}

// tracked returns how many rows there must be.
func (s *story) tracked() int { return len(s.events) }

// tell makes the requests.
func tell(t *testing.T, url string) *story {
	told := &story{}
	people := map[string]*visitor.Visitor{}
	for _, s := range scenes {
		if people[s.who] == nil {
			people[s.who] = visitor.New(url, "story/"+s.who)
		}
		sent := time.Now()
		res, err := people[s.who].Do(t.Context(), s.method, s.path, s.body, s.header...)
		if res.Status != s.status || (err != nil) != (s.status == 0) {
			t.Errorf("%s: %s %s answered %d %s (%v), want %d", s.who, s.method, s.path, res.Status, res.Body, err, s.status)
		}
		if token := people[s.who].Cookie("blog_session"); token != "" && s.path == "/api/login" && res.Status == http.StatusOK {
			told.tokens = append(told.tokens, token)
		}
		if s.row != nil {
			told.add(s, res.TraceID, sent)
		}
	}
	return told
}

// add notes a tracked request, with what all rows have in common.
func (s *story) add(sc scene, traceID string, sent time.Time) {
	sc.row = maps.Clone(sc.row)
	maps.Copy(sc.row, rows.Row{
		"client_address": "127.0.0.1", // never what X-Forwarded-For says
		"user_agent":     "story/" + sc.who,
		"service_name":   "blog",
		"source":         "declared",
		"trace_id":       traceID, // the client's own
	})
	s.events = append(s.events, event{sc, sent, time.Now()})
}
