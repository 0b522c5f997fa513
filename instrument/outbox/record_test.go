package outbox

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/trace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

var someTime = time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)

// activities have every field, and each kind of data.
func activities() map[string]activity.Activity {
	return map[string]activity.Activity{
		"least":  {ActionType: activity.ActionDelete, Time: someTime},
		"failed": {ActionType: activity.ActionLogin, Status: activity.StatusFailed, ErrorType: "401", Data: map[string]any{activity.ClaimedKey: "bob"}},
		"aborted": {ActionType: activity.ActionRead, Status: activity.StatusFailed, ErrorType: "client_abort",
			Object: activity.Object{Type: "film", ID: "3"}},
		"all": {ID: activity.NewIDAt(someTime), Actor: activity.Actor{ID: "7", Type: activity.ActorService, Name: "shop", ImpersonatorID: "1", TenantID: "acme"},
			ActionType: "Import", ActionName: "article.import", Status: activity.StatusFailed, ErrorType: "timeout",
			Object:  activity.Object{Type: "article", ID: "17", Name: "<Alice> & \"Bob\"", Parent: &activity.Object{Type: "blog", ID: "2", Parent: &activity.Object{Type: "site"}}},
			Remarks: "two\nlines", ClientAddress: "192.0.2.9", UserAgent: "curl/8", SessionID: "s"},
		"data": {ActionType: activity.ActionUpdate, Data: map[string]any{
			"null": nil, "bool": true, "int": 3, "large": int64(math.MaxInt64), "small": int64(math.MinInt64), "text": "<&>\u2028\x00",
			"float": 0.1, "whole": 3.0, "million": 1e6, "beyond": 1e19, "long": 1.2345678901234567e25, "huge": math.MaxFloat64,
			"tiny": math.SmallestNonzeroFloat64, "third": 1.0 / 3, "negative": -1.5, "nan": math.NaN(), "error": errors.New("e"),
			"time": someTime, "list": []any{1, "two", 3.5, []any{}, map[string]any{}}, "map": map[string]any{"b": 1.0, "a": nil}, "": "empty"}},
		"bad texts": {ActionType: activity.ActionUpdate, Actor: activity.Actor{Name: "a\x00b\xff"}, Data: map[string]any{"\xff": "\xfe"}},
	}
}

// sent are records that a provider with the relay's resource was given.
type sent struct{ records []sdklog.Record }

func (s *sent) OnEmit(_ context.Context, r *sdklog.Record) error {
	s.records = append(s.records, r.Clone())
	return nil
}
func (*sent) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }
func (*sent) Shutdown(context.Context) error                         { return nil }
func (*sent) ForceFlush(context.Context) error                       { return nil }

// TestSameRecordAsRecorder compares the log record of a stored activity with the one that
// instrument.Recorder emits.
func TestSameRecordAsRecorder(t *testing.T) {
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1, 15: 2}, SpanID: trace.SpanID{3, 7: 4}, TraceFlags: trace.FlagsSampled})
	for name, a := range activities() {
		for _, ctx := range []context.Context{t.Context(), trace.ContextWithSpanContext(t.Context(), span)} {
			if a.ID.IsZero() {
				a.ID = activity.NewID()
			}
			box := New(SQLite, WithServiceName("shop"))
			want := &sent{}
			instrument.NewRecorder(instrument.WithLoggerProvider(
				sdklog.NewLoggerProvider(sdklog.WithResource(box.resource), sdklog.WithProcessor(want)))).Record(ctx, a)
			r, err := recordOf(ctx, a)
			if err != nil {
				t.Fatal(err)
			}
			text, err := r.encode()
			if err != nil {
				t.Fatal(err)
			}
			got, err := newMaker(box.resource).record(text)
			if err != nil {
				t.Fatalf("%s: %v\n%s", name, err, text)
			}
			compare(t, name, &got, &want.records[0])
		}
	}
}

