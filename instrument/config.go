package instrument

import (
	"net/http"
	"sync"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/log"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/activity/route"
)

// config is the result of the options. It does not change after newConfig, so
// requests share it without a lock.
type config struct {
	actionTypes       map[string]activity.ActionType // nil: the defaults
	actor             func(*http.Request) activity.Actor
	anonymous         bool
	anonymousFailures bool
	withoutReads      bool
	remarks           string
	remarksFunc       func(*http.Request, *activity.Activity) string
	rules             *routeRules // nil: no rules
	filters           []func(*http.Request) bool
	trusted           activity.Proxies
	forwarded         string // the header that trusted proxies write
	disabled          bool
	baggage           *Baggage              // nil: none counts
	strict            []activity.ActionType // empty: none
	copies            bool                  // texts of handlers, see CopyText
	callObject        func(procedure string, request any) activity.Object

	loggerProvider log.LoggerProvider
	tracerProvider trace.TracerProvider
	otelHTTP       []otelhttp.Option

	logger log.Logger
	routes route.Cache
	refuse sync.Once // a framework that makes the middleware useless
	actors actors

	refused refused // by WithStrict
}

// newConfig applies the options. It gets the logger once: a logger of the global
// provider delegates to the first provider that is set, so a service may set it after
// it has built its handlers.
func newConfig(opts []Option) *config {
	c := &config{forwarded: forwardedFor}
	for _, opt := range opts {
		opt.apply(c)
	}
	if c.loggerProvider == nil {
		c.loggerProvider = otel.GetLoggerProvider()
	}
	c.logger = c.loggerProvider.Logger(ScopeName,
		log.WithInstrumentationVersion(Version), log.WithSchemaURL(semconv.SchemaURL))
	return c
}

// filtered reports whether a filter rejects the request.
func (c *config) filtered(r *http.Request) bool {
	for _, pass := range c.filters {
		if !passes(pass, r) {
			return true
		}
	}
	return false
}

// otelHTTPOptions returns the options of the otelhttp handler around ours.
func (c *config) otelHTTPOptions() []otelhttp.Option {
	if c.tracerProvider == nil {
		return c.otelHTTP
	}
	return append([]otelhttp.Option{otelhttp.WithTracerProvider(c.tracerProvider)}, c.otelHTTP...)
}
