package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/examples/blog/internal/store"
	"github.com/otelactivity/activitylog/instrument"
)

var (
	errNotYours = errors.New("not your article")
	errEmpty    = errors.New("title and body must not be empty")
)

type articleJSON struct {
	ID     int64  `json:"id"`
	Author string `json:"author"`
	Title  string `json:"title"`
	Body   string `json:"body"`
}

// articleInput is what clients send. nil is what they left out.
type articleInput struct {
	Title *string `json:"title"`
	Body  *string `json:"body"`
}

func (s *server) listArticles(w http.ResponseWriter, r *http.Request) {
	articles, err := s.store.Articles(r.Context())
	if err != nil {
		internalError(w, r, err)
		return
	}
	list := make([]articleJSON, 0, len(articles))
	for _, a := range articles {
		list = append(list, toJSON(a))
	}
	writeJSON(w, http.StatusOK, list)
}

func (s *server) readArticle(w http.ResponseWriter, r *http.Request) {
	id, ok := numericID(w, r)
	if !ok {
		return
	}
	a, err := s.store.Article(r.Context(), id)
	if err != nil {
		fail(w, r, err)
		return
	}
	nameArticle(r.Context(), a)
	writeJSON(w, http.StatusOK, toJSON(a))
}

func (s *server) createArticle(w http.ResponseWriter, r *http.Request, by store.Session) {
	var input articleInput
	if !readJSON(w, r, &input) {
		return
	}
	var a store.Article
	if err := input.replace(&a); err != nil {
		fail(w, r, err)
		return
	}
	a, err := s.store.CreateArticle(r.Context(), by.User, a.Title, a.Body)
	if err != nil {
		fail(w, r, err)
		return
	}
	nameArticle(r.Context(), a)
	w.Header().Set("Location", "/api/articles/"+strconv.FormatInt(a.ID, 10))
	writeJSON(w, http.StatusCreated, toJSON(a))
}

// replaceArticle (PUT) wants all fields.
func (s *server) replaceArticle(w http.ResponseWriter, r *http.Request, by store.Session) {
	s.updateArticle(w, r, by, articleInput.replace)
}

// patchArticle (PATCH) changes the fields that were sent.
func (s *server) patchArticle(w http.ResponseWriter, r *http.Request, by store.Session) {
	s.updateArticle(w, r, by, articleInput.patch)
}

func (s *server) updateArticle(w http.ResponseWriter, r *http.Request, by store.Session,
	apply func(articleInput, *store.Article) error) {
	id, ok := numericID(w, r)
	if !ok {
		return
	}
	var input articleInput
	if !readJSON(w, r, &input) {
		return
	}
	before, after, err := s.store.UpdateArticle(r.Context(), id, func(a *store.Article) error {
		if !mayChange(by.User, *a) {
			return errNotYours
		}
		return apply(input, a)
	})
	if err != nil {
		fail(w, r, err)
		return
	}
	nameArticle(r.Context(), after)
	recordChanges(r.Context(), before, after)
	writeJSON(w, http.StatusOK, toJSON(after))
}

func (s *server) deleteArticle(w http.ResponseWriter, r *http.Request, by store.Session) {
	id, ok := numericID(w, r)
	if !ok {
		return
	}
	a, err := s.store.Article(r.Context(), id)
	if err == nil && !mayChange(by.User, a) {
		err = errNotYours
	}
	if err == nil {
		err = s.store.DeleteArticle(r.Context(), id)
	}
	if err != nil {
		fail(w, r, err)
		return
	}
	nameArticle(r.Context(), a)
	w.WriteHeader(http.StatusNoContent)
}

// mayChange: authors change their own articles, admins all.
func mayChange(u store.User, a store.Article) bool { return u.Admin || u.ID == a.AuthorID }

func (in articleInput) replace(a *store.Article) error {
	if in.Title == nil || in.Body == nil {
		return errEmpty
	}
	return in.patch(a)
}

func (in articleInput) patch(a *store.Article) error {
	if in.Title != nil {
		a.Title = *in.Title
	}
	if in.Body != nil {
		a.Body = *in.Body
	}
	if a.Title == "" || a.Body == "" {
		return errEmpty
	}
	return nil
}

func toJSON(a store.Article) articleJSON {
	return articleJSON{ID: a.ID, Author: a.Author, Title: a.Title, Body: a.Body}
}

// nameArticle tells the activity which article it is about: the title, which
// will tell people more than the id once the article is gone, and the id, which
// the route of a POST does not hold.
func nameArticle(ctx context.Context, a store.Article) {
	id := strconv.FormatInt(a.ID, 10)
	instrument.FromContext(ctx).SetObject(activity.Object{Type: "article", ID: id, Name: a.Title})
}

// recordChanges puts what became different into the activity.
func recordChanges(ctx context.Context, before, after store.Article) {
	current := instrument.FromContext(ctx)
	if before.Title != after.Title {
		current.SetChange("title", before.Title, after.Title)
	}
	if before.Body != after.Body {
		current.SetChange("body", excerpt(before.Body), excerpt(after.Body))
	}
}

// excerpt keeps the head of a long text: a log of actions is not a second copy of
// the articles.
func excerpt(s string) string {
	const most = 100
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}
