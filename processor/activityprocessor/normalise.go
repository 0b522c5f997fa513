package activityprocessor

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// HTTP status of a response: the present name and the one before 1.20.
const (
	statusCodeKey    = "http.response.status_code"
	oldStatusCodeKey = "http.status_code"
)

// found is what one pass over the attributes of an activity tells.
type found struct {
	actionType    activity.ActionType
	status        activity.Status
	unknownStatus string
	code          int
	actorID       bool
	actorType     bool
	source        string
}

// normalise makes the attributes of an activity uniform and adds defaults.
// spanStatus is that of its span, unset for a log record. Without a default, the
// type of an actor stays open.
func normalise(attrs pcommon.Map, spanStatus ptrace.StatusCode, defaultActorType string) result {
	var f found
	attrs.RemoveIf(func(key string, v pcommon.Value) bool { return f.tidy(key, v) })

	if f.status == "" {
		f.status = outcome(f.actionType, f.code, spanStatus)
		attrs.PutStr(activity.StatusKey, string(f.status))
		if f.unknownStatus != "" {
			attrs.PutStr(activity.OriginalStatusKey, f.unknownStatus)
		}
	}
	if f.actorID && !f.actorType && defaultActorType != "" {
		attrs.PutStr(activity.ActorTypeKey, defaultActorType)
	}
	if f.source == "" {
		f.source = string(activity.SourceDeclared)
		attrs.PutStr(activity.SourceKey, f.source)
	}
	return result{string(f.actionType), string(f.status), f.source}
}

// tidy puts one attribute in order, and reports whether it is to be removed:
// a blank one is as if it had never been set, and a status that is none makes
// room for the right one. The action type stays even when it is blank: it is
// what makes the record an activity, and no activity is to be lost.
func (f *found) tidy(key string, v pcommon.Value) (remove bool) {
	if key == statusCodeKey || key == oldStatusCodeKey {
		if code := statusCode(v); code != 0 {
			f.code = code
		}
		return false
	}
	if !isText(key) {
		return false
	}
	s := text(v)
	if s == "" && key != activity.ActionTypeKey {
		return true
	}
	switch key {
	case activity.ActionTypeKey:
		f.actionType, _ = activity.ParseActionType(s)
		s = string(f.actionType)
	case activity.StatusKey:
		status, ok := activity.ParseStatus(s)
		if !ok {
			f.unknownStatus = s
			return true
		}
		f.status, s = status, string(status)
	case activity.ClientAddressKey:
		s = address(s)
	case activity.ActorIDKey:
		f.actorID = true
	case activity.ActorTypeKey:
		f.actorType = true
	case activity.SourceKey:
		f.source = s
	}
	if v.Type() != pcommon.ValueTypeStr || v.Str() != s {
		v.SetStr(s)
	}
	return false
}

// isText reports whether key is one of the attributes of an activity whose
// value is a text.
func isText(key string) bool {
	switch key {
	case activity.IDKey,
		activity.ActorIDKey, activity.ActorTypeKey, activity.ActorNameKey,
		activity.ImpersonatorIDKey, activity.TenantIDKey,
		activity.ActionTypeKey, activity.ActionNameKey, activity.StatusKey, activity.ErrorTypeKey,
		activity.ObjectTypeKey, activity.ObjectIDKey, activity.ObjectNameKey,
		activity.RemarksKey, activity.SourceKey,
		activity.ClientAddressKey, activity.UserAgentKey, activity.SessionIDKey:
		return true
	}
	return false
}

// text returns v as text without white space around it: 17 and 17.0 are "17",
// true is "true".
func text(v pcommon.Value) string {
	s := v.AsString()
	if n := len(s); n == 0 || isPrint(s[0]) && isPrint(s[n-1]) { // nearly always
		return s
	}
	return strings.TrimSpace(s)
}

// isPrint reports whether c is an ASCII character that is no white space.
func isPrint(c byte) bool { return c > ' ' && c < 0x7f }

// statusCode returns the HTTP status that v holds as a number or as text, 0 if
// it holds none.
func statusCode(v pcommon.Value) int {
	var code int64
	if v.Type() == pcommon.ValueTypeInt {
		code = v.Int()
	} else {
		code, _ = strconv.ParseInt(text(v), 10, 64)
	}
	if code < 100 || code > 999 {
		return 0
	}
	return int(code)
}

// outcome returns the status of an activity that does not say. The HTTP status
// comes before the span status, which 4xx leaves unset; a request that never
// got a response has the latter alone.
func outcome(t activity.ActionType, code int, spanStatus ptrace.StatusCode) activity.Status {
	switch {
	case t == activity.ActionLoginFailed:
		return activity.StatusFailed
	case code != 0:
		return activity.StatusFromHTTP(code)
	case spanStatus == ptrace.StatusCodeError:
		return activity.StatusFailed
	}
	return activity.StatusSuccess
}

// address returns the IP address in s without port, brackets or zone and in
// its usual spelling; s itself when it is no address and no host with a port.
func address(s string) string {
	if isDotted(s) { // nearly always
		return s // there is only one way to write it
	}
	if addr, err := netip.ParseAddr(s); err == nil {
		return bareAddr(addr)
	}
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return bareAddr(ap.Addr())
	}
	bare := strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	if addr, err := netip.ParseAddr(bare); err == nil {
		return bareAddr(addr)
	}
	if host, port, err := net.SplitHostPort(s); err == nil && host != "" {
		if _, err := strconv.ParseUint(port, 10, 16); err == nil {
			return host
		}
	}
	return s
}

// isDotted reports whether s has nothing but digits and dots.
func isDotted(s string) bool {
	for i := range len(s) {
		if c := s[i]; c != '.' && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func bareAddr(addr netip.Addr) string { return addr.Unmap().WithZone("").String() }
