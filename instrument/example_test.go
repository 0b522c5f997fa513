package instrument_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// printer prints each activity as it is recorded.
type printer struct{}

func (printer) OnEmit(_ context.Context, r *sdklog.Record) error {
	a := recordMap(r)
	fmt.Printf("%s | %s | %s %s | %s\n", a[activity.ActionTypeKey], a[activity.ActionNameKey],
		a[activity.ObjectTypeKey], a[activity.ObjectIDKey], a[activity.RemarksKey])
	return nil
}
func (printer) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }
func (printer) Shutdown(context.Context) error                         { return nil }
func (printer) ForceFlush(context.Context) error                       { return nil }

// printing stands for the logger provider that a service sets up.
func printing() log.LoggerProvider {
	return sdklog.NewLoggerProvider(sdklog.WithProcessor(printer{}))
}

func get(h http.Handler, path string) {
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
}

// An authentication middleware that makes a new context tells the activity
// itself who the actor is. WithRoute names the object, since the mux gets
// a request that the middleware does not see.
func ExampleCurrent_SetActor() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /articles/{id}", func(http.ResponseWriter, *http.Request) {})
	auth := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user := "alice" // from the session
		instrument.FromContext(r.Context()).SetActor(activity.Actor{ID: "42", Name: user})
		mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), userKey{}, user)))
	})
	h := instrument.NewHandler(auth, "blog",
		instrument.WithLoggerProvider(printing()),
		instrument.WithRoute("/articles/{id}", instrument.Route{Object: "article", ID: "id"}))
	get(h, "/articles/17")
	// Output:
	// Read | GET /articles/{id} | article 17 | alice read article 17
}

// With CaptureRoute around the mux, the actor is read from the context that
// authentication made, and object and action name follow from the route.
func ExampleWithActor() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /articles/{id}", func(http.ResponseWriter, *http.Request) {})
	h := instrument.NewHandler(authenticate(instrument.CaptureRoute(mux)), "blog",
		instrument.WithLoggerProvider(printing()),
		instrument.WithActor(func(r *http.Request) activity.Actor {
			user, _ := r.Context().Value(userKey{}).(activity.Actor)
			return user
		}))
	get(h, "/articles/17")
	// Output:
	// Read | GET /articles/{id} | article 17 | alice read article 17
}

// A handler says more about what it does than its route can.
func ExampleFromContext() {
	publish := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		current := instrument.FromContext(r.Context())
		current.SetAction(activity.ActionUpdate, "article.publish")
		current.SetObject(activity.Object{Type: "article", ID: "17"})
		current.SetChange("state", "draft", "public")
		current.SetRemarks("alice published Hello, world")
	})
	get(instrument.NewHandler(publish, "blog", instrument.WithActor(asAlice), instrument.WithLoggerProvider(printing())), "/publish?article=17")
	// Output:
	// Update | article.publish | article 17 | alice published Hello, world
}

// A handler records what an update changed. The tags say what must not be in a row.
func ExampleDiff() {
	type Line struct {
		SKU   string `json:"sku" activity:"id"`
		Count int    `json:"count"`
	}
	type Order struct {
		City     string `json:"city"`
		Lines    []Line `json:"lines"`
		DoorCode string `json:"door_code" activity:"mask"`
		CardHash string `json:"card_hash" activity:"-"`
	}
	before := Order{City: "Bern", Lines: []Line{{"tea", 1}, {"jam", 2}}, DoorCode: "1234", CardHash: "x"}
	after := Order{City: "Basel", Lines: []Line{{"jam", 3}}, DoorCode: "5678", CardHash: "y"}

	changes := instrument.Diff(before, after)
	instrument.FromContext(context.Background()).SetChanges(changes) // in a handler: r.Context()

	for _, field := range slices.Sorted(maps.Keys(changes)) {
		fmt.Println(field, changes[field])
	}
	// Output:
	// city [Bern Basel]
	// door_code [**** ****]
	// lines[sku=jam].count [2 3]
	// lines[sku=tea] [map[count:1 sku:tea] <nil>]
}

// A failed login has no actor, and is recorded as the request's one activity.
func ExampleRecordLoginFailed() {
	login := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		instrument.RecordLoginFailed(r.Context(), "alice@example.com")
		w.WriteHeader(http.StatusUnauthorized)
	})
	get(instrument.NewHandler(login, "blog", instrument.WithLoggerProvider(printing())), "/login")
	// Output:
	// Login Failed | GET /login | session  | alice@example.com failed to log in from 192.0.2.1
}

// A job records its activities one by one.
func ExampleRecorder() {
	otel.SetLoggerProvider(printing()) // a program calls setup.Start
	ctx := context.Background()
	recorder := instrument.NewRecorder()
	recorder.Record(ctx, activity.Activity{
		Actor:      activity.Actor{ID: "cleanup", Type: activity.ActorSystem},
		ActionType: activity.ActionDelete,
		ActionName: "draft.expire",
		Object:     activity.Object{Type: "draft", ID: "3"},
	})
	// Output:
	// Delete | draft.expire | draft 3 | cleanup deleted draft 3
}
