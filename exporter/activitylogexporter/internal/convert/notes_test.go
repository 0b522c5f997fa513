package convert_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/convert"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// members returns the members of a JSON object in their order, those with the same
// name too, each as JSON.
func members(t *testing.T, object string) (names, values []string) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(object))
	if _, err := decoder.Token(); err != nil {
		t.Fatal(err)
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			t.Fatalf("%v in %s", err, object)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			t.Fatalf("%v in %s", err, object)
		}
		names, values = append(names, name.(string)), append(values, string(value))
	}
	return names, values
}

// What the exporter and the collector say of a row has a name of its own in data.
// A service must not be able to say it in their place, and of two members with the
// same name each database takes another one.
func TestNotesAreNotTheSenders(t *testing.T) {
	long := strings.Repeat("x", 256)
	for name, c := range map[string]struct {
		key, forged, want string
		cause             func(pcommon.Map)
	}{
		"id that was replaced": {activity.OriginalIDKey, `"forged"`, `"order 17"`, func(a pcommon.Map) { a.PutStr(activity.OriginalIDKey, "order 17") }},
		"time that was not believed": {activity.ClaimedTimeKey, `"forged"`, `"2040-01-01T00:00:00Z"`, func(a pcommon.Map) {
			a.PutStr(activity.ClaimedTimeKey, "2040-01-01T00:00:00Z")
		}},
		"status that was replaced": {activity.OriginalStatusKey, `"forged"`, `"partial"`, func(a pcommon.Map) { a.PutStr(activity.OriginalStatusKey, "partial") }},
		"columns that were repaired": {convert.RepairedKey, `["tenant_id"]`, `["actor_name"]`, func(a pcommon.Map) {
			a.PutStr(activity.ActorNameKey, "a\x00b")
		}},
		"value that was cut":    {activity.ObjectIDKey, `"forged"`, `"` + long + `"`, func(a pcommon.Map) { a.PutStr(activity.ObjectIDKey, long) }},
		"columns that were cut": {activity.CutKey, `"forged"`, `["forged","object_id"]`, func(a pcommon.Map) { a.PutStr(activity.ObjectIDKey, long) }},
		"sender":                {activity.SenderName, `"forged"`, `"shop"`, func(a pcommon.Map) { a.PutStr(activity.SenderKey, "shop") }},
		"columns that are forged": {activity.ForgedKey, `"forged"`, `["tenant_id"]`, func(a pcommon.Map) {
			a.PutEmptySlice(activity.ForgedKey).AppendEmpty().SetStr("tenant_id")
		}},
		"attributes that were dropped": {activity.DroppedAttributesKey, `0`, `7`, func(a pcommon.Map) { a.PutInt(activity.DroppedAttributesKey, 7) }},
		"members that were dropped":    {activity.DroppedMembersKey, `0`, `8`, func(a pcommon.Map) { a.PutInt(activity.DroppedMembersKey, 8) }},
	} {
		for form, put := range map[string]func(pcommon.Map){
			"map": func(a pcommon.Map) {
				var v any
				_ = json.Unmarshal([]byte(c.forged), &v)
				_ = a.PutEmptyMap(activity.DataKey).FromRaw(map[string]any{c.key: v, "kept": "a"})
			},
			"text": func(a pcommon.Map) { a.PutStr(activity.DataKey, fmt.Sprintf(`{%q:%s,"kept":"a"}`, c.key, c.forged)) },
		} {
			t.Run(name+" "+form, func(t *testing.T) {
				r := record(func(r plog.LogRecord) { put(r.Attributes()); c.cause(r.Attributes()) })
				names, values := members(t, r.Text[row.Data])
				sorted := slices.Sorted(slices.Values(names))
				if len(slices.Compact(sorted)) != len(names) {
					t.Errorf("two members have the same name: %s", r.Text[row.Data])
				}
				want := c.want
				if form == "text" { // only the list in a map is added to
					want = strings.Replace(want, `["forged","object_id"]`, `["object_id"]`, 1)
				}
				if i := slices.Index(names, c.key); i < 0 || values[i] != want {
					t.Errorf("%s: got %s, want %s", c.key, r.Text[row.Data], want)
				}
				if !slices.Contains(names, "kept") {
					t.Errorf("another member is lost: %s", r.Text[row.Data])
				}
			})
		}
	}
}

// Keys that differ only in what no database can store are one key once they are
// repaired. JSON with one key twice is refused by ClickHouse, and other databases do
// not agree which of the values counts. The key that needed no repair keeps its own.
func TestKeysThatAreAlikeOnceTheyAreRepaired(t *testing.T) {
	for name, put := range map[string]func(pcommon.Value){
		"map": func(v pcommon.Value) {
			m := v.SetEmptyMap()
			m.PutStr("a\x00", "repaired")
			m.PutStr("a\uFFFD", "intact")
		},
		"inner map": func(v pcommon.Value) {
			m := v.SetEmptyMap().PutEmptyMap("k")
			m.PutStr("a\xff", "repaired")
			m.PutStr("a\uFFFD", "intact")
		},
		"text":       func(v pcommon.Value) { v.SetStr(`{"a\u0000":"repaired","a\ufffd":"intact"}`) },
		"inner text": func(v pcommon.Value) { v.SetStr(`{"k":{"a\u0000":"repaired","a\ufffd":"intact"}}`) },
		"many keys": func(v pcommon.Value) {
			m := v.SetEmptyMap()
			for i := range 50 {
				m.PutInt(fmt.Sprint(i), 1)
			}
			m.PutStr("a\x00", "repaired")
			m.PutStr("a\uFFFD", "intact")
		},
	} {
		r := record(func(r plog.LogRecord) { put(r.Attributes().PutEmpty(activity.DataKey)) })
		text := r.Text[row.Data]
		if n := strings.Count(text, "\"a\uFFFD\":"); n != 1 || !strings.Contains(text, `:"intact"`) {
			t.Errorf("%s: the key is there %d times, want the intact one alone: %s", name, n, text)
		}
	}
}

// What is in data already is not copied once more by data_attributes, in a small
// object, where keys are looked for in a list, and in a large one.
func TestMembersAreNotCopiedOverOthers(t *testing.T) {
	for _, keys := range []int{1, 2, 29, 30, 31, 32, 33, 34, 100} {
		for _, form := range []string{"map", "text"} {
			raw := map[string]any{}
			for i := range keys {
				raw[fmt.Sprint("k", i)] = "own"
			}
			ld := plog.NewLogs()
			a := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().Attributes()
			a.PutStr(activity.ActionTypeKey, "Read")
			a.PutStr("k0", "copied")
			a.PutStr("other", "copied")
			text, _ := json.Marshal(raw)
			if form == "text" {
				a.PutStr(activity.DataKey, string(text))
			} else {
				_ = a.PutEmptyMap(activity.DataKey).FromRaw(raw)
			}
			c := convert.Converter{DataAttributes: []string{"k0", "other", "other"}}
			names, values := members(t, c.Logs(ld).Rows[0].Text[row.Data])
			if len(names) != keys+1 || values[slices.Index(names, "k0")] != `"own"` || values[slices.Index(names, "other")] != `"copied"` {
				t.Errorf("%d keys in a %s: got %q, %q", keys, form, names, values)
			}
		}
	}
}
