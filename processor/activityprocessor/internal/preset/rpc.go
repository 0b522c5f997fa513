package preset

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

func isRPC(r *record.Record) bool { return r.RPC.Method != "" }

// ofRPC is the preset rpc_server: a SERVER span of a remote procedure call. The
// first word of the method's name gives the action type. An unknown word counts as Update,
// because a change that is recorded as Read would be worse.
func ofRPC(r *record.Record) Derivation {
	service, method := r.RPC.Service, r.RPC.Method
	if i := strings.LastIndexByte(method, '/'); i >= 0 {
		service, method = method[:i], method[i+1:]
	}
	d := Derivation{Name: method}
	if service != "" {
		d.Name = service + "/" + method
	}
	var object string
	if d.Action, object = verbOf(method); d.Action == "" {
		d.Action = activity.ActionUpdate
	}
	if d.Action != activity.ActionLogin && d.Action != activity.ActionLogout {
		d.Object.Type = cmp.Or(object, serviceObject(service))
	}
	code := codeOf(&r.RPC)
	switch {
	case code != "" && code != "OK", code == "" && r.Status == ptrace.StatusCodeError:
		d.Status, d.Error = activity.StatusFailed, code
	default:
		d.Status = activity.StatusSuccess
	}
	d.Denied = isDenied(code)
	return d
}

func isDenied(code string) bool { return code == "PERMISSION_DENIED" || code == "UNAUTHENTICATED" }

// serviceObject returns the object type of a service: "article" for
// "blog.v1.ArticleService".
func serviceObject(service string) string {
	name := service[strings.LastIndexByte(service, '.')+1:]
	words := activity.Words(name)
	if n := len(words); n > 1 && (words[n-1] == "service" || words[n-1] == "api") {
		return thing(words[:n-1])
	}
	return ""
}

// codeOf returns the name of the gRPC status code, for any RPC system, or "".
func codeOf(r *record.RPC) string {
	switch {
	case r.Code != "":
		return codeName(r.Code)
	case r.OldCode != "":
		return codeName(r.OldCode)
	case r.ConnectCode != "":
		return codeName(r.ConnectCode)
	}
	return r.JSONRPCCode
}

// codeNames are the status codes of gRPC
// (https://grpc.io/docs/guides/status-codes/).
var codeNames = [...]string{
	"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
	"PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
	"INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
}

// codeName returns the name of a code that is a number, or that is spelled as a
// library does: "not_found", "NotFound", "Canceled".
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
	name := strings.ToUpper(strings.Join(activity.Words(code), "_"))
	if name == "CANCELED" {
		name = "CANCELLED"
	}
	if slices.Contains(codeNames[:], name) {
		return name
	}
	return code
}
