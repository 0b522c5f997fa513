package record

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/identity/valuetext"
)

// The HTTP status code of a response: the current attribute, and the one before semantic
// conventions 1.20.
const (
	StatusCodeKey    = "http.response.status_code"
	OldStatusCodeKey = "http.status_code"
)

// Result is how a record is counted. The zero Result is unknown: it must be read from the
// record.
type Result struct{ Action, Status, Source string }

// found is the result of one pass over the attributes of an activity.
type found struct {
	actionType    activity.ActionType
	status        activity.Status
	unknownStatus string
	code          int
	actorID       bool
	actorType     bool
	source        string
}

// Normalise makes the attributes of an activity uniform and adds defaults.
// spanStatus is the status of its span, and unset for a log record. An empty
// defaultActorType leaves an actor without a type.
func Normalise(attrs pcommon.Map, spanStatus ptrace.StatusCode, defaultActorType string) Result {
	var f found
	remove := false
	for key, v := range attrs.All() { // nearly always, nothing is to be removed
		if f.tidy(key, v) {
			v.SetStr("") // what isBlank finds
			remove = true
		}
	}
	if remove {
		attrs.RemoveIf(isBlank)
	}
	if f.status == "" {
		f.status = Outcome(f.actionType, f.code, spanStatus)
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
	return Result{string(f.actionType), string(f.status), f.source}
}

// isBlank reports whether an attribute is a text of an activity without a value, which
// only the action type may be.
func isBlank(key string, v pcommon.Value) bool {
	return v.Type() == pcommon.ValueTypeStr && v.Str() == "" && key != activity.ActionTypeKey && IsText(key)
}

// tidy normalises one attribute and reports whether to remove it. A blank attribute
// is removed, as if it had never been set, and so is an unknown status, which
// Normalise replaces. The action type stays even if it is blank: it makes the
// record an activity, and no activity may be lost.
func (f *found) tidy(key string, v pcommon.Value) (remove bool) {
	role := roleOf(key)
	switch role {
	case noRole:
		return false
	case httpStatus:
		if code := StatusCode(v); code != 0 {
			f.code = code
		}
		return false
	}
	text := v.Str() // "" if it is not a text
	s := valuetext.Trim(text)
	if text == "" {
		s = Text(v)
	}
	if s == "" && role != actionType {
		return true
	}
	switch role {
	case actionType:
		f.actionType, _ = activity.ParseActionType(s)
		s = string(f.actionType)
	case status:
		known, ok := activity.ParseStatus(s)
		if !ok {
			f.unknownStatus = s
			return true
		}
		f.status, s = known, string(known)
	case clientAddress:
		s = activity.CleanAddress(s)
	case actorID:
		f.actorID = true
	case actorType:
		f.actorType = true
	case source:
		f.source = s
	}
	if s != text || s == "" {
		v.SetStr(s)
	}
	return false
}

// role is what an attribute means for Normalise.
type role uint8

const (
	noRole     role = iota // not changed
	httpStatus             // not changed, but read
	anyText
	actionType
	status
	clientAddress
	actorID
	actorType
	source
)

// roles are those of the columns, by their index: one search for a key instead of a
// comparison with each.
var roles = func() (list []role) {
	special := map[string]role{
		activity.ActionTypeKey: actionType, activity.StatusKey: status, activity.ClientAddressKey: clientAddress,
		activity.ActorIDKey: actorID, activity.ActorTypeKey: actorType, activity.SourceKey: source,
	}
	for _, c := range activity.Columns() {
		r := special[c.Key]
		if r == noRole && IsText(c.Key) {
			r = anyText
		}
		list = append(list, r)
	}
	return list
}()

func roleOf(key string) role {
	if i := activity.ColumnOfKey(key); i >= 0 {
		return roles[i]
	}
	if key == StatusCodeKey || key == OldStatusCodeKey {
		return httpStatus
	}
	return noRole
}

// Outcome returns the status of an activity that does not state one. The HTTP
// status code decides before the span status, which is unset for 4xx. A request
// that never got a response has only the span status.
func Outcome(t activity.ActionType, code int, spanStatus ptrace.StatusCode) activity.Status {
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

// Strip removes every attribute of an activity that has no column of its own.
func Strip(attrs pcommon.Map) {
	attrs.RemoveIf(func(key string, _ pcommon.Value) bool {
		switch key {
		case activity.OriginalIDKey, activity.ClaimedTimeKey, activity.OriginalStatusKey, activity.ActorVerifiedKey:
			return false
		}
		return !IsText(key)
	})
}
