package identity_test

import (
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/identity"
)

var at = time.Date(2026, 11, 23, 3, 49, 5, 123456789, time.UTC)

// logs returns n records, alike but for what change does to each.
func logs(n int, change func(i int, record plog.LogRecord)) plog.Logs {
	ld := plog.NewLogs()
	resource := ld.ResourceLogs().AppendEmpty()
	resource.Resource().Attributes().PutStr("service.name", "blog")
	records := resource.ScopeLogs().AppendEmpty().LogRecords()
	for i := range n {
		record := records.AppendEmpty()
		record.SetTimestamp(pcommon.NewTimestampFromTime(at))
		record.SetEventName(activity.EventName)
		record.Body().SetStr("alice read article 17")
		record.Attributes().PutStr(activity.ActionTypeKey, "Read")
		record.Attributes().PutInt("n", 1)
		if change != nil {
			change(i, record)
		}
	}
	return ld
}

func ids(ld plog.Logs) (all []string) {
	identity.StampLogs(ld)
	for _, record := range ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
		id, _ := record.Attributes().Get(activity.IDKey)
		all = append(all, id.Str())
	}
	return all
}

func TestLogIDIsTheSameEachTimeAndHoldsTheTime(t *testing.T) {
	first, again := ids(logs(1, nil))[0], ids(logs(1, nil))[0]
	if first != again {
		t.Errorf("the same record got %s, then %s", first, again)
	}
	id, err := activity.ParseID(first)
	if err != nil || !id.Time().Equal(at.Truncate(time.Microsecond)) {
		t.Errorf("id %s holds %v (%v), want %v", first, id.Time(), err, at)
	}
	// Golden: what a released version stamped must be stamped again.
	if want := "01a20685-8be3-774f-9cf2-49b7c6b3d35a"; first != want {
		t.Errorf("the id of a known record changed: got %s, want %s", first, want)
	}
}

func TestLogIDDoesNotHangOnTheOrderOfAttributes(t *testing.T) {
	forth := logs(1, func(_ int, r plog.LogRecord) { r.Attributes().PutStr("a", "1"); r.Attributes().PutStr("b", "2") })
	back := logs(1, func(_ int, r plog.LogRecord) {
		r.Attributes().Clear()
		r.Attributes().PutStr("b", "2")
		r.Attributes().PutInt("n", 1)
		r.Attributes().PutStr("a", "1")
		r.Attributes().PutStr(activity.ActionTypeKey, "Read")
	})
	if a, b := ids(forth)[0], ids(back)[0]; a != b {
		t.Errorf("another order of attributes gives another id: %s, %s", a, b)
	}
}

func TestLogIDTellsRecordsApart(t *testing.T) {
	changes := []func(plog.LogRecord){
		func(plog.LogRecord) {},
		func(plog.LogRecord) {}, // alike: told apart by order
		func(r plog.LogRecord) { r.Body().SetStr("bob read article 17") },
		func(r plog.LogRecord) { r.SetEventName("another") },
		func(r plog.LogRecord) { r.SetTimestamp(r.Timestamp() + 1) },
		func(r plog.LogRecord) { r.SetTraceID([16]byte{1}) },
		func(r plog.LogRecord) { r.SetSpanID([8]byte{1}) },
		func(r plog.LogRecord) { r.Attributes().PutStr("n", "1") },
		func(r plog.LogRecord) { r.Attributes().PutDouble("n", 1) },
		func(r plog.LogRecord) { r.Attributes().PutBool("n", true) },
		func(r plog.LogRecord) { r.Attributes().PutEmptySlice("n").AppendEmpty().SetInt(1) },
		func(r plog.LogRecord) { r.Attributes().PutEmptyMap("n").PutInt("n", 1) },
		func(r plog.LogRecord) { r.Attributes().PutEmptyBytes("n").Append(1) },
	}
	seen := map[string]int{}
	for i, id := range ids(logs(len(changes), func(i int, r plog.LogRecord) { changes[i](r) })) {
		if before, ok := seen[id]; ok {
			t.Errorf("records %d and %d got the same id %s", before, i, id)
		}
		seen[id] = i
	}
}

