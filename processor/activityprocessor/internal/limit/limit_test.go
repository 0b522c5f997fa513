package limit

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

func cutRecord(cfg Config, fill func(plog.LogRecord)) (plog.LogRecord, Dropped) {
	ld := plog.NewLogs()
	record := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	fill(record)
	return record, cfg.Logs(ld)
}

func number64(t *testing.T, attrs pcommon.Map, key string) int64 {
	t.Helper()
	v, ok := attrs.Get(key)
	if !ok {
		return 0
	}
	return v.Int()
}

// TestColumnsStay: the attributes that are columns stay, wherever they stand.
func TestColumnsStay(t *testing.T) {
	cfg := DefaultConfig()
	record, dropped := cutRecord(cfg, func(r plog.LogRecord) {
		for i := range 1000 {
			r.Attributes().PutInt(fmt.Sprint("k", i), 1)
		}
		r.Attributes().PutStr(activity.ActionTypeKey, "Update")
		r.Attributes().PutStr(activity.ActorIDKey, "7")
	})
	require.Equal(t, Dropped{Attributes: 1002 - 128}, dropped)
	require.Equal(t, 129, record.Attributes().Len(), "and how many were dropped")
	require.Equal(t, int64(1002-128), number64(t, record.Attributes(), activity.DroppedAttributesKey))
	for key, is := range map[string]bool{activity.ActionTypeKey: true, activity.ActorIDKey: true, "k0": true, "k125": true, "k126": false} {
		_, ok := record.Attributes().Get(key)
		require.Equal(t, is, ok, key)
	}
}

// TestTwiceTheSame: a key that comes again and again uses up what others have.
func TestTwiceTheSame(t *testing.T) {
	ld := plog.NewLogs()
	record := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	for i := range 1000 {
		record.Attributes().PutStr(fmt.Sprintf("activity.i%03d", i), "x")
	}
	record.Attributes().PutStr("activity.tenant.id", "acme")
	wire, err := (&plog.ProtoMarshaler{}).MarshalLogs(ld)
	require.NoError(t, err)
	text := string(wire)
	for i := range 1000 {
		text = strings.Replace(text, fmt.Sprintf("activity.i%03d", i), activity.DataKey, 1)
	}
	require.Len(t, "activity.i000", len(activity.DataKey))
	ld, err = (&plog.ProtoUnmarshaler{}).UnmarshalLogs([]byte(text))
	require.NoError(t, err)
	cfg := DefaultConfig()
	require.Equal(t, Dropped{Attributes: 1001 - 128}, cfg.Logs(ld))
	attrs := ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Attributes()
	_, ok := attrs.Get("activity.tenant.id")
	require.True(t, ok)
}

func TestMembers(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Members = 10
	fill := func(data pcommon.Map) {
		for i := range 4 {
			list := data.PutEmptySlice(fmt.Sprint("list", i))
			for k := range 3 {
				list.AppendEmpty().SetInt(int64(k))
			}
		}
	}
	record, dropped := cutRecord(cfg, func(r plog.LogRecord) {
		fill(r.Attributes().PutEmptyMap(activity.DataKey))
		fill(r.Attributes().PutEmptyMap("other"))
		fill(r.Body().SetEmptyMap())
	})
	require.Equal(t, Dropped{Members: 6 + 6 + 16}, dropped, "data has its own limit")
	data, _ := record.Attributes().Get(activity.DataKey)
	require.Equal(t, map[string]any{"list0": []any{int64(0), int64(1), int64(2)}, "list1": []any{int64(0), int64(1), int64(2)}, "list2": []any{int64(0)}}, data.Map().AsRaw())
	require.Equal(t, int64(28), number64(t, record.Attributes(), activity.DroppedMembersKey))
}

// TestMembersOfText: data that comes as a text of JSON has the same limit.
func TestMembersOfText(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Members = 3
	for text, want := range map[string]struct {
		data    any
		dropped int
	}{
		`{"a":1,"b":2,"c":3}`:               {`{"a":1,"b":2,"c":3}`, 0},
		`{"a":1,"b":1.5,"c":"x","d":[1,2]}`: {map[string]any{"a": int64(1), "b": 1.5, "c": "x"}, 1},
		`{"a":[1,{"x":null},3],"b":true}`:   {map[string]any{"a": []any{int64(1), map[string]any{}}}, 3},
		`{"a":1,"b":2,"c":3,"d":`:           {`{"a":1,"b":2,"c":3,"d":`, 0},
		`{"a":1,"b":2,"c":3,"d":4} x`:       {`{"a":1,"b":2,"c":3,"d":4} x`, 0},
		`[1,2,3,4,5]`:                       {`[1,2,3,4,5]`, 0},
	} {
		record, dropped := cutRecord(cfg, func(r plog.LogRecord) { r.Attributes().PutStr(activity.DataKey, text) })
		data, _ := record.Attributes().Get(activity.DataKey)
		require.Equal(t, want.data, data.AsRaw(), text)
		require.Equal(t, want.dropped, dropped.Members, text)
	}
}

// TestLongTextOfJSON: its members are whole, and each may be cut for itself.
func TestLongTextOfJSON(t *testing.T) {
	cfg := DefaultConfig()
	long := strings.Repeat("x", 50_000)
	text, err := json.Marshal(map[string]any{"a": long, "b": long, "n": json.Number("12345678901234567890")})
	require.NoError(t, err)
	record, _ := cutRecord(cfg, func(r plog.LogRecord) { r.Attributes().PutStr(activity.DataKey, string(text)) })
	data, _ := record.Attributes().Get(activity.DataKey)
	require.Equal(t, map[string]any{"a": long, "b": long, "n": "12345678901234567890"}, data.AsRaw())
}

// TestForged: a service cannot say what only a collector may say.
func TestForged(t *testing.T) {
	record, _ := cutRecord(DefaultConfig(), func(r plog.LogRecord) {
		r.Attributes().PutStr(activity.SenderKey, "root")
		r.Attributes().PutStr(activity.ForgedKey, "nothing")
		r.Attributes().PutInt(activity.DroppedMembersKey, 5) // of a collector before this one
	})
	require.Equal(t, map[string]any{activity.DroppedMembersKey: int64(5)}, record.Attributes().AsRaw())
}

func TestSpans(t *testing.T) {
	cfg := DefaultConfig()
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	span := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	for _, attrs := range []pcommon.Map{
		rs.Resource().Attributes(), rs.ScopeSpans().At(0).Scope().Attributes(), span.Attributes(),
		span.Events().AppendEmpty().Attributes(), span.Links().AppendEmpty().Attributes(),
	} {
		for i := range 200 {
			attrs.PutInt(fmt.Sprint(i), 1)
		}
	}
	require.Equal(t, Dropped{Attributes: 5 * 72}, cfg.Traces(td))
	require.Equal(t, int64(3*72), number64(t, span.Attributes(), activity.DroppedAttributesKey))
}

func TestValidate(t *testing.T) {
	cfg := Config{}
	require.EqualError(t, confmap.Validate(&cfg), "attributes: must be at least 32; got 0\nmembers: must be at least 1; got 0\ntext: must be at least 4096; got 0")
	cfg = DefaultConfig()
	require.NoError(t, confmap.Validate(&cfg))
}

// BenchmarkHonest is what the limits cost a record that keeps to them.
func BenchmarkHonest(b *testing.B) {
	cfg := DefaultConfig()
	ld := plog.NewLogs()
	record := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	for key := range kept {
		record.Attributes().PutStr(key, "value")
	}
	for b.Loop() {
		cfg.Logs(ld)
	}
}
