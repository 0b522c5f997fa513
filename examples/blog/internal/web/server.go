// Package web serves the blog over HTTP and records what its users do.
//
// All of the recording that most handlers need is in [NewServer] (one wrapper,
// to which the routes tell the objects) and in authenticate (who it was); a
// handler adds only what it alone knows: the title of an article, the fields that
// it changed, that a request was a login.
package web

import (
	"database/sql"
	"net/http"
	"net/netip"
	"strings"
	"sync"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/examples/blog/internal/store"
	"github.com/otelactivity/activitylog/instrument"
)

// Config is the configuration of a server.
type Config struct {
	// TrustedProxies are the peers whose X-Forwarded-For is believed. Default none.
	TrustedProxies []netip.Prefix

	// Strict are the types of activities that are on disk before their request is answered.
	Strict []activity.ActionType

	// Activities is the database that the collector writes to, SQLite, for GET /activity/.
	// nil leaves that out.
	Activities *sql.DB

	// Debug adds GET /api/panic, whose handler panics.
	Debug bool
}

type server struct {
	store      *store.Store
	activityDB *sql.DB

	mu      sync.Mutex
	history http.Handler // of activityDB; nil until it was opened
}

// NewServer returns the blog's handler over its data.
func NewServer(s *store.Store, cfg Config) http.Handler {
	blog := &server{store: s, activityDB: cfg.Activities}
	mux := http.NewServeMux()
	blog.routes(mux)
	if cfg.Activities != nil {
		// Not below /api/: looking at one's own activities is no activity.
		mux.Handle("/activity/", http.StripPrefix("/activity", http.HandlerFunc(blog.activities)))
	}
	if cfg.Debug {
		mux.HandleFunc("GET /api/panic", func(http.ResponseWriter, *http.Request) { panic("asked to panic") })
	}
	sameOrigin := http.NewCrossOriginProtection()
	sameOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeError(w, http.StatusForbidden, "cross-origin request")
	}))
	return instrument.NewHandler(blog.authenticate(sameOrigin.Handler(mux)), "blog",
		instrument.WithFilter(isAPI),
		instrument.WithAnonymousFailures(), // who tries without a session is worth a row
		instrument.WithTrustedProxies(cfg.TrustedProxies...),
		instrument.WithStrict(cfg.Strict...),
	)
}

// router is an [http.ServeMux], or what a test has in its place to list the routes.
type router interface {
	HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request))
}

func (s *server) routes(mux router) {
	mux.HandleFunc("GET /ping", ping)

	mux.HandleFunc("POST /api/login", s.login)
	mux.HandleFunc("POST /api/logout", s.logout)

	mux.HandleFunc("GET /api/posts", s.listPosts)
	mux.HandleFunc("GET /api/posts/{id}", s.readPost)

	mux.HandleFunc("GET /api/articles", s.listArticles)
	mux.HandleFunc("POST /api/articles", signedIn(s.createArticle))
	mux.HandleFunc("GET /api/articles/{id}", s.readArticle)
	mux.HandleFunc("PUT /api/articles/{id}", signedIn(s.replaceArticle))
	mux.HandleFunc("PATCH /api/articles/{id}", signedIn(s.patchArticle))
	mux.HandleFunc("DELETE /api/articles/{id}", signedIn(s.deleteArticle))

	mux.HandleFunc("DELETE /api/users/{id}", signedIn(s.deleteUser))
}

// ping is for whatever watches that the blog runs.
func ping(w http.ResponseWriter, _ *http.Request) {
	_, _ = w.Write([]byte("pong\n")) // an error here is a client that went away
}

// isAPI leaves /ping and what is not ours untracked.
func isAPI(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }
