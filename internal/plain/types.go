package plain

import (
	"encoding"
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"time"
)

// typeInfo is what is known of a type that is no pointer and no interface.
type typeInfo struct {
	basic    bool // a bool, number or text without methods that matter
	form     textForm
	isURL    bool
	isNull   bool // a type such as sql.NullString
	isProto  bool // a protobuf message, whose String is for debugging
	marshals bool // MarshalText or MarshalJSON
	holds    reach
	fields   []field // of a struct
	id       *field  // the field that names an element of a list
}

// textForm is where a value has its text from.
type textForm uint8

const (
	noText textForm = iota
	timeText
	numberText // of a json.Number
	durationText
	errorText
	stringText
	jsonText
	marshalText
)

var (
	timeType     = reflect.TypeFor[time.Time]()
	numberType   = reflect.TypeFor[json.Number]()
	urlType      = reflect.TypeFor[url.URL]()
	errorType    = reflect.TypeFor[error]()
	stringerType = reflect.TypeFor[fmt.Stringer]()
	textType     = reflect.TypeFor[encoding.TextMarshaler]()
	jsonType     = reflect.TypeFor[json.Marshaler]()
	asTimeType   = reflect.TypeFor[interface{ AsTime() time.Time }]()
	asDuration   = reflect.TypeFor[interface{ AsDuration() time.Duration }]()
)

var known sync.Map // of reflect.Type to *typeInfo

func infoOf(t reflect.Type) *typeInfo {
	if info, ok := known.Load(t); ok {
		return info.(*typeInfo)
	}
	info := newTypeInfo(t)
	known.Store(t, info)
	return info
}

func newTypeInfo(t reflect.Type) *typeInfo {
	info := &typeInfo{isURL: t == urlType, isNull: isNull(t)}
	p := reflect.PointerTo(t) // has the methods of both
	_, info.isProto = p.MethodByName("ProtoReflect")
	info.marshals = p.Implements(textType) || p.Implements(jsonType)
	info.form = formOfText(t, p)
	if t.Kind() == reflect.Struct {
		info.fields = fieldsOf(t)
		for i := range info.fields {
			if info.fields[i].id && info.id == nil {
				info.id = &info.fields[i]
			}
		}
	}
	if info.isProto && info.form > durationText {
		info.form = noText
	}
	if info.form != noText {
		info.holds = reachOf(t)
	}
	info.basic = info.form == noText && isBasic(t.Kind())
	return info
}

// isNull reports whether a type is one of database/sql for a column that may be NULL: its
// second field says whether the first one is valid.
func isNull(t reflect.Type) bool {
	return t.PkgPath() == "database/sql" && strings.HasPrefix(t.Name(), "Null") && t.Kind() == reflect.Struct &&
		t.NumField() == 2 && t.Field(1).Name == "Valid"
}

func formOfText(t, p reflect.Type) textForm {
	switch {
	case t == timeType || t.Kind() == reflect.Struct && t.ConvertibleTo(timeType) || p.Implements(asTimeType):
		return timeText
	case t == numberType:
		return numberText
	case p.Implements(asDuration):
		return durationText
	case p.Implements(errorType):
		return errorText
	case p.Implements(stringerType):
		return stringText
	case p.Implements(jsonType):
		return jsonText
	case p.Implements(textType):
		return marshalText
	}
	return noText
}

func isBasic(k reflect.Kind) bool {
	return k >= reflect.Bool && k <= reflect.Float64 && k != reflect.Uintptr || k == reflect.String
}

// reach says whether tagged fields can be reached from a value of a type.
type reach uint8

const (
	never   reach = iota
	perhaps       // through an interface
	always        // its own type has them
)

var reached sync.Map // of reflect.Type to reach

// reachOf is holdsOf with a memory.
func reachOf(t reflect.Type) reach {
	if r, ok := reached.Load(t); ok {
		return r.(reach)
	}
	r := holdsOf(t, map[reflect.Type]bool{})
	reached.Store(t, r)
	return r
}

// holdsOf follows a type to all that its values hold, in fields that are not exported too:
// its methods see those.
func holdsOf(t reflect.Type, seen map[reflect.Type]bool) (r reach) {
	if seen[t] {
		return never
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Interface:
		return perhaps
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return holdsOf(t.Elem(), seen)
	case reflect.Map:
		return max(holdsOf(t.Key(), seen), holdsOf(t.Elem(), seen))
	case reflect.Struct:
		for i := range t.NumField() {
			if tagged, _ := ruleOf(t.Field(i).Tag); tagged != show {
				return always
			}
			r = max(r, holdsOf(t.Field(i).Type, seen))
		}
	}
	return r
}

// maxSearched bounds the search for tagged fields behind interfaces.
const maxSearched = 1024

// textRule returns how the text that v gives itself is recorded: as it is, not at all
// because v is taken apart instead, or masked. The methods of what has tagged fields may
// tell their values.
func (info *typeInfo) textRule(v reflect.Value) rule {
	isStruct := v.Kind() == reflect.Struct
	switch {
	case info.holds == never:
		return show
	case info.holds == always && isStruct && len(info.fields) == 0:
		return mask
	case info.holds == always:
		return leaveOut
	}
	left := maxSearched
	switch {
	case !holdsSecret(v, &left):
		return show
	case isStruct && (info.form == errorText || len(info.fields) == 0): // an error around one: its other fields are not meant to be recorded
		return mask
	}
	return leaveOut
}

// holdsSecret looks behind interfaces. It does not look into what other goroutines may be
// writing, which are maps in fields that are not exported, and not into requests and the
// like. What is too large to be searched holds a secret.
func holdsSecret(v reflect.Value, left *int) bool {
	if *left--; *left < 0 {
		return true
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return false
		}
		return holdsSecret(v.Elem(), left)
	case reflect.Slice, reflect.Array, reflect.Map, reflect.Struct:
	default:
		return false
	}
	switch reachOf(v.Type()) {
	case never:
		return false
	case always:
		return true
	}
	switch v.Kind() {
	case reflect.Map:
		for it := v.MapRange(); v.CanInterface() && it.Next(); {
			if holdsSecret(it.Key(), left) || holdsSecret(it.Value(), left) {
				return true
			}
		}
	case reflect.Struct:
		return !isShared[v.Type().PkgPath()] && anyField(v, left)
	default:
		for i := range v.Len() {
			if holdsSecret(v.Index(i), left) {
				return true
			}
		}
	}
	return false
}

func anyField(v reflect.Value, left *int) bool {
	for i := range v.NumField() {
		if holdsSecret(v.Field(i), left) {
			return true
		}
	}
	return false
}

// isShared are packages whose structs lead to all that a process has.
var isShared = map[string]bool{
	"context": true, "crypto/tls": true, "database/sql": true, "net/http": true, "reflect": true, "sync": true, "sync/atomic": true,
}
