package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// Blog is a small service, which each adapter's test serves by its own framework. It may be
// used from many goroutines.
type Blog struct {
	mu       sync.Mutex
	articles map[string]*Article
	last     int
	sessions map[string]activity.Actor // by the token of a session
}

// Article is what people write in the blog.
type Article struct {
	ID, Title, Author string
	Comments          int
}

// NewBlog returns a blog without articles, in which alice and bob have accounts.
func NewBlog() *Blog {
	return &Blog{articles: map[string]*Article{}, sessions: map[string]activity.Actor{}}
}

// The errors of a blog.
var (
	ErrUnauthenticated = errors.New("log in first")
	ErrForbidden       = errors.New("it belongs to somebody else")
	ErrNotFound        = errors.New("there is no such article")
	ErrInvalid         = errors.New("the title is missing")
)

// Code returns the response code for an error of a blog, 200 without one.
func Code(err error) int {
	switch {
	case err == nil:
		return http.StatusOK
	case errors.Is(err, ErrUnauthenticated):
		return http.StatusUnauthorized
	case errors.Is(err, ErrForbidden):
		return http.StatusForbidden
	case errors.Is(err, ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, ErrInvalid):
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}

var people = map[string]activity.Actor{
	"alice": {ID: "1", Type: activity.ActorUser, Name: "alice", TenantID: "acme"},
	"bob":   {ID: "2", Type: activity.ActorUser, Name: "bob", TenantID: "acme"},
}

// Login returns the token of a new session of the user. The password is the name backwards.
func (b *Blog) Login(ctx context.Context, name, password string) (token string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	user, ok := people[name]
	if !ok || password != reversed(name) {
		instrument.RecordLoginFailed(ctx, name)
		return "", ErrUnauthenticated
	}
	token = fmt.Sprintf("s3cret-%s-%d", name, len(b.sessions))
	b.sessions[token] = user
	instrument.RecordLogin(ctx, user)
	return token, nil
}

func reversed(s string) string {
	b := []byte(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

// Logout ends a session.
func (b *Blog) Logout(ctx context.Context, token string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	instrument.RecordLogout(ctx, b.sessions[token])
	delete(b.sessions, token)
}

// User returns whose session a token opens, ErrUnauthenticated for one that opens none.
func (b *Blog) User(token string) (activity.Actor, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if user, ok := b.sessions[token]; ok {
		return user, nil
	}
	return activity.Actor{}, ErrUnauthenticated
}

// Titles returns the titles of all articles.
func (b *Blog) Titles() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	titles := make([]string, 0, len(b.articles))
	for _, a := range b.articles {
		titles = append(titles, a.Title)
	}
	return titles
}

// Create writes an article of the actor of ctx.
func (b *Blog) Create(ctx context.Context, title string) (Article, error) {
	if title == "" {
		return Article{}, ErrInvalid
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last++
	a := &Article{ID: strconv.Itoa(b.last), Title: title, Author: activity.ActorFromContext(ctx).ID}
	b.articles[a.ID] = a
	return *a, nil
}

// Get returns an article.
func (b *Blog) Get(id string) (Article, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if a, ok := b.articles[id]; ok {
		return *a, nil
	}
	return Article{}, ErrNotFound
}

// Rename gives an article another title, and records the change.
func (b *Blog) Rename(ctx context.Context, id, title string) error {
	return b.change(ctx, id, func(a *Article) error {
		if title == "" {
			return ErrInvalid
		}
		instrument.FromContext(ctx).SetChange("title", a.Title, title)
		a.Title = title
		return nil
	})
}

// Publish makes an article public.
func (b *Blog) Publish(ctx context.Context, id string) error {
	return b.change(ctx, id, func(*Article) error { return nil })
}

// Delete deletes an article.
func (b *Blog) Delete(ctx context.Context, id string) error {
	return b.change(ctx, id, func(*Article) error {
		delete(b.articles, id)
		return nil
	})
}

// Comment adds a comment to an article, and returns the id of the comment.
func (b *Blog) Comment(id string) (comment string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a, ok := b.articles[id]
	if !ok {
		return "", ErrNotFound
	}
	a.Comments++
	return strconv.Itoa(a.Comments), nil
}

// change changes an article of the actor of ctx.
func (b *Blog) change(ctx context.Context, id string, change func(*Article) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	a, ok := b.articles[id]
	if !ok {
		return ErrNotFound
	}
	if a.Author != activity.ActorFromContext(ctx).ID {
		return ErrForbidden
	}
	return change(a)
}
