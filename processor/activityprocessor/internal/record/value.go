package record

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/identity/valuetext"
)

// Text returns v as text without white space around it, as [valuetext.Trimmed].
func Text(v pcommon.Value) string { return valuetext.Trimmed(v) }

// StatusCode returns the HTTP status code that v holds as a number or as text, or 0.
func StatusCode(v pcommon.Value) int {
	var code int64
	if v.Type() == pcommon.ValueTypeInt {
		code = v.Int()
	} else {
		code, _ = strconv.ParseInt(Text(v), 10, 64)
	}
	if code < 100 || code > 999 {
		return 0
	}
	return int(code)
}

// TextOf returns the value of an OTTL expression as text, in the form of an attribute
// with that value. For nil, the value of an attribute that is not set, it returns "".
func TextOf(value any) (string, error) {
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
		return Text(v), nil
	}
	v := pcommon.NewValueEmpty()
	if err := putValue(v, value); err != nil {
		return "", fmt.Errorf("a value of type %T cannot be text: %w", value, err)
	}
	return Text(v), nil
}

// PutMember writes a member of activity.data. Data that is a text is not changed,
// and a value that cannot be written changes nothing. Both are errors.
func PutMember(attrs pcommon.Map, member string, value any, overwrite bool) error {
	v := pcommon.NewValueEmpty()
	if err := putValue(v, value); err != nil {
		return err
	}
	if v.Type() == pcommon.ValueTypeEmpty {
		return nil
	}
	data, existed := attrs.GetOrPutEmpty(activity.DataKey)
	if data.Type() != pcommon.ValueTypeMap {
		if existed && Text(data) != "" {
			return fmt.Errorf("%s has no members: it is not a map", activity.DataKey)
		}
		data.SetEmptyMap()
	}
	if old, existed := data.Map().GetOrPutEmpty(member); !existed || overwrite {
		v.MoveTo(old)
	}
	return nil
}

// putValue writes a value of any type that OTTL returns. A trace or span id of zeros
// counts as no value.
func putValue(v pcommon.Value, value any) error {
	switch value := value.(type) {
	case pcommon.Map:
		value.CopyTo(v.SetEmptyMap())
	case pcommon.Slice:
		value.CopyTo(v.SetEmptySlice())
	case pcommon.Value:
		value.CopyTo(v)
	case []string: // Split
		list := v.SetEmptySlice()
		for _, s := range value {
			list.AppendEmpty().SetStr(s)
		}
	case time.Time:
		v.SetStr(value.UTC().Format(time.RFC3339Nano))
	case pcommon.TraceID, pcommon.SpanID, time.Duration:
		if s := fmt.Sprint(value); s != "" {
			v.SetStr(s)
		}
	default:
		return v.FromRaw(value)
	}
	return nil
}
