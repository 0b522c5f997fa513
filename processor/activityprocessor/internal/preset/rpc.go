package preset

import (
	"cmp"
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
		return activity.RPCStatus(r.Code)
	case r.OldCode != "":
		return activity.RPCStatus(r.OldCode)
	case r.ConnectCode != "":
		return activity.RPCStatus(r.ConnectCode)
	}
	return r.JSONRPCCode
}
