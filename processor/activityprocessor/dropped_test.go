package activityprocessor

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelactivity/activitylog/activity"
)

// A span or record that is not in the sample passes as it came.
func TestNotInTheSample(t *testing.T) {
	for name, own := range map[string]attrs{
		"no id":            {},
		"its own id":       {activity.IDKey: "019a8f6e-5c1b-7c3a-9f10-2b6f0c9d4e71"},
		"a foreign id":     {activity.IDKey: "request 7"},
		"an id of numbers": {activity.IDKey: 7},
		"two ids":          {activity.IDKey: "request 7", activity.OriginalIDKey: "x"},
		"the record's uid": {activity.LogRecordUIDKey: "019a8f6e-5c1b-7c3a-9f10-2b6f0c9d4e71"},
		"a strange uid":    {activity.LogRecordUIDKey: "7"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProcessor(t, configOf(t, `
drop_others: false
privacy: {enabled: false}
rules:
  - {name: spans, preset: http_server, sample_reads: 0.0000000001}
  - {name: lines, context: log, match: ['log.body == "x"'], set: {action.type: Read, actor.id: y}, sample_reads: 0.0000000001}
`))
			a := derivable()
			a["http.request.method"] = "GET"
			for key, value := range own {
				a[key] = value
			}
			td, span := newSpan(t, a)
			before := span.Attributes().AsRaw()
			_, err := p.processTraces(t.Context(), td)
			require.NoError(t, err)
			assert.Equal(t, before, span.Attributes().AsRaw())

			ld, record := newRecord(t, own)
			record.Body().SetStr("x")
			before = record.Attributes().AsRaw()
			_, err = p.processLogs(t.Context(), ld)
			require.NoError(t, err)
			assert.Equal(t, before, record.Attributes().AsRaw())
			assert.Equal(t, "x", record.Body().Str())
		})
	}
}

// A rule may say what a failure is, in words that are known.
func TestStatusOfAFailure(t *testing.T) {
	for said, want := range map[string]attrs{
		"ok":    {activity.StatusKey: "Success"}, // deleting what is gone is not a failure here
		"ERROR": {activity.StatusKey: "Failed", activity.ErrorTypeKey: "404"},
		"?":     {activity.StatusKey: "Failed", activity.ErrorTypeKey: "404"},
		"":      {activity.StatusKey: "Failed", activity.ErrorTypeKey: "404"},
	} {
		a := derivable()
		a["http.response.status_code"], a["said"] = 404, said
		td, span := newSpan(t, a)
		_, err := newProcessor(t, configOf(t, `rules: [{preset: http_server, on_failed: {status: 'attributes["said"]'}}]`)).processTraces(t.Context(), td)
		require.NoError(t, err)
		got := attrs{}
		for _, key := range []string{activity.StatusKey, activity.ErrorTypeKey} {
			if v, ok := span.Attributes().Get(key); ok {
				got[key] = v.Str()
			}
		}
		assert.Equal(t, want, got, said)
	}
}
