package row

import "testing"

// The constants are those of the table.
func TestConstants(t *testing.T) {
	for i, want := range map[int]string{
		ActorID: "actor_id", ActorType: "actor_type", ActorName: "actor_name", ImpersonatorID: "impersonator_id",
		TenantID: "tenant_id", ActionType: "action_type", ActionName: "action_name", Status: "status",
		ErrorType: "error_type", ObjectType: "object_type", ObjectID: "object_id", ObjectName: "object_name",
		Remarks: "remarks", Data: "data", ClientAddress: "client_address", UserAgent: "user_agent",
		SessionID: "session_id", ServiceName: "service_name", TraceID: "trace_id", SpanID: "span_id", Source: "source",
	} {
		if Names[i] != want {
			t.Errorf("the constant of %s is that of %s", want, Names[i])
		}
	}
}
