package activityprocessor

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/client"
	"go.opentelemetry.io/collector/pdata/plog"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/rule"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/sender"
)

// TestSenders: who sent a record is said by the collector alone, and a tenant that
// a rule takes from the record is looked at too.
func TestSenders(t *testing.T) {
	cfg := defaults()
	cfg.Senders.List = []sender.Binding{{Name: "shop", Token: "t", Services: []string{"shop"}, Tenants: []string{"acme"}}}
	cfg.Rules = []rule.Config{{Name: "tenant", Match: rule.Conditions{"true"}, Set: rule.Fields{"tenant.id": rule.Of(`attributes["team"]`)}}}
	p := newProcessor(t, cfg)
	ctx := client.NewContext(t.Context(), client.Info{Metadata: client.NewMetadata(map[string][]string{"authorization": {"Bearer t"}})})
	build := func(service, team string) plog.Logs {
		ld := plog.NewLogs()
		rl := ld.ResourceLogs().AppendEmpty()
		rl.Resource().Attributes().PutStr("service.name", service)
		attrs := rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().Attributes()
		attrs.PutStr(activity.ActionTypeKey, "Update")
		attrs.PutStr("team", team)
		attrs.PutStr(activity.SenderKey, "root")
		attrs.PutStr(activity.ForgedKey, "nothing")
		return ld
	}
	ld, err := p.processLogs(ctx, build("shop", "acme"))
	require.NoError(t, err)
	is := ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Attributes().AsRaw()
	require.Equal(t, "shop", is[activity.SenderKey])
	require.NotContains(t, is, activity.ForgedKey)
	require.Equal(t, "acme", is[activity.TenantIDKey])
	for _, forged := range []plog.Logs{build("billing", "acme"), build("shop", "evil")} {
		_, err = p.processLogs(ctx, forged)
		require.Equal(t, codes.PermissionDenied, grpcstatus.Code(err), "%v", err)
	}
	_, err = p.processLogs(t.Context(), build("shop", "acme"))
	require.Equal(t, codes.PermissionDenied, grpcstatus.Code(err), "%v", err)

	// Without senders nobody is known, and what a service says of itself is gone.
	ld, err = newProcessor(t, defaults()).processLogs(ctx, build("shop", "acme"))
	require.NoError(t, err)
	is = ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Attributes().AsRaw()
	require.NotContains(t, is, activity.SenderKey)
	require.NotContains(t, is, activity.ForgedKey)
}
