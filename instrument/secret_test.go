package instrument_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// A secret in a path is in no attribute of the span and of the record. Two acts on it have
// one object.
func TestSecretInPath(t *testing.T) {
	for pattern, path := range map[string]string{
		"PUT /resets/{token}":  "/resets/hunter2-abc",
		"PUT /invites/{id}":    "/invites/hunter2-abc",
		"PUT /{path...}":       "/reset-password/hunter2-abc",
		"/":                    "/api/tokens/hunter2-abc",
		"PUT /keys/{key}/hide": "/keys/hunter2-abc/hide",
	} {
		rec, opts := newRecorded(t)
		mux := http.NewServeMux()
		mux.Handle(pattern, answer(http.StatusOK))
		serve(instrument.NewHandler(mux, "test", append(opts, instrument.WithActor(asAlice))...), "PUT", path)
		record := rec.one()
		if id := record[activity.ObjectIDKey]; id != "" && !strings.HasPrefix(id, "sha256:") {
			t.Errorf("%s: object id %q, want a digest", pattern, id)
		}
		for key, value := range record {
			if strings.Contains(value, "hunter2") {
				t.Errorf("%s: %s of the record is %q", pattern, key, value)
			}
		}
		span := rec.spans.Ended()[0]
		for _, a := range span.Attributes() {
			if strings.Contains(a.Value.String(), "hunter2") {
				t.Errorf("%s: %s of the span is %q", pattern, a.Key, a.Value.String())
			}
		}
		if strings.Contains(span.Name(), "hunter2") {
			t.Errorf("%s: the span is called %q", pattern, span.Name())
		}
	}
}
