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

// repairSpan replaces attributes of the request's span that are not UTF-8.
// otelhttp copies them from the request as they are, and OTLP cannot encode
// them: one such span fails the batch that it is in.
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

// validText returns s with what is not UTF-8 replaced. Paths and headers are
// the client's to write, and one string that is not UTF-8 makes OTLP refuse
// the whole batch that it is in.
func validText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
