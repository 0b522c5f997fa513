package row

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelactivity/activitylog/activity"
)

func dataFor(t testing.TB, fill func(pcommon.Map)) map[string]any {
	t.Helper()
	ld := plog.NewLogs()
	record := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	record.Attributes().PutStr(activity.ActionTypeKey, "Update")
	fill(record.Attributes())
	batch := (&Converter{}).Logs(ld)
	var data map[string]any
	require.NoError(t, json.Unmarshal([]byte(batch.Rows[0].Text[Data]), &data))
	return data
}

// TestSenderIsTheCollectors: a service cannot say who it is in the place of the
// collector that authenticated it, whatever form its data has.
func TestSenderIsTheCollectors(t *testing.T) {
	for name, put := range map[string]func(pcommon.Map){
		"map":  func(a pcommon.Map) { a.PutEmptyMap(activity.DataKey).PutStr("sender", "root") },
		"text": func(a pcommon.Map) { a.PutStr(activity.DataKey, `{"sender":"root"}`) },
	} {
		require.Equal(t, map[string]any{"sender.original": "root"}, dataFor(t, put), name)
		require.Equal(t, map[string]any{"sender": "shop", "sender.original": "root"}, dataFor(t, func(a pcommon.Map) {
			put(a)
			a.PutStr(activity.SenderKey, "shop")
		}), name)
	}
}

func TestDroppedAndForgedAreInData(t *testing.T) {
	require.Equal(t, map[string]any{
		"activity.dropped_attributes": 7.0, "activity.dropped_members": 8.0, "activity.forged": []any{"tenant_id"},
		"activity.dropped_members.original": "none",
	}, dataFor(t, func(a pcommon.Map) {
		a.PutEmptyMap(activity.DataKey).PutStr(activity.DroppedMembersKey, "none")
		a.PutInt(activity.DroppedAttributesKey, 7)
		a.PutInt(activity.DroppedMembersKey, 8)
		a.PutEmptySlice(activity.ForgedKey).AppendEmpty().SetStr("tenant_id")
	}))
}

// TestFirstOfTwoKeys: of two entries with the same key the first one counts, in a
// small map and in a large one.
func TestFirstOfTwoKeys(t *testing.T) {
	for _, keys := range []int{1, 100} {
		ld := plog.NewLogs()
		record := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
		record.Attributes().PutStr(activity.ActionTypeKey, "Update")
		m := record.Attributes().PutEmptyMap(activity.DataKey)
		m.PutStr("twice A", "first")
		for i := range keys {
			m.PutInt(fmt.Sprint("k", i), int64(i))
		}
		m.PutStr("twice B", "second")
		wire, err := (&plog.ProtoMarshaler{}).MarshalLogs(ld)
		require.NoError(t, err)
		ld, err = (&plog.ProtoUnmarshaler{}).UnmarshalLogs(bytes.ReplaceAll(wire, []byte("twice B"), []byte("twice A")))
		require.NoError(t, err)
		var data map[string]any
		text := (&Converter{DataAttributes: []string{"k0"}}).Logs(ld).Rows[0].Text[Data]
		require.NoError(t, json.Unmarshal([]byte(text), &data))
		require.Len(t, data, keys+1)
		require.Equal(t, 1, strings.Count(text, "twice A"), text)
		require.Equal(t, "first", data["twice A"])
	}
}

// BenchmarkDataKeys: the cost of a key does not grow with their number.
func BenchmarkDataKeys(b *testing.B) {
	for _, keys := range []int{1_000, 10_000, 100_000} {
		raw := map[string]any{}
		for i := range keys {
			raw[fmt.Sprintf("key%d", i)] = "value"
		}
		text, err := json.Marshal(raw)
		require.NoError(b, err)
		for _, form := range []string{"map", "text"} {
			b.Run(fmt.Sprintf("%s/%d", form, keys), func(b *testing.B) {
				ld := plog.NewLogs()
				record := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
				record.Attributes().PutStr(activity.ActionTypeKey, "Update")
				if form == "map" {
					require.NoError(b, record.Attributes().PutEmptyMap(activity.DataKey).FromRaw(raw))
				} else {
					record.Attributes().PutStr(activity.DataKey, string(text))
				}
				c := &Converter{}
				for b.Loop() {
					c.Release(c.Logs(ld))
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(keys), "ns/key")
			})
		}
	}
}
