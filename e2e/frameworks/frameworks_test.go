// Package frameworks_test runs the middleware of package instrument inside real web
// frameworks, and looks at what it records of requests that a plain router does not
// have.
package frameworks_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// recorder keeps the records of one service, by attribute.
type recorder struct {
	mu      sync.Mutex
	records []map[string]string
}

// OnEmit implements [sdklog.Processor].
func (rec *recorder) OnEmit(_ context.Context, r *sdklog.Record) error {
	record := map[string]string{activity.RemarksKey: r.Body().AsString()}
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		record[string(kv.Key)] = kv.Value.String()
		return true
	})
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.records = append(rec.records, record)
	return nil
}

// Enabled implements [sdklog.Processor].
func (*recorder) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }

// Shutdown implements [sdklog.Processor].
func (*recorder) Shutdown(context.Context) error { return nil }

// ForceFlush implements [sdklog.Processor].
func (*recorder) ForceFlush(context.Context) error { return nil }

// wait returns the records when there are n of them, or after a second.
func (rec *recorder) wait(n int) []map[string]string {
	for range 100 {
		rec.mu.Lock()
		records := slices.Clone(rec.records)
		rec.mu.Unlock()
		if len(records) >= n {
			return records
		}
		time.Sleep(10 * time.Millisecond)
	}
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return slices.Clone(rec.records)
}

func newRecorder(opts ...instrument.Option) (*recorder, []instrument.Option) {
	rec := &recorder{}
	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(rec))
	return rec, append([]instrument.Option{instrument.WithLoggerProvider(provider)}, opts...)
}

func asAlice(*http.Request) activity.Actor { return activity.Actor{ID: "42", Name: "alice"} }

func get(t *testing.T, client *http.Client, method, url string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

// Chi uses its context again for the next request, as soon as it returns. With many
// requests at once, no row may have what belongs to another request.
func TestChiContext(t *testing.T) {
	rec, opts := newRecorder(
		instrument.WithActor(func(r *http.Request) activity.Actor { return activity.Actor{ID: chi.URLParam(r, "user")} }),
		instrument.WithRemarksFunc(func(r *http.Request, a *activity.Activity) string {
			return a.Actor.ID + " " + chi.URLParam(r, "id")
		}))
	router := chi.NewRouter()
	router.Use(instrument.CaptureRoute)
	router.Put("/users/{user}/orders/{id}", func(http.ResponseWriter, *http.Request) {})
	server := httptest.NewServer(instrument.NewHandler(router, "shop", opts...))
	defer server.Close()
	const clients, requests = 8, 250
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			client := server.Client()
			for j := range requests {
				id := string(rune('a'+i)) + strings.Repeat("x", j%7)
				get(t, client, http.MethodPut, server.URL+"/users/"+id+"/orders/"+id)
			}
		})
	}
	wg.Wait()
	records := rec.wait(clients * requests)
	if len(records) != clients*requests {
		t.Fatalf("%d records, want %d", len(records), clients*requests)
	}
	for _, r := range records {
		actor, object := r[activity.ActorIDKey], r[activity.ObjectIDKey]
		if actor == "" || actor != object || r[activity.RemarksKey] != actor+" "+object {
			t.Fatalf("actor %q, object %q, remarks %q are of different requests", actor, object, r[activity.RemarksKey])
		}
	}
}

