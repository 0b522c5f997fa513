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

// WithActionTypes maps request methods to action types. It overrides the defaults of
// [activity.ActionTypeFromMethod] and earlier WithActionTypes. With the type "",
// requests of that method are not tracked. Other methods, such as OPTIONS and PURGE,
// are tracked if they have a type. Methods are case-sensitive.
func WithActionTypes(types map[string]activity.ActionType) Option {
	return optionFunc(func(c *config) {
		if c.actionTypes == nil {
			c.actionTypes = make(map[string]activity.ActionType, len(types))
		}
		maps.Copy(c.actionTypes, types)
	})
}

// WithActor sets the function that finds a request's actor, for services that keep
// the user in the request's context. actor is called once for each tracked request
// without a [Current.SetActor], after the handler has returned. It gets the innermost
// request known (see [CaptureRoute]), whose context has the values that authentication
// put there. It returns the zero Actor if there is no actor. A request that is answered
// with 401 (Unauthorized) has none: a name in it, such as that of Basic authentication,
// is only claimed. By default the actor is that of SetActor or of
// [activity.ContextWithActor].
func WithActor(actor func(*http.Request) activity.Actor) Option {
	return optionFunc(func(c *config) { c.actor = actor })
}

// WithAnonymous also records requests without an actor, with an actor of type
// [activity.ActorAnonymous]. By default they are not recorded. Failed logins are
// always recorded (see [RecordLoginFailed]).
func WithAnonymous() Option {
	return optionFunc(func(c *config) { c.anonymous = true })
}

// WithAnonymousFailures records requests without an actor that are answered
// with 401 (Unauthorized) or 403 (Forbidden), with an actor of type
// [activity.ActorAnonymous]. By default they are not recorded.
func WithAnonymousFailures() Option {
	return optionFunc(func(c *config) { c.anonymousFailures = true })
}

// WithoutReads leaves out requests that read something and succeed: the action type is
// [activity.ActionRead] and the status [activity.StatusSuccess], whoever said so. Reads
// that failed are recorded. A [Recorder] records what it is given.
func WithoutReads() Option {
	return optionFunc(func(c *config) { c.withoutReads = true })
}

// WithRemarks sets the remarks of each activity to a fixed text. By default
// they are those of [activity.Activity.DefaultRemarks]: "alice updated article 17".
// [WithRemarksFunc] and [Current.SetRemarks] override it.
func WithRemarks(remarks string) Option {
	return optionFunc(func(c *config) { c.remarks = remarks })
}

// WithRemarksFunc sets the function that returns the remarks of a request's activity.
// remarks is called after the handler has returned. It gets the innermost request
// known (see [CaptureRoute]) and the finished activity, which it must not change. If
// it returns "", the default applies. [Current.SetRemarks] overrides it.
func WithRemarksFunc(remarks func(*http.Request, *activity.Activity) string) Option {
	return optionFunc(func(c *config) { c.remarksFunc = remarks })
}

// WithRoute says what requests do that match a pattern, where method, route and path do
// not tell it, or tell it wrongly. The pattern is one of [http.ServeMux], and is matched
// against the request as it was received:
//
//	WithRoute("POST /feed/{id}/remove", Route{Action: activity.ActionDelete, Object: "feed", ID: "id"})
//	WithRoute("/users/{user}/keys/{id}", Route{
//		Object: "key", ID: "id",
//		Parent: &Route{Object: "user", ID: "user"},
//	})
//
// The most specific pattern wins, as in a ServeMux. What the handler sets on its
// [Current] overrides it. WithRoute panics if the pattern is invalid or lacks a
// wildcard. [NewMiddleware] and [NewHandler] panic if it conflicts with another one, as
// ServeMux does.
func WithRoute(pattern string, rt Route) Option {
	checkRoute(pattern, rt)
	return optionFunc(func(c *config) {
		if c.rules == nil {
			c.rules = newRouteRules()
		}
		c.rules.add(pattern, rt)
	})
}

// WithFilter adds a filter. If one returns false, the request is passed on as if there
// were no middleware: it is not tracked and has no [Current]. It still has a span;
// [otelhttp.WithFilter] would remove that, too.
func WithFilter(filter func(*http.Request) bool) Option {
	return optionFunc(func(c *config) { c.filters = append(c.filters, filter) })
}

// WithTrustedProxies sets the proxies whose X-Forwarded-For header is trusted, by
// their addresses. For a request from one of them, the client address is the rightmost
// address in the header that is not within a prefix. By default the header is not
// used, because anyone can send it, and the client address is the peer's.
func WithTrustedProxies(prefixes ...netip.Prefix) Option {
	return optionFunc(func(c *config) { c.trusted = append(c.trusted, activity.NewProxies(prefixes...)...) })
}

// WithForwardedHeader sets the header in which the trusted proxies say who the client
// is, such as "X-Real-IP", "Forwarded" or "CF-Connecting-IP". It has an effect only
// with [WithTrustedProxies]. Your proxies must set the header or remove it from what
// clients send. Default: "X-Forwarded-For".
func WithForwardedHeader(name string) Option {
	return optionFunc(func(c *config) { c.forwarded = http.CanonicalHeaderKey(name) })
}

// WithDisabled turns recording off, for the service's own tests: no log
// record, no attributes on the span. Handlers still get a [Current].
func WithDisabled() Option {
	return optionFunc(func(c *config) { c.disabled = true })
}

// WithLoggerProvider sets the provider of the logger that emits the records.
// By default it is the global one, even if that is set later.
func WithLoggerProvider(provider log.LoggerProvider) Option {
	return optionFunc(func(c *config) { c.loggerProvider = provider })
}

// WithTracerProvider sets the provider of the tracer that [NewHandler] starts
// spans with; nothing else uses it. By default it is the global one, even if that is
// set later.
func WithTracerProvider(provider trace.TracerProvider) Option {
	return optionFunc(func(c *config) { c.tracerProvider = provider })
}

// WithOTelHTTPOptions adds options for the otelhttp handler of [NewHandler];
// nothing else uses them.
func WithOTelHTTPOptions(opts ...otelhttp.Option) Option {
	return optionFunc(func(c *config) { c.otelHTTP = append(c.otelHTTP, opts...) })
}
