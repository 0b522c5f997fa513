package redact

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// planted is a secret in a text, or the value of a key.
type planted struct {
	Kind, Key, Text, Secret string
}

func readJSON[T any](t testing.TB, name string) (v T) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(content, &v))
	return v
}

func newCleaner(t testing.TB, change func(*Config)) *Cleaner {
	t.Helper()
	cfg := DefaultConfig()
	if change != nil {
		change(&cfg)
	}
	require.NoError(t, confmap.Validate(&cfg))
	c, err := New(cfg, 0)
	require.NoError(t, err)
	return c
}

// attributes puts the secret wherever attributes can have it.
func (p *planted) attributes(m pcommon.Map) {
	key := p.Key
	if key == "" {
		key = "note"
	}
	m.PutStr(key, p.Text)
	m.PutEmptySlice("list").AppendEmpty().SetEmptyMap().PutStr(key, p.Text)
	deep := m.PutEmptyMap("activity.data").PutEmptyMap("a").PutEmptyMap("b")
	deep.PutStr(key, p.Text)
	if p.Key != "" {
		object, _ := json.Marshal(map[string]any{"n": 1, p.Key: p.Text})
		m.PutStr("json", string(object))
		m.PutStr("line", p.Key+"="+quoted(p.Text))
		return
	}
	m.PutStr("activity.remarks", "x "+p.Text)
	m.PutStr("exception.message", p.Text)
	m.PutEmptyBytes("bytes").FromRaw([]byte(p.Text))
	m.PutEmptySlice("texts").AppendEmpty().SetStr(p.Text)
	if p.Secret != "" {
		m.PutStr(p.Text, "as a key")
	}
	object, _ := json.Marshal(map[string]any{"n": 1, "text": p.Text})
	m.PutStr("json", string(object))
}

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// text is the secret where there are no keys.
func (p *planted) text() string {
	if p.Key != "" {
		return p.Key + ": " + p.Text
	}
	return p.Text
}

// everywhere returns spans and log records with the secret in every field.
func (p *planted) everywhere() (ptrace.Traces, plog.Logs) {
	td, ld := ptrace.NewTraces(), plog.NewLogs()
	rs := td.ResourceSpans().AppendEmpty()
	p.attributes(rs.Resource().Attributes())
	ss := rs.ScopeSpans().AppendEmpty()
	p.attributes(ss.Scope().Attributes())
	ss.Scope().SetName(p.text())
	ss.Scope().SetVersion(p.text())
	span := ss.Spans().AppendEmpty()
	span.SetName(p.text())
	span.TraceState().FromRaw(p.text())
	span.Status().SetMessage(p.text())
	p.attributes(span.Attributes())
	event := span.Events().AppendEmpty()
	event.SetName(p.text())
	p.attributes(event.Attributes())
	link := span.Links().AppendEmpty()
	link.TraceState().FromRaw(p.text())
	p.attributes(link.Attributes())

	rl := ld.ResourceLogs().AppendEmpty()
	p.attributes(rl.Resource().Attributes())
	records := rl.ScopeLogs().AppendEmpty().LogRecords()
	for i := range 4 {
		record := records.AppendEmpty()
		p.attributes(record.Attributes())
		record.SetSeverityText(p.text())
		record.SetEventName(p.text())
		switch i {
		case 0:
			record.Body().SetStr(p.text())
		case 1:
			p.attributes(record.Body().SetEmptyMap())
		case 2:
			record.Body().SetEmptyBytes().FromRaw([]byte(p.text()))
		case 3:
			record.Body().SetEmptySlice().AppendEmpty().SetStr(p.text())
		}
	}
	return td, ld
}

func clean(c *Cleaner, td ptrace.Traces, ld plog.Logs) {
	if err := errors.Join(c.Traces(context.Background(), td), c.Logs(context.Background(), ld)); err != nil {
		panic(err) // there is no deadline
	}
}

// wire returns all that is in the telemetry, as bytes.
func wire(t testing.TB, td ptrace.Traces, ld plog.Logs) []byte {
	t.Helper()
	a, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
	require.NoError(t, err)
	b, err := (&plog.ProtoMarshaler{}).MarshalLogs(ld)
	require.NoError(t, err)
	return append(a, b...)
}

// TestNoSecretIsLeft plants 387 secrets in every field.
func TestNoSecretIsLeft(t *testing.T) {
	c := newCleaner(t, nil)
	corpus := readJSON[[]planted](t, "secrets.json")
	require.GreaterOrEqual(t, len(corpus), 300)
	for _, p := range corpus {
		td, ld := p.everywhere()
		require.Contains(t, string(wire(t, td, ld)), p.Secret, "nothing was planted")
		clean(c, td, ld)
		if got := wire(t, td, ld); bytes.Contains(got, []byte(p.Secret)) {
			assert.Failf(t, "a secret is left", "%s %q: %s in %s", p.Kind, p.Key+" "+p.Text, p.Secret, around(got, p.Secret))
		}
		again := wire(t, td, ld)
		clean(c, td, ld)
		assert.True(t, bytes.Equal(again, wire(t, td, ld)), "cleaning twice changes %s", p.Text)
	}
}

// around is what is around a secret.
func around(b []byte, secret string) string {
	i := bytes.Index(b, []byte(secret))
	return string(b[max(0, i-40):min(len(b), i+len(secret)+20)])
}

// TestHarmlessTextStays: what only looks like a secret.
func TestHarmlessTextStays(t *testing.T) {
	c := newCleaner(t, nil)
	texts := readJSON[[]string](t, "harmless.json")
	require.GreaterOrEqual(t, len(texts), 100)
	for _, text := range texts {
		p := planted{Text: text}
		td, ld := p.everywhere()
		before := wire(t, td, ld)
		clean(c, td, ld)
		if !bytes.Equal(before, wire(t, td, ld)) {
			v := pcommon.NewMap()
			v.PutStr("note", text)
			(&work{c: c}).attributes(v)
			assert.Failf(t, "a harmless text is changed", "%q became %v", text, v.AsRaw())
		}
	}
}
