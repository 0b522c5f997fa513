package activityprocessor

import (
	"cmp"
	"strconv"

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
		actionType, ok := activity.ActionTypeFromMethod(cmp.Or(req.method, req.oldMethod))
		if !ok || !req.identify(cfg) {
			return activity.Activity{}, false
		}
		return req.activity(actionType, span.Status().Code()), true
	}
}

// request is what the rule wants to know of an HTTP server span. The fields
// that begin with old hold attributes that newer conventions have renamed.
type request struct {
	method, oldMethod string
	route             string
	path, oldTarget   string
	code              int // 0: the span has none
	errorType         string

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
			r.route = cleanRoute(text(v))
		case "url.path":
			r.path = cleanPath(text(v))
		case "http.target":
			r.oldTarget = cleanPath(text(v))
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
	r.path = cmp.Or(r.path, r.oldTarget)
	return r
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
	method := cmp.Or(r.method, r.oldMethod)
	a := activity.Activity{
		Actor:         r.actor,
		ActionType:    t,
		ActionName:    join(method, cmp.Or(r.route, r.path)),
		Status:        outcome(t, r.code, spanStatus),
		ClientAddress: cmp.Or(r.client, r.oldClient, r.peer, r.oldPeer),
		UserAgent:     cmp.Or(r.agent, r.oldAgent),
	}
	if !r.hasObject {
		a.Object = objectOf(r.route, r.path)
	}
	if a.Status == activity.Failed && r.errorType == "" && r.code != 0 {
		a.ErrorType = strconv.Itoa(r.code)
	}
	a.Remarks = r.remarks(&a, method)
	return a
}

// remarks returns the sentence for people: "alice: Update article 17 failed,
// PUT /articles/17 (/articles/{id})". The route is left out when it says what
// the path says.
func (r *request) remarks(a *activity.Activity, method string) string {
	call := join(method, cmp.Or(r.path, r.route))
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
