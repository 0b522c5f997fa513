package record

import (
	"fmt"
	"slices"
	"strings"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/confcheck"
)

// Field is an attribute of an activity that is a text and has a column of its own.
type Field int

// The fields, in the order of their columns.
const (
	FieldActionType Field = iota
	FieldActionName
	FieldStatus
	FieldErrorType
	FieldActorID
	FieldActorType
	FieldActorName
	FieldImpersonator
	FieldTenant
	FieldObjectType
	FieldObjectID
	FieldObjectName
	FieldRemarks
	FieldClientAddress
	FieldUserAgent
	FieldSession
	// NumFields is how many there are.
	NumFields

	// NoField is the field of a member of activity.data.
	NoField Field = -1
)

// Values are the texts of all fields, by field. An empty text means no value.
type Values [NumFields]string

// fieldKeys are the attributes of the fields.
var fieldKeys = [NumFields]string{
	FieldActionType:    activity.ActionTypeKey,
	FieldActionName:    activity.ActionNameKey,
	FieldStatus:        activity.StatusKey,
	FieldErrorType:     activity.ErrorTypeKey,
	FieldActorID:       activity.ActorIDKey,
	FieldActorType:     activity.ActorTypeKey,
	FieldActorName:     activity.ActorNameKey,
	FieldImpersonator:  activity.ImpersonatorIDKey,
	FieldTenant:        activity.TenantIDKey,
	FieldObjectType:    activity.ObjectTypeKey,
	FieldObjectID:      activity.ObjectIDKey,
	FieldObjectName:    activity.ObjectNameKey,
	FieldRemarks:       activity.RemarksKey,
	FieldClientAddress: activity.ClientAddressKey,
	FieldUserAgent:     activity.UserAgentKey,
	FieldSession:       activity.SessionIDKey,
}

// Key returns the attribute of the field.
func (f Field) Key() string { return fieldKeys[f] }

// DataPrefix begins the name of a member of activity.data.
const DataPrefix = "data."

// ParseField parses the name of a field in a rule: its attribute without
// "activity.". For a member of activity.data it returns NoField and the member's name.
func ParseField(name string) (f Field, member string, err error) {
	short := strings.TrimPrefix(name, "activity.")
	if member, ok := strings.CutPrefix(short, DataPrefix); ok && member != "" {
		return NoField, member, nil
	}
	for f, key := range fieldKeys {
		if strings.TrimPrefix(key, "activity.") == short {
			return Field(f), "", nil
		}
	}
	return NoField, "", unknownField(name, short)
}

func unknownField(name, short string) error {
	if meant := confcheck.Near(short, fieldNames()); meant != "" {
		return fmt.Errorf("unknown field %q; did you mean %q?", name, meant)
	}
	return fmt.Errorf("unknown field %q; must be one of %s or %q", name, confcheck.List(fieldNames()), DataPrefix+"<name>")
}

func fieldNames() []string {
	names := make([]string, 0, NumFields)
	for _, key := range fieldKeys {
		names = append(names, strings.TrimPrefix(key, "activity."))
	}
	slices.Sort(names)
	return names
}

// IsText reports whether key is an attribute of an activity whose value is a text:
// a field, the id or the source.
func IsText(key string) bool {
	return activity.ColumnOfKey(key) >= 0 && key != activity.DataKey && key != activity.ServiceNameKey
}
