package identity_test

import (
	"math"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/identity"
)

// stamped returns the id, its time and the claimed time of the only record.
func stamped(t *testing.T, attributes pcommon.Map) (id string, at time.Time, claimed string) {
	t.Helper()
	v, _ := attributes.Get(activity.IDKey)
	parsed, err := activity.ParseID(v.Str())
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := attributes.Get(activity.ClaimedTimeKey); ok {
		claimed = v.Str()
	}
	return parsed.String(), parsed.Time(), claimed
}

func stampedLog(t *testing.T, change func(plog.LogRecord)) (id string, at time.Time, claimed string) {
	t.Helper()
	ld := logs(1, func(_ int, r plog.LogRecord) { change(r) })
	doubted := identity.StampLogs(ld)
	id, at, claimed = stamped(t, ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Attributes())
	if (doubted == 1) != (claimed != "") {
		t.Errorf("StampLogs returned %d; the claimed time is %q", doubted, claimed)
	}
	again := plog.NewLogs()
	ld.CopyTo(again)
	if identity.StampLogs(again) != 0 {
		t.Error("what is stamped is counted once more by the next component")
	}
	return id, at, claimed
}

func stampedSpan(t *testing.T, change func(ptrace.Span)) (id string, at time.Time, claimed string) {
	t.Helper()
	td := ptrace.NewTraces()
	span := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	span.Attributes().PutStr(activity.ActionTypeKey, "Read")
	span.SetTraceID([16]byte{1})
	span.SetSpanID([8]byte{2})
	change(span)
	doubted := identity.StampTraces(td)
	id, at, claimed = stamped(t, span.Attributes())
	if (doubted == 1) != (claimed != "") {
		t.Errorf("StampTraces returned %d; the claimed time is %q", doubted, claimed)
	}
	if identity.StampTraces(td) != 0 {
		t.Error("what is stamped is counted once more by the next component")
	}
	return id, at, claimed
}

// year1754 is Go's zero time as UnixNano makes a number of it.
const year1754 = pcommon.Timestamp(11651379494838206464)

func TestTimesThatAreNotBelieved(t *testing.T) {
	observed := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		claims  pcommon.Timestamp
		claimed string
	}{
		"Go's zero time":     {year1754, "1754-08-30T22:43:41.128654848Z"},
		"the largest number": {math.MaxUint64, "1969-12-31T23:59:59.999999999Z"},
		"beyond int64":       {math.MaxInt64 + 1, "1677-09-21T00:12:43.145224192Z"},
		"in the year 2262":   {math.MaxInt64, "2262-04-11T23:47:16.854775807Z"},
		"two days from the receipt": {pcommon.NewTimestampFromTime(time.Now().Add(48 * time.Hour).Truncate(time.Second)),
			time.Now().Add(48 * time.Hour).Truncate(time.Second).UTC().Format(time.RFC3339)},
	} {
		t.Run(name, func(t *testing.T) {
			withObserved := func(r plog.LogRecord) {
				r.SetTimestamp(c.claims)
				r.SetObservedTimestamp(pcommon.NewTimestampFromTime(observed))
			}
			id, at, claimed := stampedLog(t, withObserved)
			if !at.Equal(observed) || claimed != c.claimed {
				t.Errorf("with an observed time: at %v, claimed %q; want %v, %q", at, claimed, observed, c.claimed)
			}
			if again, _, _ := stampedLog(t, withObserved); again != id {
				t.Errorf("sent again: id %s, then %s", id, again)
			}

			before := time.Now().Add(-time.Millisecond)
			alone := func(r plog.LogRecord) { r.SetTimestamp(c.claims); r.Body().SetStr("alone") }
			id, at, claimed = stampedLog(t, alone)
			if at.Before(before) || at.After(time.Now()) || claimed != c.claimed {
				t.Errorf("without one: at %v, claimed %q; want the present, %q", at, claimed, c.claimed)
			}
			if again, _, _ := stampedLog(t, alone); again != id {
				t.Errorf("sent again to the same process: id %s, then %s", id, again)
			}

			_, at, claimed = stampedSpan(t, func(s ptrace.Span) {
				s.SetStartTimestamp(c.claims)
				s.SetEndTimestamp(pcommon.NewTimestampFromTime(observed))
			})
			if !at.Equal(observed) || claimed != c.claimed {
				t.Errorf("span: at %v, claimed %q; want its end, %v, %q", at, claimed, observed, c.claimed)
			}
		})
	}
}

func TestTimesThatAreBelieved(t *testing.T) {
	for name, at := range map[string]time.Time{
		"an hour ahead": time.Now().Add(time.Hour), "now": time.Now(), "a year ago": time.Now().AddDate(-1, 0, 0),
		"a clock that starts in 1970": time.Unix(17, 0),
	} {
		claims := pcommon.NewTimestampFromTime(at)
		if _, got, claimed := stampedLog(t, func(r plog.LogRecord) { r.SetTimestamp(claims) }); !got.Equal(at.Truncate(time.Microsecond)) || claimed != "" {
			t.Errorf("%s: at %v, claimed %q; want %v", name, got, claimed, at)
		}
	}
}

// TestIDsFromTheFuture are UUIDv7 of a service whose clock is ahead. Both signals
// of its activity are one row, at a plausible time.
func TestIDsFromTheFuture(t *testing.T) {
	future := time.Now().AddDate(10, 0, 0)
	carries := activity.NewIDAt(future).String()
	claims := pcommon.NewTimestampFromTime(future)
	logID, at, claimed := stampedLog(t, func(r plog.LogRecord) {
		r.Attributes().PutStr(activity.IDKey, carries)
		r.SetTimestamp(claims)
		r.SetObservedTimestamp(claims)
	})
	if at.After(time.Now()) || claimed == "" || logID == carries {
		t.Errorf("id %s at %v, claimed %q; want another id, now", logID, at, claimed)
	}
	spanID, _, _ := stampedSpan(t, func(s ptrace.Span) {
		s.Attributes().PutStr(activity.IDKey, carries)
		s.SetStartTimestamp(claims)
		s.SetEndTimestamp(claims + 1000)
		time.Sleep(2 * time.Millisecond)
	})
	if spanID != logID {
		t.Errorf("the span got %s, the log record %s; want one row", spanID, logID)
	}
}