func TestIDsThatComeAlong(t *testing.T) {
	const v7, v4 = "019a8f6e-5c1b-7c3a-9f10-2b6f0c9d4e71", "0f8fad5b-d9cb-469f-a165-70867728950e"
	for name, c := range map[string]struct {
		key, value, want, original string
	}{
		"UUIDv7":                   {activity.IDKey, v7, v7, ""},
		"UUIDv7 in log.record.uid": {activity.LogRecordUIDKey, v7, v7, ""},
		"UUIDv4":                   {activity.IDKey, v4, activity.HashID(at, []byte(v4)).String(), v4},
		"ULID in log.record.uid":   {activity.LogRecordUIDKey, "01ARZ3NDEKTSV4RRFFQ69G5FAV", activity.HashID(at, []byte("01ARZ3NDEKTSV4RRFFQ69G5FAV")).String(), "01ARZ3NDEKTSV4RRFFQ69G5FAV"},
		"free text":                {activity.IDKey, "order 17", activity.HashID(at, []byte("order 17")).String(), "order 17"},
	} {
		ld := logs(1, func(_ int, r plog.LogRecord) { r.Attributes().PutStr(c.key, c.value) })
		if got := ids(ld)[0]; got != c.want {
			t.Errorf("%s: got id %s, want %s", name, got, c.want)
		}
		if got := ids(ld)[0]; got != c.want {
			t.Errorf("%s: stamped again: got id %s, want %s", name, got, c.want)
		}
		original, kept := ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Attributes().Get(activity.OriginalIDKey)
		if kept != (c.original != "") || kept && original.Str() != c.original {
			t.Errorf("%s: the original id is not kept", name)
		}
	}
}

func TestServiceIsOptionalAndTellsRecordsApart(t *testing.T) {
	other := logs(1, nil)
	other.ResourceLogs().At(0).Resource().Attributes().PutStr("service.name", "shop")
	none := logs(1, nil)
	none.ResourceLogs().At(0).Resource().Attributes().Clear()
	a, b, c := ids(logs(1, nil))[0], ids(other)[0], ids(none)[0]
	if a == b || b == c || a == c {
		t.Errorf("ids of the same record of blog, shop and no service: %s, %s, %s", a, b, c)
	}
}

func TestOnlyActivitiesAreStamped(t *testing.T) {
	ld := logs(1, func(_ int, r plog.LogRecord) { r.Attributes().Remove(activity.ActionTypeKey) })
	if got := ids(ld)[0]; got != "" {
		t.Errorf("a log record that is not an activity got the id %s", got)
	}
}

func TestRecordsWithoutAnyTimeStayApart(t *testing.T) {
	timeless := func() plog.Logs {
		return logs(1, func(_ int, r plog.LogRecord) { r.SetTimestamp(0) })
	}
	first := ids(timeless())[0]
	time.Sleep(time.Millisecond)
	if again := ids(timeless())[0]; first == again {
		t.Errorf("two acts whose records have no time became one: %s", first)
	}
}

func TestSpanIDHangsOnTraceSpanAndStartAlone(t *testing.T) {
	span := func(change func(ptrace.Span)) string {
		td := ptrace.NewTraces()
		s := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		s.SetTraceID([16]byte{1, 2})
		s.SetSpanID([8]byte{3})
		s.SetStartTimestamp(pcommon.NewTimestampFromTime(at))
		s.Attributes().PutStr(activity.ActionTypeKey, "Read")
		change(s)
		identity.StampTraces(td)
		id, _ := s.Attributes().Get(activity.IDKey)
		return id.Str()
	}
	plain := span(func(ptrace.Span) {})
	if got := span(func(s ptrace.Span) { s.SetName("GET /"); s.Attributes().PutStr("later", "added") }); got != plain {
		t.Errorf("a name and an attribute change the id of a span: %s, %s", plain, got)
	}
	for name, change := range map[string]func(ptrace.Span){
		"trace": func(s ptrace.Span) { s.SetTraceID([16]byte{9}) },
		"span":  func(s ptrace.Span) { s.SetSpanID([8]byte{9}) },
		"start": func(s ptrace.Span) { s.SetStartTimestamp(s.StartTimestamp() + 1000) },
	} {
		if got := span(change); got == plain {
			t.Errorf("another %s gives the same id %s", name, got)
		}
	}
}

func BenchmarkStampLogs(b *testing.B) {
	b.ReportAllocs()
	ld := logs(1000, func(i int, r plog.LogRecord) { r.Attributes().PutInt("i", int64(i)) })
	for b.Loop() {
		b.StopTimer()
		fresh := plog.NewLogs()
		ld.CopyTo(fresh)
		b.StartTimer()
		identity.StampLogs(fresh)
	}
}

// TestStampPart checks that the parts of an act have ids of their own, which stay the same,
// and its time.
func TestStampPart(t *testing.T) {
	ids := map[string]bool{}
	for range 2 {
		for n := range 3 {
			td := plainSpan()
			span := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
			identity.StampPart(span, n)
			v, _ := span.Attributes().Get(activity.IDKey)
			id, err := activity.ParseID(v.Str())
			if err != nil {
				t.Fatal(err)
			}
			whole, _ := identity.Span(span)
			if !id.Time().Equal(whole.Time()) {
				t.Errorf("part %d is at %v, the act at %v", n, id.Time(), whole.Time())
			}
			ids[v.Str()] = true
		}
	}
	if len(ids) != 3 {
		t.Errorf("3 parts, stamped twice, have the ids %v", ids)
	}
}
