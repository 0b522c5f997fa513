package activityprocessor

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// newRecord returns a log record, alone in its plog.Logs.
func newRecord(t testing.TB, a attrs) (plog.Logs, plog.LogRecord) {
	t.Helper()
	ld := plog.NewLogs()
	rl := ld.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr(activity.ServiceNameKey, "blog")
	record := rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	record.SetEventName(activity.EventName)
	record.SetTimestamp(1_700_000_000_123_456_789)
	require.NoError(t, record.Attributes().FromRaw(a))
	return ld, record
}

func TestNormaliseRecord(t *testing.T) {
	for name, tt := range map[string]struct{ in, want attrs }{
		"only an action type": {
			attrs{"activity.action.type": "Publish"},
			attrs{"activity.action.type": "Publish", "activity.status": "Success", "activity.source": "declared"},
		},
		"spellings and white space": {
			attrs{"activity.action.type": " UPDATE\n", "activity.status": " ok ", "activity.actor.name": "\talice "},
			attrs{
				"activity.action.type": "Update", "activity.status": "Success", "activity.actor.name": "alice",
				"activity.source": "declared",
			},
		},
		"numbers that JSON does not have": {
			attrs{"activity.action.type": "Update", "activity.object.name": []any{math.NaN()}, "activity.remarks": attrs{"n": math.Inf(-1)}},
			attrs{
				"activity.action.type": "Update", "activity.object.name": `["NaN"]`, "activity.remarks": `{"n":"-Inf"}`,
				"activity.status": "Success", "activity.source": "declared",
			},
		},
		"ids become text": {
			attrs{
				"activity.action.type": "Read", "activity.actor.id": 42, "activity.tenant.id": 7.0,
				"activity.object.id": true, "activity.actor.impersonator.id": int64(9007199254740993), "session.id": 1.5,
			},
			attrs{
				"activity.action.type": "Read", "activity.actor.id": "42", "activity.tenant.id": "7",
				"activity.object.id": "true", "activity.actor.impersonator.id": "9007199254740993", "session.id": "1.5",
				"activity.actor.type": "user", "activity.status": "Success", "activity.source": "declared",
			},
		},
		"blank is as if not set": {
			attrs{
				"activity.action.type": "Read", "activity.actor.id": " ", "activity.status": "", "activity.source": "",
				"activity.object.name": "\n", "other": "",
			},
			attrs{"activity.action.type": "Read", "activity.status": "Success", "activity.source": "declared", "other": ""},
		},
		"a blank action type is still an activity": {
			attrs{"activity.action.type": " "},
			attrs{"activity.action.type": "", "activity.status": "Success", "activity.source": "declared"},
		},
		"what is set stays": {
			attrs{
				"activity.action.type": "Delete", "activity.status": "Failed", "activity.actor.id": "1",
				"activity.actor.type": "service", "activity.source": "derived", "http.response.status_code": 200,
			},
			attrs{
				"activity.action.type": "Delete", "activity.status": "Failed", "activity.actor.id": "1",
				"activity.actor.type": "service", "activity.source": "derived", "http.response.status_code": int64(200),
			},
		},
		"a failed login failed": {
			attrs{"activity.action.type": "login_failed"},
			attrs{"activity.action.type": "Login Failed", "activity.status": "Failed", "activity.source": "declared"},
		},
		"status from the response": {
			attrs{"activity.action.type": "Read", "http.response.status_code": 404},
			attrs{
				"activity.action.type": "Read", "activity.status": "Failed", "activity.source": "declared",
				"http.response.status_code": int64(404),
			},
		},
		"an unknown status is kept aside": {
			attrs{"activity.action.type": "Read", "activity.status": "Partial", "http.status_code": 500},
			attrs{
				"activity.action.type": "Read", "activity.status": "Failed", "activity.status.original": "Partial",
				"activity.source": "declared", "http.status_code": int64(500),
			},
		},
		"data is left alone": {
			attrs{"activity.action.type": "Read", "activity.data": attrs{"n": 1, "s": " x "}},
			attrs{
				"activity.action.type": "Read", "activity.status": "Success", "activity.source": "declared",
				"activity.data": attrs{"n": int64(1), "s": " x "},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			ld, record := newRecord(t, tt.in)
			_, err := newProcessor(t, defaults()).processLogs(t.Context(), ld)
			require.NoError(t, err)
			got := record.Attributes().AsRaw()
			_, err = activity.ParseID(got[activity.IDKey].(string))
			require.NoError(t, err)
			delete(got, activity.IDKey)
			assert.Equal(t, tt.want, got)
		})
	}
}

// A declared activity on a span takes its status from the span.
func TestNormaliseSpan(t *testing.T) {
	for name, tt := range map[string]struct {
		code   any
		span   ptrace.StatusCode
		status string
	}{
		"404 on an unset span": {code: 404, status: "Failed"},
		"200 on a failed span": {code: 200, span: ptrace.StatusCodeError, status: "Success"},
		"failed span":          {span: ptrace.StatusCodeError, status: "Failed"},
		"unset span":           {status: "Success"},
		"no status code":       {code: "teapot", status: "Success"},
	} {
		t.Run(name, func(t *testing.T) {
			in := attrs{activity.ActionTypeKey: "Read"}
			if tt.code != nil {
				in["http.response.status_code"] = tt.code
			}
			td, span := newSpan(t, in)
			span.Status().SetCode(tt.span)
			got := added(t, defaults(), td, span)
			assert.Equal(t, tt.status, got[activity.StatusKey])
			assert.Equal(t, "declared", got[activity.SourceKey])
		})
	}
}

func TestIDs(t *testing.T) {
	const id = "019a8f6e-5c1b-7c3a-9f10-2b6f0c9d4e71"
	ids := func(in attrs) attrs {
		ld, record := newRecord(t, in)
		_, err := newProcessor(t, defaults()).processLogs(t.Context(), ld)
		require.NoError(t, err)
		return record.Attributes().AsRaw()
	}
	assert.Equal(t, id, ids(attrs{activity.ActionTypeKey: "Read", activity.IDKey: " " + id})[activity.IDKey])

	foreign := ids(attrs{activity.ActionTypeKey: "Read", activity.IDKey: 17})
	assert.Equal(t, "17", foreign[activity.OriginalIDKey])

	first, again := ids(attrs{activity.ActionTypeKey: "Read"}), ids(attrs{activity.ActionTypeKey: "Read"})
	assert.Equal(t, first, again, "a redelivered record gets the same id")
	assert.Equal(t, first, ids(first), "a second collector changes nothing")
}

func TestKeepOthers(t *testing.T) {
	cfg := defaults()
	cfg.DropOthers = false
	ld, record := newRecord(t, attrs{"a": " b "})
	got, err := newProcessor(t, cfg).processLogs(t.Context(), ld)
	require.NoError(t, err)
	assert.Equal(t, 1, got.LogRecordCount())
	assert.Equal(t, attrs{"a": " b "}, record.Attributes().AsRaw())
}

func TestDefaultActorType(t *testing.T) {
	cfg := defaults()
	cfg.DefaultActorType = "service"
	ld, record := newRecord(t, attrs{activity.ActionTypeKey: "Read", activity.ActorIDKey: "1"})
	_, err := newProcessor(t, cfg).processLogs(t.Context(), ld)
	require.NoError(t, err)
	assert.Equal(t, "service", record.Attributes().AsRaw()[activity.ActorTypeKey])
}
