package redact

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

func TestFieldsHoldEverywhere(t *testing.T) {
	t.Setenv("ACTIVITY_KEY", key)
	for name, f := range map[string]FieldConfig{
		"drop": {Action: "drop"}, "mask": {Action: "mask"}, "hmac": {Action: "hmac"}, "truncate": {Action: "truncate", Length: 2},
	} {
		t.Run(name, func(t *testing.T) {
			f.Field = "activity.actor.id"
			c := newCleaner(t, func(cfg *Config) {
				cfg.Fields = []FieldConfig{f}
				cfg.HMAC = HMACConfig{KeyEnv: "ACTIVITY_KEY", KeyID: "1"}
			})
			td := spanOf(t, "zo/rro7")
			require.NoError(t, c.Traces(t.Context(), td))
			got, err := (&ptrace.JSONMarshaler{}).MarshalTraces(td)
			require.NoError(t, err)
			for _, spelling := range []string{"zo/rro7", "zo%2Frro7"} {
				assert.NotContains(t, string(got), spelling)
			}
			span := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
			assert.Equal(t, attrs{"type": "article"}, span.Attributes().AsRaw()["untouched"], "all else stays")
		})
	}
}

// spanOf tells who did it in each way that a span has.
func spanOf(t *testing.T, who string) ptrace.Traces {
	t.Helper()
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	user := func(m pcommon.Map) { m.PutStr("enduser.id", who) }
	user(rs.Resource().Attributes())
	ss := rs.ScopeSpans().AppendEmpty()
	user(ss.Scope().Attributes())
	span := ss.Spans().AppendEmpty()
	span.SetName("GET /users/" + who)
	span.Status().SetMessage("no " + who)
	require.NoError(t, span.Attributes().FromRaw(attrs{
		"activity.actor.id": who, "user.id": []any{who}, "activity.remarks": who + ": Read", "activity.action.name": "GET /users/" + who,
		"url.full": "https://example.com/users/zo%2Frro7?by=zo%2Frro7", "url.query": "by=zo%2Frro7", "url.path": "/users/" + who,
		"http.target": "/users/zo%2Frro7", "http.url": "https://example.com/?by=" + who, "db.statement": "SELECT '" + who + "'",
		"db.query.text": "SELECT '" + who + "'", "http.request.header.referer": []any{"/users/" + who},
		"activity.data": attrs{"who": who, "all": []any{attrs{"who": who}}, "json": `{"who": "zo\/rro7", "n": 1}`},
		"untouched":     attrs{"type": "article"},
	}))
	event := span.Events().AppendEmpty()
	event.SetName("seen " + who)
	user(event.Attributes())
	event.Attributes().PutStr("note", "by "+who)
	user(span.Links().AppendEmpty().Attributes())
	return td
}

func TestFieldsOfResources(t *testing.T) {
	c := newCleaner(t, func(cfg *Config) {
		cfg.Fields = []FieldConfig{{Field: "host.name", Action: "drop"}, {Field: "user.id", Action: "mask"}}
	})
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	require.NoError(t, rs.Resource().Attributes().FromRaw(attrs{"host.name": "pc-of-alice", "user.id": "u-17", "os": "linux"}))
	for range 2 {
		rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty().SetName("u-17 did it")
	}
	td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty().SetName("u-17 is a box here")
	require.NoError(t, c.Traces(t.Context(), td))
	assert.Equal(t, attrs{"user.id": "****", "os": "linux"}, rs.Resource().Attributes().AsRaw())
	for _, ss := range rs.ScopeSpans().All() {
		assert.Equal(t, "**** did it", ss.Spans().At(0).Name())
	}
	assert.Equal(t, "u-17 is a box here", td.ResourceSpans().At(1).ScopeSpans().At(0).Spans().At(0).Name(), "another resource")
}

