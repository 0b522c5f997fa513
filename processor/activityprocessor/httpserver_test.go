package activityprocessor

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// attrs is a short name for the attributes of a span or a log record.
type attrs = map[string]any

// newSpan returns a SERVER span, alone in its ptrace.Traces.
func newSpan(t testing.TB, a attrs) (ptrace.Traces, ptrace.Span) {
	t.Helper()
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr(activity.ServiceNameKey, "blog")
	span := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	span.SetKind(ptrace.SpanKindServer)
	span.SetTraceID(pcommon.TraceID{1})
	span.SetSpanID(pcommon.SpanID{2})
	span.SetStartTimestamp(1_700_000_000_123_456_789)
	require.NoError(t, span.Attributes().FromRaw(a))
	return td, span
}

// added returns what the processor with cfg added to or changed in the
// attributes of span, without its id. It is nil if the span is not an activity.
func added(t *testing.T, cfg *Config, td ptrace.Traces, span ptrace.Span) attrs {
	t.Helper()
	before := span.Attributes().AsRaw()
	keep := *cfg
	keep.DropOthers, keep.Privacy.Enabled = false, false
	_, err := newProcessor(t, &keep).processTraces(t.Context(), td)
	require.NoError(t, err)
	after := span.Attributes().AsRaw()
	if _, ok := after[activity.ActionTypeKey]; !ok {
		require.Equal(t, before, after, "a span that is not an activity stays as it is")
		return nil
	}
	_, err = activity.ParseID(after[activity.IDKey].(string))
	require.NoError(t, err)
	delete(after, activity.IDKey)
	for key, value := range before {
		if assert.ObjectsAreEqual(value, after[key]) {
			delete(after, key)
		}
	}
	return after
}

// newProcessor returns a processor as the Collector makes it, not started.
func newProcessor(t testing.TB, cfg *Config) *activityProcessor {
	t.Helper()
	require.NoError(t, confmap.Validate(cfg))
	p, err := newActivityProcessor(cfg, componenttest.NewNopTelemetrySettings())
	require.NoError(t, err)
	return p
}

func defaults() *Config { return createDefaultConfig().(*Config) }

func TestDeriveFromPresentConventions(t *testing.T) {
	td, span := newSpan(t, attrs{
		"http.request.method": "PUT", "http.route": "/api/articles/{id}", "url.path": "/api/articles/17",
		"url.query": "token=secret", "url.full": "https://u:p@example.com/api/articles/17?token=secret",
		"http.response.status_code": 409, "user.id": 42, "user.name": " alice ", "user.email": "a@example.com",
		"client.address": "192.0.2.7:4711", "network.peer.address": "10.0.0.1",
		"user_agent.original": "curl/8.5.0", "session.id": "s1",
	})
	assert.Equal(t, attrs{
		"activity.action.type": "Update",
		"activity.action.name": "PUT /api/articles/{id}",
		"activity.status":      "Failed",
		"error.type":           "409",
		"activity.actor.id":    "42",
		"activity.actor.type":  "user",
		"activity.actor.name":  "alice",
		"activity.object.type": "article",
		"activity.object.id":   "17",
		"activity.remarks":     "alice failed to update article 17",
		"activity.source":      "derived",
		"client.address":       "10.0.0.1",
	}, added(t, defaults(), td, span))
}

func TestDeriveFromOldConventions(t *testing.T) {
	td, span := newSpan(t, attrs{
		"http.method": "POST", "http.route": "articles/", "http.target": "/articles/?token=secret#f",
		"http.url":         "https://example.com/articles/?token=secret",
		"http.status_code": "201", "enduser.id": "bob",
		"http.client_ip": "::ffff:192.0.2.7", "net.sock.peer.addr": "10.0.0.1", "http.user_agent": "Mozilla/5.0",
	})
	assert.Equal(t, attrs{
		"activity.action.type": "Create",
		"activity.action.name": "POST articles/",
		"activity.status":      "Success",
		"activity.actor.id":    "bob",
		"activity.actor.type":  "user",
		"activity.object.type": "article",
		"activity.remarks":     "bob created article",
		"activity.source":      "derived",
		"client.address":       "10.0.0.1",
		"user_agent.original":  "Mozilla/5.0",
	}, added(t, defaults(), td, span))
}

