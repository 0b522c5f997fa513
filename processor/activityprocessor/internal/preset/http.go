package preset

import (
	"strconv"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/activity/route"
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
	act := r.Act()
	if span.Inner != nil && (r.Route == nil || act.Guessed) {
		act = byInner(r, act, span.Inner)
	}
	d := Derivation{
		Action:  act.Type,
		Name:    act.Name,
		Object:  act.Object,
		Guessed: act.Guessed,
		Session: act.Session,
		Denied:  r.Code == 401 || r.Code == 403 || act.Session.IsAnswer(r.Code),
	}
	if d.Session != route.NoSession {
		d.Action = d.Session.ActionType(r.Code, span.Actor().ID != "")
	}
	d.Status = record.Outcome(d.Action, r.Code, status)
	if code := innerFailure(span.Inner); code != "" && d.Status != activity.StatusFailed {
		d.Status, d.Error, d.Denied = activity.StatusFailed, code, isDenied(code)
		return d
	}
	switch {
	case d.Status != activity.StatusFailed:
	case r.Code != 0:
		d.Error = strconv.Itoa(r.Code)
	default:
		d.Error = exception
	}
	return d
}

// byInner returns the act by the route that an inner span of the same request knows, if
// that says more.
func byInner(r *record.Request, act route.Act, inner *record.Facts) route.Act {
	own := r.Route
	if r.Route = inner.Request.Route; r.Route != nil {
		if better := r.Act(); !better.Guessed {
			return better
		}
	}
	r.Route = own
	return act
}

// innerFailure returns the code of a remote procedure call inside the request that
// failed, "" if there is none: gRPC and Connect answer many failures with 200.
func innerFailure(inner *record.Facts) string {
	if inner == nil || inner.RPC.Method == "" {
		return ""
	}
	if code := codeOf(&inner.RPC); code != "OK" {
		return code
	}
	return ""
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