func TestWhatFieldsTell(t *testing.T) {
	t.Setenv("ACTIVITY_KEY", key)
	const hash = "hmac:2026-11:3b12d0412db185c98ff58825ed4c81cf" // of 42
	for name, tt := range map[string]struct {
		field      FieldConfig
		in, want   attrs
		body, says string
	}{
		"a name that is the e-mail address": {
			FieldConfig{Field: "user.email", Action: "mask"},
			attrs{"user.email": "a@b.de", "activity.actor.name": "a@b.de", "user.name": "alice"},
			attrs{"user.email": "****", "activity.actor.name": "****", "user.name": "alice"},
			"a@b.de: Read", "****: Read",
		},
		"an actor that is the user": {
			FieldConfig{Field: "enduser.id", Action: "hmac"},
			attrs{"enduser.id": "42", "activity.actor.id": "42", "activity.object.id": "42"},
			attrs{"enduser.id": hash, "activity.actor.id": hash, "activity.object.id": "42"},
			"42: Read at 12:42 on 2026-11-42, version 1.42", hash + ": Read at 12:42 on 2026-11-42, version 1.42",
		},
		"the id of the key is not a value": {
			FieldConfig{Field: "activity.actor.id", Action: "mask"},
			attrs{"activity.actor.id": "alice", "user.id": "alice@example.com"},
			attrs{"activity.actor.id": "****", "user.id": "****"},
			"alice@example.com and alice", "**** and ****",
		},
		"headers with the address": {
			FieldConfig{Field: "client.address", Action: "drop"},
			attrs{"client.address": "192.0.2.7", "http.request.header.x-forwarded-for": []any{"192.0.2.7"}, "source.address": "192.0.2.7"},
			attrs{},
			"from 192.0.2.7, not 192.0.2.77", "from ****, not 192.0.2.77",
		},
		"members in lists": {
			FieldConfig{Field: "activity.data.items.card", Action: "mask"},
			attrs{"activity.data": attrs{"items": []any{attrs{"card": "c-17"}, attrs{"n": 1}, "x"}}},
			attrs{"activity.data": attrs{"items": []any{attrs{"card": "****"}, attrs{"n": int64(1)}, "x"}}},
			"paid with c-17", "paid with ****",
		},
		"changes of a member": {
			FieldConfig{Field: "activity.data.changes.email", Action: "hmac"},
			attrs{"activity.data": attrs{"changes": attrs{"email": []any{"42", ""}}}},
			attrs{"activity.data": attrs{"changes": attrs{"email": []any{hash, ""}}}},
			"was 42", "was " + hash,
		},
		"truncate": {
			FieldConfig{Field: "activity.actor.name", Action: "truncate", Length: 1},
			attrs{"activity.actor.name": "alice"}, attrs{"activity.actor.name": "a"},
			"alice: Read", "a: Read",
		},
		"a quotation mark in JSON": {
			FieldConfig{Field: "activity.actor.id", Action: "mask"},
			attrs{"activity.actor.id": `a"b`, "activity.data": `{"who":"a\"b"}`},
			attrs{"activity.actor.id": "****", "activity.data": `{"who":"****"}`},
			"", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCleaner(t, func(cfg *Config) {
				cfg.Fields = []FieldConfig{tt.field}
				cfg.HMAC = HMACConfig{KeyEnv: "ACTIVITY_KEY", KeyID: "2026-11"}
			})
			record := recordOf(t, tt.in, tt.body)
			for range 2 { // the second collector changes nothing
				(&work{c: c}).record(record)
				assert.Equal(t, tt.want, record.Attributes().AsRaw())
				assert.Equal(t, tt.says, record.Body().AsString())
			}
		})
	}
}

// An actor whose id is that of the key: what was replaced is not looked at again.
func TestAHashStaysWhole(t *testing.T) {
	t.Setenv("ACTIVITY_KEY", key)
	c := newCleaner(t, func(cfg *Config) {
		cfg.Fields = []FieldConfig{{Field: "activity.actor.id", Action: "hmac"}, {Field: "activity.actor.name", Action: "hmac"}}
		cfg.HMAC = HMACConfig{KeyEnv: "ACTIVITY_KEY", KeyID: "42"}
	})
	record := recordOf(t, attrs{"activity.actor.id": "42", "user.id": "42", "activity.actor.name": "hmac"}, "42: Read")
	(&work{c: c}).record(record)
	assert.Equal(t, "hmac:42:3b12d0412db185c98ff58825ed4c81cf: Read", record.Body().AsString())
}

func TestSentencesTellTheNetwork(t *testing.T) {
	c := newCleaner(t, func(cfg *Config) { cfg.Address.IPv4Prefix = 24 })
	record := recordOf(t, attrs{"activity.remarks": "from 192.0.2.77", "http.request.header.forwarded": "for=192.0.2.77:80;by=10.1.2.3"}, "192.0.2.77, 10.1.2.3 and 8.8.8.8")
	(&work{c: c}).record(record)
	assert.Equal(t, attrs{"activity.remarks": "from 192.0.2.0", "http.request.header.forwarded": "for=192.0.2.0;by=10.1.2.0"}, record.Attributes().AsRaw())
	assert.Equal(t, "192.0.2.0, 10.1.2.0 and 8.8.8.8", record.Body().AsString())
}

// Whom a failed login was for is what such a row is for.
func TestClaimedStays(t *testing.T) {
	c := newCleaner(t, nil)
	for _, data := range []any{attrs{"claimed": "alice@example.com"}, `{"claimed":"alice@example.com"}`} {
		in := attrs{"activity.action.type": "Login Failed", "activity.data": data}
		record := recordOf(t, in, "alice@example.com: Login Failed, not bob@example.com")
		(&work{c: c}).record(record)
		assert.Equal(t, in, record.Attributes().AsRaw())
		assert.Equal(t, "alice@example.com: Login Failed, not ****", record.Body().AsString())
	}
}
