package redact

import (
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// longTexts are texts of about 64 KiB, honest ones and such as are made to be slow.
func longTexts() map[string]string {
	random := make([]byte, 48<<10)
	source := rand.NewChaCha8([32]byte{})
	_, _ = source.Read(random)
	texts := map[string]string{"base64": base64.StdEncoding.EncodeToString(random)}
	for name, line := range map[string]string{
		"prose":      "The quick brown fox jumps over the lazy dog; then it sleeps until noon, and nobody knows why. ",
		"mixed":      "user=ada password: 'x' Bearer abc https://a:b@c/%3Ftoken%3D1 ada@example.com 4111 1111 1111 1111\n",
		"log":        "2026-11-26T09:00:24.382Z INFO builder/main.go:117 id=1f0c9d4e71 took=12ms status=200 path=/v1/logs?x=1&y=2\n",
		"SQL":        "SELECT id, name FROM users WHERE email = 'ada@example.com' AND created_at > '2026-11-26 00:00:00' OR id IN (1, 2, 3); ",
		"HTML":       `<div class="a"><input name="password" value="x"><a href="https://example.com/?a=b">text</a></div>`,
		"JSON":       `"name": "Ada Lovelace", "token": "x", "list": [1, 2, 3], "nested": {"a": {"b": null}}, `,
		"escapes":    "a%3Db%26token%3Dx%2520y&",
		"escapes 2":  "%41",
		"colons":     "a:",
		"quotes":     `password="`,
		"tags":       "<password>",
		"brackets":   "token=[{",
		"at":         "a@",
		"at 2":       "a@b.",
		"addresses":  "ada@example.com ",
		"digits":     "4111 1111 1111 1112 ",
		"digits 2":   "1",
		"digits 3":   "1 ",
		"urls":       "://a:b/",
		"urls 2":     "x://a:b@c ",
		"schemes":    "bearer ",
		"schemes 2":  "Token abcde12345 ",
		"tokens":     "eyJhbGciOiJI.",
		"tokens 2":   "gh gl sk- key- ",
		"tokens 3":   "xoxb-",
		"dsn":        "a:b@tcp(",
		"dsn 2":      "a:b@",
		"clause":     "identified with x by '",
		"clause 2":   "password '",
		"private":    "-----BEGIN PRIVATE KEY-----",
		"options":    "--password ",
		"next to":    `"name":"password","value":`,
		"form":       "name=\"password\"\r\n\r\n",
		"block":      "password: |\n  ",
		"backslash":  `\"password\":\"`,
		"webhook":    "hooks.slack.com/services/",
		"cookie":     "Cookie: a=b; c=d\n",
		"percent":    "%25",
		"percent 2":  "%3Fpassword%3D%253Fpassword%253D ",
		"open":       "{[",
		"unicode":    "Grüße aus Köln: größer als größte Möglichkeit — ",
		"name equal": "name=\"",
	} {
		texts[name] = strings.Repeat(line, (64<<10)/len(line))
	}
	return texts
}

// BenchmarkLong reads long texts, honest ones and such as are made to be slow.
func BenchmarkLong(b *testing.B) {
	for name, text := range longTexts() {
		b.Run(name, func(b *testing.B) {
			c, err := New(DefaultConfig(), 0)
			require.NoError(b, err)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				ld := plog.NewLogs()
				ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().Body().SetStr(text)
				require.NoError(b, c.Logs(b.Context(), ld))
			}
		})
	}
}

