package preset

import (
	"net/http"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/activity/procedure"
	"github.com/otelactivity/activitylog/activity/route"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

func isRPC(r *record.Record) bool { return r.RPC.Method != "" }

// ofRPC is the preset rpc_server: a SERVER span of a remote procedure call. Package procedure
// says what it does.
func ofRPC(r *record.Record) Derivation {
	act := procedure.Act(r.RPC.Service, r.RPC.Method)
	d := Derivation{Action: act.Type, Name: act.Name, Object: act.Object, Session: act.Session, Status: activity.StatusSuccess}
	code := codeOf(&r.RPC)
	answer := 0 // the response code that means the same
	switch {
	case code != "":
		answer = activity.HTTPFromRPC(code)
	case r.Status == ptrace.StatusCodeError:
		answer = http.StatusInternalServerError
	}
	if answer >= http.StatusBadRequest {
		d.Status, d.Error = activity.StatusFailed, code
	}
	d.Denied = isDenied(code) || act.Session.IsAnswer(answer)
	if act.Session != route.NoSession {
		d.Action = act.Session.ActionType(answer, r.Actor().ID != "")
	}
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
