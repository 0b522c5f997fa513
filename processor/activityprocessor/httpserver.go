package activityprocessor

import (
	"cmp"
	"path"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// httpServer returns the rule http_server: a SERVER span of an HTTP request,
// by the present semantic conventions or by those before 1.20, is an activity
// of the actor that the span names.
func httpServer(cfg DeriveConfig) rule {
	return func(span ptrace.Span) (activity.Activity, bool) {
		if span.Kind() != ptrace.SpanKindServer {
			return activity.Activity{}, false
		}
		req := readRequest(span.Attributes())
		actionType, ok := activity.ActionTypeFromMethod(req.method)
		if !ok || !req.identify(cfg) {
			return activity.Activity{}, false
		}
		if req.route == "" {
			req.route = routeInName(span.Name(), req.method, req.path)
		}
		status := span.Status().Code()
		if req.code == 0 && status == ptrace.StatusCodeUnset {
			status = req.escaped(span.Events())
		}
		return req.activity(actionType, status), true
	}
}

// request is what the rule wants to know of an HTTP server span. The fields
// that begin with old hold attributes that newer conventions have renamed.
type request struct {
	method, oldMethod string
	route, template   string
	formatted         bool // the route ends with Rails' optional format
	path, oldTarget   string
	url, oldURL       string // as they come: nothing but the path is taken
	code              int    // 0: the span has none
	errorType         string
	exception         string // the type of one that the span status does not tell

	actor             activity.Actor // as the service has set it
	userID, endUserID string
	userName          string
	userEmail         string
	userFullName      string
	hasObject         bool // the service has said what the object is
	client, oldClient string
	peer, oldPeer     string
	agent, oldAgent   string
}

// readRequest reads the attributes in one pass: a span has a few dozen, and
// looking each name up would walk all of them each time.
func readRequest(attrs pcommon.Map) request {
	var r request
	for key, v := range attrs.All() {
		switch key {
		case "http.request.method":
			r.method = text(v)
		case "http.method":
			r.oldMethod = text(v)
		case "http.route":
			r.setRoute(text(v))
		case "url.template": // Phoenix
			r.template = cleanRoute(text(v))
		case "url.path":
			r.path = cleanPath(text(v))
		case "http.target":
			r.oldTarget = cleanPath(text(v))
		case "url.full":
			r.url = text(v)
		case "http.url":
			r.oldURL = text(v)
		case statusCodeKey, oldStatusCodeKey:
			r.code = cmp.Or(statusCode(v), r.code)
		case activity.ErrorTypeKey:
			r.errorType = text(v)
		case activity.ActorIDKey:
			r.actor.ID = text(v)
		case activity.ActorTypeKey:
			r.actor.Type = text(v)
		case activity.ActorNameKey:
			r.actor.Name = text(v)
		case "user.id":
			r.userID = text(v)
		case "enduser.id":
			r.endUserID = text(v)
		case "user.name":
			r.userName = text(v)
		case "user.email":
			r.userEmail = text(v)
		case "user.full_name":
			r.userFullName = text(v)
		case activity.ObjectTypeKey, activity.ObjectIDKey:
			r.hasObject = r.hasObject || text(v) != ""
		case activity.ClientAddressKey:
			r.client = text(v)
		case "http.client_ip":
			r.oldClient = text(v)
		case "network.peer.address":
			r.peer = text(v)
		case "net.sock.peer.addr", "net.peer.ip":
			r.oldPeer = text(v)
		case activity.UserAgentKey:
			r.agent = text(v)
		case "http.user_agent":
			r.oldAgent = text(v)
		}
	}
	r.method = cmp.Or(r.method, r.oldMethod)
	r.route = cmp.Or(r.route, r.template)
	if r.path = cmp.Or(r.path, r.oldTarget); r.path == "" {
		r.path = cleanPath(cmp.Or(r.url, r.oldURL))
	}
	return r
}

// setRoute takes the route as the instrumentation gives it.
func (r *request) setRoute(route string) {
	r.route = cleanRoute(route)
	r.formatted = strings.HasSuffix(route, railsFormat)
}

// escaped returns the status of a request that got no response. When an
// exception has left the handler, not every instrumentation says so in the span
// status; the exception's type becomes the error's, unless there is one.
func (r *request) escaped(events ptrace.SpanEventSlice) ptrace.StatusCode {
	for _, event := range events.All() {
		if event.Name() != "exception" {
			continue
		}
		if kind, ok := event.Attributes().Get("exception.type"); ok {
			r.exception = text(kind)
		}
		return ptrace.StatusCodeError
	}
	return ptrace.StatusCodeUnset
}

// identify completes r.actor, and reports whether an activity is to be made
// of the request, which for nobody's request is a matter of configuration.
func (r *request) identify(cfg DeriveConfig) bool {
	r.actor.ID = cmp.Or(r.actor.ID, r.userID, r.endUserID)
	if r.actor.ID != "" {
		r.actor.Name = cmp.Or(r.actor.Name, r.userName, r.userEmail, r.userFullName)
		return true
	}
	if r.actor.Type != "" && r.actor.Type != activity.ActorAnonymous {
		return true // "system" needs no id
	}
	r.actor.Type = activity.ActorAnonymous
	refused := r.code == 401 || r.code == 403
	return cfg.Anonymous || cfg.AnonymousFailures && refused
}

// activity returns the request as an activity of type t.
func (r *request) activity(t activity.ActionType, spanStatus ptrace.StatusCode) activity.Activity {
	a := activity.Activity{
		Actor:         r.actor,
		ActionType:    t,
		ActionName:    join(r.method, cmp.Or(r.route, r.path)),
		Status:        outcome(t, r.code, spanStatus),
		ClientAddress: cmp.Or(r.client, r.oldClient, r.peer, r.oldPeer),
		UserAgent:     cmp.Or(r.agent, r.oldAgent),
	}
	if !r.hasObject {
		a.Object = objectOf(r.route, r.objectPath())
	}
	switch {
	case a.Status != activity.Failed || r.errorType != "":
	case r.code != 0:
		a.ErrorType = strconv.Itoa(r.code)
	default:
		a.ErrorType = r.exception
	}
	a.Remarks = r.remarks(&a)
	return a
}

// objectPath is the path without the format that Rails takes from its end:
// "/articles/17.json" is article 17.
func (r *request) objectPath() string {
	if !r.formatted {
		return r.path
	}
	return strings.TrimSuffix(r.path, path.Ext(r.path))
}

// remarks returns the sentence for people: "alice: Update article 17 failed,
// PUT /articles/17 (/articles/{id})". The route is left out when it says what
// the path says.
func (r *request) remarks(a *activity.Activity) string {
	call := join(r.method, cmp.Or(r.path, r.route))
	if r.path != "" && r.route != "" && r.route != r.path {
		call += " (" + r.route + ")"
	}
	return a.DefaultRemarks() + ", " + call
}

func join(method, target string) string {
	if target == "" {
		return method
	}
	return method + " " + target
}
