package identity_test

import (
	"slices"
	"testing"
	"testing/quick"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/identity"
)

// TestForeignIDsWithTimesThatAreNotBelieved: an id that holds no time gets the hash of
// itself at a time that is believed, and the claimed time is kept. Both signals of
// the activity get the same.
func TestForeignIDsWithTimesThatAreNotBelieved(t *testing.T) {
	observed := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	logID, logAt, logClaimed := stampedLog(t, func(r plog.LogRecord) {
		r.Attributes().PutStr(activity.IDKey, "order 17")
		r.SetTimestamp(year1754)
		r.SetObservedTimestamp(pcommon.NewTimestampFromTime(observed))
	})
	spanID, spanAt, spanClaimed := stampedSpan(t, func(s ptrace.Span) {
		s.Attributes().PutStr(activity.IDKey, "order 17")
		s.SetStartTimestamp(year1754)
		s.SetEndTimestamp(pcommon.NewTimestampFromTime(observed))
	})
	const claimed = "1754-08-30T22:43:41.128654848Z"
	if logID != spanID || !logAt.Equal(observed) || !spanAt.Equal(observed) || logClaimed != claimed || spanClaimed != claimed {
		t.Errorf("log record %s at %v, claimed %q; span %s at %v, claimed %q", logID, logAt, logClaimed, spanID, spanAt, spanClaimed)
	}
}

// TestStampedTwice: the processor stamps, and the exporter once more.
func TestStampedTwice(t *testing.T) {
	for name, change := range logCases {
		ld := logs(1, nil)
		record := ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0)
		change(ld.ResourceLogs().At(0), record)
		identity.StampLogs(ld)
		before := record.Attributes().AsRaw()
		if doubted := identity.StampLogs(ld); doubted != 0 {
			t.Errorf("%s: counted as doubted once more", name)
		}
		if after := record.Attributes(); !after.Equal(mapOf(t, before)) {
			t.Errorf("%s: stamped again: %v, then %v", name, before, after.AsRaw())
		}
	}
	for name, change := range spanCases {
		td := plainSpan()
		span := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
		change(td.ResourceSpans().At(0), span)
		id := spanID(t, td)
		if again := spanID(t, td); again != id {
			t.Errorf("%s: id %s, then %s", name, id, again)
		}
	}
}

func mapOf(t *testing.T, raw map[string]any) pcommon.Map {
	t.Helper()
	m := pcommon.NewMap()
	if err := m.FromRaw(raw); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestTextsAreNotJoined: where one text ends and the next begins is part of an id.
func TestTextsAreNotJoined(t *testing.T) {
	idOf := func(pairs ...string) string {
		return ids(logs(1, func(_ int, r plog.LogRecord) {
			for pair := range slices.Chunk(pairs, 2) {
				r.Attributes().PutStr(pair[0], pair[1])
			}
		}))[0]
	}
	differs := func(a, b string) bool {
		if a == "" || b == "" {
			return true
		}
		ways := []string{idOf("k"+a, b), idOf("k", a+b), idOf("k"+a+b, ""), idOf("k", a, "l", b), idOf("k", "", "l", a+b)}
		slices.Sort(ways)
		return len(slices.Compact(ways)) == 5
	}
	if err := quick.Check(differs, &quick.Config{MaxCount: 300}); err != nil {
		t.Error(err)
	}
}

// TestOrderOfIDs: the ids of records without one are in the order of their times, to
// the microsecond.
func TestOrderOfIDs(t *testing.T) {
	all := ids(logs(1000, func(i int, r plog.LogRecord) {
		r.SetTimestamp(r.Timestamp() + pcommon.Timestamp(i*1000))
		r.Body().SetInt(int64(-i))
	}))
	if !slices.IsSorted(all) {
		t.Error("the ids of records in a row are not in their order")
	}
}

// TestBoundOfTheFuture: a day is the limit, to the second.
func TestBoundOfTheFuture(t *testing.T) {
	for name, c := range map[string]struct {
		ahead    time.Duration
		believed bool
	}{
		"a minute less than a day": {24*time.Hour - time.Minute, true},
		"a minute more than a day": {24*time.Hour + time.Minute, false},
	} {
		claims := time.Now().Add(c.ahead)
		_, at, claimed := stampedLog(t, func(r plog.LogRecord) { r.SetTimestamp(pcommon.NewTimestampFromTime(claims)) })
		if (claimed == "") != c.believed || at.Equal(claims.Truncate(time.Microsecond)) != c.believed {
			t.Errorf("%s: at %v, claimed %q", name, at, claimed)
		}
		id := activity.NewIDAt(claims).String()
		got, _, claimed := stampedLog(t, func(r plog.LogRecord) { r.Attributes().PutStr(activity.IDKey, id) })
		if (got == id) != c.believed || (claimed == "") != c.believed {
			t.Errorf("%s: id %s became %s, claimed %q", name, id, got, claimed)
		}
	}
}
