package redact

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/confcheck"
)

// fieldRule is a FieldConfig in JSON.
type fieldRule struct {
	Field  Field
	Action Action
	Length confcheck.Count
}

// fieldCase is what becomes of a record with a configuration of fields.
type fieldCase struct {
	Why      string
	Fields   []fieldRule
	Record   map[string]any
	Want     map[string]any
	Body     string
	WantBody string `json:"want_body"`
}

// TestFieldTable: each action with each kind of value, what says the same, members
// of the data, and what sentences say of them. The hashes were computed by another
// program.
func TestFieldTable(t *testing.T) {
	t.Setenv("ACTIVITY_KEY", key)
	text, err := os.ReadFile(filepath.Join("testdata", "fields.json"))
	require.NoError(t, err)
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	var cases []fieldCase
	require.NoError(t, decoder.Decode(&cases))
	require.GreaterOrEqual(t, len(cases), 200)
	for _, tt := range cases {
		c := newCleaner(t, func(cfg *Config) {
			cfg.HMAC = HMACConfig{KeyEnv: "ACTIVITY_KEY", KeyID: "2026-11"}
			for _, f := range tt.Fields {
				cfg.Fields = append(cfg.Fields, FieldConfig{Field: f.Field, Action: f.Action, Length: f.Length})
			}
		})
		record := recordOf(t, numbers(tt.Record).(map[string]any), tt.Body)
		want := recordOf(t, numbers(tt.Want).(map[string]any), tt.WantBody)
		for range 2 { // what is private already stays
			(&work{c: c}).record(record)
			assert.Equal(t, want.Attributes().AsRaw(), record.Attributes().AsRaw(), tt.Why)
			assert.Equal(t, tt.WantBody, record.Body().AsString(), tt.Why)
			if slices.ContainsFunc(tt.Fields, func(f fieldRule) bool { return f.Action == truncate }) {
				break // a value is truncated in a sentence once
			}
		}
	}
}

// TestIdentitiesOfEachKind: who and what an activity is about may be an e-mail
// address or a long number, and other attributes may not.
func TestIdentitiesOfEachKind(t *testing.T) {
	c := newCleaner(t, nil)
	for _, value := range []string{"alice@example.com", "4111111111111111"} {
		for _, key := range []string{
			activity.ActorIDKey, activity.ActorNameKey, activity.ImpersonatorIDKey, activity.TenantIDKey, activity.ObjectIDKey, activity.OriginalIDKey,
			activity.LogRecordUIDKey, "user.id", "user.name", "user.email", "user.full_name", "enduser.id", activity.SessionIDKey,
		} {
			record := recordOf(t, attrs{key: value}, "")
			(&work{c: c}).record(record)
			assert.Equal(t, attrs{key: value}, record.Attributes().AsRaw())
		}
		for _, key := range []string{activity.ObjectNameKey, activity.UserAgentKey, activity.ActionNameKey, activity.ErrorTypeKey, "http.route", "note"} {
			record := recordOf(t, attrs{key: value}, "")
			(&work{c: c}).record(record)
			assert.Equal(t, attrs{key: Masked}, record.Attributes().AsRaw())
		}
	}
}

// TestManyAttributes: the classes of the first 64 keys are remembered for the next
// record. A secret after them, or in a record with other keys, is masked as well.
func TestManyAttributes(t *testing.T) {
	c := newCleaner(t, nil)
	w := work{c: c}
	for _, n := range []int{0, 1, 62, 63, 64, 65, 200, 3} {
		record := recordOf(t, nil, "")
		for i := range n {
			record.Attributes().PutStr(fmt.Sprintf("plain%d", i), "hunter2")
		}
		record.Attributes().PutStr("password", "hunter2")
		record.Attributes().PutStr("last", "hunter2")
		w.record(record)
		password, _ := record.Attributes().Get("password")
		last, _ := record.Attributes().Get("last")
		assert.Equal(t, []string{Masked, "hunter2"}, []string{password.Str(), last.Str()}, "%d attributes before it", n)
	}
}

// TestKeysBeyondThoseRemembered: a thousand keys are remembered, and the others are
// looked at each time.
func TestKeysBeyondThoseRemembered(t *testing.T) {
	c := newCleaner(t, nil)
	for i := range 3 * maxKnown {
		record := recordOf(t, attrs{fmt.Sprintf("field%d_password", i): "hunter2", fmt.Sprintf("field%d_title", i): "hunter2"}, "")
		(&work{c: c}).record(record)
		require.Equal(t, attrs{fmt.Sprintf("field%d_password", i): Masked, fmt.Sprintf("field%d_title", i): "hunter2"}, record.Attributes().AsRaw())
	}
}

// TestColumnsThatWereCut: each attribute that is too long is listed under the name of
// its column, so that readers of the row know.
func TestColumnsThatWereCut(t *testing.T) {
	c, err := New(DefaultConfig(), 1<<12)
	require.NoError(t, err)
	names := map[string]string{"custom": "custom", "http.route": "http.route", "activity.custom.field": "custom_field"}
	for _, column := range activity.Columns() {
		if column.Key != "" && !opaque[column.Key] {
			names[column.Key] = column.Name
		}
	}
	for key, name := range names {
		record := recordOf(t, attrs{key: strings.Repeat("x ", 1<<12)}, "")
		(&work{c: c, ctx: t.Context()}).record(record)
		cut, ok := record.Attributes().Get(activity.CutKey)
		require.True(t, ok, key)
		assert.Equal(t, []any{name}, cut.Slice().AsRaw(), key)
	}
	// What stands under the key already is a list, or not.
	for _, before := range []any{"text", 17, nil} {
		record := recordOf(t, attrs{activity.CutKey: before}, strings.Repeat("x ", 1<<12))
		(&work{c: c, ctx: t.Context()}).record(record)
		assert.Equal(t, []any{"remarks"}, record.Attributes().AsRaw()[activity.CutKey])
	}
}

