package activitygqlgen_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	activitygqlgen "github.com/otelactivity/activitylog/instrument/gqlgen"
	"github.com/otelactivity/activitylog/instrument/internal/adaptertest"
)

// documents are the operations of the story.
var documents = map[adaptertest.Do]string{
	adaptertest.Login:       `mutation ($name: String!, $password: String!) { login(name: $name, password: $password) }`,
	adaptertest.Logout:      `mutation { logout }`,
	adaptertest.List:        `{ listArticles }`,
	adaptertest.Create:      `mutation Write($title: Title) { createArticle(title: $title) { id title author } }`,
	adaptertest.Get:         `query ($id: ID!) { getArticle(id: $id) { title } }`,
	adaptertest.Rename:      `mutation ($id: ID!, $title: String!) { renamed: renameArticle(id: $id, title: $title) }`,
	adaptertest.Publish:     `mutation ($id: ID!) { ...F } fragment F on Mutation { publishArticle(id: $id) }`,
	adaptertest.Comment:     `mutation ($id: ID!) { createComment(article: $id) }`,
	adaptertest.Delete:      `mutation ($id: ID!) { deleteArticle(id: $id) }`,
	adaptertest.Boom:        `{ getBoom }`,
	adaptertest.CheckHealth: `{ __typename }`,
}

type tokenKey struct{}

// resolver resolves the fields of the blog.
func resolver(blog *adaptertest.Blog) func(ctx context.Context, field string, args map[string]any) (any, error) {
	text := func(args map[string]any, name string) string { s, _ := args[name].(string); return s }
	return func(ctx context.Context, field string, args map[string]any) (any, error) {
		if activity.ActorFromContext(ctx).IsZero() && field != "login" {
			return nil, shown(adaptertest.ErrUnauthenticated)
		}
		id, title := text(args, "id"), text(args, "title")
		current := instrument.FromContext(ctx)
		switch field {
		case "login":
			token, err := blog.Login(ctx, text(args, "name"), text(args, "password"))
			return token, shown(err)
		case "logout":
			token, _ := ctx.Value(tokenKey{}).(string)
			blog.Logout(ctx, token)
			return true, nil
		case "listArticles":
			return blog.Titles(), nil
		case "createArticle":
			a, err := blog.Create(ctx, title)
			current.SetObject(activity.Object{ID: a.ID})
			return a, shown(err)
		case "getArticle":
			a, err := blog.Get(id)
			return a, shown(err)
		case "renameArticle":
			return true, shown(blog.Rename(ctx, id, title))
		case "publishArticle":
			return true, shown(blog.Publish(ctx, id))
		case "createComment":
			comment, err := blog.Comment(text(args, "article"))
			current.SetObject(activity.Object{ID: comment, Parent: &activity.Object{Type: "article", ID: text(args, "article")}})
			return comment, shown(err)
		case "deleteArticle":
			return true, shown(blog.Delete(ctx, id))
		case "getBoom":
			panic("boom")
		}
		return nil, nil
	}
}

// shown returns an error as the blog shows it, with a code.
func shown(err error) error {
	if err == nil {
		return nil
	}
	code := map[int]string{401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 400: "INVALID_ARGUMENT"}[adaptertest.Code(err)]
	return &gqlerror.Error{Err: err, Message: err.Error(), Extensions: map[string]any{"code": code}}
}

// newServer returns a server of gqlgen with our extension.
func newServer(resolve func(ctx context.Context, field string, args map[string]any) (any, error), opts ...instrument.Option) *handler.Server {
	server := handler.New(executable{resolve: resolve})
	server.AddTransport(transport.SSE{})
	server.AddTransport(transport.POST{})
	server.AddTransport(transport.GET{})
	server.SetRecoverFunc(func(context.Context, any) error { return errors.New("sorry") })
	server.Use(activitygqlgen.New(opts...))
	return server
}

