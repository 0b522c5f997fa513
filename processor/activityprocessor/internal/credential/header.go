package credential

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// headers are the names of the headers that rules read, in lower case with dashes.
type headers struct {
	names   []string
	cookies bool // also remove the cookies of responses
}

// add adds a name and returns its position.
func (h *headers) add(name string) int {
	name = dashes(name)
	for i, known := range h.names {
		if known == name {
			return i
		}
	}
	h.names = append(h.names, name)
	return len(h.names) - 1
}

func dashes(name string) string { return strings.ReplaceAll(strings.ToLower(name), "_", "-") }

// requestPrefixes begin the attributes of the headers of a request, of HTTP and of gRPC,
// in current and older conventions.
var requestPrefixes = []string{
	"http.request.header.", "http.request.headers.", "rpc.request.metadata.", "rpc.grpc.request.metadata.", "rpc.connect_rpc.request.metadata.",
}

const cookieHeader = "cookie"

// headerOf returns the name of the header that an attribute has the values of.
func headerOf(key string) (name string, ok bool) {
	if len(key) < len("http.") || key[3] != '.' && key[4] != '.' {
		return "", false
	}
	for _, prefix := range requestPrefixes {
		if len(key) > len(prefix) && strings.EqualFold(key[:len(prefix)], prefix) {
			return key[len(prefix):], true
		}
	}
	return "", false
}

// find returns the position of the header that an attribute has the values of, or -1.
// Older instrumentations have underscores in place of dashes.
func (h *headers) find(key string) int {
	name, ok := headerOf(key)
	if !ok {
		return -1
	}
	name = dashes(name)
	for i, known := range h.names {
		if known == name {
			return i
		}
	}
	return -1
}

// removes reports whether an attribute must not leave the processor.
func (h *headers) removes(key string, _ pcommon.Value) bool {
	if h.find(key) >= 0 {
		return true
	}
	if !h.cookies {
		return false
	}
	switch dashes(key) {
	case "http.response.header.set-cookie", "http.response.headers.set-cookie":
		return true
	}
	return false
}

func (h *headers) removeFromTraces(td ptrace.Traces) {
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				span.Attributes().RemoveIf(h.removes)
				for _, event := range span.Events().All() {
					event.Attributes().RemoveIf(h.removes)
				}
				for _, link := range span.Links().All() {
					link.Attributes().RemoveIf(h.removes)
				}
			}
		}
	}
}

// Logs removes the headers from log records. They name no user there.
func (f *Finder) Logs(ld plog.Logs) {
	if len(f.rules) == 0 {
		return
	}
	for _, rl := range ld.ResourceLogs().All() {
		for _, sl := range rl.ScopeLogs().All() {
			for _, line := range sl.LogRecords().All() {
				line.Attributes().RemoveIf(f.headers.removes)
			}
		}
	}
}

// plain is a header whose text is the id of the user, as a proxy sets it.
type plain struct{ header int }

func (p plain) find(r *request) user {
	s := r.headers[p.header].one()
	if !r.vouched || strings.Contains(s, ",") { // sent twice, and joined
		return user{}
	}
	return user{id: s}
}

// attribute is an attribute that the instrumentation sets.
type attribute struct{ key string }

func (a attribute) find(r *request) user {
	v, ok := r.attrs.Get(a.key)
	if !ok {
		return user{}
	}
	switch v.Type() {
	case pcommon.ValueTypeStr, pcommon.ValueTypeInt:
		return user{id: record.Text(v)}
	}
	return user{}
}
