package activity

import "slices"

// Column is one column of the table activity_log.
type Column struct {
	Name string // "actor_id"
	Kind ColumnKind

	// Key is the attribute that holds the column's value: of the resource for
	// service_name, else of the span or log record. It is "" where there is none.
	Key string

	// Meaning says what the column holds, for people.
	Meaning string
}

// ColumnKind says what a column holds.
type ColumnKind int

// The kinds of columns. Each database has types of its own for them.
const (
	ColumnText ColumnKind = iota // text; not known is NULL
	ColumnID                     // a UUID, the key of the table
	ColumnTime                   // a time in UTC, to the microsecond
	ColumnJSON                   // a JSON object, never NULL
)

// Columns returns all columns of activity_log, in the order of the table. To add
// one, add its line here, and the SQL of each database's schema and of
// replaying dead letters; tests compare what cannot read this table.
func Columns() []Column { return slices.Clone(columns) }

var columns = []Column{
	{"event_id", ColumnID, IDKey, "the activity's id; its order is the order of time"},
	{"action_time", ColumnTime, "", "when the act began, decoded from event_id"},
	{"actor_id", ColumnText, ActorIDKey, "who acted, as the service knows them"},
	{"actor_type", ColumnText, ActorTypeKey, "user, service, system or anonymous"},
	{"actor_name", ColumnText, ActorNameKey, "who acted, for people"},
	{"impersonator_id", ColumnText, ImpersonatorIDKey, "who used the actor's account"},
	{"tenant_id", ColumnText, TenantIDKey, "the customer or organisation of the actor"},
	{"action_type", ColumnText, ActionTypeKey, "Create, Read, Update, Delete, Login, Logout, Login Failed, Login Attempt or another word"},
	{"action_name", ColumnText, ActionNameKey, "what was called, such as method and route"},
	{"status", ColumnText, StatusKey, "Success or Failed"},
	{"error_type", ColumnText, ErrorTypeKey, "the kind of failure, such as the response code"},
	{"object_type", ColumnText, ObjectTypeKey, "the kind of thing that was acted on"},
	{"object_id", ColumnText, ObjectIDKey, "which one it was"},
	{"object_name", ColumnText, ObjectNameKey, "the same for people"},
	{"remarks", ColumnText, RemarksKey, "a sentence for people"},
	{"data", ColumnJSON, DataKey, "changes and other details"},
	{"client_address", ColumnText, ClientAddressKey, "the IP address that the request came from"},
	{"user_agent", ColumnText, UserAgentKey, "the client's software"},
	{"session_id", ColumnText, SessionIDKey, "a name of the session that does not open it"},
	{"service_name", ColumnText, ServiceNameKey, "which service recorded the activity"},
	{"trace_id", ColumnText, "", "the trace, 32 hexadecimal digits"},
	{"span_id", ColumnText, "", "the span within it, 16 hexadecimal digits"},
	{"source", ColumnText, SourceKey, "declared by the service or derived from its spans"},
	{"recorded_at", ColumnTime, "", "when the row was written, by the database's clock"},
}

// ColumnOfKey returns the index in [Columns] of the column that the attribute key
// holds, -1 if there is none.
func ColumnOfKey(key string) int {
	if len(key) < minKey {
		return -1
	}
	if i := int(byKey.columns[byKey.slot(key)]); i >= 0 && columns[i].Key == key {
		return i
	}
	return -1
}

// byKey finds columns by their keys, in a fraction of the time that a switch or a map
// takes: it is asked for each attribute of each record.
var byKey = newKeyIndex()

// minKey is the length of the shortest key, and of what slot needs.
const minKey = 10

// keyIndex is a hash table in which no two keys have the same slot.
type keyIndex struct {
	first, second int       // factors
	columns       [128]int8 // by slot, -1 for none
}

// newKeyIndex tries factors until all keys have slots of their own.
func newKeyIndex() *keyIndex {
	var x keyIndex
	for n := range 1 << 10 {
		x.first, x.second = 1+n%32, 1+n/32
		if x.fill() {
			return &x
		}
	}
	panic("no hash separates the keys of all columns: change keyIndex.slot") // a test would see it
}

func (x *keyIndex) fill() bool {
	for i := range x.columns {
		x.columns[i] = -1
	}
	for i, c := range columns {
		if c.Key == "" {
			continue
		}
		slot := &x.columns[x.slot(c.Key)]
		if *slot >= 0 {
			return false
		}
		*slot = int8(i)
	}
	return true
}

func (x *keyIndex) slot(key string) uint8 {
	n := len(key)
	return uint8(n+int(key[9])*x.first+int(key[n-2])*x.second) % uint8(len(x.columns))
}