// TestCut: a long text is cut, and the record says of which column.
func TestCut(t *testing.T) {
	c, err := New(DefaultConfig(), 64<<10)
	require.NoError(t, err)
	ld := plog.NewLogs()
	record := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	long := strings.Repeat("ä ", 100_000)
	record.Body().SetStr(long)
	record.Attributes().PutStr("activity.object.name", long)
	record.Attributes().PutStr("activity.actor.name", long[:60<<10])
	record.Attributes().PutStr("user_agent.original", long)
	record.Attributes().PutEmptyMap("activity.data").PutEmptyMap("changes").PutEmptySlice("text").AppendEmpty().SetStr(long)
	record.Attributes().PutEmptySlice("activity.cut").AppendEmpty().SetStr("before")
	require.NoError(t, c.Logs(t.Context(), ld))
	cut, _ := record.Attributes().Get("activity.cut")
	require.Equal(t, []any{"before", "object_name", "user_agent", "data", "remarks"}, cut.Slice().AsRaw())
	for _, text := range []string{record.Body().Str(), mapOf(record)["activity.object.name"].(string), mapOf(record)["user_agent.original"].(string)} {
		require.True(t, strings.HasPrefix(long, text))
		require.InDelta(t, 63<<10, len(text), 4)
		require.True(t, utf8.ValidString(text))
	}
	require.Len(t, mapOf(record)["activity.actor.name"], 60<<10)
}

func mapOf(record plog.LogRecord) map[string]any { return record.Attributes().AsRaw() }

// TestCutWithinASecret: wherever a text is cut, no part of a secret is left.
func TestCutWithinASecret(t *testing.T) {
	const limit = 8 << 10
	for _, secret := range []string{
		"4111 1111 1111 1111", "ada.lovelace@example.com", "ghp_0123456789abcdefghijABCDEFGHIJ012345", "password=correcthorse",
		"Bearer 0123456789abcdef0123456789abcdef", "https://ada:lovelace@example.com/", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
	} {
		c, err := New(DefaultConfig(), limit)
		require.NoError(t, err)
		for before := limit - tail - 2*len(secret); before < limit+len(secret); before++ {
			text := strings.Repeat(". ", before/2+1)[:before] + " " + secret + strings.Repeat(" .", limit)
			w := work{c: c, ctx: t.Context()}
			cleaned := w.whole(text, free)
			require.LessOrEqual(t, len(cleaned), limit)
			left := strings.Trim(cleaned, ". ")
			require.True(t, strings.HasPrefix(w.text(secret, free), left), "%q of %q, at %d", left, secret, before)
		}
	}
}

// TestDeadline: when the time of a request is over, it is refused, with an error
// that its sender tries again after.
func TestDeadline(t *testing.T) {
	c, err := New(DefaultConfig(), 64<<10)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ld, td := plog.NewLogs(), ptrace.NewTraces()
	for range 100 {
		ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().Body().SetStr(strings.Repeat("x ", 5000))
		td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty().SetName(strings.Repeat("x ", 5000))
	}
	for _, err := range []error{c.Logs(ctx, ld), c.Traces(ctx, td)} {
		require.ErrorIs(t, err, context.Canceled)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	ld = plog.NewLogs()
	records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	line := longTexts()["mixed"]
	for range 1000 { // seconds of work
		records.AppendEmpty().Body().SetStr(line)
	}
	start := time.Now()
	require.ErrorIs(t, c.Logs(ctx, ld), context.DeadlineExceeded)
	require.Less(t, time.Since(start), 2*time.Second)
}

// BenchmarkKeys: the cost of a key does not grow with their number, nor if each
// of them contains a secret.
func BenchmarkKeys(b *testing.B) {
	c, err := New(DefaultConfig(), 64<<10)
	require.NoError(b, err)
	for _, format := range []string{"a%d@example.com"} { // the first thousand of simple ones would be remembered
		for _, keys := range []int{1_000, 10_000, 100_000} {
			b.Run(fmt.Sprintf("%s/%d", format, keys), func(b *testing.B) {
				raw := map[string]any{}
				for i := range keys {
					raw[fmt.Sprintf(format, i)] = "value"
				}
				require.NoError(b, c.Logs(b.Context(), keysOf(b, raw))) // the first thousand keys are learnt
				for b.Loop() {
					b.StopTimer()
					ld := keysOf(b, raw)
					b.StartTimer()
					if err := c.Logs(b.Context(), ld); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(keys), "ns/key")
			})
		}
	}
}

func keysOf(b *testing.B, raw map[string]any) plog.Logs {
	b.Helper()
	ld := plog.NewLogs()
	record := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	require.NoError(b, record.Attributes().PutEmptyMap("activity.data").FromRaw(raw))
	return ld
}