// Echo answers errors after the middleware has returned.
func TestEchoErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		handler echo.HandlerFunc
		code    int
		want    map[string]string
	}{
		"an answer": {func(c echo.Context) error { return c.NoContent(http.StatusCreated) }, 201,
			map[string]string{activity.StatusKey: "Success", activity.ErrorTypeKey: ""}},
		"no answer": {func(echo.Context) error { return nil }, 200,
			map[string]string{activity.StatusKey: "Success", activity.ErrorTypeKey: ""}},
		"an HTTP error": {func(echo.Context) error { return echo.NewHTTPError(http.StatusConflict, "taken") }, 409,
			map[string]string{activity.StatusKey: "Failed", activity.ErrorTypeKey: "409"}},
		"another error": {func(echo.Context) error { return io.ErrUnexpectedEOF }, 500,
			map[string]string{activity.StatusKey: "Failed", activity.ErrorTypeKey: "500"}},
	} {
		t.Run(name, func(t *testing.T) {
			rec, opts := newRecorder(instrument.WithActor(asAlice))
			e := echo.New()
			e.HideBanner = true
			e.Use(echo.WrapMiddleware(instrument.NewMiddleware(opts...)))
			e.PUT("/articles/:id", tt.handler)
			server := httptest.NewServer(e)
			defer server.Close()
			if code := get(t, server.Client(), http.MethodPut, server.URL+"/articles/17"); code != tt.code {
				t.Errorf("answer %d, want %d", code, tt.code)
			}
			records := rec.wait(1)
			if len(records) != 1 {
				t.Fatalf("%d records, want 1", len(records))
			}
			for key, want := range tt.want {
				if records[0][key] != want {
					t.Errorf("%s = %q, want %q", key, records[0][key], want)
				}
			}
		})
	}
}

// A request that Echo never answers is an activity like any other: options that leave it out do
// so, and what its handler said holds for whatever is recorded later.
func TestEchoWithoutAnswer(t *testing.T) {
	rec, opts := newRecorder(instrument.WithActor(asAlice), instrument.WithoutReads())
	later, laterOpts := newRecorder()
	var ctx context.Context
	e := echo.New()
	e.Use(echo.WrapMiddleware(instrument.NewMiddleware(opts...)))
	handler := func(c echo.Context) error {
		ctx = c.Request().Context()
		instrument.FromContext(ctx).SetActor(activity.Actor{ID: "9", Name: "carol"})
		return nil
	}
	e.GET("/articles/:id", handler)
	e.PUT("/articles/:id", handler)
	server := httptest.NewServer(e)
	defer server.Close()
	get(t, server.Client(), http.MethodGet, server.URL+"/articles/17")
	get(t, server.Client(), http.MethodPut, server.URL+"/articles/17")
	records := rec.wait(2) // of which none is that of the GET
	if len(records) != 1 || records[0][activity.ActionTypeKey] != "Update" || records[0][activity.ActorIDKey] != "9" {
		t.Fatalf("recorded %v, want carol's update alone", records)
	}
	instrument.NewRecorder(laterOpts...).Record(ctx, activity.Activity{ActionType: "Notify"})
	if records := later.wait(1); len(records) != 1 || records[0][activity.ActorIDKey] != "9" {
		t.Errorf("recorded %v later, want an act of carol", records)
	}
}

// Fiber's adaptor runs the handler after the middleware: nothing is recorded, and that
// is reported.
func TestFiberAdaptorIsRefused(t *testing.T) {
	var reported []string
	before := otel.GetErrorHandler()
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { reported = append(reported, err.Error()) }))
	defer otel.SetErrorHandler(before)
	rec, opts := newRecorder(instrument.WithActor(asAlice))
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Use(adaptor.HTTPMiddleware(instrument.NewMiddleware(opts...)))
	app.Put("/articles/:id", func(c *fiber.Ctx) error { return c.SendStatus(http.StatusConflict) })
	resp, err := app.Test(httptest.NewRequest(http.MethodPut, "/articles/17", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusConflict {
		t.Errorf("answer %d, want 409", resp.StatusCode)
	}
	if records := rec.wait(0); len(records) != 0 {
		t.Errorf("recorded %v, though the outcome is not known", records)
	}
	if len(reported) != 1 || !strings.Contains(reported[0], "after the middleware has returned") {
		t.Errorf("reported %q, want one error that says why", reported)
	}
}

// A net/http handler inside Fiber is recorded as anywhere else.
func TestHandlerInsideFiber(t *testing.T) {
	rec, opts := newRecorder(instrument.WithActor(asAlice))
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusConflict) })
	app.Put("/articles/:id", adaptor.HTTPHandler(instrument.NewMiddleware(opts...)(handler)))
	resp, err := app.Test(httptest.NewRequest(http.MethodPut, "/articles/17", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	records := rec.wait(1)
	if len(records) != 1 || records[0][activity.ErrorTypeKey] != "409" {
		t.Errorf("recorded %v, want one activity that failed with 409", records)
	}
}
