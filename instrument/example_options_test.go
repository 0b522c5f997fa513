package instrument_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// A service that has an otelhttp handler already keeps it, and puts the middleware
// inside.
func ExampleNewMiddleware() {
	mux := http.NewServeMux()
	mux.HandleFunc("DELETE /articles/{id}", func(http.ResponseWriter, *http.Request) {})
	record := instrument.NewMiddleware(instrument.WithActor(asAlice), instrument.WithLoggerProvider(printing()),
		instrument.WithRemarks("-"))
	h := otelhttp.NewHandler(record(mux), "blog")
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodDelete, "/articles/17", nil))
	// Output:
	// Delete | DELETE /articles/{id} | article 17 | -
}

// The route names no object: the document is what people call it, and its id is a
// path.
func ExampleWithRoute() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /raw/{path...}", func(http.ResponseWriter, *http.Request) {})
	h := instrument.NewHandler(mux, "files", instrument.WithActor(asAlice), instrument.WithLoggerProvider(printing()),
		instrument.WithRoute("/raw/{path...}", instrument.Route{Object: "document", ID: "path"}), instrument.WithRemarks("-"))
	get(h, "/raw/2026/report.pdf")
	// Output:
	// Read | GET /raw/{path...} | document 2026/report.pdf | -
}

// The verb in the route is one that nobody else has.
func ExampleWithRoute_action() {
	otel.SetLoggerProvider(printing()) // a service calls setup.Start
	mux := http.NewServeMux()
	mux.HandleFunc("POST /feed/{id}/unlove", func(http.ResponseWriter, *http.Request) {})
	unlove := instrument.WithRoute("POST /feed/{id}/unlove", instrument.Route{
		Action: activity.ActionDelete, Name: "feed.unlove", Object: "feed", ID: "id",
	})
	handler := instrument.NewHandler(mux, "shop", instrument.WithActor(asAlice), unlove)
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/feed/3/unlove", nil))
	// Output:
	// Delete | feed.unlove | feed 3 | alice deleted feed 3
}

// The admin pages are not recorded, and neither are static files, which needs no option.
func ExampleWithFilter() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /articles/{id}", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /static/{file}", func(http.ResponseWriter, *http.Request) {})
	h := instrument.NewHandler(mux, "blog", instrument.WithActor(asAlice), instrument.WithLoggerProvider(printing()),
		instrument.WithFilter(func(r *http.Request) bool {
			return !strings.HasPrefix(r.URL.Path, "/admin/")
		}), instrument.WithRemarks("-"))
	get(h, "/admin/articles/17")
	get(h, "/static/style.css")
	get(h, "/articles/17")
	// Output:
	// Read | GET /articles/{id} | article 17 | -
}

// The old and the new value of each field are in the column data.
func ExampleCurrent_SetChange() {
	mux := http.NewServeMux()
	mux.HandleFunc("PATCH /articles/{id}", func(_ http.ResponseWriter, r *http.Request) {
		current := instrument.FromContext(r.Context())
		current.SetChange("title", "Hello", "Hello, world")
		current.SetChange("public", false, true)
		current.SetChange("author", "alice", "alice") // no change
	})
	h := instrument.NewHandler(mux, "blog", instrument.WithActor(asAlice), instrument.WithLoggerProvider(printingData()))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPatch, "/articles/17", nil))
	// Output:
	// {"changes":{"public":[false,true],"title":["Hello","Hello, world"]}}
}

// printingData stands for the logger provider that a service sets up.
func printingData() log.LoggerProvider {
	return sdklog.NewLoggerProvider(sdklog.WithProcessor(dataPrinter{}))
}

// dataPrinter prints the data of each activity.
type dataPrinter struct{ printer }

func (dataPrinter) OnEmit(_ context.Context, r *sdklog.Record) error {
	fmt.Println(recordMap(r)[activity.DataKey])
	return nil
}
