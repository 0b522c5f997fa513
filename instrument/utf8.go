package instrument

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/otelactivity/activitylog/activity"
)

// repairSpan replaces attributes of the request's span that are not UTF-8. otelhttp
// copies them from the request, and OTLP cannot encode them: one such span would make
// the export of its whole batch fail.
func repairSpan(span trace.Span, r *http.Request) {
	if !span.IsRecording() {
		return
	}
	client, _, _ := strings.Cut(r.Header.Get("X-Forwarded-For"), ",")
	for _, a := range [...]struct{ key, text string }{
		{urlPathKey, r.URL.Path},
		{activity.UserAgentKey, r.UserAgent()},
		{activity.ClientAddressKey, client},
		{serverAddressKey, (&url.URL{Host: r.Host}).Hostname()},
	} {
		if !utf8.ValidString(a.text) {
			span.SetAttributes(attribute.String(a.key, validText(a.text)))
		}
	}
}

// validText returns s with invalid UTF-8 replaced. Clients choose paths and headers,
// and one string that is not UTF-8 would make the export of its whole batch fail.
func validText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
