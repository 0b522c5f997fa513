package instrument_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

func TestWithoutReads(t *testing.T) {
	does := func(what func(*instrument.Current)) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { what(instrument.FromContext(r.Context())) })
	}
	for name, tt := range map[string]struct {
		method, path string
		handler      http.Handler
		recorded     string // the action type
	}{
		"read":                {"GET", "/articles/17", answer(200), ""},
		"not modified":        {"HEAD", "/articles/17", answer(304), ""},
		"a search":            {"POST", "/articles/_search", answer(200), ""},
		"recorded at once":    {"GET", "/stream", does(func(c *instrument.Current) { c.RecordNow() }), ""},
		"read by the handler": {"POST", "/x", does(func(c *instrument.Current) { c.SetAction(activity.ActionRead, "") }), ""},
		"failed":              {"GET", "/articles/17", answer(404), "Read"},
		"refused":             {"GET", "/articles/17", answer(403), "Read"},
		"failed by the handler": {"GET", "/articles/17", does(func(c *instrument.Current) {
			c.SetStatus(activity.StatusFailed)
		}), "Read"},
		"changed by the handler": {"GET", "/articles/17", does(func(c *instrument.Current) {
			c.SetAction(activity.ActionUpdate, "")
		}), "Update"},
		"write": {"PUT", "/articles/17", answer(200), "Update"},
	} {
		t.Run(name, func(t *testing.T) {
			rec, opts := newRecorded(t)
			opts = append(opts, instrument.WithActor(asAlice), instrument.WithoutReads())
			serve(instrument.NewHandler(tt.handler, "test", opts...), tt.method, tt.path)
			if tt.recorded != "" {
				check(t, rec.one(), map[string]string{activity.ActionTypeKey: tt.recorded})
				return
			}
			rec.none()
			check(t, spanMap(rec.spans.Ended()[0]), map[string]string{activity.SkippedKey: "true"})
		})
	}
}

// What a Recorder is given is no request.
func TestWithoutReadsAndRecorder(t *testing.T) {
	rec, opts := newRecorded(t)
	instrument.NewRecorder(append(opts, instrument.WithoutReads())...).Record(context.Background(),
		activity.Activity{ActionType: activity.ActionRead, Actor: alice})
	rec.one()
}
