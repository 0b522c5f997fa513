package main

import (
	"context"
	"fmt"

	"github.com/otelactivity/activitylog/internal/visitor"
)

// step is one request of the story.
type step struct {
	who          string
	what         string // for the reader
	method, path string
	body         any
	status       int
	untracked    bool
}

type fields = map[string]string

var steps = []step{
	{"somebody", "checks whether the blog runs (not tracked)", "GET", "/ping", nil, 200, true},
	{"somebody", "reads the articles without an account (not tracked)", "GET", "/api/articles", nil, 200, true},
	{"somebody", "tries to write without an account", "POST", "/api/articles", fields{"title": "Spam", "body": "Buy!"}, 401, false},
	{"alice", "mistypes her password", "POST", "/api/login", fields{"username": "alice", "password": "wonderlamp"}, 401, false},
	{"alice", "logs in", "POST", "/api/login", fields{"username": "alice", "password": "wonderland"}, 200, false},
	{"alice", "reads the blog posts", "GET", "/api/posts", nil, 200, false},
	{"alice", "reads one of them", "GET", "/api/posts/hello-world", nil, 200, false},
	{"alice", "writes an article", "POST", "/api/articles", fields{"title": "A mad tea party", "body": "No room! No room!"}, 201, false},
	{"alice", "gives it a better title", "PATCH", "/api/articles/3", fields{"title": "A very mad tea party"}, 200, false},
	{"bob", "logs in", "POST", "/api/login", fields{"username": "bob", "password": "builder"}, 200, false},
	{"bob", "tries to change what alice wrote", "PUT", "/api/articles/3", fields{"title": "Mine", "body": "Mine"}, 403, false},
	{"bob", "looks for an article that does not exist", "GET", "/api/articles/99", nil, 404, false},
	{"alice", "deletes her article", "DELETE", "/api/articles/3", nil, 204, false},
	{"alice", "logs out", "POST", "/api/logout", nil, 204, false},
	{"admin", "logs in", "POST", "/api/login", fields{"username": "admin", "password": "looking-glass"}, 200, false},
	{"admin", "deletes bob's account; what bob did stays on record", "DELETE", "/api/users/2", nil, 204, false},
	{"bob", "has no session any more", "POST", "/api/articles", fields{"title": "Hello?", "body": "Anybody?"}, 401, false},
}

// play makes the requests of all steps and returns how many of them are
// activities.
func play(ctx context.Context, url string) (tracked int, err error) {
	people := map[string]*visitor.Visitor{}
	for _, s := range steps {
		if people[s.who] == nil {
			people[s.who] = visitor.New(url, "activitylog-demo ("+s.who+")")
		}
		res, err := people[s.who].Do(ctx, s.method, s.path, s.body)
		if err != nil {
			return tracked, err
		}
		progress("%8s %s: %s %s → %d", s.who, s.what, s.method, s.path, res.Status)
		if res.Status != s.status {
			return tracked, fmt.Errorf("%s %s answered %d %s, want %d", s.method, s.path, res.Status, res.Body, s.status)
		}
		if !s.untracked {
			tracked++
		}
	}
	return tracked, nil
}
