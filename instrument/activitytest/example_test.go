package activitytest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/instrument/activitytest"
)

// newShop is the constructor of a service. In production it gets no options, in tests that of a
// Recorder.
func newShop(opts ...instrument.Option) http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range shopRoutes {
		mux.HandleFunc(pattern, h)
	}
	return instrument.NewHandler(mux, "shop", append(opts, instrument.WithActor(byBasicAuth))...)
}

var shopRoutes = map[string]http.HandlerFunc{
	"PUT /articles/{id}": func(_ http.ResponseWriter, r *http.Request) {
		instrument.FromContext(r.Context()).SetChange("title", "Old", "New")
	},
	"DELETE /articles/{id}": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) },
	"POST /webhooks/mail":   func(http.ResponseWriter, *http.Request) {},
}

// t is the one of a test: func TestRename(t *testing.T). This one prints why it fails.
var t testing.TB = printer{}

type printer struct{ testing.TB }

func (printer) Helper() {}

func (printer) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// A test asserts on what its requests record.
func ExampleRecorder_Want() {
	rec := activitytest.NewRecorder()
	service := newShop(rec.Option())

	r := httptest.NewRequest(http.MethodPut, "/articles/17", nil)
	r.SetBasicAuth("alice", "")
	service.ServeHTTP(httptest.NewRecorder(), r)

	rec.Want(t, activity.Activity{
		Actor:      activity.Actor{Name: "alice"},
		ActionType: activity.ActionUpdate,
		Object:     activity.Object{Type: "article", ID: "17"},
		Data:       map[string]any{"changes": map[string]any{"title": []string{"Old", "New"}}},
	})
	// Output:
}

// A failed comparison says all that differs.
func ExampleRecorder_Want_differences() {
	rec := activitytest.NewRecorder()
	service := newShop(rec.Option())

	r := httptest.NewRequest(http.MethodDelete, "/articles/17", nil)
	r.SetBasicAuth("alice", "")
	service.ServeHTTP(httptest.NewRecorder(), r)

	rec.Want(t, activity.Activity{Status: activity.StatusSuccess, Object: activity.Object{Type: "article", ID: "18"}})
	// Output:
	// activities are not as wanted (1 recorded, 1 wanted):
	// 	activity 1 (alice failed to delete article 17):
	// 		Status: got "Failed", want "Success"
	// 		Object.ID: got "17", want "18"
}

// Each route that changes something leaves an activity, except those that the test names.
func ExampleCoverRoutes() {
	rec := activitytest.NewRecorder()
	service := newShop(rec.Option())
	var patterns []string
	for pattern := range shopRoutes {
		patterns = append(patterns, pattern)
	}

	activitytest.CoverRoutes(t, rec, activitytest.Patterns(patterns...), func(route activitytest.Route) {
		r := httptest.NewRequest(route.Method, route.Path("id", "17"), nil)
		r.SetBasicAuth("alice", "")
		service.ServeHTTP(httptest.NewRecorder(), r)
	}, "POST /webhooks/mail")
	// Output:
}
