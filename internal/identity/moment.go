package identity

import (
	"math"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// maxAhead is how far after the receipt a time may be to be believed. A clock
// that is further ahead would put its activities on top of every list for ever.
const maxAhead = 24 * time.Hour

// now is a variable for tests.
var now = time.Now

// moment is when an activity took place, and what its telemetry claims.
type moment struct {
	at      time.Time         // zero if none of the times is believed
	claimed pcommon.Timestamp // the first time that is there; 0 if there is none
	doubted bool              // claimed is not believed
}

// recordMoment is when the activity of a log record took place: its time, or the
// observed time if that is missing or not believed.
func recordMoment(record plog.LogRecord) moment {
	return firstMoment(record.Timestamp(), record.ObservedTimestamp())
}

// spanMoment is when the activity of a span took place: its start, or its end if
// the start is missing or not believed.
func spanMoment(span ptrace.Span) moment {
	return firstMoment(span.StartTimestamp(), span.EndTimestamp())
}

// firstMoment takes the first time that is believed. Telemetry without any time
// gets the present, since two acts that differ only in their time must not become
// one row. Such a record alone has another id when it is sent again.
func firstMoment(first, second pcommon.Timestamp) moment {
	m := moment{claimed: first}
	if first == 0 {
		m.claimed, second = second, 0
	}
	switch {
	case m.claimed == 0:
		m.at = now()
	case believed(m.claimed):
		m.at = m.claimed.AsTime()
	case second != 0 && believed(second):
		m.at, m.doubted = second.AsTime(), true
	default:
		m.doubted = true
	}
	return m
}

// believed reports whether an act may have taken place at t: since 1970, and not
// more than a day from now. Times before 1970, such as Go's zero time, come as
// numbers beyond the largest int64.
func believed(t pcommon.Timestamp) bool {
	return t <= math.MaxInt64 && !t.AsTime().After(now().Add(maxAhead))
}

// settle returns the time of an activity. If no time of its telemetry is
// believed, that is when the content was first received by this process. Content
// that comes again gets the same time, as long as it is remembered.
func (m moment) settle(content []byte) time.Time {
	if !m.at.IsZero() {
		return m.at
	}
	return receipts.first(activity.HashID(time.Time{}, content), now())
}

// text is the claimed time for people. A number beyond the largest int64 is read
// as a negative one, which is what senders make of a time before 1970.
func (m moment) text() string {
	return time.Unix(0, int64(m.claimed)).UTC().Format(time.RFC3339Nano)
}
