package identity

import (
	"math"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// maxAhead is how far a time may be after the receipt. Activities of a faster clock
// would be at the top of every list for ever.
const maxAhead = 24 * time.Hour

// now is a variable for tests.
var now = time.Now

// horizon is the last plausible time, for the records of one request: it reads the clock
// once.
type horizon struct{ at time.Time }

func (h *horizon) time() time.Time {
	if h.at.IsZero() {
		h.at = now().Add(maxAhead)
	}
	return h.at
}

// moment is the time of an activity, and the time that its telemetry claims.
type moment struct {
	at      time.Time         // zero if no time is plausible
	claimed pcommon.Timestamp // the first time that is set; 0 if no time is set
	doubted bool              // claimed is not plausible
}

// recordMoment returns the time of a log record: its timestamp, or the observed time if
// that is missing or not plausible.
func recordMoment(record plog.LogRecord) moment {
	return firstMoment(record.Timestamp(), record.ObservedTimestamp())
}

// spanMoment returns the time of a span: its start, or its end if the start is missing
// or not plausible.
func spanMoment(span ptrace.Span) moment {
	return firstMoment(span.StartTimestamp(), span.EndTimestamp())
}

// firstMoment returns the first plausible time. Telemetry without any time gets the
// current time, because two actions that differ only in their time must not become one
// row. Only such a record gets another id when it is sent again.
func firstMoment(first, second pcommon.Timestamp) moment {
	m := moment{claimed: first}
	if first == 0 {
		m.claimed, second = second, 0
	}
	switch {
	case m.claimed == 0:
		m.at = now()
	case plausible(m.claimed):
		m.at = m.claimed.AsTime()
	case second != 0 && plausible(second):
		m.at, m.doubted = second.AsTime(), true
	default:
		m.doubted = true
	}
	return m
}

// plausible reports whether an action may have happened at t: since 1970, and at most a
// day from now. Times before 1970, such as Go's zero time, arrive as numbers above the
// largest int64.
func plausible(t pcommon.Timestamp) bool {
	return t <= math.MaxInt64 && !t.AsTime().After(now().Add(maxAhead))
}

// orReceipt returns the time of an activity. If no time of its telemetry is plausible,
// it is the time when this process first received the content. Content that is received
// again gets the same time, as long as it is remembered.
func (m moment) orReceipt(content []byte) time.Time {
	if !m.at.IsZero() {
		return m.at
	}
	return receipts.first(activity.HashID(time.Time{}, content), now())
}

// text returns the claimed time for people. A number above the largest int64 counts as
// negative, because senders encode times before 1970 like that.
func (m moment) text() string {
	return time.Unix(0, int64(m.claimed)).UTC().Format(time.RFC3339Nano)
}
