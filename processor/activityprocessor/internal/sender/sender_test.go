package sender

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/client"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/otelactivity/activitylog/activity"
)

// auth is what an authenticator says.
type auth map[string]any

func (a auth) GetAttribute(name string) any { return a[name] }
func (a auth) GetAttributeNames() []string  { return nil }

func with(ctx context.Context, a auth, headers ...string) context.Context {
	info := client.Info{Metadata: client.NewMetadata(map[string][]string{"Authorization": headers})}
	if a != nil {
		info.Auth = a
	}
	return client.NewContext(ctx, info)
}

func config(onOther OnOther) *Config {
	return &Config{OnOther: onOther, List: []Binding{
		{Name: "shop", Token: "shop-token", Services: []string{"shop", "shop-*"}, Tenants: []string{"acme"}},
		{Name: "billing", Certificate: "billing.example.com", Services: []string{"billing"}},
		{Name: "jobs", Attributes: map[string]string{"subject": "jobs", "membership": "writers"}, Services: []string{"*"}},
	}}
}

func TestWhoIsIt(t *testing.T) {
	for name, c := range map[string]struct {
		ctx  context.Context
		want string
	}{
		"token":                      {with(t.Context(), nil, "Bearer shop-token"), "shop"},
		"scheme in lower case":       {with(t.Context(), nil, "bearer shop-token"), "shop"},
		"another token":              {with(t.Context(), nil, "Bearer shop-tokem"), ""},
		"beginning of a token":       {with(t.Context(), nil, "Bearer shop"), ""},
		"another scheme":             {with(t.Context(), nil, "Basic shop-token"), ""},
		"two headers":                {with(t.Context(), nil, "Bearer other", "Bearer shop-token"), ""},
		"two headers, first is":      {with(t.Context(), nil, "Bearer shop-token", "Bearer other"), ""},
		"nothing":                    {t.Context(), ""},
		"certificate":                {with(t.Context(), auth{"certificate": "billing.example.com"}), "billing"},
		"another certificate":        {with(t.Context(), auth{"certificate": "shop.example.com"}), ""},
		"certificate as a subject":   {with(t.Context(), auth{"subject": "billing.example.com"}), ""},
		"subject and group":          {with(t.Context(), auth{"subject": "jobs", "membership": []string{"readers", "writers"}}), "jobs"},
		"subject and group, as JSON": {with(t.Context(), auth{"subject": "jobs", "membership": []any{"writers"}}), "jobs"},
		"subject alone":              {with(t.Context(), auth{"subject": "jobs"}), ""},
	} {
		r, err := config(refuse).Of(c.ctx)
		if c.want == "" {
			require.Equal(t, codes.PermissionDenied, status.Code(err), name)
			r, err = config(mark).Of(c.ctx)
			require.NoError(t, err, name)
			require.Nil(t, r.sender, name)
			continue
		}
		require.NoError(t, err, name)
		require.EqualValues(t, c.want, r.sender.Name, name)
	}
	r, err := (&Config{OnOther: refuse}).Of(t.Context())
	require.NoError(t, err)
	require.Nil(t, r)
	require.NoError(t, r.Logs(plog.NewLogs()))
	require.NoError(t, r.Traces(ptrace.NewTraces()))
	require.NoError(t, r.Services(nil))
}

func record(service, tenant string) (plog.Logs, plog.LogRecord) {
	ld := plog.NewLogs()
	rl := ld.ResourceLogs().AppendEmpty()
	if service != "" {
		rl.Resource().Attributes().PutStr("service.name", service)
	}
	r := rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	r.Attributes().PutStr(activity.ActionTypeKey, "Update")
	if tenant != "" {
		r.Attributes().PutStr(activity.TenantIDKey, tenant)
	}
	return ld, r
}

