package redact

import (
	"slices"
	"strings"

	"github.com/otelactivity/activitylog/activity"
)

// keyClass is how the value of a key is cleaned.
type keyClass struct {
	name    string // the key itself, cleaned
	renamed bool   // which differs from the key
	field   *fieldAction
	secret  bool
	address bool
	names   bool // e-mail addresses are masked in it
	numbers bool // so are card numbers
	opaque  bool // nothing is masked in it
	naming  bool // its value may be the name of a secret next to it
	part    part

	// sentence means that it is text for people, which may quote a private field.
	sentence bool
}

// part is what an attribute says about who acts.
type part uint8

const (
	noPart part = iota
	actorID
	actorName
	objectID
	routeOf
	pathOf
	urlOf
	data // in which the name may be that was entered in a failed login, and what the object belongs to
)

func partOf(key string) part {
	switch key {
	case activity.ActorIDKey:
		return actorID
	case activity.ActorNameKey:
		return actorName
	case activity.ObjectIDKey:
		return objectID
	case "http.route":
		return routeOf
	case "url.path", "http.target":
		return pathOf
	case "url.full", "http.url":
		return urlOf
	case activity.DataKey:
		return data
	}
	return noPart
}

// identities are attributes with names and ids, which may be an e-mail address or a long
// number.
var identities = map[string]bool{
	"activity.actor.id": true, "activity.actor.name": true, "activity.actor.impersonator.id": true, "activity.tenant.id": true,
	"activity.object.id": true, "activity.id.original": true, "log.record.uid": true, "user.id": true, "user.name": true,
	"user.email": true, "user.full_name": true, "enduser.id": true, "session.id": true,
	activity.ClaimedKey: true,
}

// opaque are attributes that we set ourselves, and one that never contains private text.
var opaque = map[string]bool{
	"activity.id": true, "activity.action.type": true, "activity.status": true, "activity.source": true, "activity.skipped": true,
	"activity.actor.type": true, "service.name": true,
}

// notes are attributes in which a collector says what it did to a record.
var notes = map[string]bool{
	activity.OriginalIDKey: true, activity.ClaimedTimeKey: true, activity.OriginalStatusKey: true, activity.CutKey: true,
	activity.DroppedAttributesKey: true, activity.DroppedMembersKey: true, activity.SenderKey: true, activity.ForgedKey: true,
	activity.ActorVerifiedKey: true,
}

// isVocabulary reports whether the exporter knows the key. It keeps its name, even if
// a pattern of the configuration matches it, such as one for host names: without
// activity.action.type there is no row.
func isVocabulary(key string) bool {
	return activity.ColumnOfKey(key) >= 0 || opaque[key] || identities[key] || notes[key]
}

// isSentence reports whether the text of an attribute may quote another one:
// sentences, addresses of pages, statements.
func isSentence(key string) bool {
	switch key {
	case "activity.remarks", "activity.data", "activity.action.name",
		"http.url", "http.target", "db.statement", "db.query.text", "graphql.document":
		return true
	}
	return slices.ContainsFunc([]string{"exception.", "url.", "http.request.header.", "http.response.header."}, func(prefix string) bool {
		return strings.HasPrefix(key, prefix)
	})
}

// free is the class of text without a key.
var free = &keyClass{names: true, numbers: true, sentence: true}

// ours is what all keys of an activity begin with.
const ours = "activity."
