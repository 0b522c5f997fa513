package adaptertest

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// Recorded collects what an adapter records.
type Recorded struct {
	Tracers *sdktrace.TracerProvider
	Loggers *sdklog.LoggerProvider

	spans *tracetest.SpanRecorder
	mu    sync.Mutex
	acts  []map[string]attribute.Value
}

// Record returns what collects the activities of a test.
func Record(tb testing.TB) *Recorded {
	tb.Helper()
	rec := &Recorded{spans: tracetest.NewSpanRecorder()}
	rec.Tracers = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(rec.spans))
	rec.Loggers = sdklog.NewLoggerProvider(sdklog.WithProcessor(rec))
	tb.Cleanup(func() {
		_ = rec.Tracers.Shutdown(context.Background())
		_ = rec.Loggers.Shutdown(context.Background())
	})
	return rec
}

// Options returns the options that the story needs.
func (rec *Recorded) Options() []instrument.Option {
	return []instrument.Option{
		instrument.WithTracerProvider(rec.Tracers), instrument.WithLoggerProvider(rec.Loggers), instrument.WithAnonymousFailures(),
	}
}

// OnEmit implements [sdklog.Processor].
func (rec *Recorded) OnEmit(_ context.Context, r *sdklog.Record) error {
	act := map[string]attribute.Value{"body": r.Body()}
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		act[string(kv.Key)] = kv.Value
		return true
	})
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.acts = append(rec.acts, act)
	return nil
}

// Enabled implements [sdklog.Processor].
func (*Recorded) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }

// Shutdown implements [sdklog.Processor].
func (*Recorded) Shutdown(context.Context) error { return nil }

// ForceFlush implements [sdklog.Processor].
func (*Recorded) ForceFlush(context.Context) error { return nil }

// Names returns the action names of the activities, in the order in which they were recorded.
func (rec *Recorded) Names() []string {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	names := make([]string, len(rec.acts))
	for i, act := range rec.acts {
		names[i] = text(act[activity.ActionNameKey])
	}
	return names
}

// Outcomes returns status and error type of the activities, with a space between.
func (rec *Recorded) Outcomes() []string {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	outcomes := make([]string, len(rec.acts))
	for i, act := range rec.acts {
		outcomes[i] = text(act[activity.StatusKey]) + " " + text(act[activity.ErrorTypeKey])
	}
	return outcomes
}

// Objects returns type and id of the objects, with a space between.
func (rec *Recorded) Objects() []string {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	objects := make([]string, len(rec.acts))
	for i, act := range rec.acts {
		objects[i] = text(act[activity.ObjectTypeKey]) + " " + text(act[activity.ObjectIDKey])
	}
	return objects
}

// Spans returns type and id of the objects of the spans that have ended, as Objects does.
func (rec *Recorded) Spans() []string {
	ended := rec.spans.Ended()
	objects := make([]string, len(ended))
	for i, span := range ended {
		act := map[string]attribute.Value{}
		for _, kv := range span.Attributes() {
			act[string(kv.Key)] = kv.Value
		}
		objects[i] = text(act[activity.ObjectTypeKey]) + " " + text(act[activity.ObjectIDKey])
	}
	return objects
}

// parameter is a parameter of a route in the syntax of most frameworks.
var parameter = regexp.MustCompile(`:(\w+)`)

// Compare compares the activities with testdata/story.golden. names says that their names are
// those of HTTP requests; a test of remote procedure calls must compare the names itself.
func (rec *Recorded) Compare(t *testing.T, names bool) {
	t.Helper()
	rec.mu.Lock()
	defer rec.mu.Unlock()
	_, file, _, _ := runtime.Caller(0)
	golden := filepath.Join(filepath.Dir(file), "testdata", "story.golden")
	got := make([]string, len(rec.acts))
	for i, act := range rec.acts {
		got[i] = line(act)
	}
	if os.Getenv("UPDATE_GOLDEN") != "" && names {
		if err := os.WriteFile(golden, []byte(strings.Join(got, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(golden) //nolint:gosec // the name is ours
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSpace(string(text)), "\n")
	for i := range max(len(got), len(want)) {
		g, w := at(got, i, names), at(want, i, names)
		if g != w {
			t.Errorf("activity %d is\n%s\nwant\n%s", i+1, g, w)
		}
	}
}

// nameColumn is the place of the action name in a line.
const nameColumn = 2

// at returns a line, "" if there is none.
func at(lines []string, i int, names bool) string {
	if i >= len(lines) {
		return ""
	}
	columns := strings.Split(lines[i], " | ")
	if !names {
		columns[nameColumn] = ""
	}
	return strings.Join(columns, " | ")
}

// line returns what a row says, in one line.
func line(act map[string]attribute.Value) string {
	who := text(act[activity.ActorTypeKey])
	if id := text(act[activity.ActorIDKey]); id != "" {
		who = fmt.Sprintf("%s %s %s of %s", who, id, text(act[activity.ActorNameKey]), text(act[activity.TenantIDKey]))
	}
	failure := text(act[activity.ErrorTypeKey])
	if code := activity.HTTPFromRPC(failure); failure != "" && code != http.StatusInternalServerError {
		failure = strconv.Itoa(code)
	}
	object := strings.TrimSpace(text(act[activity.ObjectTypeKey]) + " " + text(act[activity.ObjectIDKey]))
	return strings.Join([]string{
		cmp.Or(who, "-"), text(act[activity.ActionTypeKey]), parameter.ReplaceAllString(text(act[activity.ActionNameKey]), "{$1}"),
		text(act[activity.StatusKey]), cmp.Or(failure, "-"), object, text(act[activity.DataKey]), text(act["body"]),
	}, " | ")
}

// text returns a value as text, a map as JSON without what a framework may have to guess.
func text(v attribute.Value) string {
	switch v.Type() {
	case attribute.EMPTY:
		return ""
	case attribute.STRING:
		return v.AsString()
	}
	raw := plain(v)
	if data, ok := raw.(map[string]any); ok {
		delete(data, activity.GuessedKey)
		if len(data) == 0 {
			return ""
		}
	}
	encoded, err := json.Marshal(raw)
	if err != nil {
		return err.Error()
	}
	return string(encoded)
}

func plain(v attribute.Value) any {
	switch v.Type() {
	case attribute.MAP:
		m := map[string]any{}
		for _, kv := range v.AsMap() {
			m[string(kv.Key)] = plain(kv.Value)
		}
		return m
	case attribute.SLICE:
		var list []any
		for _, one := range v.AsSlice() {
			list = append(list, plain(one))
		}
		return list
	}
	return v.AsInterface()
}
