package preset

import (
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/activity/procedure"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

func isRPC(r *record.Record) bool { return r.RPC.Method != "" }

// ofRPC is the preset rpc_server: a SERVER span of a remote procedure call. Package procedure
// says what it does.
func ofRPC(r *record.Record) Derivation {
	var d Derivation
	d.Action, d.Name, d.Object.Type = procedure.Act(r.RPC.Service, r.RPC.Method)
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
