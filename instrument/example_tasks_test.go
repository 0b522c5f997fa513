package instrument_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"

	"go.opentelemetry.io/otel"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

func put(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPut, path, nil))
	return w
}

// A service wraps all of its routes once.
func ExampleNewHandler() {
	otel.SetLoggerProvider(printing()) // a service calls setup.Start
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /articles/{id}", func(http.ResponseWriter, *http.Request) {})
	handler := instrument.NewHandler(mux, "shop", instrument.WithActor(asAlice))
	put(handler, "/articles/17")
	// Output:
	// Update | PUT /articles/{id} | article 17 | alice updated article 17
}

// A middleware stands between NewHandler and the router, and makes a new context. CaptureRoute
// is inside it.
func ExampleCaptureRoute() {
	otel.SetLoggerProvider(printing())
	authenticate := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			user := activity.Actor{ID: "1", Name: "alice"} // from the session
			ctx := activity.ContextWithActor(r.Context(), user)
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /articles/{id}", func(http.ResponseWriter, *http.Request) {})
	handler := instrument.NewHandler(authenticate(instrument.CaptureRoute(mux)), "shop")
	put(handler, "/articles/17")
	// Output:
	// Update | PUT /articles/{id} | article 17 | alice updated article 17
}

// The handler itself knows who it was.
func ExampleCurrent_SetActor_handler() {
	otel.SetLoggerProvider(printing())
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /articles/{id}", func(_ http.ResponseWriter, r *http.Request) {
		user := activity.Actor{ID: "1", Name: "alice"} // from a token in the body
		instrument.FromContext(r.Context()).SetActor(user)
	})
	put(instrument.NewHandler(mux, "shop"), "/articles/17")
	// Output:
	// Update | PUT /articles/{id} | article 17 | alice updated article 17
}

// A proxy in front of the service authenticates the user, and names them in a header. It must
// replace the header if a client sends it.
func ExampleWithActor_proxy() {
	otel.SetLoggerProvider(printing())
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /articles/{id}", func(http.ResponseWriter, *http.Request) {})
	byProxy := func(r *http.Request) activity.Actor {
		name := r.Header.Get("X-Forwarded-User")
		return activity.Actor{ID: name, Name: name}
	}
	handler := instrument.NewHandler(mux, "shop", instrument.WithActor(byProxy))

	r := httptest.NewRequest(http.MethodPut, "/articles/17", nil)
	r.Header.Set("X-Forwarded-User", "alice")
	handler.ServeHTTP(httptest.NewRecorder(), r)
	// Output:
	// Update | PUT /articles/{id} | article 17 | alice updated article 17
}

// An API gateway has checked a JSON web token, and passes on what the token claims. It must
// replace the header if a client sends it.
func ExampleWithActor_gateway() {
	otel.SetLoggerProvider(printing())
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /articles/{id}", func(http.ResponseWriter, *http.Request) {})
	byGateway := func(r *http.Request) activity.Actor {
		var claims struct{ Sub, Name string }
		payload, _ := base64.RawURLEncoding.DecodeString(r.Header.Get("X-Jwt-Payload"))
		_ = json.Unmarshal(payload, &claims)
		return activity.Actor{ID: claims.Sub, Name: claims.Name}
	}
	handler := instrument.NewHandler(mux, "shop", instrument.WithActor(byGateway))

	r := httptest.NewRequest(http.MethodPut, "/articles/17", nil)
	r.Header.Set("X-Jwt-Payload", base64.RawURLEncoding.EncodeToString([]byte(`{"sub": "1", "name": "alice"}`)))
	handler.ServeHTTP(httptest.NewRecorder(), r)
	// Output:
	// Update | PUT /articles/{id} | article 17 | alice updated article 17
}

// Nobody logs in to this service.
func ExampleWithAnonymous() {
	otel.SetLoggerProvider(printing())
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /articles/{id}", func(http.ResponseWriter, *http.Request) {})
	put(instrument.NewHandler(mux, "shop", instrument.WithAnonymous()), "/articles/17")
	// Output:
	// Update | PUT /articles/{id} | article 17 | anonymous updated article 17
}

