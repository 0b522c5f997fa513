package activityprocessor

import (
	"fmt"
	"slices"
	"strings"

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
