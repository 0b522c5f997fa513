package record

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
)

// UserID returns the id of a user that an attribute of OpenTelemetry holds, such as
// user.id. It is "" for what services write when they know nobody: the text of an empty
// value in some language, or a visitor.
func UserID(v pcommon.Value) string {
	switch v.Type() {
	case pcommon.ValueTypeStr, pcommon.ValueTypeInt, pcommon.ValueTypeDouble:
		if text := Text(v); !IsVisitor(text) && !IsNobody(text) {
			return text
		}
	}
	return ""
}

// IsVisitor reports whether an id is one that applications have for visitors.
func IsVisitor(id string) bool {
	return id == "0" || id == "-1" || id == "00000000-0000-0000-0000-000000000000"
}

// IsNobody reports whether a text stands for a user who is not known, or for one that was
// removed.
func IsNobody(text string) bool {
	if len(text) > maxNobody {
		return false
	}
	word := strings.Trim(text, "[]()<>*-_. \"'")
	return word == "" || nobodies[word] || nobodies[strings.ToLower(word)]
}

// maxNobody bounds the length of a text that stands for nobody.
const maxNobody = 32

var nobodies = map[string]bool{
	string(activity.ActorAnonymous): true, "anonymoususer": true, "null": true, "nil": true, "none": true, "undefined": true,
	"unknown": true, "redacted": true, "filtered": true, "hidden": true, "masked": true, "removed": true, "object object": true, "false": true, "true": true,
	"nan": true, "n/a": true,
}
