package serve_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/crypto/bcrypt"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/cmd/activitylog/internal/clitest"
	"github.com/otelactivity/activitylog/cmd/activitylog/internal/serve"
	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/instrument/activitytest"
	"github.com/otelactivity/activitylog/reader/drivers"
	"github.com/otelactivity/activitylog/reader/web"
)

// recorded returns a handler of the story's rows behind a login, and what it records.
func recorded(t *testing.T) (http.Handler, *activitytest.Recorder) {
	t.Helper()
	folder := t.TempDir()
	dsn := "file:" + filepath.Join(folder, "activity.db")
	if err := clitest.Create(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
	if err := clitest.Write(t.Context(), dsn, clitest.Rows()...); err != nil {
		t.Fatal(err)
	}
	r, err := drivers.Open(t.Context(), "", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	hash, _ := bcrypt.GenerateFromPassword([]byte("secret"), bcrypt.MinCost)
	file := filepath.Join(folder, "htpasswd")
	if err := os.WriteFile(file, []byte("carol:"+string(hash)), 0o600); err != nil {
		t.Fatal(err)
	}
	rec := activitytest.NewRecorder()
	recording := serve.Recording{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Options: []instrument.Option{rec.Option()}}
	page, err := web.NewHandler(r, web.WithObserver(recording.Observe))
	if err != nil {
		t.Fatal(err)
	}
	s, err := serve.New(t.Context(), serve.Config{Listen: "127.0.0.1:0", Auth: "basic:" + file, Logger: slog.New(slog.DiscardHandler)}, page, recording.Wrap)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s.Handler(), rec
}

// Each view is one activity of who looked, and nothing else is.
func TestRecording(t *testing.T) {
	h, rec := recorded(t)
	id := clitest.Rows()[0].EventID.String()
	for path, want := range map[string]activity.Activity{
		"/":                     {ActionName: "activitylog list", Object: activity.Object{Type: "audit log", ID: "list"}},
		"/?actor_id=42&limit=1": {ActionName: "activitylog list", Object: activity.Object{Type: "audit log", ID: "list"}},
		"/activities/" + id:     {ActionName: "activitylog activity", Object: activity.Object{Type: "activity", ID: id}},
		"/actor?actor_id=42":    {ActionName: "activitylog actor", Object: activity.Object{Type: "audit log", ID: "actor"}},
		"/object?object_type=article&object_id=17": {ActionName: "activitylog history", Object: activity.Object{Type: "audit log", ID: "history"}},
		"/api/v1/activities?limit=2":               {ActionName: "activitylog list", Object: activity.Object{Type: "audit log", ID: "list"}},
		"/api/v1/counts":                           {ActionName: "activitylog counts", Object: activity.Object{Type: "audit log", ID: "counts"}},
		"/assets/style.css":                        {}, "/api/v1/openapi.json": {}, "/nothing": {}, "/?x=1": {}, "/?actor_id=": {},
	} {
		rec.Reset()
		ask(h, path, "carol", "secret")
		got := rec.Activities()
		if want.ActionName == "" {
			if len(got) > 0 {
				t.Errorf("%s: got %+v, want nothing", path, got)
			}
			continue
		}
		if len(got) != 1 {
			t.Errorf("%s: got %d activities, want 1", path, len(got))
			continue
		}
		a := got[0]
		_, query, _ := strings.Cut(path, "?")
		shown, _ := a.Data["query"].(string)
		if a.ActionType != activity.ActionRead || a.ActionName != want.ActionName || a.Object.Type != want.Object.Type || a.Object.ID != want.Object.ID ||
			a.Actor.ID != "carol" || a.Status != activity.StatusSuccess || shown != query || a.ClientAddress != "198.51.100.9" {
			t.Errorf("%s: got %+v", path, a)
		}
	}
}

// A wrong password is a failed login. A browser that was not asked for one yet is not.
func TestRecordedLogins(t *testing.T) {
	h, rec := recorded(t)
	ask(h, "/", "", "")
	if got := rec.Activities(); len(got) > 0 {
		t.Errorf("without a name: got %+v, want nothing", got)
	}
	ask(h, "/", "mallory", "guess")
	got := rec.Activities()
	if len(got) != 1 || got[0].ActionType != activity.ActionLoginFailed || got[0].Data[activity.ClaimedKey] != "mallory" || got[0].Actor.ID != "" {
		t.Errorf("a wrong password: got %+v", got)
	}
	if strings.Contains(got[0].Remarks, "guess") {
		t.Errorf("the password is recorded: %s", got[0].Remarks)
	}
}

// Who looks does not say in which trace that was, or that it is not to be sampled.
func TestRecordedTrace(t *testing.T) {
	provider := sdktrace.NewTracerProvider()
	t.Cleanup(func() { _ = provider.Shutdown(context.WithoutCancel(t.Context())) })
	const theirs = "deadbeefdeadbeefdeadbeefdeadbeef"
	var got trace.SpanContext
	h := serve.Recording{Options: []instrument.Option{
		activitytest.NewRecorder().Option(), instrument.WithTracerProvider(provider),
		instrument.WithOTelHTTPOptions(otelhttp.WithPropagators(propagation.TraceContext{})),
	}}.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = trace.SpanContextFromContext(r.Context()) }))
	for _, flags := range []string{"00", "01"} {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.Header.Set("Traceparent", "00-"+theirs+"-00f067aa0ba902b7-"+flags)
		h.ServeHTTP(httptest.NewRecorder(), r)
		if !got.IsSampled() || got.TraceID().String() == theirs {
			t.Errorf("%s: the span is of %s, and is sampled: %v", flags, got.TraceID(), got.IsSampled())
		}
	}
}

// What was not found was not seen.
func TestRecordedRows(t *testing.T) {
	h, rec := recorded(t)
	for _, path := range []string{"/api/v1/activities/01900000-0000-7000-8000-000000000000", "/activities/01900000-0000-7000-8000-000000000000"} {
		rec.Reset()
		ask(h, path, "carol", "secret")
		if got := rec.Activities(); len(got) != 1 || got[0].Status != activity.StatusFailed || got[0].Data["rows"] != int64(0) {
			t.Errorf("%s: got %+v", path, got)
		}
	}
}

func ask(h http.Handler, path, name, password string) {
	r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
	r.Host = "localhost"
	r.Header.Set("X-Forwarded-For", "198.51.100.9")
	if name != "" {
		r.SetBasicAuth(name, password)
	}
	h.ServeHTTP(httptest.NewRecorder(), r)
}
