package credential

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// TestWhatIsLeftAlone: what a service says of itself is never changed.
func TestWhatIsLeftAlone(t *testing.T) {
	f := finder(t, `[{header: {name: authorization, as: basic}}]`, nil)
	for name, in := range map[string]attrs{
		"an actor": {"activity.actor.id": "7"}, "a user": {"user.id": "7"}, "an older user": {"enduser.id": 7}, "a system": {"activity.actor.type": "system"},
		"nobody": {"activity.actor.type": "anonymous"}, "a declared activity": {"activity.action.type": "Update"},
		"a derived activity": {"activity.source": "derived"}, "an excluded request": {"activity.skipped": true},
	} {
		td, one := span(t, with(requestWith(in), attrs{authorization: basicOf("alice:wonder")}))
		f.Traces(t.Context(), td, func(string) { assert.Fail(t, name) })
		want, _ := span(t, requestWith(in))
		assert.Equal(t, want.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).Attributes().AsRaw(), one.Attributes().AsRaw(), name)
	}
	for _, kind := range []ptrace.SpanKind{ptrace.SpanKindClient, ptrace.SpanKindInternal, ptrace.SpanKindUnspecified, ptrace.SpanKindConsumer, ptrace.SpanKindProducer} {
		td, one := span(t, requestWith(attrs{authorization: basicOf("alice:wonder")}))
		one.SetKind(kind)
		f.Traces(t.Context(), td, func(string) { assert.Fail(t, kind.String()) })
	}
	td, one := span(t, requestWith(attrs{authorization: basicOf("alice:wonder"), "user.id": " ", "user.name": "Alice", "activity.tenant.id": "acme"}))
	f.Traces(t.Context(), td, func(string) {})
	assert.Equal(t, requestWith(attrs{"user.id": "alice", "user.name": "Alice", "activity.tenant.id": "acme", "activity.actor.verified": false,
		"http.response.status_code": int64(200)}), one.Attributes().AsRaw())
}

// TestSecretsAreRemoved from whatever has them, whether or not they name somebody.
func TestSecretsAreRemoved(t *testing.T) {
	f := finder(t, `[{header: {name: authorization, as: basic}}, {header: X-Forwarded-User}, {cookie: {name: sid, lookup: sessions}}, {mtls: subject}]`, &sessions{})
	secrets := attrs{}
	for _, key := range []string{
		"http.request.header.authorization", "http.request.header.Authorization", "HTTP.Request.Header.authorization", "http.request.headers.authorization",
		"rpc.grpc.request.metadata.authorization", "rpc.request.metadata.authorization", "rpc.connect_rpc.request.metadata.authorization",
		"http.request.header.x-forwarded-user", "http.request.header.x_forwarded_user", "http.request.header.cookie",
		"http.response.header.set-cookie", "http.response.header.set_cookie", "http.request.header.x-forwarded-client-cert",
	} {
		secrets[key] = []any{"hunter2", "hunter2 too"}
	}
	others := attrs{"http.request.header.accept": "x", "http.response.header.location": "y", "http.route": "/z", "a": "b", "": "c"}
	td, one := span(t, with(others, secrets))
	for _, kind := range []ptrace.SpanKind{ptrace.SpanKindClient, ptrace.SpanKindInternal} {
		next := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().AppendEmpty()
		one.CopyTo(next)
		next.SetKind(kind)
	}
	require.NoError(t, one.Events().AppendEmpty().Attributes().FromRaw(secrets))
	require.NoError(t, one.Links().AppendEmpty().Attributes().FromRaw(secrets))
	f.Traces(t.Context(), td, func(string) {})
	text, err := (&ptrace.JSONMarshaler{}).MarshalTraces(td)
	require.NoError(t, err)
	assert.NotContains(t, string(text), "hunter2")
	for _, span := range td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().All() {
		got := span.Attributes().AsRaw()

		assert.Equal(t, others, got)
	}

	ld := plog.NewLogs()
	line := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	require.NoError(t, line.Attributes().FromRaw(with(others, secrets)))
	f.Logs(ld)
	assert.Equal(t, others, line.Attributes().AsRaw())
}

