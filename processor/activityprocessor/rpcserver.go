package activityprocessor

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// rpc is what a span says of a remote procedure call. The service stands in an
// attribute of its own or, since semantic conventions 1.38, in the method:
// "blog.v1.ArticleService/GetArticle".
type rpc struct {
	service, method  string
	code, oldCode    string // the status of gRPC, as text and as number
	connect, errCode string
}

func (f *facts) readRPC(key string, v pcommon.Value) {
	switch key {
	case "rpc.service":
		f.rpc.service = text(v)
	case "rpc.method":
		f.rpc.method = strings.TrimPrefix(text(v), "/")
	case "rpc.response.status_code":
		f.rpc.code = text(v)
	case "rpc.grpc.status_code":
		f.rpc.oldCode = text(v)
	case "rpc.connect_rpc.error_code":
		f.rpc.connect = text(v)
	case "rpc.jsonrpc.error_code":
		f.rpc.errCode = text(v)
	}
}

func isRPC(f *facts) bool { return f.rpc.method != "" }

// ofRPC is the preset rpc_server: a SERVER span of a remote procedure call. The
// first word of the method's name says what it does; one that is no known verb
// counts as Update, since a change that is not seen would be worse.
func ofRPC(f *facts, _ ptrace.Span) made {
	service, method := f.rpc.service, f.rpc.method
	if i := strings.LastIndexByte(method, '/'); i >= 0 {
		service, method = method[:i], method[i+1:]
	}
	m := made{name: method}
	if service != "" {
		m.name = service + "/" + method
	}
	m.call.verb = m.name
	var object string
	if m.action, object = verbOf(method); m.action == "" {
		m.action = activity.ActionUpdate
	}
	if m.action != activity.ActionLogin && m.action != activity.ActionLogout {
		m.object.Type = cmp.Or(object, serviceObject(service))
	}
	code := f.rpc.status()
	switch {
	case code != "" && code != "OK", code == "" && f.status == ptrace.StatusCodeError:
		m.status, m.err = activity.StatusFailed, code
	default:
		m.status = activity.StatusSuccess
	}
	m.refused = code == "PERMISSION_DENIED" || code == "UNAUTHENTICATED"
	return m
}

// serviceObject returns what a service is about: "article" for
// "blog.v1.ArticleService".
func serviceObject(service string) string {
	name := service[strings.LastIndexByte(service, '.')+1:]
	words := wordsOf(name)
	if n := len(words); n > 1 && (words[n-1] == "service" || words[n-1] == "api") {
		return thing(words[:n-1])
	}
	return ""
}

// status returns the status code of gRPC by its name, whatever system's it is;
// "" if there is none.
func (r *rpc) status() string {
	switch {
	case r.code != "":
		return codeName(r.code)
	case r.oldCode != "":
		return codeName(r.oldCode)
	case r.connect != "":
		return codeName(r.connect)
	}
	return r.errCode
}

// codeNames are the status codes of gRPC
// (https://grpc.io/docs/guides/status-codes/).
var codeNames = [...]string{
	"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
	"PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
	"INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
}

// codeName returns the name of a code that comes as a number, or as libraries write
// it: "not_found", "NotFound", "Canceled".
func codeName(code string) string {
	if n, err := strconv.Atoi(code); err == nil {
		if n >= 0 && n < len(codeNames) {
			return codeNames[n]
		}
		return code
	}
	if slices.Contains(codeNames[:], code) { // nearly always
		return code
	}
	name := strings.ToUpper(strings.Join(wordsOf(code), "_"))
	if name == "CANCELED" {
		name = "CANCELLED"
	}
	if slices.Contains(codeNames[:], name) {
		return name
	}
	return code
}