// A login is one activity, whatever its outcome.
func ExampleRecordLogin() {
	otel.SetLoggerProvider(printing())
	accounts := map[string]activity.Actor{"alice": {ID: "1", Name: "alice"}}
	login := func(w http.ResponseWriter, r *http.Request) {
		name := r.FormValue("name")
		user, ok := accounts[name] // and the password
		if !ok {
			instrument.RecordLoginFailed(r.Context(), name) // the name that was entered
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		instrument.RecordLogin(r.Context(), user)
	}
	handler := instrument.NewHandler(http.HandlerFunc(login), "shop")
	get(handler, "/login?name=alice")
	get(handler, "/login?name=mallory")
	// Output:
	// Login | GET /login | session  | alice logged in from 192.0.2.1
	// Login Failed | GET /login | session  | mallory failed to log in from 192.0.2.1
}

// The activity has the outcome of the function.
func ExampleRecorder_Do() {
	otel.SetLoggerProvider(printing())
	ctx := context.Background()
	recorder := instrument.NewRecorder()
	err := recorder.Do(ctx, activity.Activity{
		Actor:      activity.Actor{ID: "nightly", Type: activity.ActorSystem},
		ActionType: activity.ActionDelete,
		ActionName: "draft.expire",
		Object:     activity.Object{Type: "draft"},
	}, func(context.Context) error {
		return errors.New("the database is read-only") // what the job does
	})
	fmt.Println(err)
	// Output:
	// Delete | draft.expire | draft  | nightly failed to delete draft
	// the database is read-only
}

// A request puts a job into a channel, and a worker runs it later. The activity of the job
// names who asked for it.
func ExampleOrigin() {
	otel.SetLoggerProvider(printing())
	type job struct {
		Report string
		Origin instrument.Origin
	}
	jobs := make(chan job, 100)
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /reports/{id}", func(w http.ResponseWriter, r *http.Request) {
		jobs <- job{Report: r.PathValue("id"), Origin: instrument.OriginOf(r.Context())}
		w.WriteHeader(http.StatusAccepted)
	})
	handler := instrument.NewHandler(mux, "reports", instrument.WithActor(asAlice))
	put(handler, "/reports/17")
	close(jobs)

	recorder := instrument.NewRecorder()
	work := func(ctx context.Context, j job) error {
		ctx, span := j.Origin.Start(ctx, otel.Tracer("reports"), "make report")
		defer span.End()
		return recorder.Do(ctx, activity.Activity{
			ActionType: activity.ActionCreate,
			ActionName: "report.make",
			Object:     activity.Object{Type: "report", ID: j.Report},
		}, func(context.Context) error {
			return nil // here the report is made
		})
	}
	var workers sync.WaitGroup
	workers.Go(func() {
		for j := range jobs {
			if err := work(context.Background(), j); err != nil {
				log.Print(err)
			}
		}
	})
	workers.Wait()
	// Output:
	// Update | PUT /reports/{id} | report 17 | alice updated report 17
	// Create | report.make | report 17 | alice created report 17
}

// A shop knows its users. The stock does not, but it knows the key of the shop.
func ExampleBaggage() {
	otel.SetLoggerProvider(printing())
	key := []byte("32 random bytes of your secrets.")

	stockMux := http.NewServeMux()
	stockMux.HandleFunc("PUT /reservations/{id}", func(http.ResponseWriter, *http.Request) {})
	handler := instrument.NewHandler(stockMux, "stock", instrument.WithBaggage(instrument.Baggage{Key: key}))
	stock := httptest.NewServer(handler)
	defer stock.Close()

	client := &http.Client{Transport: instrument.Baggage{Key: key}.Transport(nil)}
	shopMux := http.NewServeMux()
	shopMux.HandleFunc("PUT /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		out, err := http.NewRequestWithContext(r.Context(), http.MethodPut, stock.URL+"/reservations/17", nil)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		res, err := client.Do(out)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		_ = res.Body.Close()
	})
	put(instrument.NewHandler(shopMux, "shop", instrument.WithActor(asAlice)), "/orders/3")
	// Output:
	// Update | PUT /reservations/{id} | reservation 17 | alice updated reservation 17
	// Update | PUT /orders/{id} | order 3 | alice updated order 3
}

