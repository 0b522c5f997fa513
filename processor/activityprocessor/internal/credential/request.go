package credential

import (
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// request is a server span that names nobody yet.
type request struct {
	attrs   pcommon.Map
	service string
	time    time.Time
	answer  answer
	headers []text // by the position of their names
	vouched bool   // it comes from a proxy that may say who the user is
}

// read reads a span. It returns nil for a span that is to get no user: it is an activity
// already, or says itself who acted.
func (f *Finder) read(in *record.Record, span ptrace.Span, service string) *request {
	if span.Kind() != ptrace.SpanKindServer || !record.StateOf(span.Attributes()).MayDerive {
		return nil
	}
	in.Reset(span.Attributes(), service)
	in.Span = span
	in.Read()
	if actor := in.Actor(); actor.ID != "" || actor.Type != "" {
		return nil
	}
	r := &request{attrs: span.Attributes(), service: service, time: span.StartTimestamp().AsTime(), answer: answerOf(in)}
	if !r.answer.names() {
		return nil
	}
	if span.StartTimestamp() == 0 {
		r.time = time.Now()
	}
	r.headers = make([]text, len(f.headers.names))
	for key, v := range r.attrs.All() {
		if i := f.headers.find(key); i >= 0 {
			r.headers[i].add(v)
		}
	}
	peer, ok := activity.ParseAddress(in.Peer())
	r.vouched = len(f.proxies) == 0 || ok && f.proxies.Contain(peer)
	return r
}

// takes writes a user to the span, if there is one and the server has accepted the
// request.
func (r *request) takes(u user) bool {
	if !isID(u.id) || u.claimed && !r.answer.accepted() {
		return false
	}
	r.attrs.PutStr("user.id", u.id)
	if isText(u.name) {
		r.fill("user.name", u.name)
	}
	if isText(u.tenant) {
		r.fill(activity.TenantIDKey, u.tenant)
	}
	if u.claimed {
		r.attrs.PutBool(activity.ActorVerifiedKey, false)
	}
	return true
}

// takesRow writes what was looked up to the span, if it has the id of a user.
func (r *request) takesRow(row pcommon.Map) bool {
	named := false
	for _, key := range userKeys {
		if v, ok := row.Get(key); ok && isID(record.Text(v)) {
			named = true
		}
	}
	if !named {
		return false
	}
	for key, v := range row.All() {
		r.fill(key, v.AsString())
	}
	return true
}

// userKeys are the attributes that name the user of a request.
var userKeys = []string{activity.ActorIDKey, "user.id", "enduser.id"}

// fill sets an attribute that is not set.
func (r *request) fill(key, value string) {
	if v, ok := r.attrs.Get(key); !ok || strings.TrimSpace(v.AsString()) == "" {
		r.attrs.PutStr(key, value)
	}
}
