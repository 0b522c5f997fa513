package adaptertest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"go.opentelemetry.io/otel"

	"github.com/otelactivity/activitylog/instrument/activitytest"
)

// Print keeps the activities of an example, which takes the global logger provider as services
// do. The function that it returns prints them.
func Print() (done func()) {
	rec := activitytest.NewRecorder()
	otel.SetLoggerProvider(rec.LoggerProvider())
	return func() {
		for _, a := range rec.Activities() {
			fmt.Printf("%s | %s\n", a.ActionName, a.DefaultRemarks())
		}
	}
}

// Put sends a request to change an article.
func Put(h http.Handler) {
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(context.Background(), http.MethodPut, "/articles/17", nil))
}
