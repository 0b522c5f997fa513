package activity

// EventName is the event name of the log record that carries an activity.
const EventName = "activity.recorded"

// Attribute keys of an activity. Spans and log records carry the same ones.
// They are untyped, so that they serve as keys of OpenTelemetry attributes and
// of pdata maps alike. Each comment gives the value's type, an example, and the
// column of activity_log that holds it.
//
// A span or a log record is an activity exactly when it has [ActionTypeKey].
const (
	// IDKey: string, a UUIDv7 as [ID.String] writes it,
	// "019a8f6e-5c1b-7c3a-9f10-2b6f0c9d4e71". Column event_id; action_time is
	// decoded from it.
	IDKey = "activity.id"

	// OriginalIDKey: string, the activity.id or log.record.uid that a record
	// came with when it was no UUIDv7 and had to be replaced by [HashID].
	// Kept in the column data.
	OriginalIDKey = "activity.id.original"

	// ClaimedTimeKey: string, RFC 3339 in UTC, "2040-01-01T00:00:00Z". The time
	// that a record claims for its act, if it is before 1970 or more than a day
	// after the receipt. action_time is then the observed time of the record, or
	// the end of the span, or the time of the receipt. Kept in the column data.
	ClaimedTimeKey = "activity.time.claimed"

	// ActorIDKey: string, "42". Column actor_id.
	ActorIDKey = "activity.actor.id"

	// ActorTypeKey: string, one of [ActorUser], [ActorService], [ActorSystem],
	// [ActorAnonymous]. Column actor_type.
	ActorTypeKey = "activity.actor.type"

	// ActorNameKey: string, for people, "alice@example.com". Column actor_name.
	ActorNameKey = "activity.actor.name"

	// ImpersonatorIDKey: string, the id of who really acted while the actor's
	// account was used, "7". Column impersonator_id.
	ImpersonatorIDKey = "activity.actor.impersonator.id"

	// TenantIDKey: string, "acme". Column tenant_id.
	TenantIDKey = "activity.tenant.id"

	// ActionTypeKey: string, an [ActionType], "Create". Column action_type.
	ActionTypeKey = "activity.action.type"

	// ActionNameKey: string, what was called, "article.publish" or
	// "POST /articles/{id}". Column action_name.
	ActionNameKey = "activity.action.name"

	// StatusKey: string, a [Status], "Success". Column status.
	StatusKey = "activity.status"

	// OriginalStatusKey: string, the word that a record had for its status
	// when that was neither Success nor Failed, "partial". Kept in the column
	// data.
	OriginalStatusKey = "activity.status.original"

	// ObjectTypeKey: string, "article". Column object_type.
	ObjectTypeKey = "activity.object.type"

	// ObjectIDKey: string, "17" or "hello-world". Column object_id.
	ObjectIDKey = "activity.object.id"

	// ObjectNameKey: string, for people, "Hello, world". Column object_name.
	ObjectNameKey = "activity.object.name"

	// RemarksKey: string, a sentence for people, "alice read article 17".
	// Column remarks. A log record carries it as its body instead.
	RemarksKey = "activity.remarks"

	// DataKey: map (or, from SDKs without map attributes, a string that holds
	// a JSON object), {"changes": {"title": ["old", "new"]}}. Column data.
	DataKey = "activity.data"

	// SourceKey: string, a [Source]. Column source.
	SourceKey = "activity.source"

	// CutKey: list of strings, the columns whose values were cut because they
	// were too long for some database, ["object_id"]. Two rows with the same
	// cut value need not be about the same thing. Kept in the column data.
	CutKey = "activity.cut"

	// BatchIDKey: string, a UUIDv7, the id that all activities of one batch share, so that
	// what one request or job did to many objects can be found together. In data it is
	// [BatchIDName].
	BatchIDKey = "activity.batch.id"

	// SkippedKey: bool, true on the span of a request that the service looked
	// at and does not track; no processor derives an activity from such a
	// span. No column.
	SkippedKey = "activity.skipped"
)

