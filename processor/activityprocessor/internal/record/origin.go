package record

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
)

// Origin says, for people, where a record has the value of a field: an attribute such as
// "attribute user.id". It is "" if the record has no value for it.
func (r *Record) Origin(field Field) string {
	switch {
	case field == FieldClientAddress:
		return r.addressOrigin()
	case r.Own[field] != "":
		return attributeOrigin(field.Key())
	}
	switch field {
	case FieldActorID:
		return attributeOrigin(r.user.idKey())
	case FieldActorName:
		return attributeOrigin(r.user.nameKey())
	case FieldUserAgent:
		if r.Request.userAgent != "" {
			return "header User-Agent"
		}
	}
	return ""
}

func attributeOrigin(key string) string {
	if key == "" {
		return ""
	}
	return "attribute " + key
}

func (r *Record) addressOrigin() string {
	address := r.ClientAddress()
	switch {
	case address == "":
		return ""
	case address == activity.CleanAddress(r.address.peer):
		return "the peer of the connection"
	case r.address.forwarded != (pcommon.Value{}):
		return "header X-Forwarded-For or Forwarded"
	case r.Own[FieldClientAddress] != "":
		return attributeOrigin(activity.ClientAddressKey)
	}
	return attributeOrigin("http.client_ip")
}

// idKey returns the attribute that has the user's id.
func (u *user) idKey() string {
	switch {
	case u.id != "":
		return "user.id"
	case u.enduserID != "":
		return "enduser.id"
	}
	return ""
}

// nameKey returns the attribute that has the user's name.
func (u *user) nameKey() string {
	switch {
	case u.name != "":
		return "user.name"
	case u.email != "":
		return "user.email"
	case u.fullName != "":
		return "user.full_name"
	}
	return ""
}