func TestWhatItMayWrite(t *testing.T) {
	for name, c := range map[string]struct {
		service, tenant string
		says            string
		forged          []any
	}{
		"its service":            {"shop", "acme", "", nil},
		"one of its services":    {"shop-eu", "", "", nil},
		"another service":        {"billing", "acme", `sender "shop" may not write as service "billing"`, []any{"service_name"}},
		"a name that begins so":  {"shopping", "", `may not write as service "shopping"`, []any{"service_name"}},
		"no service":             {"", "", "may not write without a service.name", []any{"service_name"}},
		"another tenant":         {"shop", "evil", `may not write for tenant "evil"`, []any{"tenant_id"}},
		"another of both":        {"billing", "evil", "may not write", []any{"service_name", "tenant_id"}},
		"a tenant in upper case": {"shop", "ACME", "may not write for tenant", []any{"tenant_id"}},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := with(t.Context(), nil, "Bearer shop-token")
			ld, _ := record(c.service, c.tenant)
			r, err := config(refuse).Of(ctx)
			require.NoError(t, err)
			if err := r.Logs(ld); c.says == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, c.says)
				require.Equal(t, codes.PermissionDenied, status.Code(err))
			}
			r, err = config(mark).Of(ctx)
			require.NoError(t, err)
			ld, marked := record(c.service, c.tenant)
			require.NoError(t, r.Services(ResourcesOf(ld.ResourceLogs().All())))
			require.NoError(t, r.Logs(ld))
			is := marked.Attributes().AsRaw()
			require.Equal(t, "shop", is[activity.SenderKey])
			if c.forged == nil {
				require.NotContains(t, is, activity.ForgedKey)
			} else {
				require.Equal(t, c.forged, is[activity.ForgedKey])
			}
		})
	}
}

// TestUnknownSenderIsMarked has no sender, and says so.
func TestUnknownSenderIsMarked(t *testing.T) {
	r, err := config(mark).Of(t.Context())
	require.NoError(t, err)
	ld, marked := record("shop", "")
	require.NoError(t, r.Logs(ld))
	require.Equal(t, map[string]any{activity.ActionTypeKey: "Update", activity.ForgedKey: []any{"sender"}}, marked.Attributes().AsRaw())
}

func TestSpans(t *testing.T) {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "billing")
	spans := rs.ScopeSpans().AppendEmpty().Spans()
	span := spans.AppendEmpty()
	span.Attributes().PutStr(activity.ActionTypeKey, "Read")
	other := spans.AppendEmpty()
	r, err := config(refuse).Of(with(t.Context(), auth{"certificate": "billing.example.com"}))
	require.NoError(t, err)
	require.NoError(t, r.Services(ResourcesOf(td.ResourceSpans().All())))
	require.NoError(t, r.Traces(td))
	require.Equal(t, map[string]any{activity.ActionTypeKey: "Read", activity.SenderKey: "billing"}, span.Attributes().AsRaw())
	require.Zero(t, other.Attributes().Len(), "it is not an activity")
	rs.Resource().Attributes().PutStr("service.name", "shop")
	require.ErrorContains(t, r.Services(ResourcesOf(td.ResourceSpans().All())), `may not write as service "shop"`)
	require.Error(t, r.Traces(td))
}

func TestWrongConfiguration(t *testing.T) {
	for want, s := range map[string]Binding{
		"list::1::name: must not be empty":                              {Token: "t", Services: []string{"a"}},
		"list::1: one of token, certificate and attributes must be set": {Name: "a", Services: []string{"a"}},
		`list::1::attributes: must not have an empty value, which a request without the attribute has too; "subject" is empty`: {Name: "a", Attributes: map[string]string{"subject": ""}, Services: []string{"a"}},
		`list::1::services: must not be empty; "*" is every service`:                                                           {Name: "a", Token: "t"},
		`list::1::services: must be names, or beginnings of names with "*" after them; got "a*b"`:                              {Name: "a", Token: "t", Services: []string{"a*b"}},
		`list::1::tenants: must be names, or beginnings of names with "*" after them; got ""`:                                  {Name: "a", Token: "t", Services: []string{"a"}, Tenants: []string{""}},
		`list: must have a different token in each entry; entries 0 and 1 have the same`:                                       {Name: "a", Token: "same", Services: []string{"a"}},
	} {
		cfg := Config{OnOther: refuse, List: []Binding{{Name: "first", Token: "same", Services: []string{"*"}}, s}}
		require.EqualError(t, confmap.Validate(&cfg), want)
	}
	require.EqualError(t, confmap.Validate(&Config{OnOther: "drop"}), `on_other: must be one of "refuse", "mark"; got "drop"`)
	require.NoError(t, confmap.Validate(config(mark)))
}
