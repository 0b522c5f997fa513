package instrument

import (
	"maps"
	"net/http"
	"net/netip"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/trace"

	"github.com/otelactivity/activitylog/activity"
)

// Option changes what [NewMiddleware], [NewHandler] or [NewRecorder] does. Only
// the With… functions of this package make one.
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

// WithActionTypes maps request methods to action types, over the defaults of
// [activity.ActionTypeFromMethod] and earlier WithActionTypes. The type ""
// leaves requests of that method untracked; other methods than the defaults
// (OPTIONS, PURGE) are tracked once they have a type. Methods are
// case-sensitive.
func WithActionTypes(types map[string]activity.ActionType) Option {
	return optionFunc(func(c *config) {
		if c.actionTypes == nil {
			c.actionTypes = make(map[string]activity.ActionType, len(types))
		}
		maps.Copy(c.actionTypes, types)
	})
}

// WithActor says how to find a request's actor, for services that keep the
// user in the request's context. actor is asked once for each tracked request
// that [Current.SetActor] set no actor for, after the handler returned. It gets
// the innermost request known (see [CaptureRoute]), whose context holds what
// authentication put there, and returns the zero Actor for nobody. By default
// only SetActor sets the actor.
func WithActor(actor func(*http.Request) activity.Actor) Option {
	return optionFunc(func(c *config) { c.actor = actor })
}

// WithAnonymous records requests without an actor too, with an actor of type
// [activity.ActorAnonymous]. By default they are not recorded. Failed logins
// are recorded with or without it (see [RecordLoginFailed]).
func WithAnonymous() Option {
	return optionFunc(func(c *config) { c.anonymous = true })
}

// WithAnonymousFailures records requests without an actor that are answered
// with 401 (Unauthorized) or 403 (Forbidden), with an actor of type
// [activity.ActorAnonymous]. By default they are not recorded.
func WithAnonymousFailures() Option {
	return optionFunc(func(c *config) { c.anonymousFailures = true })
}

// WithRemarks sets the remarks of each activity to a fixed text. By default
// they are the sentence of [activity.Activity.DefaultRemarks]: "alice updated
// article 17". What [WithRemarksFunc] returns and [Current.SetRemarks] sets
// comes first.
func WithRemarks(remarks string) Option {
	return optionFunc(func(c *config) { c.remarks = remarks })
}

// WithRemarksFunc says how to word the remarks of a request's activity. remarks
// is called after the handler has returned; it gets the innermost request known (see
// [CaptureRoute]) and the finished activity, which it must not change. "" stands for
// the default. [Current.SetRemarks] comes first.
func WithRemarksFunc(remarks func(*http.Request, *activity.Activity) string) Option {
	return optionFunc(func(c *config) { c.remarksFunc = remarks })
}

// WithObject says what requests act on: objects of the given type, whose id is
// what the wildcard of the pattern matches. The pattern is one of
// [http.ServeMux], matched against the request as it first came in:
//
//	WithObject("/api/articles/{id}", "article", "id")
//	WithObject("GET /api/articles", "article", "") // no id
//
// The most specific pattern wins, as in a ServeMux. By default, and when no
// pattern matches, the object follows from the route (see the package
// documentation). [Current.SetObject] comes first. WithObject panics if the
// pattern is invalid or lacks the wildcard; [NewMiddleware] and [NewHandler]
// panic if it conflicts with another one, as ServeMux does.
func WithObject(pattern, objectType, wildcard string) Option {
	checkObjectRule(pattern, wildcard)
	return optionFunc(func(c *config) {
		if c.objects == nil {
			c.objects = newObjectRules()
		}
		c.objects.add(pattern, objectType, wildcard)
	})
}

// WithFilter adds a filter. A request for which one returns false is passed on
// as if there were no middleware: it is not tracked and has no [Current]. The
// request keeps its span, which [otelhttp.WithFilter] would take away.
func WithFilter(filter func(*http.Request) bool) Option {
	return optionFunc(func(c *config) { c.filters = append(c.filters, filter) })
}

// WithTrustedProxies says which peers are proxies whose X-Forwarded-For header
// is believed. The client address is then the rightmost address in the header
// that is not itself within a prefix. By default there are none, the header is
// never read, and the client address is the peer's: anyone can send the header.
func WithTrustedProxies(prefixes ...netip.Prefix) Option {
	return optionFunc(func(c *config) { c.trusted = c.trusted.with(prefixes) })
}

// WithDisabled turns recording off, for the service's own tests: no log
// record, no attributes on the span. Handlers get a [Current] all the same.
func WithDisabled() Option {
	return optionFunc(func(c *config) { c.disabled = true })
}

// WithLoggerProvider sets the provider of the logger that emits the records.
// By default it is the global one, also when that is set only later.
func WithLoggerProvider(provider log.LoggerProvider) Option {
	return optionFunc(func(c *config) { c.loggerProvider = provider })
}

// WithTracerProvider sets the provider of the tracer that [NewHandler] starts
// spans with; nothing else uses it. By default it is the global one, also when
// that is set only later.
func WithTracerProvider(provider trace.TracerProvider) Option {
	return optionFunc(func(c *config) { c.tracerProvider = provider })
}

// WithOTelHTTPOptions adds options for the otelhttp handler of [NewHandler];
// nothing else uses them.
func WithOTelHTTPOptions(opts ...otelhttp.Option) Option {
	return optionFunc(func(c *config) { c.otelHTTP = append(c.otelHTTP, opts...) })
}
