package fold

import (
	"hash/maphash"
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// refusal is what decides whether and with which others an activity is folded.
type refusal struct {
	id      activity.ID
	service string

	action, name, status, code, address, claimed string
}

// read returns what attributes of an activity say, and whether it is a derived refusal of
// somebody who is not known.
func read(attrs pcommon.Map, service string) (r refusal, ok bool) {
	r.service = service
	var id, source, errorType string
	var response int
	for key, v := range attrs.All() {
		switch key {
		case activity.IDKey:
			id = v.Str()
		case activity.SourceKey:
			source = v.Str()
		case activity.ActionTypeKey:
			r.action = v.Str()
		case activity.ActionNameKey:
			r.name = v.Str()
		case activity.StatusKey:
			r.status = v.Str()
		case activity.ErrorTypeKey:
			errorType = v.Str()
		case activity.ClientAddressKey:
			r.address = v.Str()
		case activity.ActorIDKey:
			return r, false
		case activity.ActorTypeKey:
			if v.Str() != string(activity.ActorAnonymous) {
				return r, false
			}
		case record.StatusCodeKey, record.OldStatusCodeKey:
			response = record.StatusCode(v)
		case activity.DataKey:
			if v.Type() != pcommon.ValueTypeMap || !r.readData(v.Map()) {
				return r, false
			}
		}
	}
	if source != string(activity.SourceDerived) || !isRefusal(r.action, r.status, errorType, response) {
		return r, false
	}
	if r.code = errorType; r.code == "" && response > 0 {
		r.code = strconv.Itoa(response)
	}
	var err error
	r.id, err = activity.ParseID(id)
	return r, err == nil
}

// readData reads the data of an activity, and reports whether it can be folded: one that is
// the row of several already is not.
func (r *refusal) readData(data pcommon.Map) bool {
	if v, ok := data.Get(activity.ClaimedKey); ok {
		r.claimed = v.AsString()
	}
	for _, key := range [...]string{activity.CountKey, activity.FirstKey, activity.LastKey} {
		if _, ok := data.Get(key); ok {
			return false
		}
	}
	return true
}

// isRefusal reports whether somebody who is not known was refused, or tried to log in.
func isRefusal(action, status, errorType string, response int) bool {
	switch activity.ActionType(action) {
	case activity.ActionLoginFailed, activity.ActionLoginAttempt:
		return true
	}
	if status != string(activity.StatusFailed) {
		return false
	}
	switch errorType {
	case "401", "403", "UNAUTHENTICATED", "PERMISSION_DENIED":
		return true
	}
	return response == 401 || response == 403
}

// key identifies refusals that are folded into one row. Two of them are equal only by
// chance, and then the row says what is true of both.
type key uint64

var seed = maphash.MakeSeed()

func (r *refusal) client() key {
	return key(maphash.Comparable(seed, [2]string{r.service, r.address}))
}

// keys returns the keys of a refusal, the finest first. The coarser ones are for floods that
// have too many of the finer ones: all refusals of one address, and all of one service.
func (r *refusal) keys() [3]key {
	return [3]key{
		key(maphash.Comparable(seed, [7]string{r.service, r.address, r.action, r.status, r.code, r.name, r.claimed})),
		key(maphash.Comparable(seed, [5]string{r.service, r.address, r.action, r.status, r.code})),
		key(maphash.Comparable(seed, [4]string{r.service, r.action, r.status, r.code})),
	}
}
