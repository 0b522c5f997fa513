package web

import (
	"net/http"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

type postJSON struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Body  string `json:"body"`
}

func (s *server) listPosts(w http.ResponseWriter, r *http.Request) {
	remarkReading(r)
	posts, err := s.store.Posts(r.Context())
	if err != nil {
		internalError(w, r, err)
		return
	}
	list := make([]postJSON, 0, len(posts))
	for _, p := range posts {
		list = append(list, postJSON{p.Slug, p.Title, p.Body})
	}
	writeJSON(w, http.StatusOK, list)
}

func (s *server) readPost(w http.ResponseWriter, r *http.Request) {
	remarkReading(r)
	p, err := s.store.Post(r.Context(), r.PathValue("id"))
	if err != nil {
		fail(w, r, err)
		return
	}
	instrument.FromContext(r.Context()).SetObject(activity.Object{Type: "post", ID: p.Slug, Name: p.Title})
	writeJSON(w, http.StatusOK, postJSON{p.Slug, p.Title, p.Body})
}

// remarkReading words the activity itself, in place of the default sentence.
// Anonymous reads are not tracked, so they need no words.
func remarkReading(r *http.Request) {
	if by, ok := session(r); ok {
		instrument.FromContext(r.Context()).SetRemarks(by.User.Name + " is reading blog posts")
	}
}