// This logger provider has no spool on disk, so nothing of these types can be promised: the
// client gets 503. Other requests are answered.
func ExampleWithStrict() {
	otel.SetLoggerProvider(printing())
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) {})) // an operator wants to see it
	mux := http.NewServeMux()
	mux.HandleFunc("/articles/{id}", func(http.ResponseWriter, *http.Request) {})
	handler := instrument.NewHandler(mux, "shop", instrument.WithActor(asAlice), instrument.WithRemarks("-"),
		instrument.WithStrict(activity.ActionCreate, activity.ActionUpdate, activity.ActionDelete))
	fmt.Println(put(handler, "/articles/17").Code)
	get(handler, "/articles/17")
	// Output:
	// Update | PUT /articles/{id} | article 17 | -
	// 503
	// Read | GET /articles/{id} | article 17 | -
}

// SetChanges records all that Diff has found. The data has the old and the new value.
func ExampleCurrent_SetChanges() {
	type Article struct {
		Title string   `json:"title"`
		Tags  []string `json:"tags"`
	}
	stored := Article{Title: "Down", Tags: []string{"rabbits"}}
	update := func(_ http.ResponseWriter, r *http.Request) {
		article := &stored // from the database
		old := *article    // a copy from before the update
		article.Title = "Up"
		instrument.FromContext(r.Context()).SetChanges(instrument.Diff(old, *article))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /articles/{id}", update)
	otel.SetLoggerProvider(printingData())
	put(instrument.NewHandler(mux, "blog", instrument.WithActor(asAlice)), "/articles/17")
	// Output:
	// {"changes":{"title":["Down","Up"]}}
}

// The actor may be in the context. All that is recorded with it is theirs.
func ExampleRecorder_Record() {
	otel.SetLoggerProvider(printing())
	ctx := context.Background()
	ctx = activity.ContextWithActor(ctx, activity.Actor{ID: "1", Name: "alice"})
	instrument.NewRecorder().Record(ctx, activity.Activity{
		ActionType: activity.ActionUpdate,
		ActionName: "invoice.approve",
		Object:     activity.Object{Type: "invoice", ID: "9"},
	})
	// Output:
	// Update | invoice.approve | invoice 9 | alice updated invoice 9
}

// A request that deletes several objects records an activity for each. The actor is that of the
// request.
func ExampleRecorder_Record_severalObjects() {
	otel.SetLoggerProvider(printing())
	recorder := instrument.NewRecorder()
	clean := func(_ http.ResponseWriter, r *http.Request) {
		for _, id := range []string{"17", "18"} {
			recorder.Record(r.Context(), activity.Activity{
				ActionType: activity.ActionDelete,
				Object:     activity.Object{Type: "article", ID: id},
			})
		}
		instrument.FromContext(r.Context()).Skip() // the request itself needs no row
	}
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /articles", clean)
	put(instrument.NewHandler(mux, "blog", instrument.WithActor(asAlice)), "/articles")
	// Output:
	// Delete |  | article 17 | alice deleted article 17
	// Delete |  | article 18 | alice deleted article 18
}

// Customer has fields that must not be in a row.
type Customer struct {
	Name      string    `json:"name"`
	Email     string    `json:"email" activity:"hash"`
	Password  []byte    `json:"password" activity:"mask"`
	Note      string    `json:"note" activity:"-"`
	Addresses []Address `json:"addresses"`
}

// Address is one of a customer's.
type Address struct {
	ID   int    `json:"id" activity:"id"`
	City string `json:"city"`
}

// Tags say what must not be in a row.
func ExampleDiff_secrets() {
	old := Customer{Email: "test", Password: []byte("a"), Note: "a", Addresses: []Address{{3, "Bern"}}}
	updated := Customer{Email: "alice", Password: []byte("b"), Note: "b", Addresses: []Address{{3, "Basel"}}}
	changes := instrument.Diff(old, updated)
	for _, path := range slices.Sorted(maps.Keys(changes)) {
		fmt.Println(path, changes[path])
	}
	// Output:
	// addresses[id=3].city [Bern Basel]
	// email [sha256:9f86d081884c7d65 sha256:2bd806c97f0e00af]
	// password [**** ****]
}