// TestLongAddresses: half an address is another address.
func TestLongAddresses(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Address = AddressConfig{IPv4Prefix: 24, IPv6Prefix: 48}
	c, err := New(cfg, 100)
	require.NoError(t, err)
	for n := range 12 {
		list := strings.Repeat("198.51.100.77, ", 6) + strings.Repeat(" ", n) + strings.Repeat("192.0.2.177, ", 5)
		record := recordOf(t, attrs{"client.address": list, "http.request.header.x-forwarded-for": []any{list}}, "")
		(&work{c: c, ctx: t.Context()}).record(record)
		for _, got := range []any{record.Attributes().AsRaw()["client.address"], record.Attributes().AsRaw()["http.request.header.x-forwarded-for"].([]any)[0]} {
			for part := range strings.FieldsFuncSeq(got.(string), betweenAddresses) {
				assert.Contains(t, []string{"198.51.100.0", "192.0.2.0"}, part, "%d spaces", n)
			}
		}
		assert.Contains(t, record.Attributes().AsRaw(), activity.CutKey)
	}
}

// TestAddressesInSentences: an address that is shortened is shortened wherever the
// record repeats it, up to 64 of them.
func TestAddressesInSentences(t *testing.T) {
	c := newCleaner(t, func(cfg *Config) { cfg.Address = AddressConfig{IPv4Prefix: 24} })
	record := recordOf(t, attrs{"client.address": "192.0.2.77", "url.path": "/from/192.0.2.77", "note": "192.0.2.77"}, "alice logged in from 192.0.2.77")
	(&work{c: c}).record(record)
	assert.Equal(t, attrs{"client.address": "192.0.2.0", "url.path": "/from/192.0.2.0", "note": "192.0.2.77"}, record.Attributes().AsRaw())
	assert.Equal(t, "alice logged in from 192.0.2.0", record.Body().Str())

	var list []string
	for i := range 300 {
		list = append(list, fmt.Sprintf("10.%d.%d.77", i/200, i%200))
	}
	record = recordOf(t, attrs{"client.address": strings.Join(list, ",")}, "first "+list[0]+", last "+list[299])
	w := work{c: c}
	w.record(record)
	assert.LessOrEqual(t, len(w.replaced), maxChanges)
	assert.Equal(t, "first 10.0.0.0, last "+list[299], record.Body().Str())
	assert.NotContains(t, record.Attributes().AsRaw()["client.address"].(string)+",", ".77,", "the attribute itself is shortened in any case")
}

// TestKindsOfSecretValues: the value of the key of a secret is masked, of whatever
// kind it is, if it says anything.
func TestKindsOfSecretValues(t *testing.T) {
	c := newCleaner(t, nil)
	for name, tt := range map[string]struct{ in, want any }{
		"text": {"x", Masked}, "integer": {17, Masked}, "zero": {0, Masked}, "number": {1.5, Masked}, "true": {true, true}, "false": {false, false},
		"nothing": {nil, nil}, "empty text": {"", ""}, "null": {"null", "null"}, "nil": {"nil", "nil"}, "None": {"None", "None"},
		"masked": {Masked, Masked}, "list": {[]any{"a"}, Masked}, "empty list": {[]any{}, Masked}, "map": {attrs{"a": "b"}, Masked}, "bytes": {[]byte("abc"), Masked},
	} {
		for _, key := range []string{"password", "db.password", "user[token]"} {
			record := recordOf(t, attrs{key: tt.in, "activity.data": attrs{"deep": attrs{key: tt.in}}}, "")
			(&work{c: c}).record(record)
			assert.Equal(t, attrs{key: tt.want, "activity.data": attrs{"deep": attrs{key: tt.want}}}, record.Attributes().AsRaw(), name)
		}
	}
}

// TestNumbersThatAreCards: numbers are masked as texts are, and other numbers keep
// their kind.
func TestNumbersThatAreCards(t *testing.T) {
	c := newCleaner(t, nil)
	for _, tt := range []struct{ in, want any }{
		{int64(4111111111111111), Masked}, {int64(4111111111111112), int64(4111111111111112)}, {int64(-4111111111111111), int64(-4111111111111111)},
		{4111111111111111.0, Masked}, {4111111111111112.0, 4111111111111112.0}, {0.0, 0.0}, {1e300, 1e300}, {int64(999999999999), int64(999999999999)},
		{int64(4222222222222), Masked}, {int64(1700000000123456789), int64(1700000000123456789)},
	} {
		v := pcommon.NewMap()
		require.NoError(t, v.FromRaw(attrs{"n": tt.in, "activity.object.id": tt.in}))
		(&work{c: c}).attributes(v)
		assert.Equal(t, attrs{"n": tt.want, "activity.object.id": tt.in}, v.AsRaw())
	}
}
