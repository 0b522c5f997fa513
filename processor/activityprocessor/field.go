package activityprocessor

import (
	"fmt"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
)

// field is one attribute of an activity that is a text and a column of its own.
type field int

const (
	actionType field = iota
	actionName
	status
	errorType
	actorID
	actorType
	actorName
	impersonator
	tenant
	objectType
	objectID
	objectName
	remarks
	clientAddress
	userAgent
	session
	numFields

	noField field = -1
)

// values are those of all fields; "" is none.
type values [numFields]string

// fieldKeys are the attributes of the fields.
var fieldKeys = [numFields]string{
	actionType:    activity.ActionTypeKey,
	actionName:    activity.ActionNameKey,
	status:        activity.StatusKey,
	errorType:     activity.ErrorTypeKey,
	actorID:       activity.ActorIDKey,
	actorType:     activity.ActorTypeKey,
	actorName:     activity.ActorNameKey,
	impersonator:  activity.ImpersonatorIDKey,
	tenant:        activity.TenantIDKey,
	objectType:    activity.ObjectTypeKey,
	objectID:      activity.ObjectIDKey,
	objectName:    activity.ObjectNameKey,
	remarks:       activity.RemarksKey,
	clientAddress: activity.ClientAddressKey,
	userAgent:     activity.UserAgentKey,
	session:       activity.SessionIDKey,
}

// dataField begins the name of a member of activity.data.
const dataField = "data."

// parseField reads the name that a field has in a rule: its attribute's,
// without "activity.". For a member of the data it returns noField and its name.
func parseField(name string) (f field, member string, err error) {
	short := strings.TrimPrefix(name, "activity.")
	if member, ok := strings.CutPrefix(short, dataField); ok && member != "" {
		return noField, member, nil
	}
	for f, key := range fieldKeys {
		if strings.TrimPrefix(key, "activity.") == short {
			return field(f), "", nil
		}
	}
	if meant := similarField(short); meant != "" {
		return noField, "", fmt.Errorf("is no field of an activity; is it %s?", meant)
	}
	return noField, "", fmt.Errorf("is no field of an activity; there are %s and %s<name>", strings.Join(fieldNames(), ", "), dataField)
}

// similarField returns the field whose name has the same letters, such as
// actor.id for actor_id.
func similarField(name string) string {
	letters := strings.NewReplacer(".", "", "_", "", "-", "")
	for _, known := range fieldNames() {
		if strings.EqualFold(letters.Replace(known), letters.Replace(name)) {
			return known
		}
	}
	return ""
}

func fieldNames() []string {
	names := make([]string, 0, numFields)
	for _, key := range fieldKeys {
		names = append(names, strings.TrimPrefix(key, "activity."))
	}
	slices.Sort(names)
	return names
}

// textOf returns a value of OTTL as text: what it would be as an attribute, and ""
// for nil, as of an attribute that is not there.
func textOf(value any) (string, error) {
	switch v := value.(type) {
	case nil:
		return "", nil
	case string:
		return strings.TrimSpace(v), nil
	case pcommon.Map:
		value = v.AsRaw()
	case pcommon.Slice:
		value = v.AsRaw()
	case pcommon.Value:
		return text(v), nil
	}
	v := pcommon.NewValueEmpty()
	if err := v.FromRaw(value); err != nil {
		return "", fmt.Errorf("a value of type %T is no text: %w", value, err)
	}
	return text(v), nil
}

// putMember writes a member of the data. Data that came as text stays as it is.
func putMember(attrs pcommon.Map, member string, value any, overwrite bool) error {
	if value == nil {
		return nil
	}
	data, existed := attrs.GetOrPutEmpty(activity.DataKey)
	if data.Type() != pcommon.ValueTypeMap {
		if existed && text(data) != "" {
			return fmt.Errorf("%s has no members: it is no map", activity.DataKey)
		}
		data.SetEmptyMap()
	}
	v, existed := data.Map().GetOrPutEmpty(member)
	if existed && !overwrite {
		return nil
	}
	switch value := value.(type) {
	case pcommon.Map:
		value.CopyTo(v.SetEmptyMap())
		return nil
	case pcommon.Slice:
		value.CopyTo(v.SetEmptySlice())
		return nil
	case pcommon.Value:
		value.CopyTo(v)
		return nil
	}
	return v.FromRaw(value)
}
