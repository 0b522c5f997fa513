package activityprocessor

import (
	"fmt"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
)

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
	if err := putValue(v, value); err != nil {
		return "", fmt.Errorf("a value of type %T is no text: %w", value, err)
	}
	return text(v), nil
}

// putMember writes a member of the data. Data that came as text stays as it is. A
// value that cannot be written changes nothing.
func putMember(attrs pcommon.Map, member string, value any, overwrite bool) error {
	v := pcommon.NewValueEmpty()
	if err := putValue(v, value); err != nil {
		return err
	}
	if v.Type() == pcommon.ValueTypeEmpty {
		return nil
	}
	data, existed := attrs.GetOrPutEmpty(activity.DataKey)
	if data.Type() != pcommon.ValueTypeMap {
		if existed && text(data) != "" {
			return fmt.Errorf("%s has no members: it is no map", activity.DataKey)
		}
		data.SetEmptyMap()
	}
	if old, existed := data.Map().GetOrPutEmpty(member); !existed || overwrite {
		v.MoveTo(old)
	}
	return nil
}

// putValue writes a value of OTTL, of whatever type. Ids that are all zeros are
// nothing.
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