// authenticate is the authentication of the blog, which the resolvers insist on.
func authenticate(blog *adaptertest.Blog, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		ctx := context.WithValue(r.Context(), tokenKey{}, token)
		if user, err := blog.User(token); err == nil {
			ctx = activity.ContextWithActor(ctx, user)
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// answered is a response of GraphQL.
type answered struct {
	Data   map[string]any
	Errors []struct {
		Message    string
		Extensions struct{ Code any }
	}
}

// query sends a document.
func query(t *testing.T, h http.Handler, document string, variables map[string]any, header http.Header) (answered, string) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
	r.RemoteAddr = "127.0.0.1:4711"
	r.Header.Set("Content-Type", "application/json")
	for key, values := range header {
		r.Header[key] = values
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var a answered
	if w.Header().Get("Content-Type") == "text/event-stream" {
		return a, w.Body.String()
	}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return a, w.Body.String()
}

func play(t *testing.T, h http.Handler) {
	t.Helper()
	adaptertest.PlayCalls(t, func(step *adaptertest.Step, token string) (int, string) {
		variables := map[string]any{"id": step.Article, "title": step.Title, "name": step.Name, "password": step.Password}
		a, body := query(t, h, documents[step.Do], variables, http.Header{"Authorization": {"Bearer " + token}, "User-Agent": {"story/1"}})
		if len(a.Errors) > 0 {
			code, _ := a.Errors[0].Extensions.Code.(string)
			return activity.HTTPFromRPC(code), ""
		}
		if _, known := a.Data["login"]; step.Do == adaptertest.Login && !known {
			t.Errorf("answered %s", body)
		}
		newToken, _ := a.Data["login"].(string)
		return http.StatusOK, newToken
	})
}

func TestStory(t *testing.T) {
	rec := adaptertest.Record(t)
	blog := adaptertest.NewBlog()
	play(t, instrument.NewHandler(authenticate(blog, newServer(resolver(blog), rec.Options()...)), "blog", rec.Options()...))
	rec.Compare(t, false)
	if names := rec.Names(); names[3] != "query listArticles" || names[4] != "mutation createArticle" || names[6] != "mutation renameArticle" || names[7] != "mutation publishArticle" {
		t.Errorf("names: %q", names)
	}
	for i, object := range rec.Spans() {
		if object != " " {
			t.Errorf("span %d has the object %q", i+1, object)
		}
	}
}

// TestAlone is about a server without our handler around it.
func TestAlone(t *testing.T) {
	rec := adaptertest.Record(t)
	blog := adaptertest.NewBlog()
	play(t, authenticate(blog, newServer(resolver(blog), rec.Options()...)))
	if names := rec.Names(); len(names) != 17 || names[4] != "mutation createArticle" {
		t.Errorf("%d activities: %q", len(names), names)
	}
	if got := rec.Objects(); got[4] != "article 1" || got[8] != "comment 1" {
		t.Errorf("objects: %q", got)
	}
	if got := rec.Outcomes(); got[9] != "Failed PERMISSION_DENIED" || got[13] != "Failed panic" {
		t.Errorf("outcomes: %q", got)
	}
}

// rows returns what was recorded, sorted, because the fields of a query are resolved at once.
func rows(rec *adaptertest.Recorded) string {
	names, objects, outcomes := rec.Names(), rec.Objects(), rec.Outcomes()
	list := make([]string, len(names))
	for i := range names {
		list[i] = names[i] + ": " + objects[i] + " " + outcomes[i]
	}
	slices.Sort(list)
	return strings.Join(list, "; ")
}

// TestFields is about documents and the fields in them.
func TestFields(t *testing.T) {
	for document, want := range map[string]string{
		`mutation { a: deleteArticle(id: 1) b: deleteArticle(id: "x-2") publishArticle(id: 3) }`: "mutation deleteArticle: article 1 Success ; mutation deleteArticle: article x-2 Success ; mutation publishArticle: article 3 Success ",
		`{ blogPost(id: 3) { id } getArticle(id: "7") { id } listArticles }`:                     "query blogPost: blog_post 3 Success ; query getArticle: article 7 Success ; query listArticles: article  Success ",
		`mutation { deleteArticle(id: 1) deleteArticle(id: 1) }`:                                 "mutation deleteArticle: article 1 Success ",
		`mutation { deleteArticle(id: 1) @skip(if: true) publishArticle(id: 2) }`:                "mutation publishArticle: article 2 Success ",
		`mutation ($id: ID! = "4") { deleteArticle(id: $id) }`:                                   "mutation deleteArticle: article 4 Success ",
		`mutation { deleteArticle(id: "s3cret s3cret") }`:                                        "mutation deleteArticle: article  Success ",
		`mutation { revokeToken(id: "s3cret") }`:                                                 "mutation revokeToken: token  Success ",
		`{ token(id: "s3cret") }`:                                                                "query token: token  Success ",
		`mutation { createArticle(title: "Orphan") { title author } }`:                           "mutation createArticle: article  Success ",
		`mutation { createArticle(title: "two\nlines") { title } }`:                              "mutation createArticle: article  Failed 400",
		`{ __schema { queryType { name } } }`:                                                    "",
		`{ __typename }`:                                                                         "",
		`{ __typename listArticles }`:                                                            "query listArticles: article  Success ",
	} {
		t.Run(document, func(t *testing.T) {
			rec := adaptertest.Record(t)
			opts := append(rec.Options(), instrument.WithAnonymous())
			h := instrument.NewHandler(newServer(func(_ context.Context, field string, args map[string]any) (any, error) {
				switch field {
				case "listArticles":
					return []string{"x"}, nil
				case "getArticle", "blogPost", "createArticle":
					title, _ := args["title"].(string)
					return adaptertest.Article{ID: "1", Title: title}, nil
				case "__schema":
					return "", nil
				}
				return true, nil
			}, opts...), "blog", opts...)
			query(t, h, document, nil, nil)
			if got := rows(rec); got != want {
				t.Errorf("recorded %s\nwant %s", got, want)
			}
		})
	}
}

// TestErrors is about the ways to fail.
func TestErrors(t *testing.T) {
	code := func(code any) error {
		return &gqlerror.Error{Message: "no", Extensions: map[string]any{"code": code}}
	}
	for name, tt := range map[string]struct {
		value any
		err   error
		also  error // reported while the resolver runs
		want  string
	}{
		"a code":                            {nil, code("FORBIDDEN"), nil, "Failed FORBIDDEN"},
		"a code of gRPC":                    {nil, code("permission_denied"), nil, "Failed PERMISSION_DENIED"},
		"a wrapped code":                    {nil, fmt.Errorf("delete: %w", code("FORBIDDEN")), nil, "Failed FORBIDDEN"},
		"a sentence as its code":            {nil, code("it is not yours"), nil, "Failed error"},
		"a number as its code":              {nil, code(403), nil, "Failed 403"},
		"a text":                            {nil, errors.New("no"), nil, "Failed error"},
		"its type":                          {nil, &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}, nil, "Failed *fs.PathError"},
		"canceled":                          {nil, context.Canceled, nil, "Failed canceled"},
		"one that is added":                 {true, nil, code("FORBIDDEN"), "Failed FORBIDDEN"},
		"nothing in the place of something": {nil, nil, nil, "Failed *graphql.InvalidNullError"},
		"none":                              {true, nil, nil, "Success "},
	} {
		t.Run(name, func(t *testing.T) {
			rec := adaptertest.Record(t)
			query(t, newServer(func(ctx context.Context, field string, _ map[string]any) (any, error) {
				if field != "fail" {
					return true, nil
				}
				graphql.AddError(ctx, tt.also)
				return tt.value, tt.err
			}, append(rec.Options(), instrument.WithAnonymous())...), `mutation { fail(how: "so") deleteArticle(id: 1) }`, nil, nil)
			if got := rec.Outcomes(); len(got) != 2 || got[0] != tt.want || got[1] != "Success " {
				t.Errorf("recorded %q, want %q", got, tt.want)
			}
		})
	}
}

// TestErrorPresenter is about servers that hide errors from clients.
func TestErrorPresenter(t *testing.T) {
	for name, tt := range map[string]struct {
		present graphql.ErrorPresenterFunc
		want    string
	}{
		"another text": {func(context.Context, error) *gqlerror.Error { return gqlerror.Errorf("sorry") }, "Failed *fs.PathError"},
		"a code": {func(ctx context.Context, err error) *gqlerror.Error {
			e := graphql.DefaultErrorPresenter(ctx, err)
			e.Extensions = map[string]any{"code": "FORBIDDEN"}
			return e
		}, "Failed FORBIDDEN"},
		"nothing": {func(context.Context, error) *gqlerror.Error { return nil }, "Failed *fs.PathError"},
	} {
		t.Run(name, func(t *testing.T) {
			rec := adaptertest.Record(t)
			server := newServer(func(context.Context, string, map[string]any) (any, error) {
				return nil, &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}
			}, append(rec.Options(), instrument.WithAnonymous())...)
			server.SetErrorPresenter(tt.present)
			query(t, server, `mutation { deleteArticle(id: 1) }`, nil, nil)
			if got := rec.Outcomes(); len(got) != 1 || got[0] != tt.want {
				t.Errorf("recorded %q, want %q", got, tt.want)
			}
		})
	}
}