// Attribute keys that a collector sets, for what it did to a record and what it
// knows of who sent it. Kept in the column data.
const (
	// DroppedAttributesKey: int, how many attributes of the record were dropped
	// because it had too many.
	DroppedAttributesKey = "activity.dropped_attributes"

	// DroppedMembersKey: int, how many members of activity.data, and of maps and
	// lists in other values, were dropped because there were too many.
	DroppedMembersKey = "activity.dropped_members"

	// SenderKey: string, the name under which the collector knows who sent the
	// record, after authentication. One that a service sends is removed. In data
	// it is [SenderName].
	SenderKey = "activity.sender"

	// ActorVerifiedKey: bool, false if the actor is what the client claimed and no
	// collector could check it: a user of Basic authentication, or a token without
	// keys. In data it is [ActorVerifiedName].
	ActorVerifiedKey = "activity.actor.verified"

	// ForgedKey: list of strings, the columns whose values the sender may not
	// write, ["service_name", "tenant_id"]. One that a service sends is removed.
	ForgedKey = "activity.forged"
)

// Attribute keys of the OpenTelemetry semantic conventions that are columns of
// activity_log as they stand. Source: OpenTelemetry semantic conventions 1.40,
// attribute registry.
const (
	// ErrorTypeKey: string, "500" or "*fs.PathError". Column error_type.
	ErrorTypeKey = "error.type"

	// ClientAddressKey: string, an IP address without a port, "192.0.2.7".
	// Column client_address.
	ClientAddressKey = "client.address"

	// UserAgentKey: string, "curl/8.5.0". Column user_agent.
	UserAgentKey = "user_agent.original"

	// SessionIDKey: string, a name of the session that is not secret.
	// Column session_id.
	SessionIDKey = "session.id"

	// ServiceNameKey: string, a resource attribute, "blog".
	// Column service_name.
	ServiceNameKey = "service.name"

	// LogRecordUIDKey: string, read in place of a missing [IDKey].
	LogRecordUIDKey = "log.record.uid"
)

// Keys inside the column data, below [DataKey].
const (
	// ChangesKey: map of field name to [old, new]. The name of a nested field is a path,
	// "address.city", "tags[3]" or "items[id=7].price".
	ChangesKey = "changes"

	// MoreChangesKey: [null, int], a member of the changes that is no field: how many
	// more fields changed than are listed. NotComparedKey: [null, string], the path from
	// where on values were not compared, because there were too many.
	MoreChangesKey = "(more changes)"
	NotComparedKey = "(not compared)"

	// ClaimedKey: string, the identity that a failed login claimed,
	// "alice@example.com". Never a password.
	ClaimedKey = "claimed"

	// ParentKey: map, what the object belongs to, {"type": "user", "id": "3"}. It may have
	// a "parent" itself.
	ParentKey = "parent"

	// ObjectsKey: list of maps, the objects of an act besides its main one, such as the
	// second article of a merge: [{"type": "article", "id": "18", "name": "Tea"}]. Each may
	// have a "parent". MoreObjectsKey: int, how many more were added than are listed.
	ObjectsKey     = "objects"
	MoreObjectsKey = "(more objects)"

	// BatchIDName: string, the value of [BatchIDKey].
	BatchIDName = "batch_id"

	// GuessedKey: bool, true if the route of a request was not known, or was no more than
	// a prefix, and action or object are guessed from its path.
	GuessedKey = "guessed"

	// CountKey: int, how many refused requests a row stands for, 2 or more. FirstKey and
	// LastKey: string, the times of the first and the last of them, as RFC 3339.
	CountKey = "count"
	FirstKey = "first"
	LastKey  = "last"

	// DurationKey: float, how long an act took, in milliseconds.
	DurationKey = "duration_ms"

	// SenderName: string, the value of [SenderKey]. A member of that name that a
	// service sent is kept as "sender.original".
	SenderName = "sender"

	// ActorVerifiedName: bool, the value of [ActorVerifiedKey].
	ActorVerifiedName = "actor_verified"
)
