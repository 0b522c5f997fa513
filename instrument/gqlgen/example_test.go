package activitygqlgen_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/transport"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	activitygqlgen "github.com/otelactivity/activitylog/instrument/gqlgen"
	"github.com/otelactivity/activitylog/instrument/internal/adaptertest"
)

// The server is inside NewHandler, and behind authentication.
func ExampleNew() {
	defer adaptertest.Print()()
	authenticate := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			user := activity.Actor{ID: "1", Name: "alice"} // from the session
			next.ServeHTTP(w, r.WithContext(activity.ContextWithActor(r.Context(), user)))
		})
	}
	// In a service, NewExecutableSchema of the generated code is in the place of executable.
	server := handler.New(executable{resolve: func(ctx context.Context, _ string, _ map[string]any) (any, error) {
		instrument.FromContext(ctx).SetChange("title", "Down", "Up")
		return true, nil
	}})
	server.AddTransport(transport.POST{})

	server.Use(activitygqlgen.New())
	mux := http.NewServeMux()
	mux.Handle("/graphql", authenticate(server))
	h := instrument.NewHandler(mux, "shop")

	r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(`{"query": "mutation { renameArticle(id: 17, title: \"Up\") }"}`))
	r.Header.Set("Content-Type", "application/json")
	h.ServeHTTP(httptest.NewRecorder(), r)
	// Output:
	// mutation renameArticle | alice updated article 17
}
