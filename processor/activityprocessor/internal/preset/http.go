package preset

import (
	"cmp"
	"path"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

func isHTTP(r *record.Record) bool { return r.Request.Method != "" }

// ofHTTP is the preset http_server: a SERVER span of an HTTP request.
func ofHTTP(span *record.Record) Derivation {
	r := &span.Request
	if r.Route == nil {
		r.SetRoute(record.RouteInName(span.Span.Name(), r.Method, r.Path))
	}
	status, exception := span.Status, ""
	if r.Code == 0 && status == ptrace.StatusCodeUnset {
		status, exception = escaped(span.Span.Events())
	}
	d := Derivation{
		Name:    nameOf(r),
		Object:  objectOf(r),
		Call:    callOf(r),
		Refused: r.Code == 401 || r.Code == 403,
	}
	d.Action, _ = activity.ActionTypeFromMethod(r.Method)
	d.Status = record.Outcome(d.Action, r.Code, status)
	switch {
	case d.Status != activity.StatusFailed:
	case r.Code != 0:
		d.Error = strconv.Itoa(r.Code)
	default:
		d.Error = exception
	}
	return d
}

// escaped returns the status of a request that got no response. When an exception
// has left the handler, not every instrumentation sets the span status. The type of
// the exception is the type of the error.
func escaped(events ptrace.SpanEventSlice) (status ptrace.StatusCode, exception string) {
	for _, event := range events.All() {
		if event.Name() != "exception" {
			continue
		}
		if kind, ok := event.Attributes().Get("exception.type"); ok {
			exception = record.Text(kind)
		}
		return ptrace.StatusCodeError, exception
	}
	return ptrace.StatusCodeUnset, ""
}

// nameOf returns what was called: method and route.
func nameOf(r *record.Request) string {
	if r.Route == nil {
		return record.JoinWords(r.Method, r.Path)
	}
	return r.Route.Call(r.Method)
}

// objectOf returns what the request was about. Rails takes a format from the end of
// the path: "/articles/17.json" is article 17.
func objectOf(r *record.Request) activity.Object {
	switch {
	case r.Route == nil:
		return record.ObjectOf(record.NoRoute, r.Path)
	case r.Route.Formatted:
		return record.ObjectOf(r.Route, strings.TrimSuffix(r.Path, path.Ext(r.Path)))
	}
	return record.ObjectOf(r.Route, r.Path)
}

// callOf returns what was requested. The route is left out when it is the same as
// the path.
func callOf(r *record.Request) Call {
	route := r.Template()
	if r.Path != "" && route != "" && route != r.Path {
		return Call{r.Method, r.Path, route}
	}
	return Call{Verb: r.Method, Target: cmp.Or(r.Path, route)}
}