// What instrumentations leave out, or say in a place of their own.
func TestDeriveFromLess(t *testing.T) {
	for name, tt := range map[string]struct {
		span   string // its name
		in     attrs
		action string
		typ    string
		id     string
	}{
		"route in the name": {span: "PUT /articles/{id}", in: attrs{"url.path": "/articles/hello"},
			action: "PUT /articles/{id}", typ: "article", id: "hello"},
		"route in the name, mounted": {span: "PUT /articles/{id}", in: attrs{"url.path": "/app/articles/hello"},
			action: "PUT /articles/{id}", typ: "article", id: "hello"},
		"an attribute is better": {span: "PUT /{any}", in: attrs{"url.path": "/articles/hello", "http.route": "/articles/{id}"},
			action: "PUT /articles/{id}", typ: "article", id: "hello"},
		"path in the name": {span: "PUT /articles/17", in: attrs{"url.path": "/articles/17"},
			action: "PUT /articles/{id}", typ: "article", id: "17"},
		"path with brackets in the name": {span: "PUT /articles/(17)", in: attrs{"url.path": "/articles/(17)"},
			action: "PUT /articles/(17)"},
		"another path in the name": {span: "PUT /posts/{id}", in: attrs{"url.path": "/articles/hello"},
			action: "PUT /articles/hello"},
		"another method in the name": {span: "GET /articles/{id}", in: attrs{"url.path": "/articles/hello"},
			action: "PUT /articles/hello"},
		"name of a route in the name": {span: "PUT article_update", in: attrs{"url.path": "/articles/17"},
			action: "PUT /articles/{id}", typ: "article", id: "17"},
		"url.template": {span: "PUT", in: attrs{"url.path": "/articles/hello", "url.template": "/articles/:id"},
			action: "PUT /articles/:id", typ: "article", id: "hello"},
		"path in url.full": {span: "PUT", in: attrs{"url.full": "https://u:p@blog.example/articles/17?token=secret"},
			action: "PUT /articles/{id}", typ: "article", id: "17"},
		"path in http.url": {span: "PUT", in: attrs{"http.url": "http://blog.example/articles/17?token=secret"},
			action: "PUT /articles/{id}", typ: "article", id: "17"},
		"Rails' format": {span: "PUT", in: attrs{"url.path": "/articles/hello.world.json", "http.route": "/articles/:id(.:format)"},
			action: "PUT /articles/:id", typ: "article", id: "hello.world"},
		"no format but Rails'": {span: "PUT", in: attrs{"url.path": "/articles/hello.json", "http.route": "/articles/:id"},
			action: "PUT /articles/:id", typ: "article", id: "hello.json"},
	} {
		t.Run(name, func(t *testing.T) {
			tt.in["http.request.method"], tt.in["user.id"], tt.in["http.response.status_code"] = "PUT", "1", 200
			td, span := newSpan(t, tt.in)
			span.SetName(tt.span)
			got := added(t, defaults(), td, span)
			assert.Equal(t, tt.action, got[activity.ActionNameKey])
			assert.Equal(t, tt.typ, str(got[activity.ObjectTypeKey]))
			assert.Equal(t, tt.id, str(got[activity.ObjectIDKey]))
			assert.NotContains(t, got[activity.RemarksKey], "secret")
		})
	}
}

func str(v any) string { s, _ := v.(string); return s }

// A handler that panics sends no response: otelhttp leaves the span status
// unset, and the SDK notes the exception.
func TestDeriveWithoutResponse(t *testing.T) {
	for name, tt := range map[string]struct {
		in     attrs
		event  string
		status string
		error  any
	}{
		"panic":              {event: "exception", status: "Failed", error: "*errors.errorString"},
		"its own error type": {in: attrs{"error.type": "panic"}, event: "exception", status: "Failed"},
		"answered":           {in: attrs{"http.response.status_code": 200}, event: "exception", status: "Success"},
		"another event":      {event: "message", status: "Success"},
		"no event":           {status: "Success"},
	} {
		t.Run(name, func(t *testing.T) {
			td, span := newSpan(t, attrs{"http.request.method": "POST", "url.path": "/articles", "user.id": "1"})
			for key, value := range tt.in {
				require.NoError(t, span.Attributes().PutEmpty(key).FromRaw(value))
			}
			if tt.event != "" {
				event := span.Events().AppendEmpty()
				event.SetName(tt.event)
				event.Attributes().PutStr("exception.type", "*errors.errorString")
			}
			got := added(t, defaults(), td, span)
			assert.Equal(t, tt.status, got[activity.StatusKey])
			assert.Equal(t, tt.error, got[activity.ErrorTypeKey])
		})
	}
}

