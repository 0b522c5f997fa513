package activityprocessor

import (
	"cmp"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// facts are what rules and presets want to know of a span or a log record. The
// fields that begin with old hold attributes that newer conventions have renamed.
type facts struct {
	kind    ptrace.SpanKind
	status  ptrace.StatusCode
	service string
	body    bool // a log record has one, which is its remarks

	own    values // what the service has said of its activity
	untidy bool   // own has other text than the attributes

	carriesID bool // an attribute is, or may be, the activity's id

	user    user
	request request
	rpc     rpc
	graphql graphql
	db      database

	oldClient, peer, oldPeer string
	oldAgent                 string

	preset *preset // that knows the span, if any
	made   made    // by it
}

// user is who the span says is the user, in the attributes of OpenTelemetry.
type user struct {
	id, enduserID, name, email, fullName string
}

// read reads the attributes in one pass: a span has a few dozen, and looking
// each name up would walk all of them each time.
func (f *facts) read(attrs pcommon.Map) {
	for key, v := range attrs.All() {
		switch {
		case strings.HasPrefix(key, "activity."):
			f.readOwn(key, v)
		case strings.HasPrefix(key, "http.") || strings.HasPrefix(key, "url."):
			f.readHTTP(key, v)
		case strings.HasPrefix(key, "rpc."):
			f.readRPC(key, v)
		case strings.HasPrefix(key, "db."):
			f.readDB(key, v)
		default:
			f.readOther(key, v)
		}
	}
	f.request.complete()
}

// readOwn reads what only an activity has.
func (f *facts) readOwn(key string, v pcommon.Value) {
	for i, name := range fieldKeys[:clientAddress] {
		if name == key {
			f.ownText(field(i), v)
			return
		}
	}
	if key == activity.IDKey {
		f.carriesID = true
	}
}

func (f *facts) ownText(i field, v pcommon.Value) {
	f.own[i] = text(v)
	if v.Type() != pcommon.ValueTypeStr || f.own[i] != v.Str() || f.own[i] == "" {
		f.untidy = true
	}
}

func (f *facts) readOther(key string, v pcommon.Value) {
	switch key {
	case activity.LogRecordUIDKey:
		f.carriesID = true
	case activity.ErrorTypeKey:
		f.ownText(errorType, v)
	case activity.ClientAddressKey:
		f.ownText(clientAddress, v)
	case activity.UserAgentKey:
		f.ownText(userAgent, v)
	case activity.SessionIDKey:
		f.ownText(session, v)
	case "user.id":
		f.user.id = text(v)
	case "enduser.id":
		f.user.enduserID = text(v)
	case "user.name":
		f.user.name = text(v)
	case "user.email":
		f.user.email = text(v)
	case "user.full_name":
		f.user.fullName = text(v)
	case "network.peer.address":
		f.peer = text(v)
	case "net.sock.peer.addr", "net.peer.ip":
		f.oldPeer = text(v)
	case "graphql.operation.type":
		f.graphql.kind = text(v)
	case "graphql.operation.name":
		f.graphql.name = text(v)
	}
}

// actor returns who acts, as far as the service says it: a name alone is nobody,
// since it may be what somebody claimed who could not log in.
func (f *facts) actor() activity.Actor {
	id := cmp.Or(f.own[actorID], f.user.id, f.user.enduserID)
	if id == "" {
		return activity.Actor{Type: activity.ActorType(f.own[actorType]), Name: f.own[actorName]}
	}
	return activity.Actor{
		ID:   id,
		Type: activity.ActorType(f.own[actorType]),
		Name: cmp.Or(f.own[actorName], f.user.name, f.user.email, f.user.fullName),
	}
}

// clientAddress returns where the request came from.
func (f *facts) clientAddress() string {
	return cmp.Or(f.own[clientAddress], f.oldClient, f.peer, f.oldPeer)
}

// route returns the template of the route. A declared activity has it in the name
// of the action.
func (f *facts) route() string {
	if route := f.request.template(); route != "" {
		return route
	}
	if _, route, ok := strings.Cut(f.own[actionName], " "); ok && strings.HasPrefix(route, "/") {
		return route
	}
	return ""
}

// action returns what is done, as the service or else the preset says it.
func (f *facts) action() activity.ActionType {
	if own := f.own[actionType]; own != "" {
		t, _ := activity.ParseActionType(own)
		return t
	}
	return f.made.action
}

// object returns what is acted on. One that the service has named in part is
// its own.
func (f *facts) object() activity.Object {
	if f.own[objectType] != "" || f.own[objectID] != "" {
		return activity.Object{Type: f.own[objectType], ID: f.own[objectID]}
	}
	return f.made.object
}
