package privacy

import (
	"encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
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
		"beside":     `"name":"password","value":`,
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
			c, err := New(DefaultConfig())
			require.NoError(b, err)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				ld := plog.NewLogs()
				ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().Body().SetStr(text)
				c.Logs(ld)
			}
		})
	}
}