// TestPanicHandler is about code that is generated without one for each field: the server has
// one more.
func TestPanicHandler(t *testing.T) {
	rec := adaptertest.Record(t)
	server := handler.New(executable{resolve: func(context.Context, string, map[string]any) (any, error) { panic("boom") }, omitPanicHandler: true})
	server.AddTransport(transport.POST{})
	server.Use(activitygqlgen.New(append(rec.Options(), instrument.WithAnonymous())...))
	query(t, server, `mutation { deleteArticle(id: 1) }`, nil, nil)
	if got := rows(rec); got != "mutation deleteArticle: article 1 Failed panic" {
		t.Errorf("recorded %q", got)
	}
}

// TestInvalidDocuments are left to the handler around the server.
func TestInvalidDocuments(t *testing.T) {
	rec := adaptertest.Record(t)
	opts := append(rec.Options(), instrument.WithAnonymous())
	h := instrument.NewHandler(newServer(nil, opts...), "blog", opts...)
	query(t, h, `mutation { dropTables }`, nil, nil)
	if got := rec.Outcomes(); len(got) != 1 || got[0] != "Failed 422" {
		t.Errorf("recorded %q", got)
	}
}

// TestSubscription is about streams: they are recorded when they begin.
func TestSubscription(t *testing.T) {
	for name, err := range map[string]error{"Success ": nil, "Failed FORBIDDEN": &gqlerror.Error{Message: "no", Extensions: map[string]any{"code": "FORBIDDEN"}}} {
		t.Run(name, func(t *testing.T) {
			rec := adaptertest.Record(t)
			opts := append(rec.Options(), instrument.WithAnonymous())
			h := instrument.NewHandler(newServer(func(ctx context.Context, _ string, _ map[string]any) (any, error) {
				if instrument.FromContext(ctx) == nil {
					t.Error("the resolver does not find its activity")
				}
				events := make(chan string, 2)
				events <- "one"
				events <- "two"
				close(events)
				return (<-chan string)(events), err
			}, opts...), "blog", opts...)
			_, body := query(t, h, `subscription { watchArticle(id: 17) }`, nil, http.Header{"Accept": {"text/event-stream"}})
			if got, want := rows(rec), "subscription watchArticle: article 17 "+name; got != want {
				t.Errorf("recorded %q, want %q; answered %s", got, want, body)
			}
			if err == nil && !strings.Contains(body, "two") {
				t.Errorf("answered %s", body)
			}
		})
	}
}