// TestTrustedProxies: where proxies are named, only they may say who the user is.
func TestTrustedProxies(t *testing.T) {
	const rules = `[{header: x-forwarded-user}, {mtls: subject}, {header: {name: authorization, as: basic}}]`
	f := finder(t, rules, nil, netip.MustParsePrefix("10.0.0.0/8"))
	for _, tt := range []struct {
		name string
		in   attrs
		want string
	}{
		{"a proxy", attrs{"network.peer.address": "10.1.2.3", "http.request.header.x-forwarded-user": "alice"}, "alice"},
		{"a proxy, older attribute", attrs{"net.sock.peer.addr": "10.1.2.3", "http.request.header.x_forwarded_user": "alice"}, "alice"},
		{"a proxy, in IPv6 form", attrs{"network.peer.address": "::ffff:10.1.2.3", "http.request.header.x-forwarded-user": "alice"}, "alice"},
		{"a certificate", attrs{"network.peer.address": "10.1.2.3", "http.request.header.x-ssl-client-dn": "CN=alice"}, "CN=alice"},
		{"somebody else", attrs{"network.peer.address": "192.0.2.1", "http.request.header.x-forwarded-user": "root"}, ""},
		{"somebody else, a certificate", attrs{"network.peer.address": "192.0.2.1", "http.request.header.x-ssl-client-dn": "CN=root"}, ""},
		{"not known", attrs{"http.request.header.x-forwarded-user": "root"}, ""},
		{"what the client proves to the server itself", attrs{"network.peer.address": "192.0.2.1", authorization: basicOf("alice:wonder")}, "alice"},
		{"what the server says itself", attrs{"network.peer.address": "192.0.2.1", "tls.client.subject": "CN=alice"}, "CN=alice"},
	} {
		who, _ := identified(t, f, requestWith(tt.in))
		assert.Equal(t, tt.want, who[0], tt.name)
	}
}

func TestNoRules(t *testing.T) {
	f := finder(t, `[]`, nil)
	td, one := span(t, requestWith(attrs{authorization: "x"}))
	f.Traces(t.Context(), td, func(string) {})
	_, there := one.Attributes().Get(authorization)
	assert.True(t, there, "what no rule reads is for privacy to mask")
}

func TestWrongRules(t *testing.T) {
	for _, tt := range []struct{ rules, want string }{
		{`[{}]`, "0: one of header, attribute, cookie and mtls must be set"},
		{`[{services: [shop]}]`, "0: one of header, attribute, cookie and mtls must be set"},
		{`[{header: x-user, attribute: user}]`, "0: header and attribute are mutually exclusive; make two rules of them"},
		{`[{heeder: x-user}]`, `0: unknown field "heeder"; did you mean "header"?`},
		{`[{header: authorization}]`, `0::header: as must be one of "basic", "jwt" for a header whose text is a secret; got ""`},
		{`[{header: x-api-key}]`, `0::header: as must be one of "basic", "jwt" for a header whose text is a secret; got ""`},
		{`[{header: {name: authorization, as: bearer}}]`, `0::header::as: must be one of "basic", "jwt"; got "bearer"`},
		{`[{header: cookie}]`, "0::header: name must not be that of cookies; the rule cookie is for them"},
		{`[{header: "x user"}]`, `0::header::name: must be the name of a header, such as x-forwarded-user; got "x user"`},
		{`[{header: {as: basic}}]`, `0::header::name: must be the name of a header, such as x-forwarded-user; got ""`},
		{`[{header: [x-user]}]`, "0: header must be a map; got a list"},
		{`[{header: {name: x-user, claims: {id: sub}}}]`, "0::header: claims is only for as: jwt"},
		{`[{header: {name: x-token, as: jwt, claims: {user: sub}}}]`, `0::header::claims: unknown field "user"; must be one of "id", "name", "tenant"`},
		{`[{header: {name: authorization, as: basic, jwks_file: a}}]`, "0::header: jwks_file is only for as: jwt"},
		{`[{header: {name: x-token, as: jwt, jwks_file: a, jwks_url: "https://a/b"}}]`, "0::header: jwks_url and jwks_file are mutually exclusive"},
		{`[{header: {name: x-token, as: jwt, issuer: a}}]`, "0::header: issuer needs jwks_url or jwks_file"},
		{`[{header: {name: x-token, as: jwt, jwks_file: a, algorithms: [RS256, HS256]}}]`, `0::header::algorithms::1: must be one of "RS256",`},
		{`[{header: {name: x-token, as: jwt, jwks_file: a, algorithms: none}}]`, `0::header::algorithms::0: must be one of "RS256",`},
		{`[{header: {name: x-token, as: jwt, jwks_url: "https://u:hunter2@a/b"}}]`, "0::header::jwks_url: must be an https or http URL without a user"},
		{`[{header: {name: x-token, as: jwt, jwks_url: "/keys"}}]`, "0::header::jwks_url: must be an https or http URL without a user"},
		{`[{attribute: http.request.header.x-user}]`, `0::attribute: must not be a header; the rule header is for them; got "http.request.header.x-user"`},
		{`[{cookie: {name: sid}}]`, "0::cookie::lookup: must not be empty"},
		{`[{cookie: {lookup: sessions}}]`, "0::cookie::name: must not be empty"},
		{`[{cookie: sid}]`, `0: cookie must be a map; got "sid"`},
		{`[{mtls: issuer}]`, `0::mtls: must be one of "subject"; got "issuer"`},
		{`[{header: x-user, services: ["a*b"]}]`, `0::services: must be names, or beginnings of names with "*" after them; got "a*b"`},
	} {
		rules := rulesOf(t, tt.rules)
		err := confmap.Validate(&rules)
		require.Error(t, err, tt.rules)
		assert.Equal(t, 1, strings.Count(err.Error(), "\n")+1, err)
		assert.Contains(t, err.Error(), tt.want)
		assert.NotContains(t, err.Error(), "hunter2")
	}
}