func compare(t *testing.T, name string, got, want *sdklog.Record) {
	t.Helper()
	for what, pair := range map[string][2]any{
		"event name": {got.EventName(), want.EventName()},
		"timestamp":  {got.Timestamp(), want.Timestamp()},
		"severity":   {got.Severity(), want.Severity()},
		"text":       {got.SeverityText(), want.SeverityText()},
		"body":       {got.Body().String(), want.Body().String()},
		"trace":      {got.TraceID(), want.TraceID()},
		"span":       {got.SpanID(), want.SpanID()},
		"flags":      {got.TraceFlags(), want.TraceFlags()},
		"scope":      {got.InstrumentationScope(), want.InstrumentationScope()},
		"resource":   {got.Resource().String(), want.Resource().String()},
		"attributes": {got.AttributesLen(), want.AttributesLen()},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %s is %v, want %v", name, what, pair[0], pair[1])
		}
	}
	wanted := attributesOf(want)
	for key, value := range attributesOf(got) {
		if other := wanted[key]; value.Type() != other.Type() || value.String() != other.String() {
			t.Errorf("%s: %s is %v, want %v", name, key, value, other)
		}
	}
}

func attributesOf(r *sdklog.Record) map[attribute.Key]attribute.Value {
	all := map[attribute.Key]attribute.Value{}
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		all[kv.Key] = kv.Value
		return true
	})
	return all
}

// The stored form outlives programs: what an earlier release has written must be read.
func TestStoredForm(t *testing.T) {
	const text = `{"action_name":"article.publish","action_type":"Update","actor_id":"7","actor_name":"alice","actor_type":"user",` +
		`"data":{"changes":{"state":["draft","public"]},"n":3.0},"event_id":"019b7ce8-50ce-7c8a-8000-000000000000","object_id":"17",` +
		`"object_type":"article","remarks":"alice updated article 17","source":"declared","span_id":"0300000000000000","status":"Success",` +
		`"trace_flags":1,"trace_id":"01000000000000000000000000000000"}`
	ctx, a, err := decode(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	r, err := recordOf(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := r.encode(); err != nil || again != text {
		t.Errorf("got  %s, %v\nwant %s", again, err, text)
	}
}

func TestUnreadable(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      "EOF",
		"{":                                     "unexpected EOF",
		"[]":                                    "cannot unmarshal array",
		`{"action_type":"Read"}`:                "it has no event_id",
		`{"event_id":"x","action_type":"Read"}`: "not a UUID",
		`{"event_id":"019b7ce8-50ce-7c8a-8000-000000000000"}`:                             "missing action type",
		`{"event_id":"019b7ce8-50ce-7c8a-8000-000000000000","action_type":7}`:             "cannot unmarshal number",
		`{"event_id":"019b7ce8-50ce-7c8a-8000-000000000000","action_type":"R","data":[]}`: "cannot unmarshal array",
	} {
		_, _, err := decode(t.Context(), text)
		if err == nil || !strings.HasPrefix(err.Error(), "decode activity: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
	// What is not a trace is no reason not to send the activity.
	ctx, _, err := decode(t.Context(), `{"event_id":"019b7ce8-50ce-7c8a-8000-000000000000","action_type":"Read","trace_id":"x","span_id":""}`)
	if err != nil || trace.SpanContextFromContext(ctx).HasTraceID() {
		t.Errorf("got %v", err)
	}
}

// Each column is stored, or is one that the resource or the database fill.
func TestEveryColumnIsStored(t *testing.T) {
	ctx := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}}))
	a := activities()["all"]
	a.Data = map[string]any{"k": "v"}
	r, err := recordOf(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	text, err := r.encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range activity.Columns() {
		switch c.Name {
		case columnTime, columnService, columnWritten: // in the id; the resource's; the database's
		default:
			if !strings.Contains(text, `"`+c.Name+`":`) {
				t.Errorf("%s is not in %s", c.Name, text)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(`{"event_id":"019b7ce8-50ce-7c8a-8000-000000000000","action_type":"Read","data":{"n":1e400}}`)
	f.Add("{")
	m := newMaker(New(SQLite).resource)
	f.Fuzz(func(_ *testing.T, text string) {
		_, _ = m.record(text) // must not panic
	})
}