// TestOptions is about options that are of use here.
func TestOptions(t *testing.T) {
	rec := adaptertest.Record(t)
	opts := append(rec.Options(), instrument.WithoutReads(), instrument.WithActor(func(r *http.Request) activity.Actor {
		return activity.Actor{ID: r.Header.Get("X-User")}
	}), instrument.WithCallObject(func(name string, request any) activity.Object {
		args, _ := request.(map[string]any)
		title, _ := args["title"].(string)
		if name != "mutation renameArticle" {
			title = ""
		}
		return activity.Object{Name: title}
	}), instrument.WithRemarksFunc(func(_ *http.Request, a *activity.Activity) string { return a.Object.Name }))
	server := newServer(func(context.Context, string, map[string]any) (any, error) { return true, nil }, opts...)
	header := http.Header{"X-User": {"7"}}
	query(t, server, `mutation { renameArticle(id: 1, title: "Hi") }`, nil, header)
	query(t, server, `{ getBoom }`, nil, header)
	if got := rows(rec); got != "mutation renameArticle: article 1 Success " {
		t.Errorf("recorded %s", got)
	}
}

// TestStrict is about a field that must be on disk before the response, without a spool that
// could write it.
func TestStrict(t *testing.T) {
	for document, code := range map[string]int{
		`mutation { deleteArticle(id: 1) }`:                         http.StatusServiceUnavailable,
		`mutation { publishArticle(id: 2) a: deleteArticle(id: 1)}`: http.StatusServiceUnavailable,
		`mutation { publishArticle(id: 2) }`:                        http.StatusOK,
	} {
		t.Run(document, func(t *testing.T) {
			rec := adaptertest.Record(t)
			opts := append(rec.Options(), instrument.WithAnonymous(), instrument.WithStrict(activity.ActionDelete))
			server := newServer(func(context.Context, string, map[string]any) (any, error) { return true, nil }, opts...)
			r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(`{"query": "`+document+`"}`))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			instrument.NewHandler(server, "blog", opts...).ServeHTTP(w, r)
			if w.Code != code || code != http.StatusOK && strings.Contains(w.Body.String(), "data") {
				t.Errorf("answered %d: %s", w.Code, w.Body)
			}
		})
	}
}
