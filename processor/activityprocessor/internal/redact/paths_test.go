package redact

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity/route"
)

// What opens something is in no text of a span, wherever in its path it stands.
func TestSecretsOfPaths(t *testing.T) {
	for name, tt := range map[string]struct{ route, path, want string }{
		"a whole segment":      {"", "/reset/Zm9vYmFy", "/reset/****"},
		"a short one":          {"", "/otp/0042", "/otp/****"},
		"glued to a word":      {"", "/bot110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/sendMessage", "/bot****/sendMessage"},
		"a short value":        {"", "/feed/token=abc", "/feed/token=****"},
		"a matrix parameter":   {"/articles/{id}", "/articles/17;sid=a1b2", "/articles/17;sid=****"},
		"a password":           {"", "/proxy/https://u:pw@host/a", "/proxy/https://****@host/a"},
		"a webhook's token":    {"", "/webhooks/109876543210/Zx9-kQ2", "/webhooks/109876543210/****"},
		"a signature":          {"/s/{file}", "/s/report.Zx9kQ2abR7mN4pLs8TvW1yEu", "/s/report.****"},
		"no secret in an id":   {"", "/articles/order:17", "/articles/order:17"},
		"no secret in a slug":  {"", "/articles/webhook-v2-2026", "/articles/webhook-v2-2026"},
		"no secret in a verb":  {"", "/v1/articles/17:publish", "/v1/articles/17:publish"},
		"no other code, alike": {"", "/v0042/otp/0042", "/v0042/otp/****"},
	} {
		t.Run(name, func(t *testing.T) {
			span := ptrace.NewSpan()
			span.SetName("PUT " + tt.path)
			span.Status().SetMessage("cannot put " + tt.path)
			require.NoError(t, span.Attributes().FromRaw(attrs{
				"http.route": tt.route, "url.path": tt.path, "url.full": "https://shop.example" + tt.path,
			}))
			(&work{c: newCleaner(t, nil)}).span(span)
			assert.Equal(t, "PUT "+tt.want, span.Name())
			assert.Equal(t, "cannot put "+tt.want, span.Status().Message())
			assert.Equal(t, attrs{
				"http.route": tt.route, "url.path": tt.want, "url.full": "https://shop.example" + tt.want,
			}, span.Attributes().AsRaw())
		})
	}
}

// Some instrumentations have the path in the place of the route, and nowhere else.
func TestSecretInRoute(t *testing.T) {
	for pattern, want := range map[string]string{
		"/webhook-Zx9kQ2ab":    "/webhook-****",
		"/reset/Zm9vYmFy":      "/reset/****",
		"/reset/{token}":       "/reset/{token}",
		"/articles/webhook-v2": "/articles/webhook-v2",
	} {
		record := recordOf(t, attrs{"http.route": pattern}, "PUT "+pattern)
		(&work{c: newCleaner(t, nil)}).record(record)
		assert.Equal(t, attrs{"http.route": want}, record.Attributes().AsRaw())
		assert.Equal(t, "PUT "+want, record.Body().Str())
	}
}

// Each token that is known in a text is known in a path, so that its digest is the id of
// an object and not ****.
func TestShapesInPaths(t *testing.T) {
	for _, line := range readLines(t, "shapes.tsv", 3, 60) {
		token := line[0] + line[1]
		for path, pattern := range map[string]string{"/x/" + token: "", "/x/" + token + "/y": "", "/z/" + token: "/z/{id}", "/deploy-" + token + "/run": ""} {
			secrets := route.Parse(pattern).Secrets(path)
			if assert.Len(t, secrets, 1, "route %q, path %s: %s", pattern, path, line[2]) {
				assert.Contains(t, secrets[0], line[1], "route %q, path %s: %s", pattern, path, line[2])
			}
		}
	}
}