func TestDeriveOrNot(t *testing.T) {
	anonymous, strict, off := defaults(), defaults(), defaults()
	yes, no := true, false
	anonymous.Rules[1].Anonymous = &yes
	strict.Rules[1].AnonymousFailures = &no
	off.Rules = nil

	for name, tt := range map[string]struct {
		cfg  *Config
		kind ptrace.SpanKind
		in   attrs
		want string // actor id and type; "" means no activity
	}{
		"user":                     {in: attrs{"user.id": "1"}, want: "1 user"},
		"user.id before enduser":   {in: attrs{"user.id": "1", "enduser.id": "2"}, want: "1 user"},
		"the service's own actor":  {in: attrs{"user.id": "1", activity.ActorIDKey: "9", activity.ActorTypeKey: "service"}, want: "9 service"},
		"an actor without an id":   {in: attrs{activity.ActorTypeKey: "system"}, want: " system"},
		"blank user":               {in: attrs{"user.id": " "}},
		"a name is not an actor":   {in: attrs{"user.name": "alice"}},
		"nobody":                   {in: attrs{}},
		"nobody, refused 401":      {in: attrs{"http.response.status_code": 401}, want: " anonymous"},
		"nobody, refused 403":      {in: attrs{"http.status_code": 403}, want: " anonymous"},
		"nobody, failed otherwise": {in: attrs{"http.response.status_code": 404}},
		"nobody, refused, strict":  {cfg: strict, in: attrs{"http.response.status_code": 401}},
		"nobody, anonymous":        {cfg: anonymous, in: attrs{}, want: " anonymous"},
		"explicitly anonymous":     {in: attrs{activity.ActorTypeKey: "anonymous"}},
		"derivation is off":        {cfg: off, in: attrs{"user.id": "1"}},
		"client span":              {kind: ptrace.SpanKindClient, in: attrs{"user.id": "1"}},
		"internal span":            {kind: ptrace.SpanKindInternal, in: attrs{"user.id": "1"}},
		"skipped":                  {in: attrs{"user.id": "1", activity.SkippedKey: true}},
		"skipped, as text":         {in: attrs{"user.id": "1", activity.SkippedKey: "true"}},
		"not skipped":              {in: attrs{"user.id": "1", activity.SkippedKey: false}, want: "1 user"},
		"has a source":             {in: attrs{"user.id": "1", activity.SourceKey: "declared"}},
		"method without a type":    {in: attrs{"user.id": "1", "http.request.method": "OPTIONS"}},
		"unknown method":           {in: attrs{"user.id": "1", "http.request.method": "_OTHER"}},
		"no method":                {in: attrs{"user.id": "1", "http.request.method": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			in := attrs{"http.request.method": "GET", "url.path": "/"}
			for key, value := range tt.in {
				in[key] = value
			}
			td, span := newSpan(t, in)
			if tt.kind != 0 {
				span.SetKind(tt.kind)
			}
			if tt.cfg == nil {
				tt.cfg = defaults()
			}
			got := ""
			if added(t, tt.cfg, td, span) != nil {
				a := span.Attributes().AsRaw()
				id, _ := a[activity.ActorIDKey].(string)
				got = id + " " + a[activity.ActorTypeKey].(string)
			}
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestDeriveStatus(t *testing.T) {
	for name, tt := range map[string]struct {
		in        attrs
		span      ptrace.StatusCode
		status    string
		errorType any
	}{
		"200":                       {in: attrs{"http.response.status_code": 200}, status: "Success"},
		"304":                       {in: attrs{"http.response.status_code": 304}, status: "Success"},
		"404":                       {in: attrs{"http.response.status_code": 404}, status: "Failed", errorType: "404"},
		"500 with an error":         {in: attrs{"http.response.status_code": 500, "error.type": "timeout"}, status: "Failed", errorType: "timeout"},
		"200 although the span: no": {in: attrs{"http.response.status_code": 200}, span: ptrace.StatusCodeError, status: "Success"},
		"no code":                   {status: "Success"},
		"no code, panic":            {span: ptrace.StatusCodeError, status: "Failed"},
		"code 0":                    {in: attrs{"http.response.status_code": 0}, span: ptrace.StatusCodeError, status: "Failed"},
		"set by the service":        {in: attrs{"http.response.status_code": 200, "activity.status": "failure"}, status: "Failed"},
	} {
		t.Run(name, func(t *testing.T) {
			in := attrs{"http.request.method": "GET", "user.id": "1"}
			for key, value := range tt.in {
				in[key] = value
			}
			td, span := newSpan(t, in)
			span.Status().SetCode(tt.span)
			require.NotNil(t, added(t, defaults(), td, span))
			a := span.Attributes().AsRaw()
			assert.Equal(t, tt.status, a[activity.StatusKey])
			assert.Equal(t, tt.errorType, a[activity.ErrorTypeKey])
		})
	}
}

// What the service has said about a part of the activity is not overwritten.
func TestDeriveLeavesWhatIsThere(t *testing.T) {
	td, span := newSpan(t, attrs{
		"http.request.method": "POST", "http.route": "/articles/{id}/publish", "url.path": "/articles/17/publish", "user.id": "1",
		activity.ActionNameKey: "article.publish", activity.ObjectTypeKey: "post", activity.RemarksKey: "mine",
	})
	assert.Equal(t, attrs{
		"activity.action.type": "Update", "activity.status": "Success", "activity.source": "derived",
		"activity.actor.id": "1", "activity.actor.type": "user",
	}, added(t, defaults(), td, span))
}

// A blank attribute is as if the service had not set it.
func TestDeriveFillsBlanks(t *testing.T) {
	td, span := newSpan(t, attrs{
		"http.request.method": "GET", "http.route": "/articles/{id}", "url.path": "/articles/17", "user.id": "42",
		activity.ActorIDKey: " ", activity.ObjectTypeKey: "", activity.StatusKey: "",
	})
	got := added(t, defaults(), td, span)
	assert.Equal(t, "42", got[activity.ActorIDKey])
	assert.Equal(t, "article", got[activity.ObjectTypeKey])
	assert.Equal(t, "17", got[activity.ObjectIDKey])
	assert.Equal(t, "Success", got[activity.StatusKey])
}

// No route, and no path either: still somebody did something.
func TestDeriveFromNearlyNothing(t *testing.T) {
	td, span := newSpan(t, attrs{"http.request.method": "DELETE", "user.id": "1"})
	got := added(t, defaults(), td, span)
	assert.Equal(t, "DELETE", got["activity.action.name"])
	assert.Equal(t, "1: Delete", got["activity.remarks"])
}

// The query string, user information and path parameters may hold secrets.
func TestNoSecretsFromTheTarget(t *testing.T) {
	for _, in := range []attrs{
		{"http.method": "GET", "http.target": "/articles/17?token=secret"},
		{"http.method": "GET", "http.target": "/articles/17;jsessionid=secret?x=secret"},
		{"http.method": "GET", "http.target": "http://user:secret@example.com/articles/17?secret"},
		{"http.method": "GET", "http.target": "secret:secret"},
		{"http.request.method": "GET", "url.path": "/articles/17?token=secret", "url.query": "token=secret"},
		{"http.request.method": "GET", "url.path": "/articles/17#secret", "http.route": "/articles/{id}?token=secret"},
	} {
		before := attrs{}
		for key, value := range in {
			before[key] = value
		}
		in["user.id"] = "1"
		td, span := newSpan(t, in)
		got := added(t, defaults(), td, span)
		require.NotNil(t, got)
		for key, value := range got {
			assert.NotContains(t, value, "secret", "%s of %v", key, before)
		}
	}
}
