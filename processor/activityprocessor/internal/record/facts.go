package record

import (
	"cmp"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// Facts are what rules and presets need of a span or a log record.
type Facts struct {
	Kind    ptrace.SpanKind
	Status  ptrace.StatusCode
	Service string
	HasBody bool // a log record's body is its remarks

	Own    Values // the values of the activity that the service set
	Untidy bool   // an attribute differs from its text in Own

	CarriesID bool // an attribute is, or may be, the activity's id

	Request Request
	RPC     RPC
	GraphQL GraphQL
	DB      Statement

	user    user
	address address
}

// user is the user of a span, from the attributes of OpenTelemetry.
type user struct {
	id, enduserID, name, email, fullName string
}

// FactsOf returns what attributes say.
func FactsOf(attrs pcommon.Map) Facts {
	var f Facts
	f.read(attrs)
	return f
}

// read reads the attributes in one pass: a span has a few dozen, and a lookup by name
// would go through all of them each time.
func (f *Facts) read(attrs pcommon.Map) {
	for key, v := range attrs.All() {
		switch {
		case strings.HasPrefix(key, "activity."):
			f.readOwn(key, v)
		case strings.HasPrefix(key, "http.") || strings.HasPrefix(key, "url."):
			f.Request.read(key, v)
			f.address.readClaim(key, v)
		case strings.HasPrefix(key, "rpc."):
			f.RPC.read(key, v)
		case strings.HasPrefix(key, "db."):
			f.DB.read(key, v)
		default:
			f.readOther(key, v)
		}
	}
	f.Request.complete()
}

// readOwn reads an attribute of an activity.
func (f *Facts) readOwn(key string, v pcommon.Value) {
	for i, name := range fieldKeys[:FieldClientAddress] {
		if name == key {
			f.ownText(Field(i), v)
			return
		}
	}
	if key == activity.IDKey {
		f.CarriesID = true
	}
}

func (f *Facts) ownText(i Field, v pcommon.Value) {
	f.Own[i] = Text(v)
	if v.Type() != pcommon.ValueTypeStr || f.Own[i] != v.Str() || f.Own[i] == "" {
		f.Untidy = true
	}
}

func (f *Facts) readOther(key string, v pcommon.Value) {
	switch key {
	case activity.LogRecordUIDKey:
		f.CarriesID = true
	case activity.ErrorTypeKey:
		f.ownText(FieldErrorType, v)
	case activity.ClientAddressKey:
		f.ownText(FieldClientAddress, v)
	case activity.UserAgentKey:
		f.ownText(FieldUserAgent, v)
	case activity.SessionIDKey:
		f.ownText(FieldSession, v)
	case "user.id":
		f.user.id = UserID(v)
	case "enduser.id":
		f.user.enduserID = UserID(v)
	case "user.name":
		f.user.name = Text(v)
	case "user.email":
		f.user.email = Text(v)
	case "user.full_name":
		f.user.fullName = Text(v)
	case "network.peer.address", "net.sock.peer.addr", "net.peer.ip", "peer.address":
		f.address.readPeer(key, v)
	case "user_agent": // Envoy
		f.Request.userAgent = cmp.Or(f.Request.userAgent, Text(v))
	default:
		if strings.HasPrefix(key, "graphql.") {
			f.GraphQL.read(key, v)
		}
	}
}

// Actor returns the actor of the record. A name without an id is an actor only if the
// service set it: it may be the name that was entered in a failed login.
func (f *Facts) Actor() activity.Actor {
	id := cmp.Or(f.Own[FieldActorID], f.user.id, f.user.enduserID)
	if id == "" {
		return activity.Actor{Type: activity.ActorType(f.Own[FieldActorType]), Name: f.Own[FieldActorName]}
	}
	return activity.Actor{
		ID:   id,
		Type: activity.ActorType(f.Own[FieldActorType]),
		Name: cmp.Or(f.Own[FieldActorName], f.user.name, f.user.email, f.user.fullName),
	}
}

// ClaimedName returns the name of a user without an id, "" if the record has none. In a
// login it is what was entered.
func (f *Facts) ClaimedName() string {
	return cmp.Or(f.Own[FieldActorName], f.user.name, f.user.email, f.user.fullName)
}

// UserAgent returns the client's program, from the activity or else from the request.
func (f *Facts) UserAgent() string { return cmp.Or(f.Own[FieldUserAgent], f.Request.userAgent) }

// Route returns the template of the route. A declared activity has it in the name
// of the action.
func (f *Facts) Route() string {
	if route := f.Request.Template(); route != "" {
		return route
	}
	if _, route, ok := strings.Cut(f.Own[FieldActionName], " "); ok && strings.HasPrefix(route, "/") {
		return route
	}
	return ""
}
