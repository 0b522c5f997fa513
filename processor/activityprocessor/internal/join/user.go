package join

import (
	"hash/maphash"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// claim is what a span says about who acted.
type claim uint8

const (
	nothing claim = iota
	nobody        // the actor is anonymous
	somebody
)

// claimOf reads attributes once. A name without an id is not a user: in a failed login
// it is the name that was entered.
func claimOf(attrs pcommon.Map) claim {
	said := nothing
	for key, v := range attrs.All() {
		switch key {
		case activity.ActorIDKey:
			if text(v) != "" {
				return somebody
			}
		case "user.id", "enduser.id":
			if record.UserID(v) != "" {
				return somebody
			}
		case activity.ActorTypeKey:
			switch activity.ActorType(text(v)) {
			case "":
			case activity.ActorAnonymous:
				said = nobody
			default: // a system needs no id
				return somebody
			}
		}
	}
	return said
}

// isUser reports whether key belongs to a user, and is copied with it.
func isUser(key string) bool {
	switch key {
	case activity.ActorIDKey, activity.ActorTypeKey, activity.ActorNameKey, activity.ImpersonatorIDKey, activity.TenantIDKey, activity.ActorVerifiedKey,
		"user.id", "user.name", "user.email", "user.full_name":
		return true
	}
	return strings.HasPrefix(key, "enduser.")
}

// give copies the attributes that belong to the user from from to to, unless they are set
// there.
func give(from, to pcommon.Map, belongs func(key string) bool) {
	to.EnsureCapacity(to.Len() + 4)
	for key, value := range from.All() {
		if !belongs(key) {
			continue
		}
		if v, there := to.GetOrPutEmpty(key); !there || isBlank(key, v) {
			value.CopyTo(v)
		}
	}
}

// isBlank reports whether an attribute of a user says nothing.
func isBlank(key string, v pcommon.Value) bool {
	if key == "user.id" || key == "enduser.id" {
		return record.UserID(v) == ""
	}
	return text(v) == ""
}

// maxUser is the largest user, in bytes, that is remembered.
const maxUser = 4096

// user is a remembered user: a map of only its attributes, which is never changed.
type user struct{ attrs pcommon.Map }

// newUser returns the user in from, nil if it is too large.
func newUser(from pcommon.Map) *user {
	u := &user{attrs: pcommon.NewMap()}
	bytes := 0
	for key, value := range from.All() {
		if isUser(key) {
			bytes += len(key) + len(value.AsString())
			value.CopyTo(u.attrs.PutEmpty(key))
		}
	}
	if bytes > maxUser {
		return nil
	}
	return u
}

// is reports whether from has exactly the attributes of this user.
func (u *user) is(from pcommon.Map) bool {
	n := 0
	for key, value := range from.All() {
		if !isUser(key) {
			continue
		}
		n++
		if v, ok := u.attrs.Get(key); !ok || !v.Equal(value) {
			return false
		}
	}
	return n == u.attrs.Len()
}

// hashUser returns the same hash for the attributes of the same user in any order.
func hashUser(seed maphash.Seed, from pcommon.Map) (sum uint64) {
	for key, value := range from.All() {
		if isUser(key) {
			sum += maphash.Comparable(seed, [2]string{key, value.AsString()})
		}
	}
	return sum
}

// text returns v as text without white space around it, as the processor has it.
func text(v pcommon.Value) string { return strings.TrimSpace(v.AsString()) }
