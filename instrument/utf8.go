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
	repair := func(key, text string) {
		if !utf8.ValidString(text) {
			span.SetAttributes(attribute.String(key, validText(text)))
		}
	}
	repair(urlPathKey, r.URL.Path)
	repair(activity.UserAgentKey, header(r.Header, "User-Agent"))
	if client := header(r.Header, forwardedFor); client != "" {
		client, _, _ = strings.Cut(client, ",")
		repair(activity.ClientAddressKey, client)
	}
	if !utf8.ValidString(r.Host) {
		repair(serverAddressKey, (&url.URL{Host: r.Host}).Hostname())
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
