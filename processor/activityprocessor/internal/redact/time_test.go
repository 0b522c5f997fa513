package redact

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/pdata/plog"
)

// TestLongTexts: whoever can send a text must not be able to hold a core with it.
// Each of these took from seconds to minutes when something in it looked at the
// rest of the text again and again.
func TestLongTexts(t *testing.T) {
	const size, enough = 1 << 20, 10 * time.Second // 0.1 s each, mostly; more with the race detector
	c := newCleaner(t, nil)
	for _, part := range []string{
		">", "<token>", "<token>a", "token:a,", "token:'a',", "token:null,", "token={}", "token=[", `token=\`, `token="\`, " --token",
		"4 ", "4111.", "4+", "a@", "://a:", "-----BEGIN ", "Basic ", "Bearer a ", "[", `{"a":`, "eyJ", `a="`, `\"token\":\"a`, "%25", "%3D", "%20a ",
		"name=token ", `name="token" value=`, "token: |\n ", "Cookie: a\"", "password 'a", "a:b@tcp(", "-token ",
	} {
		start := time.Now()
		w := work{c: c}
		w.text(strings.Repeat(part, size/len(part)), free)
		assert.Less(t, time.Since(start), enough, "%q, again and again", part)
	}
}

// A name of one letter is in a text as often as whoever chose it wants.
func TestLongTextsWithANameToMask(t *testing.T) {
	c := newCleaner(t, func(cfg *Config) { cfg.Fields = []FieldConfig{{Field: "activity.actor.name", Action: "mask"}} })
	record := plog.NewLogRecord()
	record.Attributes().PutStr("activity.actor.name", "a")
	record.Body().SetStr(strings.Repeat("a ", 1<<19))
	start := time.Now()
	(&work{c: c, ctx: t.Context()}).record(record)
	assert.Less(t, time.Since(start), 10*time.Second)
	assert.Equal(t, strings.Repeat("**** ", 1<<19), record.Body().Str())
}
