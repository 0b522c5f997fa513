package convert

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/row"
)

func dataFor(t testing.TB, fill func(pcommon.Map)) map[string]any {
	t.Helper()
	ld := plog.NewLogs()
	record := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	record.Attributes().PutStr(activity.ActionTypeKey, "Update")
	fill(record.Attributes())
	batch := (&Converter{}).Logs(ld)
	var data map[string]any
	if err := json.Unmarshal([]byte(batch.Rows[0].Text[row.Data]), &data); err != nil {
		t.Fatal(err)
	}
	return data
}

// TestSenderIsTheCollectors: a service cannot say who it is in the place of the
// collector that authenticated it, whatever form its data has.
func TestSenderIsTheCollectors(t *testing.T) {
	for name, put := range map[string]func(pcommon.Map){
		"map":  func(a pcommon.Map) { a.PutEmptyMap(activity.DataKey).PutStr("sender", "root") },
		"text": func(a pcommon.Map) { a.PutStr(activity.DataKey, `{"sender":"root"}`) },
	} {
		if got := dataFor(t, put); !reflect.DeepEqual(got, map[string]any{"sender.original": "root"}) {
			t.Fatalf("%v: got %v, want %v", name, got, map[string]any{"sender.original": "root"})
		}
		if got := dataFor(t, func(a pcommon.Map) {
			put(a)
			a.PutStr(activity.SenderKey, "shop")
		}); !reflect.DeepEqual(got, map[string]any{"sender": "shop", "sender.original": "root"}) {
			t.Fatalf("%v: got %v, want %v", name, got, map[string]any{"sender": "shop", "sender.original": "root"})
		}
	}
}

// TestBatchIsInData: the id of a batch has a name that services may use for something else.
func TestBatchIsInData(t *testing.T) {
	for _, c := range []struct {
		put  func(pcommon.Map)
		want map[string]any
	}{
		{func(a pcommon.Map) { a.PutStr(activity.BatchIDKey, "b") }, map[string]any{"batch_id": "b"}},
		{func(a pcommon.Map) { a.PutEmptyMap(activity.DataKey).PutInt("batch_id", 7) }, map[string]any{"batch_id": 7.0}},
		{func(a pcommon.Map) {
			a.PutStr(activity.BatchIDKey, "b")
			a.PutEmptyMap(activity.DataKey).PutInt("batch_id", 7)
		},
			map[string]any{"batch_id": "b", "batch_id.original": 7.0}},
		{func(a pcommon.Map) { a.PutStr(activity.DataKey, `{"batch_id":7}`); a.PutStr(activity.BatchIDKey, "b") },
			map[string]any{"batch_id": "b", "batch_id.original": 7.0}},
	} {
		if got := dataFor(t, c.put); !reflect.DeepEqual(got, c.want) {
			t.Errorf("got %v, want %v", got, c.want)
		}
	}
}

func TestDroppedAndForgedAreInData(t *testing.T) {
	if got := dataFor(t, func(a pcommon.Map) {
		a.PutEmptyMap(activity.DataKey).PutStr(activity.DroppedMembersKey, "none")
		a.PutInt(activity.DroppedAttributesKey, 7)
		a.PutInt(activity.DroppedMembersKey, 8)
		a.PutEmptySlice(activity.ForgedKey).AppendEmpty().SetStr("tenant_id")
	}); !reflect.DeepEqual(got, map[string]any{
		"activity.dropped_attributes": 7.0, "activity.dropped_members": 8.0, "activity.forged": []any{"tenant_id"},
		"activity.dropped_members.original": "none",
	}) {
		t.Fatalf("got %v, want %v", got, map[string]any{
			"activity.dropped_attributes": 7.0, "activity.dropped_members": 8.0, "activity.forged": []any{"tenant_id"},
			"activity.dropped_members.original": "none",
		})
	}
}

// TestActorWhoWasNotVerified is marked in data, in the place of what the service says.
func TestActorWhoWasNotVerified(t *testing.T) {
	want := map[string]any{"actor_verified": false, "actor_verified.original": true}
	if got := dataFor(t, func(a pcommon.Map) {
		a.PutEmptyMap(activity.DataKey).PutBool("actor_verified", true)
		a.PutBool(activity.ActorVerifiedKey, false)
	}); !reflect.DeepEqual(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
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
		if err != nil {
			t.Fatal(err)
		}
		ld, err = (&plog.ProtoUnmarshaler{}).UnmarshalLogs(bytes.ReplaceAll(wire, []byte("twice B"), []byte("twice A")))
		if err != nil {
			t.Fatal(err)
		}
		var data map[string]any
		text := (&Converter{DataAttributes: []string{"k0"}}).Logs(ld).Rows[0].Text[row.Data]
		if err := json.Unmarshal([]byte(text), &data); err != nil {
			t.Fatal(err)
		}
		if len(data) != keys+1 {
			t.Fatalf("data: got %v, want %v of them", data, keys+1)
		}
		if got := strings.Count(text, "twice A"); got != 1 {
			t.Fatalf("%v: got %v, want %v", text, got, 1)
		}
		if got := data["twice A"]; got != "first" {
			t.Fatalf("got %v, want %v", got, "first")
		}
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
		if err != nil {
			b.Fatal(err)
		}
		for _, form := range []string{"map", "text"} {
			b.Run(fmt.Sprintf("%s/%d", form, keys), func(b *testing.B) {
				ld := plog.NewLogs()
				record := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
				record.Attributes().PutStr(activity.ActionTypeKey, "Update")
				if form == "map" {
					if err := record.Attributes().PutEmptyMap(activity.DataKey).FromRaw(raw); err != nil {
						b.Fatal(err)
					}
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
